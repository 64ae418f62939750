//! The runner's own environment, read once at init, so that nothing a test or a request does can change it.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{CStr, OsString};
use std::path::PathBuf;

use thiserror::Error;

/// What would let a process speak for the runtime: the Runtime API's address, and the descriptor under which
/// some runtimes find the function's log.
pub const RUNTIMES_OWN: [&CStr; 4] =
    [c"AWS_LAMBDA_RUNTIME_API", c"_HANDLER", c"_LAMBDA_LOG_FD", c"_LAMBDA_TELEMETRY_LOG_FD"];

#[derive(Debug, Error)]
#[error("the variable {0} is not set: this program is started by AWS Lambda or by `lamex-ctl`")]
pub struct NotInLambda(&'static str);

#[derive(Debug, Clone)]
pub struct Settings {
    /// `AWS_LAMBDA_RUNTIME_API`, `host:port`.
    pub runtime_api: String,
    pub task_root: PathBuf,
    pub function_name: String,
    pub function_version: String,
    /// `LAMEX_ALLOW_DESTRUCTIVE` is exactly `true`.
    pub allow_destructive: bool,
    /// `LAMEX_PROBE_LOOPBACK` is exactly `true`: probes may talk to loopback addresses. For tests.
    pub probe_loopback: bool,
    /// `LAMEX_PROBE_NAME_SERVER`, `address:port`: probes ask it in place of the servers in
    /// /etc/resolv.conf, without a search list. For tests.
    pub probe_name_server: Option<String>,
    /// What a command inherits: everything but what would let it speak for the runtime.
    pub child_environment: BTreeMap<OsString, OsString>,
}

impl Settings {
    /// # Errors
    /// A variable that Lambda always sets is missing.
    pub fn from_environment() -> Result<Self, NotInLambda> {
        let is_withheld =
            |name: &OsString| RUNTIMES_OWN.iter().any(|own| name.as_encoded_bytes() == own.to_bytes());
        let text = |name: &str| env::var(name).unwrap_or_default();
        Ok(Self {
            runtime_api: required("AWS_LAMBDA_RUNTIME_API")?,
            task_root: required("LAMBDA_TASK_ROOT")?.into(),
            function_name: text("AWS_LAMBDA_FUNCTION_NAME"),
            function_version: text("AWS_LAMBDA_FUNCTION_VERSION"),
            allow_destructive: text("LAMEX_ALLOW_DESTRUCTIVE") == "true",
            probe_loopback: text("LAMEX_PROBE_LOOPBACK") == "true",
            probe_name_server: Some(text("LAMEX_PROBE_NAME_SERVER")).filter(|server| !server.is_empty()),
            child_environment: env::vars_os().filter(|(name, _)| !is_withheld(name)).collect(),
        })
    }
}

fn required(name: &'static str) -> Result<String, NotInLambda> {
    env::var(name).ok().filter(|value| !value.is_empty()).ok_or(NotInLambda(name))
}
