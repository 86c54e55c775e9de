//! Letters between units of two districts, over real replicas.

mod cards;
mod net;
mod trips;
