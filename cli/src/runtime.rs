//! The tokio runtime.

use crate::failure::Failure;

/// Two workers: the command's own thread reads the answer and writes the report, which may block on a slow
/// terminal; the local Lambda and the HTTP connections must go on meanwhile.
///
/// # Errors
/// No thread can be started.
pub(crate) fn start() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::machine("start threads", &error))
}
