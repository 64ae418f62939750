//! Test frameworks: what lamex reads in their output, how they list their tests, and how they are told to run some.
//!
//! A process that exits with 0 has not proven that its tests passed: code under test may have called
//! `exit(0)`. A framework that ran to its end says so in its output, and only then does exit code 0 count.
//! Everything here is pure: bytes in, events out.
//!
//! Each framework has one module, or one folder, and one line in [`known`].

pub mod cause;
mod event;
mod evidence;
mod exit_code;
mod flags;
mod go;
mod gtest;
mod known;
mod libtest;
mod lines;
mod parser;
mod reader;
mod running;
pub mod selection;
mod selector;
mod tap;
mod test_framework;
mod text;

pub use event::TestEvent;
pub use evidence::{Evidence, Findings};
pub use reader::Reader;
