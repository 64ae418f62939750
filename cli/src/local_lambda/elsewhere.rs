//! What the rest of lamex-ctl says of a local Lambda where there is none: [`super::check`] refuses before any of it is used.

#![expect(dead_code, reason = "it is written to, and nothing runs that would read it")]

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, Clone)]
pub(crate) struct FunctionConfig {
    pub(crate) name: String,
    pub(crate) task_root: PathBuf,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) timeout: Duration,
    pub(crate) memory_mb: u32,
    pub(crate) concurrency: usize,
    pub(crate) bootstrap: Option<PathBuf>,
    pub(crate) make_read_only: bool,
    pub(crate) limits: StreamLimits,
    pub(crate) region: String,
    pub(crate) credentials: Credentials,
    pub(crate) log: LogSink,
    pub(crate) owns_process: bool,
}

impl FunctionConfig {
    pub(crate) fn new(name: impl Into<String>, task_root: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            task_root: task_root.into(),
            environment: BTreeMap::new(),
            timeout: Duration::ZERO,
            memory_mb: 0,
            concurrency: 0,
            bootstrap: None,
            make_read_only: false,
            limits: StreamLimits,
            region: String::new(),
            credentials: Credentials::default(),
            log: LogSink,
            owns_process: false,
        }
    }
}

/// Not shown: it is secret wherever there is one.
#[derive(Clone, Default)]
pub(crate) struct Credentials {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: String,
    pub(crate) session_token: Option<String>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct StreamLimits;

impl StreamLimits {
    pub(crate) fn aws() -> Self {
        Self
    }
}

#[derive(Debug, Clone)]
pub(crate) struct LogSink;

impl LogSink {
    pub(crate) fn discard() -> Self {
        Self
    }

    pub(crate) fn writer(_writer: impl Write + Send + 'static) -> Self {
        Self
    }
}

/// There is none.
pub(crate) enum Emulator {}

impl Emulator {
    pub(crate) async fn start(_function: FunctionConfig, _port: Option<u16>) -> io::Result<Self> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }

    pub(crate) fn endpoint(&self) -> String {
        match *self {}
    }

    pub(crate) fn task_root_is_writable(&self) -> bool {
        match *self {}
    }

    pub(crate) async fn shutdown(self) {
        match self {}
    }
}
