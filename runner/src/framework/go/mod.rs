//! Go's `testing` package.

mod definition;
mod messages;
mod parser;
mod report;
mod selector;

pub(super) use definition::GoTesting;
