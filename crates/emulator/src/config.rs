//! What a caller says about the function.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::faults::Faults;
use crate::log::LogSink;
use crate::pacing::Pace;

/// The one function that an emulator serves.
#[derive(Debug, Clone)]
pub struct FunctionConfig {
    pub name: String,
    /// The folder that holds the function: its working directory and `LAMBDA_TASK_ROOT`.
    pub task_root: PathBuf,
    /// What the runtime finds in `_HANDLER`.
    pub handler: String,
    /// The function's own variables. Reserved ones (`AWS_REGION` and so on) are refused, as on AWS.
    pub environment: BTreeMap<String, String>,
    /// How long an invocation may take.
    pub timeout: Duration,
    /// How long a runtime may take from its start to its first request for an invocation.
    pub init_timeout: Duration,
    /// What the function is told; not enforced.
    pub memory_mb: u32,
    /// How many execution environments may be at work at once; beyond them synchronous invocations are
    /// throttled and asynchronous ones wait.
    pub concurrency: usize,
    /// The program to run in place of `bootstrap` in the task root.
    pub bootstrap: Option<PathBuf>,
    /// Take the write permission from everything in the task root until the emulator ends, and from root too,
    /// where a mount namespace can be had for the function: see [`crate::Emulator::task_root_is_writable`].
    pub make_read_only: bool,
    pub limits: StreamLimits,
    /// Twelve digits, for ARNs.
    pub account_id: String,
    pub region: String,
    /// What the function finds in `AWS_ACCESS_KEY_ID` and the other credential variables, in place of its
    /// role's.
    pub credentials: Credentials,
    /// Where the function's log goes.
    pub log: LogSink,
    pub faults: Faults,
    /// Every child of the calling process belongs to this emulator: it may reap all of them at any time and
    /// kills all of them at its end. The process closes itself to them: they cannot trace it, nor read its memory. Without it, only processes that are proven to be the function's own
    /// are touched, and an orphan that has wiped its environment variables and left its process group and
    /// session escapes.
    pub owns_process: bool,
}

impl FunctionConfig {
    /// A function with Lambda's defaults: 3 seconds, 128 MB, 10 seconds for the init.
    #[must_use]
    pub fn new(name: impl Into<String>, task_root: impl Into<PathBuf>) -> Self {
        Self {
            name: name.into(),
            task_root: task_root.into(),
            handler: "bootstrap".to_owned(),
            environment: BTreeMap::new(),
            timeout: Duration::from_secs(3),
            init_timeout: Duration::from_secs(10),
            memory_mb: 128,
            concurrency: 10,
            bootstrap: None,
            make_read_only: false,
            limits: StreamLimits::default(),
            account_id: "000000000000".to_owned(),
            region: "us-east-1".to_owned(),
            credentials: Credentials::default(),
            log: LogSink::discard(),
            faults: Faults::default(),
            owns_process: false,
        }
    }
}

/// Credentials of AWS. The default is worth nothing, on AWS or elsewhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub access_key_id: String,
    pub secret_access_key: String,
    /// Those of a role have one.
    pub session_token: Option<String>,
}

impl Default for Credentials {
    fn default() -> Self {
        let local = || "local".to_owned();
        Self { access_key_id: local(), secret_access_key: local(), session_token: Some(local()) }
    }
}

/// Without what is secret.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").finish_non_exhaustive()
    }
}

/// What a streamed response is held to. The default: nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StreamLimits {
    pub max_bytes: Option<u64>,
    pub pace: Option<Pace>,
}

impl StreamLimits {
    /// 200 MB in all, 6 MB at any speed, then 2 MB/s.
    #[must_use]
    pub fn aws() -> Self {
        const MIB: u64 = 1 << 20;
        Self {
            max_bytes: Some(200 * MIB),
            pace: Some(Pace { burst_bytes: 6 * MIB, bytes_per_second: 2 * MIB }),
        }
    }
}
