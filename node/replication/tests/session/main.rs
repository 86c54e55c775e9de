//! Sessions between nodes that keep their sets in memory, joined by queues.

mod item;
mod net;
mod node;

mod bounds;
mod meeting;
mod random;
mod rules;
mod scale;
mod waiting;
