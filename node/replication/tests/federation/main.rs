//! Replicas joined by queues: what goes where, and what it costs.

mod city;
mod net;
mod unit;
