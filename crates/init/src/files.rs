//! The files of `init`: all of them are written, or none.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use lamex_config::{Architecture, DEFAULT_FILE_NAME};
use miette::Diagnostic;
use thiserror::Error;

use super::jobs::{Ci, CiSystem};
use super::project::Project;
use super::repository::RepositoryPath;
use super::{github, gitlab, lamex_yaml};

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub path: PathBuf,
    pub text: String,
}

#[derive(Debug, Error, Diagnostic)]
pub enum FilesError {
    #[error("{} already exists; nothing was written", path.display())]
    #[diagnostic(help("`--force` replaces it"))]
    Exists { path: PathBuf },
    #[error("cannot write {}", path.display())]
    Unwritable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

impl File {
    /// lamex.yaml for the folder, and the job for its repository; `folder` must be absolute.
    pub fn all(folder: &Path, project: &Project, architecture: Architecture, ci: Option<&Ci>) -> Vec<Self> {
        let place = RepositoryPath::of(folder);
        let job = ci.map(|Ci { system, after }| {
            let after = after.as_deref();
            let (path, text) = match system {
                CiSystem::Github => (github::PATH, github::text(project, architecture, &place, after)),
                CiSystem::Gitlab => (gitlab::PATH, gitlab::text(project, architecture, &place, after)),
            };
            (place.root.join(path), text)
        });
        let config = (folder.join(DEFAULT_FILE_NAME), lamex_yaml::text(project, architecture));
        [config].into_iter().chain(job).map(|(path, text)| Self { path, text }).collect()
    }
}

/// Writes the files.
///
/// # Errors
/// One of them is there already, also as a link to nowhere, and is not to be replaced: then none is written.
/// Or the file system refuses one.
pub fn write(files: &[File], replace: bool) -> Result<(), FilesError> {
    if !replace && let Some(file) = files.iter().find(|file| file.path.symlink_metadata().is_ok()) {
        return Err(FilesError::Exists { path: file.path.clone() });
    }
    files.iter().try_for_each(|file| {
        write_one(file, replace).map_err(|source| FilesError::Unwritable { path: file.path.clone(), source })
    })
}

fn write_one(file: &File, replace: bool) -> io::Result<()> {
    if let Some(folder) = file.path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true);
    if replace {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    options.open(&file.path)?.write_all(file.text.as_bytes())
}
