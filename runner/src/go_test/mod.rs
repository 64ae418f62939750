//! Go test binaries: how one is recognised, and the arguments that it is given so that its output proves
//! what it says.

mod arguments;
mod build_info;

pub use arguments::{Arguments, asks_for_test2json, prepare};
pub use build_info::{TestBinary, test_binary};
