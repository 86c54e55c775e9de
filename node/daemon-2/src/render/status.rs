//! The state of replication, and what happened.

use node_api::{
    Caretaker, EventsSeen, Happening, Linked, NodeStatus, PeerStatus, SuspendedReporting, Unreached,
};

use super::disk::{disk_left, life};
use super::page::{Page, Render, short, span, time};
use super::table::Table;
use crate::lang::{say, word};

/// Refused items shown on the page of the status.
const REFUSED_SHOWN: usize = 5;

impl Render for NodeStatus {
    fn render(&self, page: &mut Page) {
        let (unit, node, documents) = (&self.unit, short(&self.node), self.documents);
        page.line(say!(
            "单位 {unit}  节点 {node}  文档 {documents}",
            "unit {unit}  node {node}  documents {documents}"
        ));
        warnings(page, self);
        peers(page, self);
        scopes(page, self);
        let refused = self.refused;
        page.line(say!("拒收：{refused} 条", "refused: {refused} items"));
        for item in self.refused_newest.iter().take(REFUSED_SHOWN) {
            page.line(format!("  {}: {}", item.code, item.text));
        }
        for (code, count) in &self.invalid {
            page.line(say!(
                "不计入：{code} {count} 条（见 gongzhi quarantine list）",
                "do not count: {code} {count} (see `gongzhi quarantine list`)"
            ));
        }
    }
}

/// What an operator must know before anything else.
fn warnings(page: &mut Page, status: &NodeStatus) {
    if !status.running {
        page.line(word(
            "节点未运行，以下为数据库中的状态",
            "the node is not running: this is what its store says",
        ));
    }
    if let Some(began) = status.life.map(life) {
        page.line(say!("警告：{began}", "warning: {began}"));
    }
    disk_left(page, status.disk_left_bytes);
    if let Some(SuspendedReporting { by, reason, .. }) = &status.reporting_suspended {
        page.line(say!("报送被 {by} 暂停：{reason}", "reporting suspended by {by}: {reason}"));
    }
    for Caretaker { node, from_unit, until_ms, .. } in &status.caretakers {
        let until = time(*until_ms);
        page.line(say!(
            "代管：{from_unit} 的节点 {node}，至 {until}",
            "caretaker: node {node} of {from_unit}, until {until}"
        ));
    }
}

fn peers(page: &mut Page, status: &NodeStatus) {
    let now = status.now_ms;
    let mut table = Table::new(&[
        word("对端", "peer"),
        word("单位", "unit"),
        word("链路", "link"),
        word("同步", "lag"),
    ]);
    for peer in &status.peers {
        table.row(vec![short(&peer.peer), peer.unit.clone(), link(peer, now), lag(peer, now)]);
    }
    if status.peers.is_empty() {
        page.line(word("尚无对端", "no peer has come yet"));
    } else {
        page.table(&table);
    }
    for Unreached { address, times, since_ms, reason } in &status.unreached {
        let since = span(now.saturating_sub(*since_ms));
        page.line(say!(
            "  拨不通 {address}（{times} 次，{since}）：{reason}",
            "  cannot reach {address} ({times} times, for {since}): {reason}"
        ));
    }
}

fn link(peer: &PeerStatus, now: u64) -> String {
    let away = span(now.saturating_sub(peer.met_ms));
    match peer.connected {
        true => word("在线", "connected").to_owned(),
        false => say!("离线 {away}", "away for {away}"),
    }
}

fn lag(peer: &PeerStatus, now: u64) -> String {
    let behind = peer.behind;
    match peer.behind_since_ms.map(|since| span(now.saturating_sub(since))) {
        _ if behind == 0 => word("已同步", "up to date").to_owned(),
        Some(oldest) => {
            say!("落后 {behind} 条，最早 {oldest} 前", "behind {behind}, oldest {oldest} ago")
        }
        None => say!("落后 {behind} 条", "behind {behind}"),
    }
}

fn scopes(page: &mut Page, status: &NodeStatus) {
    let mut table = Table::new(&[
        word("范围", "scope"),
        word("本机", "here"),
        word("本单位他机", "other node"),
        word("上级", "parent"),
    ])
    .numbers(&[1, 2, 3]);
    for scope in &status.scopes {
        let receipts = scope.receipts;
        let counts = [receipts.here, receipts.unit, receipts.parent];
        let counts = counts.map(|count| count.to_string());
        table.row([vec![scope.scope.clone()], counts.to_vec()].concat());
    }
    page.table(&table);
}

impl Render for Linked {
    fn render(&self, page: &mut Page) {
        let peer = match self.peer.as_str() {
            "all" => word("所有对端", "all peers"),
            peer => peer,
        };
        page.line(match self.blocked {
            true => say!("已断开与 {peer} 的链路", "the link to {peer} is cut"),
            false => say!("已恢复与 {peer} 的链路", "the link to {peer} is healed"),
        });
    }
}

impl Render for EventsSeen {
    fn render(&self, page: &mut Page) {
        if self.events.is_empty() {
            page.line(word("启动以来没有事件", "nothing happened since the start"));
        }
        for event in &self.events {
            page.line(format!("{}  {}", time(event.at_ms), happened(&event.what)));
        }
    }
}

fn happened(what: &Happening) -> String {
    match what {
        Happening::Began { life: began } => life(*began),
        Happening::Joined { peer, unit } => {
            let peer = short(peer);
            say!("对端加入：{peer} {unit}", "peer joined: {peer} {unit}")
        }
        Happening::Surrenders { peer, unit } => {
            let peer = short(peer);
            say!(
                "无授权的对端交出条目：{peer} {unit}",
                "peer without authority hands over: {peer} {unit}"
            )
        }
        Happening::Resumed { .. } => resumed(what),
        Happening::NewLife { incarnation, cloned: true } => say!(
            "本机的密钥另有一份在使用，以化身 {incarnation} 继续；请停止其中一份",
            "this node's key is in use elsewhere too, it goes on under incarnation {incarnation}; \
             stop one of the two"
        ),
        Happening::NewLife { incarnation, cloned: false } => say!(
            "本机的条目不再计入，以化身 {incarnation} 继续",
            "entries of this node ceased to count, it goes on under incarnation {incarnation}"
        ),
        _ => judged(what),
    }
}

fn resumed(what: &Happening) -> String {
    let Happening::Resumed { peer, unit, items_in, items_out, bytes_in, bytes_out, round_trips } =
        what
    else {
        return String::new();
    };
    let (peer, items, bytes) = (short(peer), items_in + items_out, bytes_in + bytes_out);
    say!(
        "已与 {peer} {unit} 同步：{items} 条，{bytes} 字节，{round_trips} 次往返",
        "caught up with {peer} {unit}: {items} items, {bytes} bytes, {round_trips} round trips"
    )
}

/// What was refused, and what counts or not.
fn judged(what: &Happening) -> String {
    match what {
        Happening::SessionRefused { peer, by_peer, code, text } => {
            let peer = short(peer);
            match by_peer {
                true => say!(
                    "对端 {peer} 拒绝会话：{code} {text}",
                    "peer {peer} refused the session: {code} {text}"
                ),
                false => say!(
                    "拒绝对端 {peer} 的会话：{code} {text}",
                    "session of peer {peer} refused: {code} {text}"
                ),
            }
        }
        Happening::ItemRejected { peer, item, code, text } => {
            let (peer, item) = (short(peer), short(item));
            say!(
                "拒收 {peer} 的条目 {item}：{code} {text}",
                "item {item} of {peer} refused: {code} {text}"
            )
        }
        Happening::RefusedByPeer { peer, scope, count, code, text } => {
            let (peer, text) = (short(peer), text.as_deref().unwrap_or_default());
            say!(
                "对端 {peer} 拒收 {scope} 的 {count} 条：{code} {text}",
                "peer {peer} refused {count} items of {scope}: {code} {text}"
            )
        }
        Happening::Invalid { document, envelope, code, text, .. } => {
            let envelope = short(envelope);
            say!(
                "条目 {envelope}（{document}）不计入：{code} {text}",
                "entry {envelope} of {document} does not count: {code} {text}"
            )
        }
        Happening::Restored { document, envelope } => {
            let envelope = short(envelope);
            say!(
                "条目 {envelope}（{document}）重新计入",
                "entry {envelope} of {document} counts again"
            )
        }
        _ => String::new(),
    }
}
