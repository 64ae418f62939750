//! A local Lambda on loopback: the Invoke API for callers, the Runtime API for the function, and one real
//! process tree for every execution environment.
//!
//! It knows nothing of what the function answers; to it a response is bytes. What differs from AWS:
//! environments are not frozen between invocations; a failed init is not tried a second time; asynchronous
//! invocations are not retried (as with `MaximumRetryAttempts` 0); there is one version, `$LATEST`, and no
//! alias; memory is not limited.

mod clock;
mod conduct;
mod config;
mod custody;
mod emulator;
mod environment;
mod event_stream;
mod faults;
mod fleet;
mod function;
mod function_error;
mod http;
mod invocation;
mod invoke_api;
mod log;
mod pacing;
mod response;
mod runtime_api;
mod runtime_state;
mod runtime_variables;
mod service_error;
mod sts;
mod variables;

pub use config::{Credentials, FunctionConfig, StreamLimits};
pub use emulator::Emulator;
pub use faults::{Faults, Trigger};
pub use log::LogSink;
pub use pacing::Pace;
