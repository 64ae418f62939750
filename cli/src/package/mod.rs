//! Packages: what lies in the task root of the function, made from a lamex.yaml or found in a folder.
//!
//! [`contents`] decides which file goes where, [`stage()`] puts them there, [`task_root`] reads what somebody
//! else put there.

mod contents;
mod copy;
mod elf;
mod error;
mod programs;
mod stage;
mod task_root;

pub use error::PackageError;
pub use stage::{Staged, StagedFile, stage};
pub use task_root::{TaskRoot, inspect_task_root};

/// The runner's name, which is what Lambda starts on `provided.al2023`.
const BOOTSTRAP: &str = "bootstrap";
