//! Where the runner is.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use lamex_config::Architecture;
use miette::Diagnostic;
use thiserror::Error;

use crate::elf;

/// The runner's file name: what Lambda starts.
pub const BOOTSTRAP: &str = "bootstrap";

/// The variable that names another.
pub const VARIABLE: &str = "LAMEX_RUNNER";

#[derive(Debug, Error, Diagnostic)]
pub enum RunnerError {
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
    #[error("there is no runner for {architecture} beside lamex-ctl ({})", path.display())]
    #[diagnostic(help(
        "`make runner ARCH={architecture}` builds one there; --runner and LAMEX_RUNNER name another"
    ))]
    NoneForArchitecture { path: PathBuf, architecture: &'static str },
    #[error("cannot read the runner {}", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// The runner that was asked for, else the one beside this program.
///
/// # Errors
/// There is no such file.
pub fn find(wanted: Option<&Path>) -> Result<PathBuf, RunnerError> {
    if let Some(path) = wanted {
        return at(path);
    }
    let folder = folder();
    let names = [BOOTSTRAP.to_owned(), name_for(Architecture::host())];
    let found = names.iter().map(|name| folder.join(name)).find(|path| path.is_file());
    found.ok_or_else(|| RunnerError::NotBeside { path: folder.join(BOOTSTRAP) })
}

/// The runner that was asked for, else `bootstrap-<architecture>` beside this program, else the `bootstrap`
/// there if it is for that architecture.
///
/// # Errors
/// There is no such file.
pub fn find_for(wanted: Option<&Path>, architecture: Architecture) -> Result<PathBuf, RunnerError> {
    if let Some(path) = wanted {
        return at(path);
    }
    find_in(&folder(), architecture)
}

/// The runner that `lamex-ctl package` takes where the command line names none.
pub fn usual_for(architecture: Architecture) -> Option<PathBuf> {
    let named = env::var_os(VARIABLE).map(PathBuf::from);
    find_for(named.as_deref(), architecture).ok()
}

fn find_in(folder: &Path, architecture: Architecture) -> Result<PathBuf, RunnerError> {
    let own = folder.join(name_for(architecture));
    if own.is_file() {
        return Ok(own);
    }
    let any = folder.join(BOOTSTRAP);
    if any.is_file() {
        let found = elf::architecture(&any)
            .map_err(|source| RunnerError::Unreadable { path: any.clone(), source })?;
        if found == Some(architecture) {
            return Ok(any);
        }
    }
    Err(RunnerError::NoneForArchitecture { path: own, architecture: architecture.name() })
}

fn at(path: &Path) -> Result<PathBuf, RunnerError> {
    let found = path.canonicalize().ok().filter(|path| path.is_file());
    found.ok_or_else(|| RunnerError::NotThere { path: path.to_owned() })
}

fn folder() -> PathBuf {
    let own = env::current_exe().unwrap_or_default();
    own.parent().unwrap_or(Path::new("")).to_owned()
}

fn name_for(architecture: Architecture) -> String {
    format!("{BOOTSTRAP}-{}", architecture.name())
}

/// The runner for a folder that is served as it is: its own `bootstrap` (`None`), unless another is asked for
/// or it has none.
///
/// # Errors
/// There is none at all.
pub fn for_task_root(folder: &Path, wanted: Option<&Path>) -> Result<Option<PathBuf>, RunnerError> {
    if wanted.is_none() && folder.join(BOOTSTRAP).is_file() {
        return Ok(None);
    }
    find(wanted).map(Some)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn elf(machine: u8) -> Vec<u8> {
        let mut bytes = b"\x7fELF\x02\x01\x01".to_vec();
        bytes.resize(18, 0);
        bytes.extend([machine, 0]);
        bytes
    }

    #[test]
    fn the_runner_of_the_architecture_comes_before_one_that_fits() {
        let folder = tempfile::tempdir().unwrap();
        let find = |architecture| {
            find_in(folder.path(), architecture)
                .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
                .map_err(|error| error.to_string().replace(folder.path().to_str().unwrap(), "."))
        };
        let none = |name| Err(format!("there is no runner for {name} beside lamex-ctl (./bootstrap-{name})"));
        assert_eq!(find(Architecture::X86_64), none("x86_64"));
        fs::write(folder.path().join("bootstrap"), elf(62)).unwrap();
        assert_eq!(find(Architecture::X86_64), Ok("bootstrap".to_owned()));
        assert_eq!(find(Architecture::Arm64), none("arm64"));
        fs::write(folder.path().join("bootstrap-arm64"), elf(183)).unwrap();
        fs::write(folder.path().join("bootstrap-x86_64"), elf(62)).unwrap();
        assert_eq!(find(Architecture::Arm64), Ok("bootstrap-arm64".to_owned()));
        assert_eq!(find(Architecture::X86_64), Ok("bootstrap-x86_64".to_owned()));
    }
}
