//! GoogleTest.

mod definition;
mod parser;
mod selector;

pub(super) use definition::GoogleTest;
