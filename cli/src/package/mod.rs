//! Packages: what lies in the task root of the function, made from a lamex.yaml or found in a folder.
//!
//! [`contents`] decides which file goes where, [`stage()`] puts them there, [`preflight()`] looks whether the
//! programs can run on the function, [`write_zip`] packs what was staged, [`differences()`] says whether that is what
//! would be packed now. [`task_root`] reads what somebody else put there.

mod advice;
mod al2023;
mod archive;
mod binary_check;
mod command_programs;
mod contents;
mod copy;
pub(crate) mod elf;
mod error;
mod finding;
mod freshness;
mod parallel;
mod preflight;
mod program_file;
mod programs;
pub(crate) mod size;
mod stage;
mod target;
mod task_root;

pub use archive::{PackageZip, code_sha256, inspect_zip, write_zip};
pub(crate) use command_programs::files_named;
pub(crate) use contents::missing_file;
pub(crate) use copy::hex;
pub use error::PackageError;
pub use finding::{Finding, FindingSeverity, Rule, Unfit, check};
pub use freshness::{Differences, differences, plan_of};
pub(crate) use freshness::{other_runner, stale};
pub use preflight::preflight;
pub(crate) use programs::path_in_package as program_in_package;
pub use stage::{Staged, StagedFile, stage, stage_for_zip};
pub use target::PackageTarget;
pub use task_root::{TaskRoot, inspect_task_root};

/// The runner's name, which is what Lambda starts on `provided.al2023`.
const BOOTSTRAP: &str = "bootstrap";
