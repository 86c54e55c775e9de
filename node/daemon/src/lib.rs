//! `gongzhi`: one node of the federation, and the commands of those who run it.

mod backup;
mod ceremony;
mod cli;
mod control;
mod demo;
mod disk;
mod engine;
mod failpoint;
mod join;
mod journal;
mod keyfile;
mod life;
mod memory;
mod net;
mod office;
mod operate;
mod print;
mod quarantine;
mod report;
mod revoke;
mod show;
mod statement;
mod tell;
mod trouble;
mod voice;

pub use cli::main;
