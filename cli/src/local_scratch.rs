//! The folders of a local run: they go with it, and what a run that was killed has left goes with the next one.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, flock};

use crate::failure::Failure;
use crate::local_lambda::FunctionConfig;

/// What the names of all such folders begin with.
const PREFIX: &str = "lamex-ctl-";

/// A folder under TMPDIR that is removed with everything in it, read-only or not, when this is dropped. A lock on it
/// says that its run goes on; the kernel takes the lock away however the run ends.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder, and removes those that this user's runs have left because they were killed.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub(crate) fn create(purpose: &str) -> io::Result<Self> {
        remove_abandoned(&std::env::temp_dir());
        loop {
            let path = tempfile::Builder::new().prefix(&format!("{PREFIX}{purpose}-")).tempdir()?.keep();
            match lock(&path) {
                Ok(Some(lock)) => return Ok(Self { path, _lock: lock }),
                // Another run has taken it for abandoned, in the moment before it was locked.
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    remove(&path);
                    return Err(error);
                }
            }
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// Gives the function a TMPDIR of its own, which goes when the returned folder is dropped: a runner that is
/// killed, as it is after Ctrl-C, cannot remove what it has there.
///
/// # Errors
/// The folder cannot be made.
pub(crate) fn give_to(function: &mut FunctionConfig) -> Result<Folder, Failure> {
    let folder = Folder::create("tmp")
        .map_err(|error| Failure::machine("create a folder for temporary files", &error))?;
    let path = folder.path().to_string_lossy().into_owned();
    function.environment.entry("TMPDIR".to_owned()).or_insert(path);
    Ok(folder)
}

/// The folder, if it is this user's and nobody else has locked it.
fn lock(path: &Path) -> io::Result<Option<File>> {
    let flags = (OFlags::DIRECTORY | OFlags::NOFOLLOW).bits() as i32;
    let folder = File::options().read(true).custom_flags(flags).open(path)?;
    match flock(&folder, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(rustix::io::Errno::WOULDBLOCK) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    // Its name may have been another's before it was locked.
    let (opened, named) = (folder.metadata()?, fs::symlink_metadata(path)?);
    let is_own = opened.uid() == rustix::process::geteuid().as_raw();
    Ok((is_own && (opened.dev(), opened.ino()) == (named.dev(), named.ino())).then_some(folder))
}

fn remove_abandoned(temporary: &Path) {
    // What cannot be looked at or removed costs space only, and the next run tries again.
    for entry in fs::read_dir(temporary).into_iter().flatten().flatten() {
        if entry.file_name().as_encoded_bytes().starts_with(PREFIX.as_bytes())
            && let Ok(Some(_lock)) = lock(&entry.path())
        {
            remove(&entry.path());
        }
    }
}

fn remove(path: &Path) {
    if fs::remove_dir_all(path).is_err() {
        make_writable(path);
        // There is nobody to tell who could do more; see above.
        let _ = fs::remove_dir_all(path);
    }
}

fn make_writable(folder: &Path) {
    // Whatever fails here shows when the folder is removed.
    let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            make_writable(&entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(folder: &Path) {
        fs::create_dir_all(folder.join("deep/er")).unwrap();
        fs::write(folder.join("deep/er/file"), "x").unwrap();
        for path in ["deep/er/file", "deep/er", "deep"] {
            fs::set_permissions(folder.join(path), fs::Permissions::from_mode(0o500)).unwrap();
        }
    }

    #[test]
    fn only_what_no_run_holds_is_abandoned() {
        let temporary = tempfile::tempdir().unwrap();
        let path = |name: &str| temporary.path().join(name);
        for name in ["lamex-ctl-tmp-a", "lamex-ctl-package-b", "lamex-other", "lamex-ctl-held"] {
            make(&path(name));
        }
        fs::write(path("lamex-ctl-file"), "x").unwrap();
        std::os::unix::fs::symlink(path("lamex-other"), path("lamex-ctl-link")).unwrap();
        let held = lock(&path("lamex-ctl-held")).unwrap();
        assert!(held.is_some() && lock(&path("lamex-ctl-held")).unwrap().is_none());
        remove_abandoned(temporary.path());
        let mut left: Vec<_> =
            fs::read_dir(temporary.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["lamex-ctl-file", "lamex-ctl-held", "lamex-ctl-link", "lamex-other"]);
        drop(held);
        remove_abandoned(temporary.path());
        assert!(!path("lamex-ctl-held").exists() && path("lamex-other/deep/er/file").exists());
        make_writable(temporary.path());
    }
}
