//! A function to invoke: a package with a runner, a local Lambda that serves it, and a lamex.yaml that
//! points at both.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use lamex_emulator::{Emulator, Faults, FunctionConfig, StreamLimits};
use lamex_processes::{Pid, Signal, signal_each};
use lamex_protocol::plan::{self, Plan};
use lamex_testing::binaries;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

pub(crate) const ACCOUNT: &str = "123456789012";

/// Two commands, the first of which leaves a mark for every time that it ran.
pub(crate) struct Function {
    folder: TempDir,
    pub(crate) faults: Faults,
    /// Lines of the environment in lamex.yaml.
    pub(crate) environment: Vec<String>,
    /// The function's own variables.
    pub(crate) variables: Vec<(&'static str, &'static str)>,
    pub(crate) account: &'static str,
    /// How long one invocation may take.
    pub(crate) timeout: Duration,
    pub(crate) limits: StreamLimits,
}

/// The outcome of a run of lamex-ctl.
pub(crate) struct Ran {
    pub(crate) exit_code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// How often the function really ran the first command.
    pub(crate) runs: usize,
}

impl Function {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let task_root = folder.path().join("task");
        fs::create_dir(&task_root).unwrap();
        let function = Self {
            folder,
            faults: Faults::default(),
            environment: Vec::new(),
            variables: Vec::new(),
            account: ACCOUNT,
            timeout: Duration::from_secs(120),
            limits: StreamLimits::default(),
        };
        let mark = function.marks().display().to_string();
        function.script("first", &format!("echo run >> {mark}; echo out; echo err >&2"));
        function.script("second", "echo second");
        function
    }

    /// Replaces one of the commands.
    pub(crate) fn script(&self, name: &str, body: &str) {
        let path = self.task_root().join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn task_root(&self) -> PathBuf {
        self.folder.path().join("task")
    }

    fn marks(&self) -> PathBuf {
        self.folder.path().join("marks")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The digest of the package that is there.
    pub(crate) fn package_digest(&self) -> String {
        let plan = fs::read(self.task_root().join(plan::FILE_NAME)).unwrap();
        let hex: String = Sha256::digest(plan).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256:{hex}")
    }

    /// The local Lambda keeps no record of a deployment: unless a test says otherwise, the caller knows the digest.
    fn with_digest(&self, arguments: &[&str]) -> Vec<String> {
        let mut all: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        if !arguments.contains(&"--expect-digest") {
            all.extend(["--expect-digest".to_owned(), self.package_digest()]);
        }
        all
    }

    /// Writes both plans: the package's, and lamex.yaml's.
    fn write_plans(&self, endpoint: &str) {
        let command = |name: &str, destructive| plan::Command {
            name: name.to_owned(),
            argv: vec![format!("./{name}")],
            destructive,
            ..plan::Command::default()
        };
        let commands = vec![command("first", false), command("second", true)];
        let plan = Plan { lamex: lamex_protocol::VERSION, commands, ..Plan::default() };
        fs::write(self.task_root().join(plan::FILE_NAME), serde_json::to_vec(&plan).unwrap()).unwrap();
        let own: String = self.environment.iter().map(|line| format!("    {line}\n")).collect();
        let yaml = format!(
            "commands:\n  - {{ name: first, run: ./first }}\n  - {{ name: second, run: ./second, destructive: true }}\n\
             environments:\n  staging:\n    account: \"{}\"\n    region: us-east-1\n    function: system-tests\n    \
             qualifier: $LATEST\n    timeout: {}s\n    memory_mb: 128\n    endpoint_url: {endpoint}\n{own}",
            self.account,
            self.timeout.as_secs()
        );
        fs::write(self.path("lamex.yaml"), yaml).unwrap();
    }

    /// Invokes it by lamex-ctl with these arguments, over a Lambda of its own.
    pub(crate) fn invoke(&self, arguments: &[&str]) -> Ran {
        self.invoke_by(arguments, |mut command| command.output().unwrap())
    }

    /// The same, and presses Ctrl-C once the first command has printed `out`.
    pub(crate) fn invoke_and_interrupt(&self) -> Ran {
        self.invoke_by(&[], |mut command| {
            let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
            assert!(lines.any(|line| line.unwrap() == "out"));
            signal_each(&[Pid::from_child(&child)], Signal::INT);
            child.wait_with_output().unwrap()
        })
    }

    fn invoke_by(&self, arguments: &[&str], run: impl FnOnce(Command) -> Output + Send + 'static) -> Ran {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let variables =
                self.variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let config = FunctionConfig {
                bootstrap: Some(binaries::bootstrap()),
                timeout: self.timeout,
                limits: self.limits,
                account_id: ACCOUNT.to_owned(),
                environment: variables.collect(),
                faults: self.faults.clone(),
                ..FunctionConfig::new("system-tests", self.task_root())
            };
            let emulator = Emulator::start(config, None).await.unwrap();
            self.write_plans(&emulator.endpoint());
            let command = lamex_ctl(&self.path("lamex.yaml"), &self.with_digest(arguments));
            let output = tokio::task::spawn_blocking(move || run(command)).await.unwrap();
            emulator.shutdown().await;
            self.ran(output)
        })
    }

    /// lamex-ctl, about to invoke whoever answers at this endpoint.
    pub(crate) fn command_for(&self, endpoint: &str, arguments: &[&str]) -> Command {
        self.write_plans(endpoint);
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        lamex_ctl(&self.path("lamex.yaml"), &arguments)
    }

    /// Invokes an endpoint where nobody listens.
    pub(crate) fn invoke_nobody(&self, arguments: &[&str]) -> Ran {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        self.write_plans(&endpoint);
        let output = lamex_ctl(&self.path("lamex.yaml"), &self.with_digest(arguments)).output().unwrap();
        self.ran(output)
    }

    fn ran(&self, output: Output) -> Ran {
        let runs = fs::read_to_string(self.marks()).unwrap_or_default().lines().count();
        // The next invocation counts from zero.
        let _ = fs::remove_file(self.marks());
        Ran {
            exit_code: output.status.code().unwrap(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            runs,
        }
    }
}

impl Ran {
    #[track_caller]
    pub(crate) fn expect_at_most(&self, exit_code: i32, runs: usize) -> &Self {
        self.expect(exit_code, self.runs.min(runs))
    }

    #[track_caller]
    pub(crate) fn expect(&self, exit_code: i32, runs: usize) -> &Self {
        let found = (self.exit_code, self.runs);
        assert_eq!(found, (exit_code, runs), "exit code and runs\n{}\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> &Self {
        let everything = format!("{}{}", self.stdout, self.stderr);
        assert!(everything.contains(text), "{text:?} is not in\n{everything}");
        self
    }
}

fn lamex_ctl(config: &Path, arguments: &[String]) -> Command {
    let mut command = Command::new(binaries::lamex_ctl());
    command.args(["invoke", "--env", "staging", "--config"]).arg(config).args(arguments);
    // Nothing of whoever runs the tests: no profile, no other endpoint.
    command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", "/nonexistent");
    command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command
}
