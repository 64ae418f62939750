//! A project with a lamex.yaml, and runs of lamex-ctl in it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use lamex_testing::binaries;
use lamex_testing::ministack::{ACCOUNT, endpoint};
use serde_json::Value;
use tempfile::TempDir;

use crate::aws::function::Function;

/// One command, `orders`, which is a shell script that is included.
pub(crate) struct Project {
    folder: TempDir,
    function: String,
    pub(crate) account: String,
    /// The files of the package.
    pub(crate) include: Vec<&'static str>,
    /// Where lamex-ctl finds AWS.
    pub(crate) endpoint: String,
    /// More lines of the environment.
    pub(crate) environment: Vec<String>,
    /// More lines of the command.
    pub(crate) command: Vec<String>,
    /// How the answer comes.
    pub(crate) invoke: &'static str,
    /// The function's timeout, as lamex.yaml has it.
    pub(crate) timeout_s: u32,
    /// Whether lamex.yaml says what is packed and what runs.
    pub(crate) has_commands: bool,
}

/// The outcome of a run of lamex-ctl.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) exit_code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Project {
    /// A project for this function; the body is the script's.
    pub(crate) fn new(function: &Function, body: &str) -> Self {
        Self::for_function_named(function.name, body)
    }

    pub(crate) fn for_function_named(function: &str, body: &str) -> Self {
        let project = Self {
            folder: tempfile::tempdir().unwrap(),
            function: function.to_owned(),
            account: ACCOUNT.to_owned(),
            include: vec!["orders-system-tests"],
            endpoint: endpoint().to_owned(),
            environment: Vec::new(),
            command: Vec::new(),
            invoke: "buffered",
            timeout_s: 60,
            has_commands: true,
        };
        project.set_script(body);
        project
    }

    pub(crate) fn set_script(&self, body: &str) {
        let path = self.path("orders-system-tests");
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write_config(&self) {
        let lines = |lines: &[String]| lines.iter().map(|line| format!("    {line}\n")).collect::<String>();
        let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
        let commands = format!(
            "package:\n  include: [{}]\n\
             commands:\n  - name: orders\n    run: ./orders-system-tests\n{}",
            self.include.join(", "),
            lines(&self.command),
        );
        let commands = if self.has_commands { &commands } else { "" };
        let yaml = format!(
            "{commands}environments:\n  staging:\n    account: \"{}\"\n    region: us-east-1\n    function: {}\n    \
             architecture: {architecture}\n    memory_mb: 512\n    timeout: {}s\n    invoke: {}\n    \
             endpoint_url: {}\n{}",
            self.account,
            self.function,
            self.timeout_s,
            self.invoke,
            self.endpoint,
            lines(&self.environment),
        );
        fs::write(self.path("lamex.yaml"), yaml).unwrap();
    }

    /// Runs lamex-ctl in the project's folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.start(arguments).end()
    }

    /// Starts lamex-ctl in the project's folder.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        self.write_config();
        let mut command = Command::new(binaries::lamex_ctl());
        command.args(arguments).current_dir(self.folder.path()).env("LAMEX_RUNNER", binaries::bootstrap());
        self.isolate(&mut command);
        Running(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
    }

    /// Nothing of whoever runs the tests: no profile, no other endpoint, no repository around the project.
    pub(crate) fn isolate(&self, command: &mut Command) {
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                command.env_remove(name);
            }
        }
        command.env("HOME", self.folder.path());
        command.env("GIT_CEILING_DIRECTORIES", self.folder.path().parent().unwrap());
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        command.env("AWS_EC2_METADATA_DISABLED", "true");
    }

    /// Packs the project, and returns the JSON about it.
    #[track_caller]
    pub(crate) fn package(&self) -> Value {
        let ran = self.run(&["package", "--env", "staging", "--output", "json"]);
        ran.expect(0);
        serde_json::from_str(&ran.stdout).unwrap()
    }

    /// Packs and deploys the project, and returns the version that is live now.
    #[track_caller]
    pub(crate) fn deploy(&self) -> String {
        self.package();
        self.run(&["deploy", "--env", "staging"]).expect(0).stdout.trim_end().to_owned()
    }

    pub(crate) fn invoke(&self, arguments: &[&str]) -> Ran {
        self.run(&[&["invoke", "--env", "staging"], arguments].concat())
    }
}

/// A lamex-ctl under way.
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn end(self) -> Ran {
        let Output { status, stdout, stderr } = self.0.wait_with_output().unwrap();
        Ran {
            exit_code: status.code().unwrap(),
            stdout: String::from_utf8(stdout).unwrap(),
            stderr: String::from_utf8(stderr).unwrap(),
        }
    }
}

impl Ran {
    #[track_caller]
    pub(crate) fn expect(&self, exit_code: i32) -> &Self {
        assert_eq!(self.exit_code, exit_code, "the exit code of\n{}\n{}", self.stdout, self.stderr);
        self
    }

    /// However the lines are broken.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> &Self {
        let everything = format!("{}{}", self.stdout, self.stderr);
        let words: Vec<_> = everything.split_whitespace().filter(|word| *word != "│").collect();
        assert!(words.join(" ").contains(text), "{text:?} is not in\n{everything}");
        self
    }
}
