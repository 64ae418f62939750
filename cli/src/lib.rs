//! The library behind `lamex-ctl`.
//!
//! `config -> package -> plan (select) -> invoke -> events -> report`

pub mod commands;

mod args;
mod choices;
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
mod runner;
mod runtime;
mod settings;
