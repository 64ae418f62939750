//! What `lamex-ctl init` writes, and from what it guesses it.
//!
//! [`walk`] (folders with manifests and test files) -> [`go`] and [`cargo`] (to suites, with the [`data`] that they
//! read) -> [`command_names`] -> the texts of [`lamex_yaml`], [`github`] and [`gitlab`] -> [`files`] (all of them, or none). What is written is
//! a proposal: its builds are shell lines in comments, and no tool of the project is started for it.

mod build_tags;
mod cargo;
mod command_names;
mod data;
mod files;
mod github;
mod gitlab;
mod go;
mod go_tests;
mod jobs;
mod lamex_yaml;
mod project;
mod repository;
mod shell;
mod suite;
mod walk;

pub use files::{File, FilesError, write};
pub use jobs::CiSystem;
pub use project::Project;
