//! Functions in temporary folders, and calls through boto3.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use lamex_emulator::{Emulator, FunctionConfig};
use lamex_testing::binaries::python;
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) fn tests_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

/// A task root, and a folder for what test and function tell each other.
pub(crate) struct Function {
    pub(crate) task_root: TempDir,
    pub(crate) exchange: TempDir,
}

impl Function {
    /// The runtime that does what the event says.
    pub(crate) fn steps() -> Self {
        let program = fs::read_to_string(tests_folder().join("functions/steps.py")).unwrap();
        Self::with_bootstrap(&format!("#!{} -S\n{program}", python().display()))
    }

    /// AWS's own runtime client with `functions/handler.py`.
    pub(crate) fn awslambdaric() -> Self {
        let function = Self::with_bootstrap(&format!(
            "#!/bin/sh\nexec {} -m awslambdaric handler.handle\n",
            python().display()
        ));
        let handler = tests_folder().join("functions/handler.py");
        fs::copy(handler, function.task_root.path().join("handler.py")).unwrap();
        function
    }

    pub(crate) fn with_bootstrap(text: &str) -> Self {
        let task_root = TempDir::new().unwrap();
        let bootstrap = task_root.path().join("bootstrap");
        fs::write(&bootstrap, text).unwrap();
        fs::set_permissions(&bootstrap, fs::Permissions::from_mode(0o755)).unwrap();
        Self { task_root, exchange: TempDir::new().unwrap() }
    }

    /// Time enough for a loaded machine; the tests that are about timeouts shorten it.
    pub(crate) fn config(&self) -> FunctionConfig {
        FunctionConfig {
            timeout: Duration::from_secs(60),
            init_timeout: Duration::from_secs(60),
            ..FunctionConfig::new("suite", self.task_root.path())
        }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.exchange.path().join(name)
    }
}

pub(crate) async fn start(config: FunctionConfig) -> Emulator {
    Emulator::start(config, None).await.unwrap()
}

/// Makes the calls one after the other, in one process.
pub(crate) async fn calls(emulator: &Emulator, calls: Value) -> Vec<Value> {
    scripted(json!({ "endpoint": emulator.endpoint(), "calls": calls })).await
}

pub(crate) async fn scripted(script: Value) -> Vec<Value> {
    let run = move || {
        let mut client = Command::new(python())
            .arg(tests_folder().join("clients/calls.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = client.stdin.take().unwrap();
        input.write_all(script.to_string().as_bytes()).unwrap();
        drop(input);
        let output = client.wait_with_output().unwrap();
        assert!(output.status.success(), "the client failed");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

/// An `Invoke` of the scripted runtime.
pub(crate) fn invoke(steps: Value) -> Value {
    json!({ "op": "invoke", "event": { "steps": steps } })
}

/// An `InvokeWithResponseStream` of the scripted runtime.
pub(crate) fn stream(steps: Value) -> Value {
    json!({ "op": "stream", "event": { "steps": steps } })
}

/// The payload's JSON.
pub(crate) fn payload(result: &Value) -> Value {
    let text = result["payload"]["text"].as_str().unwrap_or_default();
    serde_json::from_str(text).unwrap_or_else(|_| panic!("no JSON payload in {result}"))
}

/// The JSON in `ErrorDetails`.
pub(crate) fn details(result: &Value) -> Value {
    let text = result["complete"]["ErrorDetails"].as_str().unwrap_or_default();
    serde_json::from_str(text).unwrap_or_else(|_| panic!("no JSON details in {result}"))
}

pub(crate) async fn wait_for(path: &Path) -> String {
    loop {
        if let Ok(text) = fs::read_to_string(path) {
            return text;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Whether a `sleep` that a function left runs under this process id.
pub(crate) fn sleeps(pid: &Value) -> bool {
    let pid = pid.as_i64().unwrap_or_else(|| panic!("{pid} is no process id"));
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line == b"sleep\x00600\x00")
}
