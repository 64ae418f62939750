//! Where the runner is.

use std::env;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

/// The runner's file name: what Lambda starts.
pub(crate) const BOOTSTRAP: &str = "bootstrap";

#[derive(Debug, Error, Diagnostic)]
pub(crate) enum RunnerError {
    #[error("there is no runner at {}", path.display())]
    #[diagnostic(help(
        "--runner and LAMEX_RUNNER name the runner's binary, which `make build` puts at target/debug/bootstrap"
    ))]
    NotThere { path: PathBuf },
    #[error("there is no runner beside lamex-ctl ({})", path.display())]
    #[diagnostic(help(
        "put the runner's binary `bootstrap` there, or name it with --runner or LAMEX_RUNNER"
    ))]
    NotBeside { path: PathBuf },
}

/// The runner that was asked for, else the one beside this program.
///
/// # Errors
/// There is no such file.
pub(crate) fn find(wanted: Option<&Path>) -> Result<PathBuf, RunnerError> {
    if let Some(path) = wanted {
        let path = path.canonicalize().ok().filter(|path| path.is_file());
        return path
            .ok_or_else(|| RunnerError::NotThere { path: wanted.unwrap_or(Path::new("")).to_owned() });
    }
    let own = env::current_exe().unwrap_or_default();
    let beside = own.with_file_name(BOOTSTRAP);
    if beside.is_file() { Ok(beside) } else { Err(RunnerError::NotBeside { path: beside }) }
}

/// The runner for a folder that is served as it is: its own `bootstrap` (`None`), unless another is asked for
/// or it has none.
///
/// # Errors
/// There is none at all.
pub(crate) fn for_task_root(folder: &Path, wanted: Option<&Path>) -> Result<Option<PathBuf>, RunnerError> {
    if wanted.is_none() && folder.join(BOOTSTRAP).is_file() {
        return Ok(None);
    }
    find(wanted).map(Some)
}
