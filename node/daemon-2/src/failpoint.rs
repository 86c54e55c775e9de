//! Which failpoint a frame crosses, by its kind: when it was handled, and when it leaves.
//!
//! The core that decides about frames has no failpoints; what happens to a node between two of its
//! decisions happens here, in the shell. In a build without failpoints nothing is asked.

pub(crate) use node_failpoints::{Point, cross};
use node_replication::Input;

/// The point behind the handling of an input.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn taken(_: &Input) -> Option<Point> {
    None
}

/// The point before a frame leaves.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn leaving(_: &[u8]) -> Option<Point> {
    None
}

#[cfg(feature = "failpoints")]
pub(crate) use armed::{leaving, taken};

#[cfg(feature = "failpoints")]
mod armed {
    use schema_wire::{Frame, Wire};

    use super::{Input, Point};

    pub(crate) fn taken(input: &Input) -> Option<Point> {
        match input {
            Input::Opened { .. } => Some(Point::SessionOpened),
            Input::Frame { frame, .. } => by_kind(frame.frame()?).map(|(taken, _)| taken),
            Input::Closed { .. } | Input::Wake => None,
        }
    }

    pub(crate) fn leaving(bytes: &[u8]) -> Option<Point> {
        by_kind(&Frame::from_bytes(bytes).ok()?).map(|(_, leaves)| leaves)
    }

    fn by_kind(frame: &Frame) -> Option<(Point, Point)> {
        match frame {
            Frame::Hello(_) => Some((Point::HelloTaken, Point::HelloLeaves)),
            Frame::Items(_) => Some((Point::ItemsTaken, Point::ItemsLeave)),
            Frame::Ack(_) => Some((Point::AckTaken, Point::AckLeaves)),
            Frame::Reconcile { .. } => Some((Point::ReconcileTaken, Point::ReconcileLeaves)),
            Frame::Want { .. } => Some((Point::WantTaken, Point::WantLeaves)),
            Frame::Refuse(_) => None,
        }
    }
}
