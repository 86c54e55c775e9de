//! The demonstration is a test of the whole: it exits with zero only if every check held.

use std::process::Command;

use anyhow::Result;

#[test]
fn every_check_of_the_demonstration_holds() -> Result<()> {
    let root = tempfile::tempdir()?;
    let dir = root.path().join("demo");
    let output = Command::new(tests_cluster::binary()?)
        .args(["demo", "--lang", "zh"])
        .arg("--dir")
        .arg(&dir)
        .output()?;
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("，0 项失败"), "{told}");
    Ok(())
}
