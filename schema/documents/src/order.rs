//! The order of an entity's events: by what each author had seen, then by id (section 10.3).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use schema_wire::{Author, DocumentId};

use crate::id::EventId;

/// The log of an author in a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Log {
    /// The document.
    pub document: DocumentId,
    /// The author.
    pub author: Author,
}

/// How far each log lies in the past of an envelope.
pub type Past = BTreeMap<Arc<Log>, u64>;

/// Where an event was put: in which envelope, by which operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The operation's id, counter first: of several equal puts of one event the smallest places
    /// it.
    pub put: (u64, [u8; 16]),
    /// The log that the envelope stands in.
    pub log: Arc<Log>,
    /// The envelope's number in the log.
    pub seq: u64,
    /// What lies in the past of the envelope, other logs of the document only.
    pub past: Arc<Past>,
}

impl Place {
    /// Was this event there when the other was made?
    pub fn is_before(&self, other: &Self) -> bool {
        if self.log == other.log {
            return self.in_log() < other.in_log();
        }
        self.is_seen_from(other)
    }

    fn is_seen_from(&self, other: &Self) -> bool {
        other.past.get(&self.log).is_some_and(|seq| self.seq <= *seq)
    }

    fn in_log(&self) -> (u64, u64) {
        (self.seq, self.put.0)
    }
}

/// Takes, again and again, of the events before which every other was taken the one with the
/// smallest id. The cost grows with events times logs, whatever their authors claim.
pub(crate) fn ordered<'a>(events: impl IntoIterator<Item = (EventId, &'a Place)>) -> Vec<EventId> {
    let mut logs = Logs::of(events);
    let mut order = Vec::with_capacity(logs.left);
    (0..logs.queues.len()).for_each(|log| logs.look_at(log));
    while logs.left > 0 {
        let next = logs.ready.pop_first().or_else(|| logs.break_circle());
        let Some((event, log)) = next else { break };
        order.push(event);
        logs.take(log);
    }
    order
}

/// The events of each log that are not taken yet, the next one last.
struct Logs<'a> {
    numbers: BTreeMap<&'a Log, usize>,
    queues: Vec<Vec<(EventId, &'a Place)>>,
    /// The next events of logs, if nothing stands before them.
    ready: BTreeSet<(EventId, usize)>,
    /// By log, the logs whose next event waits for one of it.
    waiting: BTreeMap<usize, Vec<usize>>,
    left: usize,
}

impl<'a> Logs<'a> {
    fn of(events: impl IntoIterator<Item = (EventId, &'a Place)>) -> Self {
        let mut by_log: BTreeMap<&Log, Vec<(EventId, &Place)>> = BTreeMap::new();
        for (id, place) in events {
            by_log.entry(&place.log).or_default().push((id, place));
        }
        let numbers = by_log.keys().enumerate().map(|(number, log)| (*log, number)).collect();
        let mut queues: Vec<_> = by_log.into_values().collect();
        for queue in &mut queues {
            queue.sort_by_key(|(id, place)| std::cmp::Reverse((place.in_log(), *id)));
        }
        let left = queues.iter().map(Vec::len).sum();
        Self { numbers, queues, ready: BTreeSet::new(), waiting: BTreeMap::new(), left }
    }

    /// Finds out whether the next event of a log is ready, or what it waits for.
    fn look_at(&mut self, log: usize) {
        let Some((id, place)) = self.queues.get(log).and_then(|queue| queue.last()) else { return };
        let stands_before = |(other, seq): (&Arc<Log>, &u64)| {
            let number = *self.numbers.get(&**other)?;
            let (_, next) = self.queues.get(number)?.last()?;
            (number != log && next.seq <= *seq).then_some(number)
        };
        match place.past.iter().find_map(stands_before) {
            Some(blocker) => self.waiting.entry(blocker).or_default().push(log),
            None => drop(self.ready.insert((*id, log))),
        }
    }

    fn take(&mut self, log: usize) {
        self.queues.get_mut(log).and_then(Vec::pop);
        self.left -= 1;
        let waiting = self.waiting.remove(&log).unwrap_or_default();
        [log].into_iter().chain(waiting).for_each(|log| self.look_at(log));
    }

    /// Pasts that name each other are none that envelopes can have; still every event is taken.
    fn break_circle(&mut self) -> Option<(EventId, usize)> {
        let next = |(log, queue): (usize, &Vec<(EventId, &Place)>)| Some((queue.last()?.0, log));
        let taken = self.queues.iter().enumerate().filter_map(next).min()?;
        self.waiting.values_mut().for_each(|logs| logs.retain(|log| *log != taken.1));
        Some(taken)
    }
}
