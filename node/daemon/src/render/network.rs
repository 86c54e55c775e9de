//! Why there is no connection, or no session any more.

use node_api::DialFailure;
use node_transport::{Refusal, SessionEnd};

use super::page::short;
use crate::lang::{say, word};

/// What a failed dialling is to those who ask.
pub(crate) fn dial_failure(reason: &node_transport::DialFailure) -> DialFailure {
    use node_transport::DialFailure as Failed;
    match reason {
        Failed::Name => DialFailure::Name,
        Failed::Refused => DialFailure::Refused,
        Failed::NoRoute => DialFailure::NoRoute,
        Failed::TimedOut => DialFailure::TimedOut,
        Failed::Itself => DialFailure::Itself,
        Failed::AnotherKey(node) => {
            DialFailure::AnotherNode { node: node.map(|node| node.to_string()) }
        }
        Failed::Other(detail) => DialFailure::Other { detail: detail.clone() },
    }
}

/// Why nobody answers.
pub(super) fn unanswered(reason: &DialFailure) -> String {
    match reason {
        DialFailure::Name => word("主机名查不到", "the name of the host is not known").into(),
        DialFailure::Refused => {
            word("该地址没有程序在监听", "nothing listens at that address").into()
        }
        DialFailure::NoRoute => word("没有到该主机的路由", "there is no way to that host").into(),
        DialFailure::TimedOut => word("对方没有应答", "no answer came in time").into(),
        DialFailure::Itself => word("那是本机自己的地址", "that is this node's own address").into(),
        DialFailure::AnotherNode { node: Some(node) } => {
            let node = short(node);
            say!("应答的是另一节点 {node}", "another node answers there: {node}")
        }
        DialFailure::AnotherNode { node: None } => {
            word("应答的不是本网络的节点", "what answers there is no node").into()
        }
        DialFailure::Other { detail } => detail.clone(),
    }
}

/// The code of a refusal: the peer is no member.
pub(super) const NO_MEMBER: &str = "no-delegation";

/// Why there is no session with a peer.
pub(super) fn session_refused(code: &str, text: &str) -> String {
    match code {
        NO_MEMBER => word(
            "不是成员（授权已终止、尚未认可，或属另一谱系）",
            "no member: its grant ended, or nobody recognises it, or it is of another lineage",
        ),
        "other-network" => word("属于另一网络", "of another network"),
        "level" => word("协议版本不同", "no version of the protocol in common"),
        "level-down" => word("所用协议低于以前", "it speaks an older protocol than before"),
        "over" => word("成员资格已终止", "its membership ended"),
        "time-out" => word("应答超时", "what had to come did not"),
        "flood" => word("发送过多", "it sent more than it may"),
        "malformed-frame" => word("发来的不合协议", "what it sent is none of the protocol"),
        "scope-not-shared" => word("要了不应给它的", "it asked for what it may not have"),
        _ => return format!("{code} {text}"),
    }
    .to_owned()
}

/// Why a session ended, for the log.
pub(crate) fn session_end(reason: &SessionEnd) -> String {
    match reason {
        SessionEnd::ByNode(reason) => reason.clone(),
        SessionEnd::ByPeer => word("对端关闭了会话", "the peer closed the session").into(),
        SessionEnd::Cut => word("链路已断开", "the link was cut").into(),
        SessionEnd::Replaced => word("对端另开了会话", "the peer opened another session").into(),
        SessionEnd::NoHello(waited) => {
            say!("对端 {waited:?} 未发问候", "the peer said no hello for {waited:?}")
        }
        SessionEnd::Stalled { got, length } => say!(
            "对端发送过慢：一帧 {length} 字节只到了 {got}",
            "the peer sends too slowly: {got} of {length} bytes of a frame came"
        ),
        SessionEnd::Headless(waited) => say!(
            "对端发送过慢：一帧开始后 {waited:?} 未再到达",
            "the peer sends too slowly: a frame began, and no more of it came for {waited:?}"
        ),
        SessionEnd::CutOff { got, length } => say!(
            "一帧 {length} 字节在 {got} 处中断",
            "a frame was cut off after {got} of {length} bytes"
        ),
        SessionEnd::NoFrame => word("对端发来的不是帧", "what the peer sent is no frame").into(),
        SessionEnd::TookNothing(waited) => {
            say!("对端 {waited:?} 未接收任何数据", "the peer took nothing for {waited:?}")
        }
        SessionEnd::ReadsTooSlowly { frames, bytes } => say!(
            "对端接收过慢：{frames} 帧 {bytes} 字节在等待",
            "the peer reads too slowly: {frames} frames of {bytes} bytes wait for it"
        ),
        SessionEnd::QueuesFull => word(
            "对端接收过慢，且全部发送队列已满",
            "the peer reads too slowly, and the queues of all are full",
        )
        .into(),
        SessionEnd::CannotSend(error) => say!("不能发送：{error}", "cannot send: {error}"),
        SessionEnd::NodeStops => word("节点停止", "the node stops").into(),
    }
}

/// Why a connection was refused, for the log.
pub(crate) fn refusal(reason: &Refusal) -> String {
    match reason {
        Refusal::OtherKind => word("其密钥不是 Ed25519", "its key is not Ed25519").into(),
        Refusal::Blocked => word("其链路已被断开", "its link is cut").into(),
        Refusal::Impostor => {
            word("由对端打开了不该由它打开的流", "it opened a stream that was not its to open")
                .into()
        }
        Refusal::Handshake(error) => error.clone(),
    }
}
