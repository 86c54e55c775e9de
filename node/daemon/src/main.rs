//! `gongzhi`: one node of the federation, and the commands of those who run it.

mod cli;
mod config;
mod control;
mod demo;
mod engine;
mod folder;
mod journal;
mod keyfile;
mod net;
mod office;
mod print;
mod report;
mod roots;
mod show;
mod statement;

fn main() -> std::process::ExitCode {
    cli::main()
}
