//! A task root that is there already: a folder with a plan and the binaries that it names.

use std::fs;
use std::io;
use std::path::Path;

use lamex_protocol::commands_txt;
use lamex_protocol::plan::{self, Plan};

use super::copy;
use super::error::PackageError;

/// What the runner will find in the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRoot {
    pub plan: Plan,
    /// `sha256:` and the hex digest of the plan file or of commands.txt.
    pub package_digest: String,
}

/// Reads the plan of a task root as the runner does.
///
/// # Errors
/// There is no plan, or two, or it is not one.
pub fn inspect_task_root(folder: &Path) -> Result<TaskRoot, PackageError> {
    fs::read_dir(folder).map_err(PackageError::io("read", folder))?;
    let plan_bytes = read(&folder.join(plan::FILE_NAME))?;
    let commands_bytes = read(&folder.join(commands_txt::FILE_NAME))?;
    read_plan(plan_bytes, commands_bytes, folder)
}

/// The plan of a package at `path`, out of the one of its two files that it must have.
pub(super) fn read_plan(
    plan_bytes: Option<Vec<u8>>,
    commands_bytes: Option<Vec<u8>>,
    path: &Path,
) -> Result<TaskRoot, PackageError> {
    let (plan, bytes) = match (plan_bytes, commands_bytes) {
        (Some(_), Some(_)) => {
            return Err(PackageError::TwoPlans { path: path.to_owned() });
        }
        (None, None) => {
            return Err(PackageError::NoPlan { path: path.to_owned() });
        }
        (Some(bytes), None) => (parse_plan(&bytes, &path.join(plan::FILE_NAME))?, bytes),
        (None, Some(bytes)) => {
            let plan = commands_txt::parse(&bytes)
                .map_err(|source| PackageError::BadCommands { folder: path.to_owned(), source })?;
            (plan, bytes)
        }
    };
    Ok(TaskRoot { plan, package_digest: format!("sha256:{}", copy::sha256(&bytes)) })
}

/// The plan in the bytes of the file at `path`.
fn parse_plan(bytes: &[u8], path: &Path) -> Result<Plan, PackageError> {
    let plan: Plan = serde_json::from_slice(bytes)
        .map_err(|source| PackageError::BadPlanFile { path: path.to_owned(), source })?;
    plan.validate().map_err(|source| PackageError::BadPlan { path: path.to_owned(), source })?;
    Ok(plan)
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, PackageError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(PackageError::Io { action: "read", path: path.to_owned(), source }),
    }
}
