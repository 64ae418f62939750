//! The plan that the task root holds.

use std::fs;
use std::io;
use std::path::Path;

use lamex_protocol::commands_txt::{self, CommandsError};
use lamex_protocol::plan::{self, Plan, PlanError};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

/// What can be run, and the digest that tells this package from any other.
#[derive(Debug, Clone)]
pub struct Package {
    pub plan: Plan,
    /// `sha256:` and the hex digest of the plan file's bytes.
    pub digest: String,
    /// What a caller should know of the execution environment that it was loaded in.
    pub warnings: Vec<String>,
}

#[derive(Debug, Error)]
pub enum PackageError {
    #[error(
        "the package has no plan: neither {plan} nor {commands} is in {root}. \
         Make the package with `lamex-ctl package`, or put a {commands} beside bootstrap",
        plan = plan::FILE_NAME,
        commands = commands_txt::FILE_NAME
    )]
    NoPlan { root: String },
    #[error("the package has two plans, {plan} and {commands}: remove one of them",
        plan = plan::FILE_NAME,
        commands = commands_txt::FILE_NAME
    )]
    TwoPlans,
    #[error("{file}: {error}")]
    Unreadable { file: &'static str, error: io::Error },
    #[error("{file}:{line}:{column}: {reason}", file = plan::FILE_NAME)]
    NotAPlan { line: usize, column: usize, reason: String },
    #[error("{file}: {error}", file = plan::FILE_NAME)]
    InvalidPlan { error: PlanError },
    #[error(transparent)]
    Commands(#[from] CommandsError),
}

/// Reads `lamex.plan.json` or `commands.txt`.
///
/// # Errors
/// None or both are there, or the one that is there is no plan; the message names file and line.
pub fn load(task_root: &Path) -> Result<Package, PackageError> {
    let plan_file = read(task_root, plan::FILE_NAME)?;
    let commands_file = read(task_root, commands_txt::FILE_NAME)?;
    let (plan, bytes) = match (plan_file, commands_file) {
        (Some(bytes), None) => (parse_plan(&bytes)?, bytes),
        (None, Some(bytes)) => (commands_txt::parse(&bytes)?, bytes),
        (Some(_), Some(_)) => return Err(PackageError::TwoPlans),
        (None, None) => {
            return Err(PackageError::NoPlan { root: task_root.display().to_string() });
        }
    };
    let hex: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Package { plan, digest: format!("sha256:{hex}"), warnings: Vec::new() })
}

fn read(task_root: &Path, file: &'static str) -> Result<Option<Vec<u8>>, PackageError> {
    match fs::read(task_root.join(file)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(PackageError::Unreadable { file, error }),
    }
}

fn parse_plan(bytes: &[u8]) -> Result<Plan, PackageError> {
    let plan: Plan = serde_json::from_slice(bytes).map_err(|error| PackageError::NotAPlan {
        line: error.line(),
        column: error.column(),
        reason: error.to_string(),
    })?;
    plan.validate().map_err(|error| PackageError::InvalidPlan { error })?;
    Ok(plan)
}
