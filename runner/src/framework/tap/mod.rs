//! The Test Anything Protocol.

mod definition;
mod lines;
mod parser;

pub(super) use definition::Tap;
