//! Reads what a test framework prints: which tests started and ended, and whether it came to its own end.
//!
//! A process that exits with 0 has not proven that its tests passed: code under test may have called
//! `exit(0)`. A framework that ran to its end says so in its output, and only then does exit code 0 count.
//! Everything here is pure: bytes in, events out.

pub mod cause;
mod go;
mod go_messages;
mod go_report;
mod gtest;
mod libtest;
mod libtest_lines;
mod libtest_messages;
mod lines;
mod names;
mod reader;
mod tap;
mod tap_lines;
mod text;

pub use reader::{Conclusion, Findings, Reader, TestEvent};
