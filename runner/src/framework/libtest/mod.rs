//! Rust's test harness.

mod definition;
mod filters;
mod lines;
mod messages;
mod parser;
mod selector;

pub(super) use definition::Libtest;
