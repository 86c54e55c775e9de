//! The state of replication. What is not known is said to be unknown, never shown as empty.

use node_api::{
    ClockOff, Clocks, ContestedCount, FormerWhy, GrantDue, Held, Lacks, LinkState, Linked,
    NodeStatus, PeerStatus, RefusedPeer, RunningStatus, Standing, Unreached,
};

use super::disk::{disk_left, life};
use super::network::unanswered;
use super::page::{Page, Render, short, span, time};
use super::table::Table;
use crate::lang::{say, word};

/// Refused items shown on the page of the status.
const REFUSED_SHOWN: usize = 5;
/// A membership is spoken of that ends within this: thirty days.
const RUNS_OUT_MS: u64 = 30 * 86_400_000;

impl Render for NodeStatus {
    fn render(&self, page: &mut Page) {
        let (unit, node, documents) = (&self.unit, short(&self.node), self.documents);
        page.line(say!(
            "单位 {unit}  节点 {node}  文档 {documents}",
            "unit {unit}  node {node}  documents {documents}"
        ));
        warnings(page, self);
        grants(page, self);
        peers(page, self);
        match &self.running {
            Some(running) => network(page, running, self.now_ms),
            None => page.line(word(
                "节点未运行：谁在线、谁拨不通，此处不知",
                "the node is not running: who is here and who is not reached is not known",
            )),
        }
        scopes(page, self);
        contested(page, self);
        refused(page, self);
    }
}

/// What an operator must know before anything else.
fn warnings(page: &mut Page, status: &NodeStatus) {
    if let Some(began) = status.life.map(life) {
        page.line(say!("警告：{began}", "warning: {began}"));
    }
    if let Some(lost) = own_standing(status) {
        page.line(say!("警告：{lost}", "warning: {lost}"));
    }
    status.alarms.iter().for_each(|alarm| alarm.render(page));
    disk_left(page, status.disk_left_bytes);
    if status.reporting_suspended {
        page.line(word(
            "本单位的报送已被上级暂停，不计入上级汇总",
            "reporting is suspended from above: this unit's numbers are not counted there",
        ));
    }
}

/// What is the matter with this node's own membership, if anything.
fn own_standing(status: &NodeStatus) -> Option<String> {
    match status.standing {
        Standing::Member { until_ms } | Standing::Unrecognised { until_ms }
            if until_ms.saturating_sub(status.now_ms) <= RUNS_OUT_MS =>
        {
            let until = time(until_ms);
            Some(say!("本机的授权将于 {until} 到期", "this node's grant runs out at {until}"))
        }
        Standing::Member { .. } => None,
        Standing::Unrecognised { .. } => {
            Some(word("上级尚未认可本单位", "nobody above recognises this unit").to_owned())
        }
        Standing::Former { why } => {
            let why = former(why);
            Some(say!("本机已不是成员：{why}", "this node is no member any more: {why}"))
        }
    }
}

fn former(why: FormerWhy) -> &'static str {
    match why {
        FormerWhy::Ended => word("授权已撤销", "its grant was withdrawn"),
        FormerWhy::Expired => word("授权已到期", "its grant ran out"),
        FormerWhy::Unfounded => word("其授权的依据不成立", "what its grant rests on does not hold"),
    }
}

fn grants(page: &mut Page, status: &NodeStatus) {
    for GrantDue { delegation, node, until_ms, ran_out } in &status.grants {
        let (delegation, node, until) = (short(delegation), short(node), time(*until_ms));
        page.line(match ran_out {
            true => say!(
                "授权 {delegation}（节点 {node}）已于 {until} 到期，尚未关闭",
                "grant {delegation} of node {node} ran out at {until} and was not closed"
            ),
            false => say!(
                "授权 {delegation}（节点 {node}）将于 {until} 到期",
                "grant {delegation} of node {node} runs out at {until}"
            ),
        });
    }
}

fn peers(page: &mut Page, status: &NodeStatus) {
    if status.peers.is_empty() {
        return page.line(word("尚无对端", "no peer has come yet"));
    }
    let mut table = Table::new(&[
        word("对端", "peer"),
        word("单位", "unit"),
        word("链路", "link"),
        word("所持", "holds"),
    ]);
    for peer in &status.peers {
        let (link, holds) = (link(peer, status.now_ms), holds(peer, status.now_ms));
        table.row(vec![short(&peer.peer), peer.unit.clone(), link, holds]);
    }
    page.table(&table);
    for peer in status.peers.iter().filter(|peer| peer.refused > 0) {
        let (name, count) = (short(&peer.peer), peer.refused);
        page.line(say!(
            "  {name} 拒收了本机的 {count} 条",
            "  {name} refused {count} items of this node"
        ));
    }
}

fn link(peer: &PeerStatus, now: u64) -> String {
    let away = peer.last_ms.map(|last| span(now.saturating_sub(last)));
    match (peer.link, away) {
        (LinkState::Live, _) => word("在线", "connected").to_owned(),
        (LinkState::Resuming, _) => word("在线，正在同步", "connected, catching up").to_owned(),
        (LinkState::Greeting, _) => word("正在建立", "being set up").to_owned(),
        (LinkState::Away, Some(away)) => say!("离线 {away}", "away for {away}"),
        (LinkState::Away, None) => word("离线，时间不详", "away, since when is not known").into(),
    }
}

/// What a peer holds of what it may hold, as of when.
fn holds(peer: &PeerStatus, now: u64) -> String {
    if let Standing::Former { why } = peer.standing {
        let why = former(why);
        return say!("已不是成员：{why}", "no member any more: {why}");
    }
    match peer.held {
        Held::Unknown { lacks } if lacks == Lacks::default() => {
            word("不详", "not known yet").to_owned()
        }
        Held::Unknown { lacks } => lacking(&lacks, now),
        Held::AllAsOf { at_ms, lacks } if lacks.items == 0 && !lacks.more => {
            let at = time(at_ms);
            say!("截至 {at} 全部", "all, as of {at}")
        }
        Held::AllAsOf { lacks, .. } => lacking(&lacks, now),
    }
}

fn lacking(lacks: &Lacks, now: u64) -> String {
    let (items, more) = (lacks.items, if lacks.more { "+" } else { "" });
    match lacks.since_ms.map(|since| span(now.saturating_sub(since))) {
        Some(oldest) => say!(
            "落后 {items}{more} 条，最早 {oldest} 前",
            "behind {items}{more}, oldest {oldest} ago"
        ),
        None => say!("落后 {items}{more} 条", "behind {items}{more}"),
    }
}

/// Who is not reached, whose clock is wrong, and with whom there is no session.
fn network(page: &mut Page, running: &RunningStatus, now: u64) {
    for Unreached { address, times, since_ms, reason } in &running.unreached {
        let (since, reason) = (span(now.saturating_sub(*since_ms)), unanswered(reason));
        page.line(say!(
            "  拨不通 {address}（{times} 次，{since}）：{reason}",
            "  cannot reach {address} ({times} times, for {since}): {reason}"
        ));
    }
    for ClockOff { peer, unit, their_ms, our_ms } in &running.clocks {
        let (peer, theirs, ours) = (short(peer), time(*their_ms), time(*our_ms));
        page.line(say!(
            "  时钟不一致：{unit} 的节点 {peer} 为 {theirs}，本机为 {ours}",
            "  clocks differ: node {peer} of {unit} shows {theirs}, this one {ours}"
        ));
    }
    for RefusedPeer { peer, at_ms, by_peer, code, text, clocks } in &running.refusals {
        let (peer, at) = (short(peer), time(*at_ms));
        page.line(match by_peer {
            true => say!(
                "  {at} 被 {peer} 拒绝：{code} {text}",
                "  refused by {peer} at {at}: {code} {text}"
            ),
            false => say!(
                "  {at} 拒绝了 {peer}：{code} {text}",
                "  {peer} was refused at {at}: {code} {text}"
            ),
        });
        if let Some(Clocks { their_ms, our_ms }) = clocks {
            let (theirs, ours) = (time(*their_ms), time(*our_ms));
            page.line(say!(
                "    时钟不一致：{peer} 为 {theirs}，本机为 {ours}；请先校准时钟",
                "    clocks differ: {peer} shows {theirs}, this node {ours}: set the clocks first"
            ));
        }
    }
}

fn scopes(page: &mut Page, status: &NodeStatus) {
    let mut table = Table::new(&[
        word("范围", "scope"),
        word("本机", "here"),
        word("本单位他机", "other node"),
        word("上级", "above"),
    ])
    .numbers(&[1, 2, 3]);
    for scope in &status.scopes {
        let receipts = scope.receipts;
        let counts = [receipts.here, receipts.unit, receipts.above];
        let counts = counts.map(|count| count.to_string());
        table.row([vec![scope.scope.clone()], counts.to_vec()].concat());
    }
    page.table(&table);
}

/// Records that say two things, of which somebody must choose.
fn contested(page: &mut Page, status: &NodeStatus) {
    page.line(match status.contested {
        Some(ContestedCount { records: 0, .. }) => return,
        Some(ContestedCount { records, at_ms }) => {
            let at = time(at_ms);
            say!(
                "待选定：{records} 条记录（截至 {at}；见 gongzhi contested）",
                "to be chosen: {records} records as of {at} (see `gongzhi contested`)"
            )
        }
        None => word(
            "待选定的值：尚未清点（见 gongzhi contested）",
            "values to be chosen were not counted yet (see `gongzhi contested`)",
        )
        .to_owned(),
    });
}

fn refused(page: &mut Page, status: &NodeStatus) {
    let refused = status.refused;
    page.line(say!("拒收：{refused} 条", "refused: {refused} items"));
    for item in status.refused_newest.iter().take(REFUSED_SHOWN) {
        page.line(format!("  {}: {}", item.code, item.text));
    }
    for (code, count) in &status.invalid {
        page.line(say!(
            "不计入：{code} {count} 条（见 gongzhi quarantine list）",
            "do not count: {code} {count} (see `gongzhi quarantine list`)"
        ));
    }
}

impl Render for Linked {
    fn render(&self, page: &mut Page) {
        let peer = match self.peer.as_str() {
            "all" => word("所有对端", "all peers"),
            peer => peer,
        };
        page.line(match self.blocked {
            true => say!("已断开：{peer}", "the link to {peer} is cut"),
            false => say!("已恢复：{peer}", "the link to {peer} is healed"),
        });
    }
}
