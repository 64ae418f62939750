//! The main thread's part of an invocation: what the worker says, sent to whoever asked.

pub(crate) mod pace;
pub mod plain;
pub mod streamed;
