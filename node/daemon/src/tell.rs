//! What the operators' commands answered, as people read it: Chinese first.

use anyhow::Result;
use node_folder::Grant;
use schema_wire::Statement;
use serde_json::{Value, json};

use crate::print::{list, number, span, text};
use crate::statement;

/// A day as offices write it, in the city's own time zone.
fn day(value: &Value, field: &str) -> String {
    let ms = i64::try_from(number(value, field)).unwrap_or(i64::MAX);
    match jiff::Timestamp::from_millisecond(ms) {
        Ok(time) => {
            // China keeps one zone without daylight saving.
            let local = jiff::tz::offset(8).to_datetime(time);
            format!("{} {:02}:{:02}", local.date(), local.hour(), local.minute())
        }
        Err(_) => "-".to_owned(),
    }
}

fn short(value: &Value, field: &str) -> String {
    text(value, field).chars().take(8).collect()
}

fn flag(value: &Value, field: &str) -> bool {
    value[field].as_bool() == Some(true)
}

/// What an operator must know of the unit before anything else.
pub(crate) fn standing(answer: &Value) {
    if let Some(life) = answer["life"]["text"].as_str() {
        println!("警告 warning: {life}");
    }
    crate::disk::tell_left(answer);
    let paused = &answer["reporting_suspended"];
    if paused.is_object() {
        println!(
            "报送已暂停 reporting suspended by {}: {}",
            text(paused, "by"),
            text(paused, "reason")
        );
    }
    for caretaker in list(answer, "caretakers") {
        println!(
            "代管 caretaker {} 由 from {} 至 until {}",
            text(caretaker, "node"),
            text(caretaker, "from_unit"),
            day(caretaker, "until_ms")
        );
    }
}

/// What a withdrawal did.
pub(crate) fn revoked(answer: &Value) {
    for entry in list(answer, "revoked") {
        println!(
            "已撤销 withdrawn: {} 单位 unit {} 节点 node {}; 保留 kept {} 份日志 logs, {} 项声明 \
             statements",
            short(entry, "delegation"),
            text(entry, "unit"),
            short(entry, "node"),
            number(entry, "logs_kept"),
            number(entry, "statements_kept"),
        );
        if !flag(entry, "in_effect") {
            println!("  尚未生效, 须会签 not in effect until other root keys endorse it:");
            println!("  gongzhi endorse --data THEIRS --statement {}", text(entry, "revocation"));
        }
    }
    println!(
        "本机因此不再计入 envelopes here that cease to count by this: {} (共 in all {})",
        number(answer, "suspended_by_this"),
        number(answer, "suspended_after"),
    );
}

/// A suspension, or its end.
pub(crate) fn suspended(answer: &Value) {
    let unit = text(answer, "unit");
    if flag(answer, "suspended") {
        println!("已暂停报送 reports of {unit} are not counted: {}", text(answer, "reason"));
    } else {
        println!("已恢复报送 reports of {unit} are counted again");
    }
}

/// A second signature under a statement.
pub(crate) fn endorsed(answer: &Value) {
    println!(
        "已会签 endorsed {}: {} / {} 个根密钥 root keys; {}",
        short(answer, "endorsed"),
        number(answer, "signatures"),
        number(answer, "threshold"),
        if flag(answer, "in_effect") {
            "已生效 in effect"
        } else {
            "尚未生效 not in effect yet"
        },
    );
}

/// What a grant file grants, and who signed it.
pub(crate) fn grant(grant: &Grant) -> Result<Value> {
    let leaf = grant.leaf()?;
    let value = leaf.claims();
    let mut signed = vec![value.issuer.to_string()];
    signed.extend(grant.chain.iter().filter_map(|statement| match statement {
        Statement::Endorsement(endorsement) if endorsement.claims().endorses == leaf.id() => {
            Some(endorsement.claims().issuer.to_string())
        }
        _ => None,
    }));
    Ok(json!({
        "delegation": leaf.id().to_string(), "unit": value.unit.as_str(),
        "to": value.subject.to_string(), "verbs": statement::verbs(value.verbs),
        "until_ms": value.not_after_ms, "signed_by": signed,
    }))
}

pub(crate) fn endorsed_grant(answer: &Value) {
    println!(
        "已会签 endorsed: 单位 unit {} 节点 node {}",
        text(answer, "unit"),
        text(answer, "to")
    );
    let verbs: Vec<&str> = list(answer, "verbs").filter_map(Value::as_str).collect();
    println!("  {} 至 until {}", verbs.join(", "), day(answer, "until_ms"));
    for key in list(answer, "signed_by").filter_map(Value::as_str) {
        println!("  签名 signed by {key}");
    }
}

/// New root keys.
pub(crate) fn succession(answer: &Value) {
    let kept = number(answer, "statements_kept");
    println!(
        "换根声明 succession {}, 保留 keeps {kept} 项声明 statements",
        text(answer, "statement")
    );
    if flag(answer, "in_effect") {
        println!("已生效 in effect");
    } else {
        let need = number(answer, "threshold");
        println!(
            "尚未生效, 须 {need} 个现任根密钥签名 not in effect: {need} present root keys must sign"
        );
        println!("  gongzhi endorse --data THEIRS --statement {}", text(answer, "statement"));
    }
}

/// The root's keys and this node's own grants.
pub(crate) fn keys(answer: &Value) {
    println!("节点 node {} 单位 unit {}", text(answer, "node"), text(answer, "unit"));
    if let Some(next) = answer["next_node"].as_str() {
        println!("待启用的新密钥 the key to follow: {next}");
    }
    println!("根密钥 root keys, 门限 threshold {}:", number(answer, "threshold"));
    for root in list(answer, "roots").filter_map(Value::as_str) {
        let own = if root == text(answer, "node") { " (本机 this node)" } else { "" };
        println!("  {root}{own}");
    }
    println!("本机的授权 grants of this node:");
    for grant in list(answer, "grants") {
        let verbs: Vec<&str> = list(grant, "verbs").filter_map(Value::as_str).collect();
        let state = match grant["problem"].as_str() {
            Some(problem) => format!("无效 not in force: {problem}"),
            None if flag(grant, "acts_under_it") => "有效, 使用中 in force, in use".to_owned(),
            None => "有效 in force".to_owned(),
        };
        println!(
            "  {} {} {} 至 until {}; {state}",
            short(grant, "delegation"),
            text(grant, "unit"),
            verbs.join(", "),
            day(grant, "until_ms"),
        );
    }
}

/// What to do with a new key.
pub(crate) fn rotation(answer: &Value) {
    let (old, new) = (text(answer, "node"), text(answer, "next_node"));
    let (unit, data) = (text(answer, "unit"), text(answer, "data"));
    println!("新密钥 new key: {new}");
    println!("先确认 status 显示已同步 first see that `status` shows everything up to date");
    println!("1. 由授权本机的单位签发 whoever granted this node its unit issues the new grant:");
    println!(
        "   gongzhi delegate --data ABOVE --unit {unit} --to {new} --replaces {old} --out FILE"
    );
    println!("2. 停止本机后启用 stop this node, then go over to the new key:");
    println!("   gongzhi init --data {data} --grant FILE");
    println!("第 1 步之前旧密钥照常使用 until step 1 this node goes on with the old key");
}

/// A backup that was made.
pub(crate) fn backup(answer: &Value) {
    println!("备份已完成 backed up to {}", text(answer, "backup"));
    covers(answer);
    println!("其中含本机密钥, 请妥善保管 it holds this node's key: guard it like the node");
    if flag(answer, "key_exposed") {
        println!(
            "警告 warning: 该盘不保存权限, 拿到它的人都能读取密钥, 请锁好 this disk keeps no modes: \
             whoever has it can read the key, lock it away"
        );
    }
}

fn covers(answer: &Value) {
    println!(
        "  时间 when {}; 单位 unit {}; 文档 documents {}; 条数 envelopes {}; 声明等共 items {}; \
         {} KiB",
        day(answer, "at_ms"),
        text(answer, "unit"),
        number(answer, "documents"),
        number(answer, "envelopes"),
        number(answer, "items"),
        number(answer, "disk_bytes").div_ceil(1024),
    );
}

/// A folder made from a backup.
pub(crate) fn restored(answer: &Value) {
    println!("已恢复到 restored to {}", text(answer, "data"));
    covers(answer);
    println!(
        "  备份距今 the backup is {} old; 之后的内容由其他节点补回 what came after it returns from \
         the nodes that hold it",
        span(number(answer, "age_ms"))
    );
    println!("  新的化身 new incarnation {}", number(answer, "incarnation"));
    println!(
        "  勿再启动旧目录 never start the old folder again; 若密钥可能外泄, 请更换 and if its key may \
         be in other hands, replace it"
    );
}

/// What does not count and what was refused.
pub(crate) fn quarantine(answer: &Value) {
    let aside = |item: &Value| if flag(item, "discarded") { " (已搁置 put aside)" } else { "" };
    println!("不计入的条目 suspended:");
    for item in list(answer, "suspended") {
        println!(
            "  {} {} {} 作者 author {} 化身 incarnation {} 第 seq {} {}: {}{}",
            short(item, "id"),
            day(item, "at_ms"),
            text(item, "document"),
            short(item, "author"),
            number(item, "incarnation"),
            number(item, "seq"),
            text(item, "code"),
            text(item, "text"),
            aside(item),
        );
    }
    println!("拒收 refused:");
    for item in list(answer, "refused") {
        println!(
            "  {} {} 来自 from {} {}: {}{}",
            short(item, "id"),
            day(item, "at_ms"),
            short(item, "peer"),
            text(item, "code"),
            text(item, "text"),
            aside(item),
        );
    }
    let hidden = number(answer, "discarded");
    if hidden > 0 {
        println!("已搁置 put aside: {hidden} (--all 显示 shows them)");
    }
}

/// What an adoption brought back.
pub(crate) fn adopted(answer: &Value) {
    println!(
        "已认领 adopted {}; 现在计入 count now {}; 连同其后 restored in all {}",
        number(answer, "adopted"),
        number(answer, "count_now"),
        number(answer, "restored"),
    );
    for item in list(answer, "still_suspended") {
        println!(
            "  仍不计入 still not: {} {}: {}",
            short(item, "id"),
            text(item, "code"),
            text(item, "text")
        );
    }
    let forks = number(answer, "forks_left");
    if forks > 0 {
        println!("  分叉 {forks} 条, 须按编号逐一选择 {forks} in forks: choose a side by id");
    }
}

/// What was put aside.
pub(crate) fn discarded(answer: &Value) {
    println!(
        "已搁置 {0} 条, 证据仍保留 put aside {0}; the evidence is kept and never deleted",
        number(answer, "discarded")
    );
}

/// A proof that holds.
pub(crate) fn proof(answer: &Value) {
    println!(
        "证明成立 the proof holds: {} 在 {} 以化身 incarnation {} 在第 {} 处签了两份 signed two \
         envelopes at one place (seq {})",
        text(answer, "author"),
        text(answer, "document"),
        number(answer, "incarnation"),
        number(answer, "seq"),
        number(answer, "seq"),
    );
}
