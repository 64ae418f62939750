//! Reads what a test framework prints: which tests started and ended, and whether it came to its own end.
//!
//! A process that exits with 0 has not proven that its tests passed: code under test may have called
//! `exit(0)`. A framework that ran to its end says so in its output, and only then does exit code 0 count.
//! Everything here is pure: bytes in, events out.

mod go;
mod gtest;
mod libtest;
mod lines;
mod names;
mod reader;
mod tap;

pub use reader::{Conclusion, Reader, TestEvent};
