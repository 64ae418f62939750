//! A folder to run lamex-ctl in, and what is left in and of it afterwards.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::binaries::{bootstrap, lamex_ctl};
use crate::finished::Finished;
use crate::live::Live;

/// A project folder, and a TMPDIR for lamex-ctl beside it.
pub struct Project {
    folder: TempDir,
}

impl Project {
    #[expect(clippy::new_without_default, reason = "it makes folders")]
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("lamex-e2e-").tempdir().unwrap();
        for name in ["project", "tmp", "reports"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self { folder }
    }

    /// A task root with this commands.txt.
    pub fn from_commands(commands_txt: &str) -> Self {
        let project = Self::new();
        project.file("commands.txt", commands_txt);
        project
    }

    /// A task root whose only command is `./test`, this shell script.
    pub fn from_script(script: &str) -> Self {
        let project = Self::from_commands("./test\n");
        project.script("test", script);
        project
    }

    /// A folder with this lamex.yaml.
    pub fn from_config(lamex_yaml: &str) -> Self {
        let project = Self::new();
        project.file("lamex.yaml", lamex_yaml);
        project
    }

    pub fn root(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    /// Where tests and commands tell each other that they have come to a point.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root().join(name)
    }

    pub fn report(&self, name: &str) -> PathBuf {
        self.folder.path().join("reports").join(name)
    }

    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    pub fn script(&self, name: &str, script: &str) -> PathBuf {
        let path = self.file(name, format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// lamex-ctl in this folder, with an environment that nothing of the caller's gets into.
    pub fn lamex_ctl(&self, args: &[&str]) -> Command {
        bootstrap();
        let mut command = Command::new(lamex_ctl());
        command
            .args(args)
            .current_dir(self.root())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("TMPDIR", self.folder.path().join("tmp"))
            .stdin(Stdio::null());
        command
    }

    /// What `invoke` is told in this folder.
    pub fn invoke_args<'a>(&self, args: &[&'a str]) -> Vec<&'a str> {
        let has_config = self.path("lamex.yaml").exists() || args.contains(&"--config");
        let task_root: &[&str] = if has_config { &[] } else { &["--task-root", "."] };
        [&["invoke"], task_root, args].concat()
    }

    /// Invokes for a person.
    pub fn show(&self, args: &[&str]) -> Finished {
        let finished = Finished::new(self.lamex_ctl(&self.invoke_args(args)));
        self.assert_nothing_is_left();
        finished
    }

    /// Runs lamex-ctl with a hand on it.
    pub fn live(&self, args: &[&str]) -> Live {
        Live::start(self.lamex_ctl(args))
    }

    /// Neither a process nor a temporary file. lamex-ctl has ended, so there is nothing to wait for.
    pub fn assert_nothing_is_left(&self) {
        let processes = self.processes();
        assert!(processes.is_empty(), "left behind: {processes:?}");
        let files: Vec<_> = fs::read_dir(self.folder.path().join("tmp")).unwrap().flatten().collect();
        assert!(files.is_empty(), "left behind: {files:?}");
    }

    /// The command lines of all processes that work in this folder, have it in their environment, or were
    /// told of it.
    pub fn processes(&self) -> Vec<String> {
        let mark = self.folder.path().as_os_str().as_encoded_bytes();
        let is_marked = |bytes: &[u8]| bytes.windows(mark.len()).any(|window| window == mark);
        let entries = fs::read_dir("/proc").unwrap().flatten();
        let of_project = |process: &Path| {
            let read = |name: &str| fs::read(process.join(name)).unwrap_or_default();
            let cwd = fs::read_link(process.join("cwd")).unwrap_or_default();
            let is_of_project = cwd.starts_with(self.folder.path())
                || is_marked(&read("cmdline"))
                || is_marked(&read("environ"));
            is_of_project.then(|| String::from_utf8_lossy(&read("cmdline")).replace('\0', " "))
        };
        let is_pid = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
        entries
            .filter(|entry| entry.file_name().to_str().is_some_and(is_pid))
            .filter_map(|entry| of_project(&entry.path()))
            .collect()
    }
}
