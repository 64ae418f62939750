//! `lamex-ctl package`.

use std::io::{self, Write as _};

use miette::Report;

use super::config_check;
use super::failure::Failure;
use super::package_report::{self, Packed};
use crate::args::{PackageArgs, PreflightMode};
use crate::config::{self, Config, Given};
use crate::exit::Exit;
use crate::package::{self, Finding, FindingSeverity, PackageTarget};
use crate::report::reporter::OutputFormat;
use crate::runner_path;

pub(super) fn run(args: PackageArgs) -> Result<Exit, Failure> {
    let config = config::load(&args.config.file).map_err(Failure::usage)?;
    check_needs(&config, args.env.as_deref())?;
    let target = PackageTarget::choose(&config, args.env.as_deref()).map_err(Failure::usage)?;
    let runner = runner_path::find_for(args.runner.path.as_deref(), target.architecture);
    let runner = runner.map_err(Failure::usage)?;
    let staging = tempfile::Builder::new().prefix("lamex-package-").tempdir();
    let staging = staging.map_err(|error| Failure::machine("make a folder for the package", &error))?;
    let staged = package::stage_for_zip(&config, &target, &runner, staging.path(), &args.zip);
    let staged = staged.map_err(Failure::usage)?;
    let findings = package::preflight(&staged, staging.path(), &target).map_err(Failure::usage)?;
    let findings = weigh(findings, args.preflight);
    // Nobody's loss if stderr is closed.
    let _ = tell(&findings);
    package::check(&findings).map_err(Failure::usage)?;
    let zip = package::write_zip(&staged, staging.path(), &args.zip).map_err(Failure::usage)?;
    let packed = Packed { target: &target, runner: &runner, staged: &staged, findings: &findings, zip: &zip };
    if let Some(notice) = package_report::notice(&packed) {
        let _ = writeln!(io::stderr(), "{:?}", notice);
    }
    let text = match args.output {
        OutputFormat::Human => package_report::human(&packed),
        OutputFormat::Json => package_report::json(&packed),
    };
    io::stdout().write_all(text.as_bytes()).map_err(|error| Failure::machine("write to stdout", &error))?;
    Ok(Exit::Passed)
}

/// Whether the environment that it is packed for, or any, sets what the commands need.
fn check_needs(config: &Config, environment: Option<&str>) -> Result<(), Failure> {
    let problems = match environment {
        Some(name) => {
            let environment = config.environment(name).map_err(Failure::usage)?;
            config::environment_problems(config, &environment, &config.commands, Given::Later)
        }
        None => config::problems_anywhere(config).0,
    };
    config_check::refuse(config, problems)
}

fn weigh(mut findings: Vec<Finding>, mode: PreflightMode) -> Vec<Finding> {
    if mode == PreflightMode::Warn {
        for finding in &mut findings {
            finding.severity = FindingSeverity::Warning;
        }
    }
    findings
}

/// Warnings; what keeps the package from being written is told as the error that it is.
fn tell(findings: &[Finding]) -> io::Result<()> {
    let warnings = findings.iter().filter(|finding| finding.severity == FindingSeverity::Warning);
    for finding in warnings {
        writeln!(io::stderr(), "{:?}", Report::new(finding.clone()))?;
    }
    Ok(())
}
