//! Where a run takes place, and what is known of its package beforehand.

use std::io;
use std::path::Path;
use std::time::Duration;

use lamex_emulator::{FunctionConfig, LogSink};
use lamex_protocol::VERSION;
use lamex_protocol::plan::Plan;

use crate::args::{DEFAULT_ZIP, InvokeArgs};
use crate::commands::failure::Failure;
use crate::config::{self, Architecture, Config, Environment, LOCAL, Lambda};
use crate::local_scratch::Folder;
use crate::package;
use crate::runner_path;

/// The name of the function that the embedded Lambda serves.
pub(crate) const LOCAL_FUNCTION: &str = "lamex-local";

/// Where the tests run.
pub(crate) struct Target {
    pub(crate) plan: Plan,
    /// The digest of the package that must answer; `None` where it is not known.
    pub(crate) package_digest: Option<String>,
    pub(crate) allow_destructive: bool,
    pub(crate) place: Place,
}

pub(crate) enum Place {
    /// The Lambda on this machine, and the staged package, if any: it must outlive the function.
    Local {
        function: Box<FunctionConfig>,
        staged: Option<Folder>,
    },
    Deployed {
        environment: String,
        architecture: Architecture,
        lambda: Box<Lambda>,
    },
}

impl Place {
    /// The staged package, for whoever sees to it that it is there as long as the function is.
    pub(crate) fn take_staged(&mut self) -> Option<Folder> {
        match self {
            Self::Local { staged, .. } => staged.take(),
            Self::Deployed { .. } => None,
        }
    }
}

/// # Errors
/// The configuration or the package is not in order.
pub(crate) fn find(args: &InvokeArgs) -> Result<Target, Failure> {
    if let Some(folder) = &args.task_root {
        return task_root(args, folder);
    }
    let config = config::load(&args.config.file).map_err(Failure::usage)?;
    let environment = config.environment(&args.env).map_err(Failure::usage)?;
    match environment.target.clone() {
        config::Target::Local => local(args, &config, &environment),
        config::Target::Lambda(lambda) => deployed(args, &config, environment, *lambda),
    }
}

fn local(args: &InvokeArgs, config: &Config, environment: &Environment) -> Result<Target, Failure> {
    if args.qualifier.is_some() || args.expect_digest.is_some() {
        return Err(Failure::Usage(miette::miette!(
            "--qualifier and --expect-digest are for deployed functions: the local one runs what is packaged now"
        )));
    }
    let runner = runner_path::find(args.runner.path.as_deref()).map_err(Failure::usage)?;
    let staging = Folder::create("package");
    let staging = staging.map_err(|error| Failure::machine("make a folder for the package", &error))?;
    let staged = package::stage(config, environment, &runner, staging.path()).map_err(Failure::usage)?;
    let mut variables = environment.env.clone();
    if environment.allow_destructive {
        variables.insert("LAMEX_ALLOW_DESTRUCTIVE".to_owned(), "true".to_owned());
    }
    let function = FunctionConfig {
        environment: variables,
        timeout: environment.timeout,
        memory_mb: u32::try_from(environment.memory_mb).unwrap_or(u32::MAX),
        make_read_only: true,
        ..local_function(args, staging.path())
    };
    Ok(Target {
        plan: staged.plan,
        package_digest: Some(staged.package_digest),
        allow_destructive: environment.allow_destructive,
        place: Place::Local { function: Box::new(function), staged: Some(staging) },
    })
}

fn task_root(args: &InvokeArgs, folder: &Path) -> Result<Target, Failure> {
    if args.env != LOCAL {
        return Err(Failure::Usage(miette::miette!("--task-root runs on this machine: leave --env out")));
    }
    let task_root = package::inspect_task_root(folder).map_err(Failure::usage)?;
    let bootstrap =
        runner_path::for_task_root(folder, args.runner.path.as_deref()).map_err(Failure::usage)?;
    let function = FunctionConfig { bootstrap, ..local_function(args, folder) };
    Ok(Target {
        plan: task_root.plan,
        package_digest: Some(task_root.package_digest),
        allow_destructive: false,
        place: Place::Local { function: Box::new(function), staged: None },
    })
}

/// What every local function has in common.
fn local_function(args: &InvokeArgs, task_root: &Path) -> FunctionConfig {
    const DEFAULT_TIMEOUT: Duration = Duration::from_secs(900);
    const DEFAULT_MEMORY_MB: u32 = 1_769;
    FunctionConfig {
        timeout: DEFAULT_TIMEOUT,
        memory_mb: DEFAULT_MEMORY_MB,
        concurrency: 1,
        log: if args.verbose { LogSink::writer(io::stderr()) } else { LogSink::discard() },
        owns_process: true,
        ..FunctionConfig::new(LOCAL_FUNCTION, task_root)
    }
}

fn deployed(
    args: &InvokeArgs,
    config: &Config,
    environment: Environment,
    mut lambda: Lambda,
) -> Result<Target, Failure> {
    let commands = config.commands.iter().map(Into::into).collect();
    let plan = Plan { lamex: VERSION, commands, fail_fast: config.fail_fast, contents_sha256: None };
    plan.validate().map_err(|error| Failure::Usage(miette::miette!("{error}")))?;
    if let Some(qualifier) = &args.qualifier {
        lambda.qualifier.clone_from(qualifier);
    }
    Ok(Target {
        plan,
        package_digest: expected_digest(args)?,
        allow_destructive: environment.allow_destructive,
        place: Place::Deployed {
            environment: environment.name,
            architecture: environment.architecture,
            lambda: Box::new(lambda),
        },
    })
}

/// The digest that is asked for, else that of the package in its usual place.
fn expected_digest(args: &InvokeArgs) -> Result<Option<String>, Failure> {
    match args.expect_digest.as_deref() {
        Some("any") => Ok(None),
        Some(digest) => Ok(Some(digest.to_owned())),
        None if Path::new(DEFAULT_ZIP).is_file() => {
            let package = package::inspect_zip(Path::new(DEFAULT_ZIP)).map_err(Failure::usage)?;
            Ok(Some(package.package_digest))
        }
        None => Ok(None),
    }
}
