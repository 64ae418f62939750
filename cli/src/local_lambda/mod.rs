//! The Lambda on this machine, which is made of Linux's processes and exists nowhere else.

#[cfg(not(target_os = "linux"))]
mod elsewhere;

#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::{Credentials, Emulator, FunctionConfig, LogSink, StreamLimits};
#[cfg(target_os = "linux")]
pub(crate) use lamex_emulator::{Credentials, Emulator, FunctionConfig, LogSink, StreamLimits};

use crate::failure::Failure;

/// Whether anything can run on this machine.
///
/// # Errors
/// It is no Linux.
pub(crate) fn check() -> Result<(), Failure> {
    if cfg!(target_os = "linux") {
        return Ok(());
    }
    Err(Failure::Usage(miette::miette!(
        help =
            "run lamex-ctl in a Linux container or virtual machine, or name an environment on AWS with --env",
        "the local Lambda needs Linux, and this is {}",
        std::env::consts::OS
    )))
}
