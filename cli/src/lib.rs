//! The library behind `lamex-ctl`.
//!
//! `config -> package -> plan (select) -> invoke -> events -> report`

pub mod commands;
pub mod config;
pub mod exit;
pub mod package;
pub mod report;

mod args;
mod aws;
mod deploy;
mod doctor;
mod init;
mod interrupt;
mod invoke;
mod local_credentials;
mod local_scratch;
mod runner_path;
mod runtime;
