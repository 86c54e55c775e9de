//! Which failpoint a frame crosses, by its kind: when it was handled, and when it leaves.
//!
//! The core that decides about frames has no failpoints; what happens to a node between two of its
//! decisions happens here, in the shell. In a build without failpoints nothing is asked.

pub(crate) use node_failpoints::{Point, cross};
use node_replication::replica::Input;

/// The point behind the handling of an input.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn taken(_: &Input) -> Option<Point> {
    None
}

/// The point before a frame leaves.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn leaving(_: &schema_wire::Frame) -> Option<Point> {
    None
}

#[cfg(feature = "failpoints")]
pub(crate) use armed::{leaving, taken};

#[cfg(feature = "failpoints")]
mod armed {
    use schema_wire::Frame;

    use super::{Input, Point};

    pub(crate) fn taken(input: &Input) -> Option<Point> {
        match input {
            Input::Opened { .. } => Some(Point::SessionOpened),
            Input::Frame { frame, .. } => by_kind(frame.as_ref().ok()?).map(|(taken, _)| taken),
            Input::Closed { .. } | Input::TimedOut { .. } | Input::Wake => None,
        }
    }

    pub(crate) fn leaving(frame: &Frame) -> Option<Point> {
        by_kind(frame).map(|(_, leaves)| leaves)
    }

    fn by_kind(frame: &Frame) -> Option<(Point, Point)> {
        match frame {
            Frame::Hello(_) | Frame::Membership(_) => Some((Point::HelloTaken, Point::HelloLeaves)),
            Frame::Items(_) => Some((Point::ItemsTaken, Point::ItemsLeave)),
            Frame::Ack(_) => Some((Point::AckTaken, Point::AckLeaves)),
            Frame::Reconcile(_) => Some((Point::ReconcileTaken, Point::ReconcileLeaves)),
            Frame::Want(_) => Some((Point::WantTaken, Point::WantLeaves)),
            _ => None,
        }
    }
}
