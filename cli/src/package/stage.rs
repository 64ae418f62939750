//! Staging: the package of a lamex.yaml, put into a folder.

use std::fs;
use std::path::Path;

use lamex_protocol::plan::{self, Plan};

use super::contents::{self, Contents};
use super::copy::{self, Copied, Job};
use super::error::PackageError;
use super::{BOOTSTRAP, elf, programs};
use crate::config::{Config, Environment};

/// A package in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    pub plan: Plan,
    /// `sha256:` and the hex digest of the plan file: what the runner's `hello` must carry.
    pub package_digest: String,
    /// Every file of the folder, the plan too, sorted by path.
    pub files: Vec<StagedFile>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagedFile {
    /// Relative to the root of the package.
    pub path: String,
    pub size_bytes: u64,
    /// 0o755 or 0o644, whatever the file had on disk: artifact stores drop modes.
    pub mode: u32,
}

/// Stages the package for the environment: `bootstrap`, the includes, and the plan, which carries a digest
/// of all the others. The same input gives the same bytes.
///
/// `into` is made where it does not exist, and must be empty where it does.
///
/// # Errors
/// Includes that cannot be and commands whose program is not in the package, as a report on lamex.yaml; a
/// runner that is not there; whatever the file system refuses.
pub fn stage(
    config: &Config,
    environment: &Environment,
    runner: &Path,
    into: &Path,
) -> Result<Staged, PackageError> {
    let contents = contents::collect(config).map_err(|problems| config.invalid(problems))?;
    let missing = programs::missing(&config.commands, &contents);
    if !missing.is_empty() {
        return Err(config.invalid(missing).into());
    }
    if !runner.is_file() {
        return Err(PackageError::NoRunner { path: runner.to_owned() });
    }
    check_architecture(runner, environment)?;
    prepare(into)?;
    let copied = copy::all(&jobs(config, &contents, runner), into)?;
    // One package serves every environment: nothing of this one goes into the plan.
    let plan = Plan {
        lamex: lamex_protocol::VERSION,
        commands: config.commands.iter().map(plan::Command::from).collect(),
        fail_fast: config.fail_fast,
        contents_sha256: Some(digest_of(&copied)),
    };
    plan.validate().map_err(PackageError::Plan)?;
    let mut bytes = serde_json::to_vec_pretty(&plan).map_err(PackageError::Encode)?;
    bytes.push(b'\n');
    let written = copy::write(plan::FILE_NAME, &bytes, into)?;
    let package_digest = format!("sha256:{}", written.sha256);
    let mut files: Vec<_> = copied.into_iter().chain([written]).map(|copied| copied.file).collect();
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(Staged { plan, package_digest, files })
}

fn check_architecture(runner: &Path, environment: &Environment) -> Result<(), PackageError> {
    let found = elf::architecture(runner).map_err(PackageError::io("read", runner))?;
    match found {
        Some(found) if found != environment.architecture => Err(PackageError::RunnerArchitecture {
            path: runner.to_owned(),
            found: found.name(),
            environment: environment.name.clone(),
            wanted: environment.architecture.name(),
        }),
        _ => Ok(()),
    }
}

/// Of every file but the plan, which carries it: mode, path and digest, one file a line, sorted by path.
fn digest_of(files: &[Copied]) -> String {
    let lines: String = files
        .iter()
        .map(|Copied { file, sha256 }| format!("{:04o} {} {sha256}\n", file.mode, file.path))
        .collect();
    copy::sha256(lines.as_bytes())
}

fn jobs(config: &Config, contents: &Contents, runner: &Path) -> Vec<Job> {
    let programs: Vec<_> = config.commands.iter().filter_map(programs::path_in_package).collect();
    let mut jobs = vec![Job { from: runner.to_owned(), to: BOOTSTRAP.to_owned(), is_program: true }];
    jobs.extend(contents.iter().map(|(path, origin)| Job {
        from: origin.path.clone(),
        to: path.clone(),
        is_program: programs.contains(path),
    }));
    jobs
}

fn prepare(into: &Path) -> Result<(), PackageError> {
    fs::create_dir_all(into).map_err(PackageError::io("make", into))?;
    let mut entries = fs::read_dir(into).map_err(PackageError::io("look into", into))?;
    match entries.next() {
        Some(_) => Err(PackageError::NotEmpty { path: into.to_owned() }),
        None => Ok(()),
    }
}
