//! Staging: a package, put into a folder.

use std::fs;
use std::path::Path;

use lamex_config::{Config, Environment, Problem};
use lamex_protocol::VERSION;
use lamex_protocol::plan::{self, Plan};

use super::collector::Contents;
use super::contents;
use super::copy::{self, Job};
use super::error::PackageError;
use super::folder;
use super::staged::{Staged, StagedFile};
use super::target::PackageTarget;
use super::{BOOTSTRAP, elf, programs, size, working_dirs};

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
    let contents = contents_of(config)?;
    write(plan_of(config), &contents, &PackageTarget::of(environment), runner, into)
}

/// Stages the package for a zip at `zip`: [`stage()`], within the limits of Lambda.
///
/// # Errors
/// Those of [`stage()`]; more than a function can have; a zip that would go into itself.
pub fn stage_for_zip(
    config: &Config,
    target: &PackageTarget,
    runner: &Path,
    into: &Path,
    zip: &Path,
) -> Result<Staged, PackageError> {
    let contents = contents_of(config)?;
    let problems = contents::including(&contents, zip);
    if !problems.is_empty() {
        return Err(config.invalid(problems).into());
    }
    size::check_before_staging(&contents, runner)?;
    write(plan_of(config), &contents, target, runner, into)
}

/// A folder that was packed as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskRootStaged {
    pub staged: Staged,
    /// Paths of the folder that are not in the package.
    pub left_out: Vec<String>,
}

/// Stages a folder that has commands.txt or lamex.plan.json and the files that the commands need, for a zip
/// that may be written into the folder itself. Its commands become a plan, which carries a digest of all files.
/// Left out are a runner of its own, commands.txt, and `others`.
///
/// # Errors
/// There is no plan, two, or an empty one; files that cannot be packed; more than a function can have; a runner
/// that is not there; whatever the file system refuses.
pub fn stage_task_root(
    folder: &Path,
    target: &PackageTarget,
    runner: &Path,
    into: &Path,
    others: &[&Path],
) -> Result<TaskRootStaged, PackageError> {
    let found = folder::read(folder, others)?;
    let unusable = found.plan.commands.iter().filter_map(|command| {
        let unusable = working_dirs::check(command.dir.as_deref()?, &found.contents, &found.path).err()?;
        let message = format!("the command `{}`: {}", command.name, unusable.message);
        Some(Problem::new(message).help("the folder must have every `dir` of its lamex.plan.json"))
    });
    let unusable: Vec<_> = unusable.collect();
    if !unusable.is_empty() {
        return Err(folder::invalid(folder, unusable));
    }
    size::check_before_staging(&found.contents, runner)?;
    let staged = write(found.plan, &found.contents, target, runner, into)?;
    Ok(TaskRootStaged { staged, left_out: found.left_out })
}

/// The plan of a lamex.yaml, without the digest of its files.
#[must_use]
pub fn plan_of(config: &Config) -> Plan {
    Plan {
        lamex: VERSION,
        commands: config.commands.iter().map(plan::Command::from).collect(),
        fail_fast: config.fail_fast,
        contents_sha256: None,
    }
}

fn contents_of(config: &Config) -> Result<Contents, PackageError> {
    let contents = contents::collect(config).map_err(|problems| config.invalid(problems))?;
    let mut problems = programs::missing(&config.commands, &contents);
    problems.extend(config.commands.iter().filter_map(|command| {
        let dir = command.dir.as_deref()?;
        let unusable = working_dirs::check(dir, &contents, &config.project).err()?;
        Some(Problem::at(command.dir_span.unwrap_or(command.run_span), unusable.message).help(unusable.help))
    }));
    if problems.is_empty() { Ok(contents) } else { Err(config.invalid(problems).into()) }
}

fn write(
    plan: Plan,
    contents: &Contents,
    target: &PackageTarget,
    runner: &Path,
    into: &Path,
) -> Result<Staged, PackageError> {
    if !runner.is_file() {
        return Err(PackageError::NoRunner { path: runner.to_owned() });
    }
    check_architecture(runner, target)?;
    prepare(into)?;
    let mut files = copy::all(&jobs(&plan, contents, runner), into)?;
    let dirs = plan.commands.iter().filter_map(|command| command.dir.as_deref());
    for placeholder in working_dirs::placeholders(dirs, contents) {
        files.push(copy::write(&placeholder, working_dirs::PLACEHOLDER_TEXT.as_bytes(), into)?);
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    let plan = Plan { contents_sha256: Some(digest_of(&files)), ..plan };
    plan.validate().map_err(PackageError::Plan)?;
    let mut bytes = serde_json::to_vec_pretty(&plan).map_err(PackageError::Encode)?;
    bytes.push(b'\n');
    let written = copy::write(plan::FILE_NAME, &bytes, into)?;
    let package_digest = format!("sha256:{}", written.sha256);
    files.push(written);
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(Staged { plan, package_digest, files })
}

fn check_architecture(runner: &Path, target: &PackageTarget) -> Result<(), PackageError> {
    let found = elf::architecture(runner).map_err(PackageError::io("read", runner))?;
    match found {
        Some(found) if found != target.architecture => Err(PackageError::RunnerArchitecture {
            path: runner.to_owned(),
            found: found.name(),
            whose: target.whose.clone(),
            wanted: target.architecture.name(),
        }),
        _ => Ok(()),
    }
}

/// Of every file but the plan, which carries it: mode, path and digest, one file a line, sorted by path.
fn digest_of(files: &[StagedFile]) -> String {
    let line = |file: &StagedFile| format!("{:04o} {} {}\n", file.mode, file.path, file.sha256);
    let lines: String = files.iter().map(line).collect();
    copy::sha256(lines.as_bytes())
}

fn jobs(plan: &Plan, contents: &Contents, runner: &Path) -> Vec<Job> {
    let programs: Vec<_> = plan.commands.iter().filter_map(programs::path_in_package).collect();
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
    let mut entries = fs::read_dir(into).map_err(PackageError::io("read", into))?;
    match entries.next() {
        Some(_) => Err(PackageError::NotEmpty { path: into.to_owned() }),
        None => Ok(()),
    }
}
