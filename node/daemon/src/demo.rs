pub(crate) fn run(_: Option<std::path::PathBuf>) -> anyhow::Result<std::process::ExitCode> {
    anyhow::bail!("not there yet")
}
