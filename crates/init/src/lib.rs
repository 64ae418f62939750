//! What `lamex-ctl init` writes, and from what it guesses it.
//!
//! [`walk`] (folders with manifests and test files) -> [`go`], [`cargo`] and [`cmake`] (to suites, with the [`data`] that
//! they read, and to what is [`left_out`]) -> [`command_names`] -> [`builds`] and the texts of [`lamex_yaml`], [`github`] and
//! [`gitlab`] -> [`files`] (all of them, or none). What is written is a proposal, and no tool of the project is started for
//! it.

mod build_tags;
mod builds;
mod cargo;
mod cmake;
mod command_names;
mod data;
mod files;
mod github;
mod gitlab;
mod go;
mod go_tests;
mod jobs;
mod lamex_yaml;
mod left_out;
mod project;
mod repository;
mod shell;
mod suite;
mod walk;

pub use files::{File, FilesError, write};
pub use jobs::{Ci, CiSystem};
pub use left_out::LeftOut;
pub use project::Project;
