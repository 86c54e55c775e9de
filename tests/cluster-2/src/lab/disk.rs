//! A disk of one's own: ext4 in a file, mounted over a loop device.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::system;

const MEBIBYTE: u64 = 1 << 20;
/// Copies of a disk that may be torn by write-back before a test gives up.
const COPIES_MAX: u32 = 10;

/// A mounted file system.
#[derive(Debug)]
pub struct Disk {
    image: PathBuf,
    mount: PathBuf,
    cuts: u32,
}

impl Disk {
    /// Makes a file system of so many MiB (the file is sparse) and mounts it under `root`.
    pub fn create(root: &Path, name: &str, mebibytes: u64) -> Result<Self> {
        let disk =
            Self { image: root.join(format!("{name}.ext4")), mount: root.join(name), cuts: 0 };
        File::create(&disk.image)?.set_len(mebibytes * MEBIBYTE)?;
        system("mkfs.ext4", &["-q", "-F", "-m", "0", crate::path(&disk.image)?])?;
        fs::create_dir_all(&disk.mount)?;
        disk.attach()?;
        Ok(disk)
    }

    /// Where it is mounted.
    pub fn path(&self) -> &Path {
        &self.mount
    }

    fn attach(&self) -> Result<()> {
        let (image, mount) = (crate::path(&self.image)?, crate::path(&self.mount)?);
        system("mount", &["-o", "loop,noatime", image, mount])
    }

    fn detach(&self) -> Result<()> {
        crate::wait("nothing uses the disk", || system("umount", &[crate::path(&self.mount)?]))
    }

    /// What a machine that loses its power now would find at its next start. Nobody may write
    /// meanwhile: stop the process first. What was not synced is gone.
    pub fn cut(&mut self, kill: impl FnOnce() -> Result<()>) -> Result<()> {
        let survivor = self.image.with_extension(format!("cut{}", self.cuts));
        copy_at_rest(&self.image, &survivor)?;
        kill()?;
        self.detach()?;
        fs::rename(&survivor, &self.image)?;
        self.cuts += 1;
        self.attach()
    }

    /// A second disk with what this one holds now, synced.
    pub fn copy(&self, root: &Path, name: &str) -> Result<Self> {
        let copy =
            Self { image: root.join(format!("{name}.ext4")), mount: root.join(name), cuts: 0 };
        system("sync", &["-f", crate::path(&self.mount)?])?;
        copy_at_rest(&self.image, &copy.image)?;
        fs::create_dir_all(&copy.mount)?;
        copy.attach()?;
        Ok(copy)
    }

    fn ballast(&self) -> PathBuf {
        self.mount.join("ballast")
    }

    /// Fills the disk until so many KiB are left.
    pub fn fill(&self, left_kib: u64) -> Result<()> {
        let mut ballast = File::options().create(true).append(true).open(self.ballast())?;
        for size in [MEBIBYTE, 64 * 1024, 4096, 512] {
            let piece = vec![0x5a; usize::try_from(size)?];
            while ballast.write_all(&piece).and_then(|()| ballast.sync_all()).is_ok() {}
        }
        let filled = ballast.metadata()?.len();
        ballast.set_len(filled.saturating_sub(left_kib * 1024))?;
        Ok(ballast.sync_all()?)
    }

    /// Gives the space back.
    pub fn free(&self) -> Result<()> {
        fs::remove_file(self.ballast())?;
        system("sync", &["-f", crate::path(&self.mount)?])
    }

    /// The file system gives up, as it does when its disk fails: it takes no writes any more.
    pub fn abort(&self) -> Result<()> {
        system("mount", &["-o", "remount,abort", crate::path(&self.mount)?])
    }

    /// Checks and mends it, and mounts it again. Nobody may use it.
    pub fn mend(&self) -> Result<()> {
        self.detach()?;
        // Other hosts still see the file system that gave up: it is mounted from a file of its own.
        let mended = self.image.with_extension("mended");
        copy_at_rest(&self.image, &mended)?;
        // It says by its code that it mended something.
        let _ = system("fsck.ext4", &["-p", crate::path(&mended)?]);
        system("fsck.ext4", &["-n", crate::path(&mended)?])?;
        fs::rename(&mended, &self.image)?;
        self.attach()
    }

    /// Which of these texts lie anywhere on it, deleted files and free blocks included.
    pub fn finds<'a>(&self, needles: &[&'a str]) -> Result<Vec<&'a str>> {
        system("sync", &["-f", crate::path(&self.mount)?])?;
        let mut found = Vec::new();
        for needle in needles {
            let status = std::process::Command::new("grep")
                .args(["-q", "-a", "-F", "--", needle])
                .arg(&self.image)
                .status()?;
            match status.code() {
                Some(0) => found.push(*needle),
                Some(1) => {}
                other => bail!("grep ended with {other:?}"),
            }
        }
        Ok(found)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = system("umount", &["-l", &self.mount.to_string_lossy()]);
    }
}

/// Copies a file that the kernel may still be writing back to, until it did not meanwhile.
fn copy_at_rest(from: &Path, to: &Path) -> Result<()> {
    for _ in 0..COPIES_MAX {
        system("cp", &["--sparse=always", crate::path(from)?, crate::path(to)?])?;
        if same(from, to)? {
            return Ok(());
        }
    }
    bail!("{} does not come to rest", from.display())
}

fn same(one: &Path, other: &Path) -> Result<bool> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    let (mut left, mut right) = (vec![0; MEBIBYTE as usize], vec![0; MEBIBYTE as usize]);
    loop {
        let read = one.read(&mut left).context("image")?;
        other.read_exact(&mut right[..read]).context("copy")?;
        if read == 0 {
            return Ok(true);
        }
        if left[..read] != right[..read] {
            return Ok(false);
        }
    }
}
