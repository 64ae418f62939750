//! The library behind `lamex-ctl`.
//!
//! `config -> package -> plan (select) -> invoke -> events -> report`

pub mod commands;

mod arg_values;
mod args;
mod choices;
mod common_args;
mod dispatch;
#[cfg(feature = "doctor")]
mod doctor;
mod failure;
mod interrupt;
mod invocation;
mod invoke;
mod local_credentials;
mod local_lambda;
mod local_scratch;
mod run_args;
mod runner;
mod runtime;
mod settings;
