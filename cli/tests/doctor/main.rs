//! The real `lamex-ctl doctor` on an AWS of this machine: in order, and broken one way at a time.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod broken;
mod emulators;
mod inside;
#[expect(dead_code, reason = "the tests inside of the crate use the rest")]
mod network;
mod project;
mod services;
