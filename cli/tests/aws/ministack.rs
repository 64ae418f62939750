//! The AWS that all tests of this process share, and calls to it by boto3.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};

use serde_json::{Value, json};

/// The account that ministack's credentials belong to.
pub(crate) const ACCOUNT: &str = "000000000000";

static MINISTACK: LazyLock<Ministack> = LazyLock::new(Ministack::start);

struct Ministack {
    endpoint: String,
    /// Its stdin ends when this process does, however it does; that ends it.
    _driver: Child,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
}

impl Ministack {
    fn start() -> Self {
        let mut driver = Command::new(python())
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/aws/ministack.py"))
            .arg(env!("CARGO_TARGET_TMPDIR"))
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
        assert!(endpoint.starts_with("http://"), "ministack did not start");
        let endpoint = endpoint.trim_end().to_owned();
        Self { endpoint, _driver: driver, pipes: Mutex::new((stdin, stdout)) }
    }
}

pub(crate) fn endpoint() -> &'static str {
    &MINISTACK.endpoint
}

/// Makes one call of boto3, and returns the answer or the code of the error.
pub(crate) fn call(service: &str, operation: &str, arguments: Value) -> Result<Value, String> {
    let call = json!({ "service": service, "operation": operation, "arguments": arguments });
    let mut pipes = MINISTACK.pipes.lock().unwrap_or_else(PoisonError::into_inner);
    let (stdin, stdout) = &mut *pipes;
    writeln!(stdin, "{call}").unwrap();
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    let mut result: Value = serde_json::from_str(&line).unwrap();
    match result["error"].as_str() {
        Some(code) => Err(code.to_owned()),
        None => Ok(result["answer"].take()),
    }
}

/// The folder of the Python that has the packages of `requirements-test.txt`.
pub(crate) fn python_folder() -> PathBuf {
    python().parent().unwrap().to_owned()
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
