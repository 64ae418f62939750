//! What drives the runner from outside: a bare Runtime API, task roots, and a reading of its answers.

pub(crate) mod certificates;
pub(crate) mod dns;
pub(crate) mod go;
pub(crate) mod grpc;
pub(crate) mod http;
pub(crate) mod listeners;
pub(crate) mod probing;
pub(crate) mod processes;
pub(crate) mod runner;
pub(crate) mod runtime_api;
pub(crate) mod task_root;
pub(crate) mod transcript;

pub(crate) use processes::{Marker, peak_rss_kib, wait_until};
pub(crate) use runner::{Environment, Runner};
pub(crate) use runtime_api::{Exchange, Invocation};
pub(crate) use task_root::TaskRoot;
pub(crate) use transcript::Transcript;

use std::sync::RwLock;
use std::time::Duration;

/// How long anything here is waited for before the test gives up. No assertion rests on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// Held for reading while a program is written and for writing while a process is started: a process that
/// begins meanwhile would hold the new file open for writing for a moment, and whoever executes it would
/// get `Text file busy`.
pub(crate) static PROGRAMS: RwLock<()> = RwLock::new(());

/// Runs these at once: they sleep more than they work.
pub(crate) fn at_once<T: Sync>(cases: &[T], check: impl Fn(&T) + Sync) {
    std::thread::scope(|scope| {
        for case in cases {
            scope.spawn(|| check(case));
        }
    });
}
