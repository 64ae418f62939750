//! Packages: what lies in the task root of the function, made from a lamex.yaml or found in a folder.
//!
//! [`contents`] (what lamex.yaml includes) or [`folder`] (a task root as it is) decide which file goes where,
//! [`stage()`] puts them there, [`preflight()`] looks whether the programs can run on the function, [`write_zip`]
//! packs what was staged, [`differences()`] says whether that is what would be packed now. [`task_root`] reads what
//! somebody else put there.

mod advice;
mod al2023;
mod archive;
mod binary_check;
mod collector;
mod command_programs;
mod contents;
mod copy;
mod destination;
pub mod elf;
pub mod embedded;
mod error;
mod finding;
mod folder;
mod freshness;
mod include_pattern;
mod inspection;
mod package_path;
mod parallel;
pub mod placeholder;
mod preflight;
mod program_file;
mod programs;
pub mod runner_path;
pub mod size;
mod stage;
mod staged;
mod target;
mod task_root;
mod test_binaries;
mod testdata;
mod wildcards;
mod working_dirs;

pub use archive::{PackageZip, code_sha256, inspect_zip, write_zip};
pub use command_programs::files_named;
pub use contents::{files_here, missing_file};
pub use copy::hex;
pub use error::PackageError;
pub use finding::{FindingSeverity, PreflightFinding, Rule, Unfit, check};
pub use folder::unused_runner;
pub use freshness::{Differences, differences, other_runner, stale};
pub use include_pattern::IncludePattern;
pub use preflight::preflight;
pub use programs::path_in_package as program_in_package;
pub use stage::{TaskRootStaged, plan_of, stage, stage_for_zip, stage_task_root};
pub use staged::{Staged, StagedFile};
pub use target::PackageTarget;
pub use task_root::{TaskRoot, inspect_task_root};
pub use testdata::forgotten as forgotten_testdata;

/// The runner's name, which is what Lambda starts on `provided.al2023`.
const BOOTSTRAP: &str = "bootstrap";
