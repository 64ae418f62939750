//! A process that has ended, and what it wrote.

use std::process::Command;

/// What a process left to read.
#[derive(Debug)]
pub struct Finished {
    /// `None` when a signal ended it.
    pub code: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

impl Finished {
    pub fn new(mut command: Command) -> Self {
        let output = command.output().unwrap();
        Self { code: output.status.code(), stdout: output.stdout, stderr: output.stderr }
    }

    pub fn stdout(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }

    #[track_caller]
    pub fn expect(self, code: i32, parts: &[&str]) -> Self {
        let text = format!("{}{}", self.stdout(), self.stderr());
        assert_eq!(self.code, Some(code), "{text}");
        for part in parts {
            assert!(text.contains(part), "no `{part}` in:\n{text}");
        }
        self
    }
}
