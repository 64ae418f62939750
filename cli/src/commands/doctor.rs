//! `lamex-ctl doctor`.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use lamex_aws::Account;
use lamex_config::{Config, Environment, Lambda, Reach, Target};
use lamex_doctor::case::Case;
use lamex_doctor::diagnose::diagnose;
use lamex_doctor::facts::Package;
use lamex_doctor::finding::{Check, Finding, Level};
use lamex_doctor::report::{self, Document, SCHEMA, Summary};
use lamex_report::colors::ColorChoice;
use lamex_report::colors::Styles;
use lamex_run::Exit;

use crate::args::DoctorArgs;
use crate::doctor::collect::{Look, collect};
use crate::failure::Failure;
use crate::runner;
use crate::runtime;
use crate::settings::DEFAULT_ZIP;
use crate::settings::OutputFormat;

pub(super) fn run(args: DoctorArgs) -> Result<Exit, Failure> {
    let config = lamex_config::load(&args.config.file).map_err(Failure::usage)?;
    let environment = config.environment(&args.env).map_err(Failure::usage)?;
    let Target::Lambda(lambda) = &environment.target else {
        return Err(Failure::Usage(miette::miette!(
            help = format!("`lamex-ctl invoke --env {}` runs there, and needs no network of AWS", args.env),
            "there is nothing to check in `{}`: it is this machine",
            args.env
        )));
    };
    let mut lambda = Lambda::clone(lambda);
    if let Some(qualifier) = &args.qualifier {
        lambda.qualifier.clone_from(qualifier);
    }
    let targets = targets(&lambda, &args.target)?;
    let package = local_package(&config, &environment, Path::new(DEFAULT_ZIP))?;
    let findings = runtime::start()?.block_on(async {
        let account = Account::of_environment(&lambda).await;
        let look = Look { targets: &targets, from_inside: !args.is_static, package };
        let facts = collect(&lambda, &account, look).await;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        diagnose(&Case {
            environment: &environment,
            lambda: &lambda,
            commands: &config.commands,
            targets: &targets,
            facts: &facts,
            now_unix_ms: u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
        })
    });
    let text = match args.output {
        OutputFormat::Json => {
            let document = Document {
                schema: SCHEMA,
                environment: &environment.name,
                function: &lambda.function,
                region: &lambda.region,
                summary: Summary::of(&findings),
                findings: &findings,
            };
            serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
        }
        OutputFormat::Human => {
            let stdout = std::io::stdout();
            let colored =
                ColorChoice::from(args.color).resolve(stdout.is_terminal(), |name| std::env::var_os(name));
            report::human(&findings, Styles::new(colored))
        }
    };
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(|error| Failure::machine("write to stdout", &error))?;
    Ok(exit(&findings))
}

/// The entries of `reach` that were asked for; all, where none was.
fn targets(lambda: &Lambda, names: &[String]) -> Result<Vec<Reach>, Failure> {
    if names.is_empty() {
        return Ok(lambda.reach.clone());
    }
    let known = match lambda.reach.iter().map(|target| target.name.as_str()).collect::<Vec<_>>() {
        names if names.is_empty() => "no entry".to_owned(),
        names => names.join(", "),
    };
    let find = |name: &String| {
        lambda.reach.iter().find(|target| target.name == *name).cloned().ok_or_else(|| {
            Failure::Usage(miette::miette!(
                help = format!("`reach` has {known}"),
                "there is no target `{name}`"
            ))
        })
    };
    names.iter().map(find).collect()
}

/// What lies in the package's usual place, if anything does.
fn local_package(config: &Config, environment: &Environment, zip: &Path) -> Result<Option<Package>, Failure> {
    if !zip.is_file() {
        return Ok(None);
    }
    let code_sha256 = lamex_package::code_sha256(zip)
        .map_err(|error| Failure::machine(&format!("read {}", zip.display()), &error))?;
    let runner = runner::usual_for(environment.architecture)?;
    Ok(Some(match lamex_package::differences(config, zip, runner.as_deref()) {
        Ok(differences) => Package {
            code_sha256,
            stale: lamex_package::stale(&differences, zip, &config.path),
            warning: differences.has_other_runner.then(|| lamex_package::other_runner(zip)),
        },
        Err(error) => Package { code_sha256, stale: Some(error.to_string()), warning: None },
    }))
}

fn exit(findings: &[Finding]) -> Exit {
    let is_blind =
        |finding: &Finding| finding.check == Check::CallerAccount && finding.level == Level::Unknown;
    if findings.iter().any(is_blind) {
        Exit::Infrastructure
    } else if findings.iter().any(|finding| finding.level == Level::Problem) {
        Exit::Failed
    } else {
        Exit::Passed
    }
}
