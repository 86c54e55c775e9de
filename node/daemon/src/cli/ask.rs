//! Asking a node, and showing what it answers.

use std::process::ExitCode;

use anyhow::Result;
use node_api::{Operation, Request};
use node_folder::Folder;
use serde::Serialize;

use super::options::Data;
use crate::control;
use crate::handlers::Node;
use crate::render::{Output, Render};

/// Asks the node of a data folder, and shows what it answers.
pub(super) fn ask<O: Operation>(data: &Data, output: Output, asked: O) -> Result<ExitCode>
where
    O::Answer: Render,
    Request: From<O>,
    Node: node_api::Handle<O>,
{
    Ok(show(output, &control::ask(&Folder::new(&data.data), asked)?))
}

pub(super) fn show(output: Output, answer: &(impl Serialize + Render)) -> ExitCode {
    output.show(answer);
    ExitCode::SUCCESS
}

/// Says that what was revealed lasts now.
pub(super) fn done(output: Output) -> ExitCode {
    output.done();
    ExitCode::SUCCESS
}
