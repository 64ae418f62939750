//! A fresh TMPDIR and HOME for every invocation.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// The folders of one invocation, under /tmp (the only place that a Lambda function can write to).
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
    pub tmp: PathBuf,
    pub home: PathBuf,
}

impl Scratch {
    /// # Errors
    /// /tmp is full or cannot be written to.
    pub fn create() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("lamex-").tempdir()?;
        let (tmp, home) = (folder.path().join("tmp"), folder.path().join("home"));
        fs::create_dir(&tmp)?;
        fs::create_dir(&home)?;
        Ok(Self { folder, tmp, home })
    }

    /// Removes everything, also what a test made unwritable. The next invocation has folders of its own; what
    /// cannot be removed costs space in /tmp only.
    pub fn remove(self) {
        let path = self.folder.keep();
        if fs::remove_dir_all(&path).is_err() {
            make_writable(&path);
            let _ = fs::remove_dir_all(&path);
        }
    }
}

fn make_writable(folder: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    // Whatever fails here shows when the folder is removed.
    let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_writable(&entry.path());
        }
    }
}
