//! Where the runner is: named, beside lamex-ctl, or inside it.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use lamex_config::Architecture;
use miette::Diagnostic;
use thiserror::Error;

use crate::elf;
use crate::embedded::{self, EmbeddedRunner};

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

/// A runner that was found.
#[derive(Debug, PartialEq, Eq)]
pub enum FoundRunner {
    File(PathBuf),
    /// It has to be unpacked first.
    Embedded(&'static EmbeddedRunner),
}

/// The runner for this machine: the one that was asked for, else the one beside this program, else the one inside.
///
/// # Errors
/// There is no such file.
pub fn find(wanted: Option<&Path>) -> Result<FoundRunner, RunnerError> {
    if let Some(path) = wanted {
        return at(path);
    }
    find_here(&folder(), embedded::runners())
}

fn find_here(folder: &Path, embedded: &'static [EmbeddedRunner]) -> Result<FoundRunner, RunnerError> {
    let host = Architecture::host();
    if embedded.iter().any(|runner| runner.architecture == host) {
        // A folder of programs may well have a `bootstrap` that is something else.
        return find_in(folder, host, embedded);
    }
    let names = [BOOTSTRAP.to_owned(), name_for(host)];
    let found = names.iter().map(|name| folder.join(name)).find(|path| path.is_file());
    found.map(FoundRunner::File).ok_or_else(|| RunnerError::NotBeside { path: folder.join(BOOTSTRAP) })
}

/// The runner that was asked for, else `bootstrap-<architecture>` beside this program, else the `bootstrap`
/// there if it is for that architecture, else the one inside.
///
/// # Errors
/// There is no such file.
pub fn find_for(wanted: Option<&Path>, architecture: Architecture) -> Result<FoundRunner, RunnerError> {
    if let Some(path) = wanted {
        return at(path);
    }
    find_in(&folder(), architecture, embedded::runners())
}

/// The runner that `lamex-ctl package` takes where the command line names none.
pub fn usual_for(architecture: Architecture) -> Option<FoundRunner> {
    let named = env::var_os(VARIABLE).map(PathBuf::from);
    find_for(named.as_deref(), architecture).ok()
}

fn find_in(
    folder: &Path,
    architecture: Architecture,
    embedded: &'static [EmbeddedRunner],
) -> Result<FoundRunner, RunnerError> {
    let own = folder.join(name_for(architecture));
    if own.is_file() {
        return Ok(FoundRunner::File(own));
    }
    let inside = embedded.iter().find(|runner| runner.architecture == architecture);
    let any = folder.join(BOOTSTRAP);
    if any.is_file() {
        match elf::architecture(&any) {
            Ok(found) if found == Some(architecture) => return Ok(FoundRunner::File(any)),
            Err(source) if inside.is_none() => return Err(RunnerError::Unreadable { path: any, source }),
            _ => {}
        }
    }
    inside
        .map(FoundRunner::Embedded)
        .ok_or_else(|| RunnerError::NoneForArchitecture { path: own, architecture: architecture.name() })
}

fn at(path: &Path) -> Result<FoundRunner, RunnerError> {
    let found = path.canonicalize().ok().filter(|path| path.is_file());
    found.map(FoundRunner::File).ok_or_else(|| RunnerError::NotThere { path: path.to_owned() })
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
pub fn for_task_root(folder: &Path, wanted: Option<&Path>) -> Result<Option<FoundRunner>, RunnerError> {
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

    fn name(found: &FoundRunner) -> String {
        match found {
            FoundRunner::File(path) => path.file_name().unwrap().to_str().unwrap().to_owned(),
            FoundRunner::Embedded(runner) => format!("inside, for {}", runner.architecture.name()),
        }
    }

    #[test]
    fn the_runner_of_the_architecture_comes_before_one_that_fits() {
        let folder = tempfile::tempdir().unwrap();
        let find = |architecture| {
            find_in(folder.path(), architecture, &[])
                .map(|found| name(&found))
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
    #[test]
    fn what_lies_beside_lamex_ctl_comes_before_what_is_inside() {
        let folder = tempfile::tempdir().unwrap();
        let (host, other) = match Architecture::host() {
            Architecture::X86_64 => (Architecture::X86_64, Architecture::Arm64),
            Architecture::Arm64 => (Architecture::Arm64, Architecture::X86_64),
        };
        let both: &'static [EmbeddedRunner] =
            Vec::leak(vec![EmbeddedRunner::new(host, b"1"), EmbeddedRunner::new(other, b"2")]);
        let here = || find_here(folder.path(), both).map(|found| name(&found)).unwrap();
        let find =
            |architecture| find_in(folder.path(), architecture, both).map(|found| name(&found)).unwrap();
        let inside = |architecture: Architecture| format!("inside, for {}", architecture.name());
        assert_eq!((here(), find(other)), (inside(host), inside(other)));
        // Something else of that name.
        fs::write(folder.path().join("bootstrap"), "#!/bin/sh\n").unwrap();
        assert_eq!((here(), find(other)), (inside(host), inside(other)));
        let machine = |architecture| if architecture == Architecture::X86_64 { 62 } else { 183 };
        fs::write(folder.path().join("bootstrap"), elf(machine(host))).unwrap();
        assert_eq!((here(), find(other)), ("bootstrap".to_owned(), inside(other)));
        let own = name_for(other);
        fs::write(folder.path().join(&own), elf(machine(other))).unwrap();
        assert_eq!((here(), find(other)), ("bootstrap".to_owned(), own));
        // Only one is inside.
        assert!(matches!(
            find_in(tempfile::tempdir().unwrap().path(), other, &both[..1]),
            Err(RunnerError::NoneForArchitecture { .. })
        ));
    }
}
