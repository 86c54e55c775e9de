//! Replicas joined by queues: what goes where, and what it costs.

mod city;
mod letters;
mod net;
mod outages;
mod scale;
mod status;
mod strangers;
mod unit;
