//! The real `lamex-ctl`: on the local Lambda, on functions that are told what to do wrong, and on an AWS of this
//! machine.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod aws;
mod deployed;
mod doctor;
mod init;
mod local;
mod package;
