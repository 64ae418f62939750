//! The runner as a file, wherever it was found.

use std::io;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use lamex_config::Architecture;
use lamex_package::runner_path::{self, FoundRunner};

use crate::failure::Failure;
use crate::local_scratch::Folder;

/// A runner's path. One that was inside lamex-ctl is unpacked into a folder of its own, which goes when this is dropped:
/// nobody else's file can take its place, as it could in a cache.
#[derive(Debug)]
pub(crate) struct Runner {
    path: PathBuf,
    folder: Option<Folder>,
    /// Where it is from, for people.
    pub(crate) origin: String,
}

/// For this machine.
///
/// # Errors
/// There is none, or it cannot be unpacked.
pub(crate) fn find(wanted: Option<&Path>) -> Result<Runner, Failure> {
    as_file(runner_path::find(wanted).map_err(Failure::usage)?)
}

/// For the function.
///
/// # Errors
/// As above.
pub(crate) fn find_for(wanted: Option<&Path>, architecture: Architecture) -> Result<Runner, Failure> {
    as_file(runner_path::find_for(wanted, architecture).map_err(Failure::usage)?)
}

/// For a folder that is served as it is; `None` where that has its own.
///
/// # Errors
/// As above.
pub(crate) fn for_task_root(folder: &Path, wanted: Option<&Path>) -> Result<Option<Runner>, Failure> {
    runner_path::for_task_root(folder, wanted).map_err(Failure::usage)?.map(as_file).transpose()
}

/// The one that `lamex-ctl package` takes where the command line names none, to compare with.
///
/// # Errors
/// It cannot be unpacked.
pub(crate) fn usual_for(architecture: Architecture) -> Result<Option<Runner>, Failure> {
    runner_path::usual_for(architecture).map(as_file).transpose()
}

fn as_file(found: FoundRunner) -> Result<Runner, Failure> {
    match found {
        FoundRunner::File(path) => {
            let origin = path.display().to_string();
            Ok(Runner { path, folder: None, origin })
        }
        FoundRunner::Embedded(embedded) => {
            let unpack = || -> io::Result<Runner> {
                let folder = Folder::create("runner")?;
                let path = embedded.unpack(folder.path())?;
                let origin = format!("inside lamex-ctl, for {}", embedded.architecture.name());
                Ok(Runner { path, folder: Some(folder), origin })
            };
            unpack().map_err(|error| Failure::machine("unpack the runner", &error))
        }
    }
}

impl Deref for Runner {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.path
    }
}

impl Runner {
    /// The folder that must stay as long as the path is used.
    pub(crate) fn into_folder(self) -> Option<Folder> {
        self.folder
    }
}
