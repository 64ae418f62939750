//! An AWS on this machine, served by a Python script that also makes calls to it by boto3.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use crate::binaries::python;

pub(crate) struct Driver {
    pub endpoint: String,
    /// Its stdin ends when this process does, however it does; that ends it.
    _process: Child,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
}

impl Driver {
    /// Starts a script of `python/`, whose first line out is the endpoint; the folder is for its files.
    pub(crate) fn start(script: &str, folder: &Path) -> Self {
        let mut process = Command::new(python())
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(script))
            .arg(folder)
            // Ctrl-C is for the tests; it cleans up after them.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = process.stdin.take().unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut endpoint = String::new();
        stdout.read_line(&mut endpoint).unwrap();
        assert!(endpoint.starts_with("http://"), "{script} did not start");
        let endpoint = endpoint.trim_end().to_owned();
        Self { endpoint, _process: process, pipes: Mutex::new((stdin, stdout)) }
    }

    /// Makes one call of boto3, and returns the answer or the error.
    pub(crate) fn call(&self, service: &str, operation: &str, arguments: Value) -> Result<Value, String> {
        let call = json!({ "service": service, "operation": operation, "arguments": arguments });
        let mut pipes = self.pipes.lock().unwrap_or_else(PoisonError::into_inner);
        let (stdin, stdout) = &mut *pipes;
        writeln!(stdin, "{call}").unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let mut result: Value = serde_json::from_str(&line).unwrap();
        match result["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(result["answer"].take()),
        }
    }
}
