//! Answers with recovery phrases in them: each is shown here, once, with what it is for, and before
//! what it belongs to lasts.

use node_api::{Began, LineageRotated, NextStep, PhraseShown, RootSucceeded};

use super::page::{Page, Render};
use crate::lang::{say, word};

impl Render for Began {
    fn render(&self, page: &mut Page) {
        let Self { network, unit, lineage, node, .. } = self;
        page.line(say!("网络 {network}", "network {network}"));
        page.line(say!("单位 {unit}，节点 {node}", "unit {unit}, node {node}"));
        page.line(say!("谱系 {lineage}", "lineage {lineage}"));
        page.line("");
        of_unit(page, &self.unit_phrase);
        if let Some(phrase) = &self.root_phrase {
            of_root(page, phrase);
        }
        once(page);
        match &self.next {
            NextStep::Nothing => {}
            NextStep::Endorse { grant, lacks } => {
                let grant = grant.display();
                page.line(say!(
                    "还需 {lacks} 个根密钥会签 {grant}，各自执行：",
                    "{lacks} more root keys must endorse {grant}, each with:"
                ));
                page.line(format!("  gongzhi endorse --data THEIRS --grant {grant}"));
                page.line(say!(
                    "然后：gongzhi init --data DIR --grant {grant}",
                    "then: gongzhi init --data DIR --grant {grant}"
                ));
            }
            NextStep::Recognition { request } => {
                page.line(word(
                    "单位内部已可工作。要让报送计入，请上级认可：",
                    "work inside can begin. For what the unit publishes to count, the unit above recognises it:",
                ));
                let file = request.as_ref().map(|file| file.display().to_string());
                let file = file.unwrap_or_else(|| "FILE".into());
                page.line(format!("  gongzhi recognise --data ABOVE --request {file} --out GRANT"));
            }
        }
    }
}

impl Render for LineageRotated {
    fn render(&self, page: &mut Page) {
        let Self { unit, operating_key, before, statements_kept, logs_kept, .. } = self;
        page.line(say!(
            "{unit} 换代：运行密钥 {operating_key}，接替 {before}；保留 {statements_kept} 项声明、{logs_kept} 份日志",
            "{unit} passes on: operating key {operating_key}, in the place of {before}; kept {statements_kept} statements and {logs_kept} logs"
        ));
        page.line(word(
            "约束本单位所有节点：收到后都跟随这一代。谱系不变，上级的认可照旧有效。用过的短语作废",
            "this binds all nodes of the unit: each follows once it hears of it. The lineage is the same, and the recognition from above holds on. The phrase that was used is good for nothing more",
        ));
        page.line("");
        of_unit(page, &self.phrase);
        once(page);
    }
}

impl Render for RootSucceeded {
    fn render(&self, page: &mut Page) {
        let Self { generation, threshold, statements_kept, .. } = self;
        page.line(say!(
            "根换代 {generation}，门限 {threshold}，保留 {statements_kept} 项声明",
            "the root passes on: {generation}, threshold {threshold}, {statements_kept} statements kept"
        ));
        for root in &self.roots {
            page.line(format!("  {root}"));
        }
        page.line(match self.in_effect {
            true => word(
                "约束全网：每个节点收到后都跟随。用过的短语作废",
                "this binds the whole network: each node follows once it hears of it. The phrase that was used is good for nothing more",
            ),
            false => word(
                "尚未生效：还须其他恢复短语",
                "not in effect yet: it takes other recovery phrases too",
            ),
        });
        page.line("");
        of_root(page, &self.phrase);
        once(page);
    }
}

fn of_unit(page: &mut Page, phrase: &PhraseShown) {
    page.line(word(
        "单位的恢复短语：运行密钥丢失或被盗时，凭它换代（gongzhi lineage rotate）",
        "the unit's recovery phrase: passes the unit on when its operating key is lost or stolen (`gongzhi lineage rotate`)",
    ));
    page.line(format!("    {}", phrase.0));
}

fn of_root(page: &mut Page, phrase: &PhraseShown) {
    page.line(word(
        "根的恢复短语：根密钥丢失或被盗时，凭它换代（gongzhi root succeed）",
        "the root's recovery phrase: passes the root on when its keys are lost or stolen (`gongzhi root succeed`)",
    ));
    page.line(format!("    {}", phrase.0));
}

fn once(page: &mut Page) {
    page.line(word(
        "请现在抄在纸上，锁好。它不存在本机任何地方，不再显示；谁拿到它，谁就能接管。丢了它，密钥再丢时就无人能恢复",
        "Write it down on paper now, and lock it away. It is stored nowhere and is never shown again. Whoever has it can take over; without it nobody can recover once the keys are lost",
    ));
    page.line(word(
        "出现“已完成”才算数，在此之前旧的不要丢。若没有出现，请再执行一次：显示了新短语，就以新的为准；提示已是成员或短语已用过，就以这次的为准",
        "It counts once this says “done”: keep the one before until then. If it never does, run the command again: where it shows another phrase, that one counts; where it says that the folder is a member already, or that the phrase was used, this one does",
    ));
    page.line("");
}
