//! A task root as a package: a folder with commands.txt and the binaries that it names.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lamex_config::{Invalid, Problem};
use lamex_protocol::plan::Plan;
use miette::NamedSource;

use super::collector::{Collector, Contents, RESERVED, Scope};
use super::error::PackageError;
use super::finding::{FindingSeverity, PreflightFinding, Rule};
use super::programs;
use super::staged::Staged;
use super::task_root::inspect_task_root;

/// The folder of a version control system, which is never meant to be packed.
const REPOSITORY: &str = ".git";

/// A folder that is to be packed as it is.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    pub(super) plan: Plan,
    pub(super) contents: Contents,
    /// Paths in the folder that are not packed.
    pub(super) left_out: Vec<String>,
}

/// Reads a task root as the runner does, and collects its files. What the package has of its own (runner and
/// plan) is left out, and so are `others`.
///
/// # Errors
/// There is no plan, or two, or it is not one, or it has no commands; files that cannot be packed.
pub(super) fn read(folder: &Path, others: &[&Path]) -> Result<Folder, PackageError> {
    let plan = inspect_task_root(folder)?.plan;
    if plan.commands.is_empty() {
        return Err(PackageError::NoCommands { path: folder.to_owned() });
    }
    let path = fs::canonicalize(folder).map_err(PackageError::io("read", folder))?;
    let others: Vec<PathBuf> = others.iter().filter_map(|other| place(other)).collect();
    let left_out = RefCell::new(Vec::new());
    let is_left_out = |on_disk: &Path, in_package: &str| {
        let is_own = in_package == REPOSITORY || (RESERVED.contains(&in_package) && on_disk.is_file());
        let is_left_out = is_own || others.iter().any(|other| other == on_disk);
        if is_left_out {
            left_out.borrow_mut().push(in_package.to_owned());
        }
        is_left_out
    };
    let scope = Scope { root: &path, project: &path, span: None, is_left_out: &is_left_out };
    let mut collector = Collector::default();
    collector
        .folder(&path, "", &scope, &mut vec![path.clone()])
        .map_err(|problem| invalid(folder, vec![problem]))?;
    Ok(Folder { contents: collector.contents, plan, left_out: left_out.into_inner(), path })
}

/// A warning where the folder has the runner of the program that lamex descends from, which nothing starts here.
#[must_use]
pub fn unused_runner(staged: &Staged) -> Option<PreflightFinding> {
    const NAME: &str = "lamex";
    let is_packed = staged.files.iter().any(|file| file.path == NAME);
    let is_run = staged.plan.commands.iter().filter_map(programs::path_in_package).any(|path| path == NAME);
    (is_packed && !is_run).then(|| PreflightFinding {
        severity: FindingSeverity::Warning,
        rule: Rule::Program,
        path: NAME.to_owned(),
        message: format!("`{NAME}` is packed, but no command runs it"),
        help: "the runner is now `bootstrap`; an old runner can be removed from the folder".to_owned(),
        commands: Vec::new(),
    })
}

/// Where the file is or will be; one that is a link is meant itself.
fn place(file: &Path) -> Option<PathBuf> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Some(fs::canonicalize(folder).ok()?.join(file.file_name()?))
}

/// Problems of a folder that no lamex.yaml names.
pub(super) fn invalid(folder: &Path, problems: Vec<Problem>) -> PackageError {
    let source = NamedSource::new(folder.display().to_string(), String::new());
    Invalid::new(problems, &Arc::new(source)).into()
}
