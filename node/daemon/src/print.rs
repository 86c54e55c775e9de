//! Answers as people read them: Chinese first.

use std::time::Duration;

use indicatif::ProgressBar;
use serde_json::Value;

/// A sign of life during long work.
pub(crate) fn spinner(shown: bool, what: &'static str) -> ProgressBar {
    if !shown {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner().with_message(what);
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// The answer as JSON.
pub(crate) fn plain(answer: &Value) {
    println!("{}", serde_json::to_string_pretty(answer).unwrap_or_default());
}

pub(crate) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

pub(crate) fn number(value: &Value, field: &str) -> u64 {
    value[field].as_u64().unwrap_or_default()
}

pub(crate) fn list<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    value[field].as_array().into_iter().flatten()
}

/// A span in words: `3分12秒`.
pub(crate) fn span(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0..60 => format!("{seconds}秒 s"),
        60..3600 => format!("{}分{}秒 min", seconds / 60, seconds % 60),
        3600..86_400 => format!("{}小时{}分 h", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{}天 days", seconds / 86_400),
    }
}

/// Who is behind this node, since when, by how much; what is proven elsewhere; what was refused.
pub(crate) fn status(answer: &Value) {
    let now = number(answer, "now_ms");
    println!(
        "单位 unit {}  节点 node {}  文档 documents {}",
        text(answer, "unit"),
        &text(answer, "node").get(..8).unwrap_or_default(),
        number(answer, "documents"),
    );
    crate::tell::standing(answer);
    println!("对端 peers:");
    for peer in list(answer, "peers") {
        let behind = number(peer, "behind");
        let since = peer["behind_since_ms"].as_u64().map(|ms| span(now.saturating_sub(ms)));
        let link = if peer["connected"].as_bool() == Some(true) {
            "在线 connected".to_owned()
        } else {
            format!("离线 away for {}", span(now.saturating_sub(number(peer, "met_ms"))))
        };
        let lag = match (behind, since) {
            (0, _) => "已同步 up to date".to_owned(),
            (n, since) => {
                format!("落后 behind {n} 条, 最早 oldest {}", since.unwrap_or_default())
            }
        };
        let key = text(peer, "peer").get(..8).unwrap_or_default();
        println!("  {key} {:<44} {link}; {lag}", text(peer, "unit"));
    }
    for peer in list(answer, "unreached") {
        println!(
            "  拨不通 cannot reach {} ({} 次 times, {}): {}",
            text(peer, "address"),
            number(peer, "times"),
            span(now.saturating_sub(number(peer, "since_ms"))),
            text(peer, "reason"),
        );
    }
    println!("范围 scopes (本机 here / 本单位他机 other node / 上级 parent):");
    for scope in list(answer, "scopes") {
        let receipts = &scope["receipts"];
        println!(
            "  {:<56} {:>6} / {:>6} / {:>6}",
            text(scope, "scope"),
            number(receipts, "here"),
            number(receipts, "unit"),
            number(receipts, "parent"),
        );
    }
    println!("拒收 refused: {} 条 items", number(answer, "quarantined"));
    for (code, count) in answer["suspended"].as_object().into_iter().flatten() {
        println!(
            "不计入 suspended: {code} {count} 封 envelopes (见 see `gongzhi quarantine list`)"
        );
    }
    for item in list(answer, "refused_newest").take(5) {
        println!("  {}: {}", text(item, "code"), text(item, "text"));
    }
}

/// What happened since the start.
pub(crate) fn events(answer: &Value) {
    for event in list(answer, "events") {
        println!("{event}");
    }
}

/// The documents held.
pub(crate) fn documents(answer: &Value) {
    for document in answer.as_array().into_iter().flatten() {
        println!(
            "{:>6} 封 envelopes  {}",
            number(document, "envelopes"),
            text(document, "document")
        );
    }
}

/// A report with its coverage.
pub(crate) fn report(answer: &Value) {
    let coverage = &answer["coverage"];
    let (reporting, expected) = (number(coverage, "reporting"), number(coverage, "expected"));
    println!(
        "{} 第{}版 revision; 覆盖 coverage {}",
        text(answer, "unit"),
        number(answer, "revision"),
        if expected == 0 {
            "本单位 own records".into()
        } else {
            format!("{reporting}/{expected}")
        },
    );
    for (unit, part) in answer["parts"].as_object().into_iter().flatten() {
        if let Some(reason) = part["suspended"].as_str() {
            println!("  已暂停 suspended {unit}: {reason}");
        }
    }
    for cell in list(answer, "cells") {
        let (num, den, unknown) =
            (number(cell, "num"), number(cell, "den"), number(cell, "unknown"));
        let shown = match (cell["rate"].as_bool(), den) {
            (Some(true), 0) => format!("- (未知 unknown {unknown})"),
            (Some(true), _) => {
                let percent = num as f64 * 100.0 / den as f64;
                format!("{percent:.1}% ({num}/{den}, 未知 unknown {unknown})")
            }
            _ => number(cell, "value").to_string(),
        };
        println!(
            "  {:<16} {} {}: {shown}",
            text(cell, "code"),
            text(cell, "name"),
            text(cell, "name_en")
        );
    }
}

/// What became of a workbook's rows.
pub(crate) fn import(answer: &Value) {
    println!("{}: {} 行 rows", text(answer, "file"), number(answer, "rows"));
    for (status, count) in answer["counts"].as_object().into_iter().flatten() {
        println!("  {status}: {count}");
    }
    for error in list(answer, "errors").take(10) {
        println!("  {}", error.as_str().unwrap_or_default());
    }
    println!(
        "  每秒 {} 行 rows/s; 结果 results: {}",
        answer["rows_per_second"].as_f64().unwrap_or_default(),
        text(answer, "status_workbook"),
    );
}
