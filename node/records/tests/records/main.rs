//! The records of a community, over real replicas.

mod cases;
mod doors;
mod imports;
mod laws;
mod net;
mod samples;
mod sheets;

use schema_documents::{Kind, kinds};

fn kind(name: &str) -> &'static Kind {
    kinds::ALL.iter().find(|kind| kind.name == name).expect("a kind")
}
