//! A task root: what a package would hold beside `bootstrap`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tempfile::TempDir;

use super::PROGRAMS;

/// The folder goes with its last owner, of which the runner in it is one.
#[derive(Clone)]
pub(crate) struct TaskRoot {
    folder: Arc<TempDir>,
}

impl TaskRoot {
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("task-root-").tempdir().unwrap();
        // Functions do not run as root everywhere; whoever runs must get in.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        Self { folder: Arc::new(folder) }
    }

    /// With this `commands.txt`.
    pub(crate) fn with_commands(text: impl AsRef<[u8]>) -> Self {
        Self::new().file("commands.txt", text)
    }

    /// With a plan of these commands.
    pub(crate) fn with_plan(commands: &Value) -> Self {
        Self::new()
            .file("lamex.plan.json", serde_json::json!({ "lamex": 1, "commands": commands }).to_string())
    }

    /// With one command, the script `./script`.
    pub(crate) fn with_script(script: &str) -> Self {
        Self::with_commands("./script").script("script", script)
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(self, name: &str, contents: impl AsRef<[u8]>) -> Self {
        fs::write(self.join(name), contents).unwrap();
        self
    }

    /// An executable shell script.
    pub(crate) fn script(self, name: &str, text: &str) -> Self {
        self.program(name, format!("#!/bin/sh\n{text}\n"))
    }

    /// An executable file.
    pub(crate) fn program(self, name: &str, contents: impl AsRef<[u8]>) -> Self {
        let _writing = PROGRAMS.read().unwrap();
        fs::write(self.join(name), contents).unwrap();
        fs::set_permissions(self.join(name), fs::Permissions::from_mode(0o755)).unwrap();
        self
    }
}
