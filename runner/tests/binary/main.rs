//! The runner as Lambda sees it: the real `bootstrap`, real processes, and a bare Runtime API on loopback.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

mod endings;
mod environment;
mod init;
mod leftovers;
mod requests;
mod selection;
mod time;
