//! The main thread's part of an invocation: what the worker reports, sent to the caller.

pub(crate) mod pace;
pub mod plain;
pub mod streamed;
