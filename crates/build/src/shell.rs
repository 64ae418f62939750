//! A build line as a process.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};

use lamex_processes::Signal;
use lamex_processes::start::signal_at_parents_end;

/// What begins the names of variables that no build needs: credentials of AWS, what lamex is told by, and what a job of
/// GitHub gets a token with, for which AWS gives credentials.
const WITHHELD: [&str; 3] = ["AWS_", "LAMEX_", "ACTIONS_ID_TOKEN_REQUEST_"];

/// Why a line did not succeed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepError {
    ExitCode(i32),
    Signal(i32),
    /// It could not be started or waited for.
    NotRun(String),
}

impl std::fmt::Display for StepError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::ExitCode(code) => write!(formatter, "exit code {code}"),
            Self::Signal(number) => write!(formatter, "ended by signal {number}"),
            Self::NotRun(reason) => write!(formatter, "not run: {reason}"),
        }
    }
}

/// A shell, and what comes before the line. It ends at the first command that fails, also in a pipe: the next one would
/// hide it, and the tests would be those of an earlier build. Where there is no bash, only the last command of a pipe
/// counts: not every `sh` has a setting for that.
fn shell() -> (&'static str, &'static [&'static str]) {
    const BASH: &str = "/bin/bash";
    if Path::new(BASH).exists() {
        (BASH, &["--posix", "-e", "-o", "pipefail", "-c"])
    } else {
        ("/bin/sh", &["-e", "-c"])
    }
}

/// Starts the line in the folder, in a process group of its own. Both streams go to the one file, so that its lines are
/// in the order in which they were written.
pub(crate) fn start(line: &str, folder: &Path, output: &File) -> io::Result<Child> {
    let (shell, options) = shell();
    let mut command = Command::new(shell);
    command
        .args(options)
        .arg(line)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output.try_clone()?)
        .process_group(0);
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_withheld(name)) {
        command.env_remove(name);
    }
    signal_at_parents_end(&mut command, Signal::TERM);
    command.spawn()
}

fn is_withheld(name: &OsStr) -> bool {
    WITHHELD.iter().any(|prefix| name.as_encoded_bytes().starts_with(prefix.as_bytes()))
}

pub(crate) fn judge(ended: io::Result<ExitStatus>) -> Result<(), StepError> {
    let status = ended.map_err(|error| StepError::NotRun(error.to_string()))?;
    match (status.code(), status.signal()) {
        (Some(0), _) => Ok(()),
        (Some(code), _) => Err(StepError::ExitCode(code)),
        (None, signal) => Err(StepError::Signal(signal.unwrap_or_default())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_withheld_and_the_rest_is_not() {
        for name in ["AWS_ACCESS_KEY_ID", "AWS_PROFILE", "LAMEX_AWS_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL"] {
            assert!(is_withheld(OsStr::new(name)), "{name}");
        }
        for name in ["PATH", "HOME", "GOFLAGS", "MY_AWS_REGION", "ACTIONS_CACHE_URL", "aws_region"] {
            assert!(!is_withheld(OsStr::new(name)), "{name}");
        }
    }
}
