//! Replicas joined by queues: what must hold between nodes, with no clock, disk or socket.

mod bounds;
mod converge;
mod cost;
mod counts;
mod order;
mod refuse;
mod resume;
mod world;
