//! The contract between the lamex runner and its callers.
//!
//! A caller sends a [`request::Request`]; the runner answers with newline-delimited JSON, one
//! [`event::Event`] a line, which the caller reads with a [`reader::Reader`]. Only the reader decides
//! what a stream proves. [`plan`] is what a package says can be run.
//!
//! Nothing here does I/O, reads a clock or knows AWS.

pub mod command_line;
pub mod commands_txt;
pub mod decode;
pub mod event;
pub mod filling;
pub mod framing;
mod interpreters;
pub mod ledger;
pub mod pattern;
pub mod plan;
pub mod probe;
pub mod reader;
pub mod request;
pub mod shell;
pub mod shell_advice;
pub mod template;
pub mod variable_names;

/// The major version of the protocol: the value of the request's `lamex` key and of `hello.lamex`.
/// Within one major version, fields and event types are only ever added.
pub const VERSION: u32 = 1;
