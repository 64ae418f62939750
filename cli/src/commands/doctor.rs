//! `lamex-ctl doctor`.

use std::fs;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::failure::Failure;
use crate::args::{DEFAULT_ZIP, DoctorArgs};
use crate::aws;
use crate::config::{self, Lambda, Reach, Target};
use crate::doctor::case::Case;
use crate::doctor::collect::{Look, collect};
use crate::doctor::diagnose::diagnose;
use crate::doctor::finding::{Check, Finding, Level};
use crate::doctor::report::{self, Document, SCHEMA, Summary};
use crate::exit::Exit;
use crate::report::colors::Styles;
use crate::report::reporter::OutputFormat;
use crate::runtime;

pub(super) fn run(args: DoctorArgs) -> Result<Exit, Failure> {
    let config = config::load(&args.config.file).map_err(Failure::usage)?;
    let environment = config.environment(&args.env).map_err(Failure::usage)?;
    let Target::Lambda(lambda) = &environment.target else {
        return Err(Failure::Usage(miette::miette!(
            help = format!("`lamex-ctl invoke --env {}` runs there, and needs no network of AWS", args.env),
            "there is nothing to look at in `{}`: it is this machine",
            args.env
        )));
    };
    let mut lambda = Lambda::clone(lambda);
    if let Some(qualifier) = &args.qualifier {
        lambda.qualifier.clone_from(qualifier);
    }
    let targets = targets(&lambda, &args.target)?;
    let package_sha256 = package_sha256(Path::new(DEFAULT_ZIP))?;
    let findings = runtime::start()?.block_on(async {
        let sdk = aws::sdk_config(&lambda).await;
        let look = Look { targets: &targets, from_inside: !args.is_static, package_sha256 };
        let facts = collect(&lambda, &sdk, look).await;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        diagnose(&Case {
            environment: &environment,
            lambda: &lambda,
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
            let colored = args.color.resolve(stdout.is_terminal(), |name| std::env::var_os(name));
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

/// As Lambda writes it; `None` where there is no package.
fn package_sha256(zip: &Path) -> Result<Option<String>, Failure> {
    match fs::read(zip) {
        Ok(bytes) => Ok(Some(STANDARD.encode(Sha256::digest(bytes)))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::machine(&format!("read {}", zip.display()), &error)),
    }
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
