//! What happened.

use node_api::{EventsSeen, Happening};

use super::disk::life;
use super::network::session_refused;
use super::page::{Page, Render, short, time};
use crate::lang::{say, word};

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

/// This node goes on in a new life.
pub(crate) fn incarnation_changed(cloned: bool) -> &'static str {
    match cloned {
        true => word(
            "本机的密钥另有一份在使用，以新的化身继续；请停止其中一份",
            "this node's key is in use elsewhere too: it goes on under a new incarnation; stop one \
             of the two",
        ),
        false => word(
            "本机的条目不再计入，以新的化身继续",
            "entries of this node ceased to count: it goes on under a new incarnation",
        ),
    }
}

fn happened(what: &Happening) -> String {
    match what {
        Happening::Began { life: began } => life(*began),
        Happening::Joined { peer, unit, .. } => {
            let peer = short(peer);
            say!("对端加入：{peer} {unit}", "peer joined: {peer} {unit}")
        }
        Happening::Rival { peer, unit, lineage } => {
            let (peer, lineage) = (short(peer), short(lineage));
            say!(
                "警报：对端 {peer} 以另一谱系 {lineage} 自称 {unit}，并出示了上级的认可",
                "alarm: peer {peer} calls itself {unit} under another lineage, {lineage}, and \
                 shows that units above recognise it"
            )
        }
        Happening::Resumed { peer, unit, items_in, items_out, bytes_in, bytes_out } => {
            let (peer, items, bytes) = (short(peer), items_in + items_out, bytes_in + bytes_out);
            say!(
                "已与 {peer} {unit} 同步：{items} 条，{bytes} 字节",
                "caught up with {peer} {unit}: {items} items, {bytes} bytes"
            )
        }
        Happening::FeedWasLonger { peer } => {
            let peer = short(peer);
            say!(
                "对端 {peer} 所知的本机条目比本机更多：数据库可能丢失了条目",
                "peer {peer} knows more of this node's items than it holds: its store may have \
                 lost some"
            )
        }
        Happening::IncarnationChanged { cloned } => incarnation_changed(*cloned).to_owned(),
        Happening::Invalid { .. } | Happening::Forked { .. } | Happening::Restored { .. } => {
            counted(what)
        }
        Happening::SessionRefused { .. }
        | Happening::ItemRefused { .. }
        | Happening::RefusedByPeer { .. } => refused(what),
    }
}

/// Which entries count, or no longer.
fn counted(what: &Happening) -> String {
    match what {
        Happening::Invalid { document, envelope, code, .. } => {
            let envelope = short(envelope);
            say!(
                "条目 {envelope}（{document}）不计入：{code}",
                "entry {envelope} of {document} does not count: {code}"
            )
        }
        Happening::Forked { document, author, .. } => {
            let author = short(author);
            say!(
                "{author} 在 {document} 的同一位置签了两条",
                "{author} signed two entries at one place of {document}"
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

/// Who refused what.
fn refused(what: &Happening) -> String {
    match what {
        Happening::SessionRefused { peer, by_peer: true, code, text } => {
            let (peer, why) = (short(peer), session_refused(code, text));
            say!("对端 {peer} 拒绝会话：{why}", "peer {peer} refused the session: {why}")
        }
        Happening::SessionRefused { peer, by_peer: false, code, text } => {
            let (peer, why) = (short(peer), session_refused(code, text));
            say!("拒绝对端 {peer} 的会话：{why}", "session of peer {peer} refused: {why}")
        }
        Happening::ItemRefused { peer, item, code, text, .. } => {
            let (peer, item) = (short(peer), short(item));
            say!(
                "拒收 {peer} 的条目 {item}：{code} {text}",
                "item {item} of {peer} refused: {code} {text}"
            )
        }
        Happening::RefusedByPeer { peer, scope, count, code, text } => {
            let peer = short(peer);
            let code = code.as_deref().unwrap_or_default();
            let text = text.as_deref().unwrap_or_default();
            say!(
                "对端 {peer} 拒收 {scope} 的 {count} 条：{code} {text}",
                "peer {peer} refused {count} items of {scope}: {code} {text}"
            )
        }
        _ => String::new(),
    }
}
