//! What the demonstration checked, and whether it held.

use anyhow::Result;
use serde::Serialize;

use crate::lang::{say, word};
use crate::render::{Output, Page, Render};

/// What was checked, and whether it held.
#[derive(Serialize)]
pub(super) struct Checks {
    passed: u32,
    pub(super) failed: u32,
    checks: Vec<Check>,
    pub(super) seconds: u64,
    #[serde(skip)]
    pub(super) output: Output,
}

#[derive(Serialize)]
struct Check {
    holds: bool,
    what: String,
}

impl Checks {
    pub(super) fn new(output: Output) -> Self {
        Self { passed: 0, failed: 0, checks: Vec::new(), seconds: 0, output }
    }

    pub(super) fn check(&mut self, holds: bool, what: String) {
        let (mark, count) = if holds {
            (word("通过", "ok  "), &mut self.passed)
        } else {
            (word("失败", "FAIL"), &mut self.failed)
        };
        *count += 1;
        self.output.progress(&format!("  [{mark}] {what}"));
        self.checks.push(Check { holds, what });
    }

    /// What went wrong is said before the check of it fails.
    pub(super) fn done<T>(&mut self, outcome: Result<T>, what: &str) {
        if let Err(error) = &outcome {
            self.output.progress(&format!("  {error:#}"));
        }
        self.check(outcome.is_ok(), what.to_owned());
    }

    pub(super) fn stage(&self, name: &str) {
        self.output.progress(&format!("\n== {name}"));
    }
}

impl Render for Checks {
    fn render(&self, page: &mut Page) {
        let Self { passed, failed, seconds, .. } = self;
        page.line(say!(
            "\n{passed} 项检查通过，{failed} 项失败，{seconds} 秒",
            "\n{passed} checks passed, {failed} failed, {seconds} s"
        ));
        page.line(word("\n接下来：", "\nnext:"));
        page.line(word(
            "  gongzhi demo --dir ./demo   # 保留数据",
            "  gongzhi demo --dir ./demo   # keep the data folders",
        ));
        page.line("  gongzhi status --data ./demo/city");
        page.line("  gongzhi report --data ./demo/city");
        page.line("  gongzhi inspect --data ./demo/community-1");
        page.line(word("  README.md：建立自己的三级网络", "  README.md: a network of your own"));
    }
}
