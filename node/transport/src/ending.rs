//! Why a session ended.

use std::time::Duration;

/// Why a session ended, as this end saw it first.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SessionEnd {
    /// This node closed it, for its own reason.
    #[error("{0}")]
    ByNode(String),
    #[error("the peer closed the session")]
    ByPeer,
    #[error("the link was cut")]
    Cut,
    #[error("the peer opened another session")]
    Replaced,
    #[error("the peer said no hello for {0:?}")]
    NoHello(Duration),
    #[error("the peer sends too slowly: {got} of {length} bytes of a frame came")]
    Stalled { got: usize, length: usize },
    #[error("the peer sends too slowly: a frame began, and no more of it came for {0:?}")]
    Headless(Duration),
    #[error("a frame was cut off after {got} of {length} bytes")]
    CutOff { got: usize, length: usize },
    #[error("what the peer sent is no frame")]
    NoFrame,
    #[error("the peer took nothing for {0:?}")]
    TookNothing(Duration),
    #[error("the peer reads too slowly: {frames} frames of {bytes} bytes wait for it")]
    ReadsTooSlowly { frames: usize, bytes: usize },
    #[error("the peer reads too slowly, and the queues of all are full")]
    QueuesFull,
    #[error("cannot send: {0}")]
    CannotSend(String),
    #[error("the node stops")]
    NodeStops,
}
