//! What `lamex-ctl init` writes, and from what it guesses it.
//!
//! [`walk`] (folders with manifests and test files) -> [`go`] and [`cargo`] (to suites) -> [`names`] -> the
//! texts of [`lamex_yaml`], [`github`] and [`gitlab`] -> [`files`] (all of them, or none). What is written is
//! a proposal: its builds are shell lines in comments, and no tool of the project is started for it.

mod cargo;
mod files;
mod github;
mod gitlab;
mod go;
mod jobs;
mod lamex_yaml;
mod names;
mod project;
mod repository;
mod shell;
mod suite;
mod walk;

pub(crate) use files::{File, FilesError, write};
pub(crate) use jobs::CiSystem;
pub(crate) use project::Project;
