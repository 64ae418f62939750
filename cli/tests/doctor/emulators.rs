//! The AWS that all tests of this process share, and calls to it by boto3.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};

use serde_json::{Value, json};
use tempfile::TempDir;

/// The account that its credentials belong to.
pub(crate) const ACCOUNT: &str = "000000000000";
pub(crate) const REGION: &str = "us-east-1";

static EMULATORS: LazyLock<Emulators> = LazyLock::new(Emulators::start);

struct Emulators {
    endpoint: String,
    /// Its stdin ends when this process does, however it does; that ends it.
    _driver: Child,
    _folder: TempDir,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
}

impl Emulators {
    fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("lamex-doctor-").tempdir().unwrap();
        let mut driver = Command::new(python())
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/doctor/emulators.py"))
            .arg(folder.path())
            // Ctrl-C is for the tests; it cleans up after them.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = driver.stdin.take().unwrap();
        let mut stdout = BufReader::new(driver.stdout.take().unwrap());
        let mut endpoint = String::new();
        stdout.read_line(&mut endpoint).unwrap();
        assert!(endpoint.starts_with("http://"), "the emulators did not start");
        Self {
            endpoint: endpoint.trim_end().to_owned(),
            _driver: driver,
            _folder: folder,
            pipes: Mutex::new((stdin, stdout)),
        }
    }
}

pub(crate) fn endpoint() -> &'static str {
    &EMULATORS.endpoint
}

/// Makes one call of boto3, which must succeed, and returns the answer.
#[track_caller]
pub(crate) fn call(service: &str, operation: &str, arguments: Value) -> Value {
    let question = json!({ "service": service, "operation": operation, "arguments": arguments });
    let mut pipes = EMULATORS.pipes.lock().unwrap_or_else(PoisonError::into_inner);
    let (stdin, stdout) = &mut *pipes;
    writeln!(stdin, "{question}").unwrap();
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let mut result: Value = serde_json::from_str(&line).unwrap();
    assert!(result["error"].is_null(), "{service} {operation}: {}", result["error"]);
    result["answer"].take()
}

/// The access key of somebody who may do everything but this IAM action.
pub(crate) fn access_key_without(action: &str) -> String {
    format!("without.{}", action.replace(':', "."))
}

fn python() -> PathBuf {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.cache/venv/bin/python");
    let python = std::env::var_os("LAMEX_TEST_PYTHON").map_or(default, PathBuf::from);
    assert!(
        python.exists(),
        "{} is missing: run `make test`, which installs requirements-test.txt there",
        python.display()
    );
    std::path::absolute(python).unwrap()
}
