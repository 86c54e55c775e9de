//! The state of replication. What is not known is said to be unknown, never shown as empty.

use node_api::{
    ClockOff, Clocks, ContestedCount, CutLinks, DialFailure, FormerWhy, GrantDue, Held,
    KeyInUseTwice, Lacks, LinkState, Linked, NodeStatus, PeerStatus, RefusedPeer, RunningStatus,
    Standing, Unreached,
};

use super::disk::{disk_left, life};
use super::network::{NO_MEMBER, session_refused, unanswered};
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
            Some(running) => network(page, running, self),
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
    if let Some(running) = &status.running {
        disowned(page, status, running);
        cut(page, &running.cut);
        running.twice.iter().for_each(|twice| in_use_twice(page, twice));
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

/// Other nodes say that this one is no member, and it has not heard why: whoever was away when it
/// was taken out learns no more.
fn disowned(page: &mut Page, status: &NodeStatus, running: &RunningStatus) {
    let is_member = !matches!(status.standing, Standing::Former { .. });
    let by = running.refusals.iter().filter(|refused| refused.by_peer && refused.code == NO_MEMBER);
    let by: Vec<String> = by.map(|refused| short(&refused.peer)).collect();
    if is_member && !by.is_empty() {
        let by = by.join(word("、", ", "));
        page.line(say!(
            "警告：{by} 不认本机为成员：授权已被撤销，或上级不再认可本单位的谱系。请先问本单位负责人；此后在本机录入的可能不计入",
            "warning: {by} say that this node is no member: its grant was withdrawn, or the unit's lineage is not recognised any more. Ask whoever leads the unit; what is entered here from now on may not count"
        ));
    }
}

fn cut(page: &mut Page, cut: &CutLinks) {
    let names = |keys: &[String]| {
        let names: Vec<String> = keys.iter().map(|key| short(key)).collect();
        names.join(word("、", ", "))
    };
    let (peers, healed) = (names(&cut.peers), names(&cut.healed));
    if cut.all && cut.healed.is_empty() {
        page.line(word(
            "警告：已断开所有对端；恢复：gongzhi link heal all",
            "warning: every link is cut; to heal them: gongzhi link heal all",
        ));
    } else if cut.all {
        page.line(say!(
            "警告：已断开 {healed} 以外的所有对端；恢复：gongzhi link heal all",
            "warning: every link but those to {healed} is cut; to heal them: gongzhi link heal all"
        ));
    } else if !cut.peers.is_empty() {
        page.line(say!(
            "警告：已断开 {peers}；恢复：gongzhi link heal KEY",
            "warning: the links to {peers} are cut; to heal one: gongzhi link heal KEY"
        ));
    }
}

fn in_use_twice(page: &mut Page, twice: &KeyInUseTwice) {
    let (peer, unit, seen) = (short(&twice.peer), &twice.unit, time(twice.seen_ms));
    page.line(say!(
        "警告：{unit} 的节点 {peer} 有两份数据目录在运行（最近见于 {seen}）：旧目录在恢复备份后又被启动，或目录被复制。两份的录入都不会丢失；请停止其中一份",
        "warning: two data folders of node {peer} of {unit} run (seen last at {seen}): the old folder was started again after a restore, or it was copied. Nothing of either is lost; stop one of them"
    ));
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
fn network(page: &mut Page, running: &RunningStatus, status: &NodeStatus) {
    let now = status.now_ms;
    for Unreached { address, times, since_ms, reason } in &running.unreached {
        if let Some(other) = answers_instead(reason, status) {
            page.line(say!(
                "  {address} 应答的是 {other}，已与它连接；密钥若已更换，请改写配置中的这一行",
                "  at {address} {other} answers, and is connected; if the key was replaced, change this line of the configuration"
            ));
            continue;
        }
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
        let (peer, at, why) = (short(peer), time(*at_ms), session_refused(code, text));
        page.line(match by_peer {
            true => say!("  {at} 被 {peer} 拒绝：{why}", "  refused by {peer} at {at}: {why}"),
            false => say!("  {at} 拒绝了 {peer}：{why}", "  {peer} was refused at {at}: {why}"),
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

/// The node that answers in place of the one that was dialled, if it is a member with a session.
fn answers_instead(reason: &DialFailure, status: &NodeStatus) -> Option<String> {
    let DialFailure::AnotherNode { node: Some(node) } = reason else { return None };
    let peer = status.peers.iter().find(|peer| peer.peer == *node)?;
    (peer.link != LinkState::Away).then(|| short(&peer.peer))
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
        let why = invalid(code);
        page.line(say!(
            "不计入：{count} 条，{why}（见 gongzhi quarantine list）",
            "do not count: {count}, {why} (see `gongzhi quarantine list`)"
        ));
    }
}

/// Why entries do not count, in few words.
fn invalid(code: &str) -> &str {
    match code {
        "unpermitted" => word("没有有效的授权", "no grant that holds permits them"),
        "rests-on-suspended" => {
            word("所依据的条目不计入", "they rest on entries that do not count")
        }
        "fork" => word("同一位置签了两条，尚未选定", "two were signed at one place"),
        "outvoted" => word("同一位置已选定另一条", "another was chosen at their place"),
        code => code,
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
