//! Attacks on what lies between socket and disk. Each test says what must hold; one that does not
//! hold yet is ignored and names its finding.

mod cost;
mod keyring;
mod lacking;
#[path = "../node/mod.rs"]
mod node;
mod own;
mod place;
mod statements;
mod town;
