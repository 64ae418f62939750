//! `lamex-ctl package`.

use std::io::{self, Write as _};
use std::path::Path;

use lamex_config::{Config, Given};
use lamex_package::{FindingSeverity, PackageTarget, PreflightFinding, TaskRootStaged};
use lamex_run::Exit;
use miette::Report;

use super::config_check;
use super::package_report::{self, Packed};
use crate::args::PackageArgs;
use crate::common_args::PreflightMode;
use crate::failure::Failure;
use crate::runner;
use crate::settings::OutputFormat;

pub(super) fn run(args: PackageArgs) -> Result<Exit, Failure> {
    let config = config_of(&args)?;
    if let Some(config) = &config {
        check_needs(config, args.env.as_deref())?;
    }
    let target = target(&args, config.as_ref())?;
    let source = match (&args.task_root, &config) {
        (Some(folder), _) => Source::TaskRoot { folder, others: [&args.zip, &args.config.file] },
        (None, Some(config)) => Source::Config(config),
        (None, None) => return Err(nothing_to_pack(&args.config.file)),
    };
    let packed = pack(&source, target, args.runner.path.as_deref(), args.preflight, &args.zip)?;
    let text = match args.output {
        OutputFormat::Human => package_report::human(&packed),
        OutputFormat::Json => package_report::json(&packed),
    };
    io::stdout().write_all(text.as_bytes()).map_err(|error| Failure::machine("write to stdout", &error))?;
    Ok(Exit::Passed)
}

/// What a package is made of.
pub(super) enum Source<'a> {
    Config(&'a Config),
    /// A folder as it is, without these files.
    TaskRoot {
        folder: &'a Path,
        others: [&'a Path; 2],
    },
}

/// Stages, checks and zips. Warnings go to stderr.
///
/// # Errors
/// There is nothing to pack, something cannot be packed or run on the function, or the zip cannot be written.
pub(super) fn pack(
    source: &Source<'_>,
    target: PackageTarget,
    runner: Option<&Path>,
    preflight: PreflightMode,
    zip: &Path,
) -> Result<Packed, Failure> {
    let runner = runner::find_for(runner, target.architecture)?;
    let staging = tempfile::Builder::new().prefix("lamex-package-").tempdir();
    let staging = staging.map_err(|error| Failure::machine("create a folder for the package", &error))?;
    let TaskRootStaged { staged, left_out } = match source {
        Source::TaskRoot { folder, others } => {
            lamex_package::stage_task_root(folder, &target, &runner, staging.path(), others)
        }
        Source::Config(config) => lamex_package::stage_for_zip(config, &target, &runner, staging.path(), zip)
            .map(|staged| TaskRootStaged { staged, left_out: Vec::new() }),
    }
    .map_err(Failure::usage)?;
    let mut findings = lamex_package::preflight(&staged, staging.path(), &target).map_err(Failure::usage)?;
    match source {
        Source::TaskRoot { .. } => findings.extend(lamex_package::unused_runner(&staged)),
        Source::Config(config) => findings.extend(lamex_package::forgotten_testdata(config, &staged)),
    }
    let findings = weigh(findings, preflight);
    // Nobody's loss if stderr is closed.
    let _ = tell(&findings);
    lamex_package::check(&findings).map_err(Failure::usage)?;
    let zip = lamex_package::write_zip(&staged, staging.path(), zip).map_err(Failure::usage)?;
    let packed = Packed { target, runner: runner.origin, staged, findings, zip, left_out };
    if let Some(notice) = package_report::notice(&packed) {
        let _ = writeln!(io::stderr(), "{:?}", notice);
    }
    Ok(packed)
}

/// Whether the environment that it is packed for, or any, sets what the commands need.
fn check_needs(config: &Config, environment: Option<&str>) -> Result<(), Failure> {
    let problems = match environment {
        Some(name) => {
            let environment = config.environment(name).map_err(Failure::usage)?;
            lamex_config::environment_problems(config, &environment, &config.commands, Given::Later)
        }
        None => lamex_config::problems_anywhere(config).0,
    };
    config_check::refuse(config, problems)
}

/// The configuration, without which a folder can be packed as well. It must not say other commands than the
/// folder: the guards of `deploy` and `invoke` go by one list.
fn config_of(args: &PackageArgs) -> Result<Option<Config>, Failure> {
    let file = &args.config.file;
    if args.task_root.is_some() && args.env.is_none() && !file.exists() {
        return Ok(None);
    }
    let config = lamex_config::load(file).map_err(Failure::usage)?;
    match (&args.task_root, config.commands.is_empty()) {
        (Some(folder), false) => Err(Failure::Usage(miette::miette!(
            help = "remove `commands` from it, or name another file with `--config`",
            "{} has commands, and the commands of a package from `--task-root` are those of {}",
            file.display(),
            folder.display()
        ))),
        (None, true) => Err(nothing_to_pack(file)),
        _ => Ok(Some(config)),
    }
}

pub(super) fn nothing_to_pack(config: &Path) -> Failure {
    Failure::Usage(miette::miette!(
        help = "name them under `commands`; a folder with commands.txt is packed with `--task-root DIR`",
        "{} has no commands: there is nothing to run",
        config.display()
    ))
}

fn target(args: &PackageArgs, config: Option<&Config>) -> Result<PackageTarget, Failure> {
    match (args.architecture, config) {
        (Some(architecture), _) => Ok(PackageTarget { architecture, whose: "the command line".to_owned() }),
        (None, Some(config)) => PackageTarget::choose(config, args.env.as_deref()).map_err(Failure::usage),
        (None, None) => Ok(PackageTarget::of_this_machine()),
    }
}

fn weigh(mut findings: Vec<PreflightFinding>, mode: PreflightMode) -> Vec<PreflightFinding> {
    if mode == PreflightMode::Warn {
        for finding in &mut findings {
            finding.severity = FindingSeverity::Warning;
        }
    }
    findings
}

/// Warnings; what keeps the package from being written is told as the error that it is.
fn tell(findings: &[PreflightFinding]) -> io::Result<()> {
    let warnings = findings.iter().filter(|finding| finding.severity == FindingSeverity::Warning);
    for finding in warnings {
        writeln!(io::stderr(), "{:?}", Report::new(finding.clone()))?;
    }
    Ok(())
}
