//! The lamex runner: a Lambda custom runtime (`provided.al2023`) that runs compiled tests.
//!
//! `runtime API -> request -> plan -> process -> output -> events -> streamed response`
//!
//! Two threads share an invocation. The worker ([`run`]) starts processes, reads their pipes and never
//! waits for anything but them. The main thread speaks HTTP: it takes what the worker put into the
//! [`spool`] and sends it, or writes it to the function's log.

pub mod answer;
mod elf;
pub mod encoder;
pub mod entry;
pub mod explain;
mod fill;
pub mod framework;
pub mod gate;
pub mod go_test;
pub mod invocation;
mod judgement;
mod launch;
pub mod log;
pub mod missing;
pub mod nothing_run;
pub mod output;
pub mod package;
mod phases;
pub mod prepare;
pub mod probe;
pub mod process;
pub mod remains;
pub mod run;
pub mod runtime_api;
pub mod schedule;
pub mod scratch;
pub mod settings;
mod spill;
pub mod spool;
mod stages;
mod verdict;
