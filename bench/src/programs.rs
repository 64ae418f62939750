//! What is measured: the binaries that `make bench` built, and folders for them to run.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::failure::Failure;

pub(crate) struct Programs {
    /// This program, which is also what the packages run.
    pub(crate) own: PathBuf,
    pub(crate) ctl: PathBuf,
    pub(crate) bootstrap: PathBuf,
    pub(crate) minimal_runtime: PathBuf,
}

impl Programs {
    /// Those beside this program, in the target folder.
    pub(crate) fn find() -> Result<Self, Failure> {
        let own = env::current_exe()?;
        let release = own.parent().ok_or("this program has no folder")?;
        let runner = release.with_file_name("runner");
        let programs = Self {
            ctl: release.join("lamex-ctl"),
            bootstrap: runner.join("bootstrap"),
            minimal_runtime: runner.join("minimal-runtime"),
            own,
        };
        for path in [&programs.ctl, &programs.bootstrap, &programs.minimal_runtime] {
            if !path.is_file() {
                return Err(format!("{} is not there: `make bench` builds it", path.display()).into());
            }
        }
        Ok(programs)
    }

    /// `lamex-ctl invoke`, with nothing of this process's variables that could change what it does.
    pub(crate) fn invoke(&self) -> Command {
        let mut command = Command::new(&self.ctl);
        command.env_clear().env("PATH", "/usr/bin:/bin").arg("invoke").arg("--runner").arg(&self.bootstrap);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    pub(crate) fn invoke_task_root(&self, task_root: &Path) -> Command {
        let mut command = self.invoke();
        command.arg("--task-root").arg(task_root);
        command
    }

    /// A line of `commands.txt` that makes this program the command.
    pub(crate) fn own_line(&self, arguments: &str) -> Result<String, Failure> {
        let own = self.own.to_str().ok_or("the path of this program is not UTF-8")?;
        Ok(format!("'{own}' {arguments}\n"))
    }
}

/// A folder with this one file.
pub(crate) fn folder_with(file_name: impl AsRef<OsStr>, contents: &str) -> Result<TempDir, Failure> {
    let folder = tempfile::Builder::new().prefix("lamex-bench-").tempdir()?;
    fs::write(folder.path().join(file_name.as_ref()), contents)?;
    Ok(folder)
}

/// Runs it to its end; anything but success is an error.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(format!("{:?}: {status}", command.get_program()).into()) }
}
