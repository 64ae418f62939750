//! Where a run takes place, and what is known of its package beforehand.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lamex_config::{Config, Environment, LOCAL, Lambda};
use lamex_package::Differences;
use lamex_protocol::plan::Plan;

use super::expect::Wanted;
use super::needs;
use super::unbuilt;
use crate::failure::Failure;
use crate::local_lambda::{self, FunctionConfig, LogSink};
use crate::local_scratch::Folder;
use crate::runner::{self, Runner};
use crate::settings::{DEFAULT_ZIP, ExpectedDigest, InvokeOptions};

/// The name of the function that the embedded Lambda serves.
pub(crate) const LOCAL_FUNCTION: &str = "lamex-local";

/// Where the tests run.
pub(crate) struct Target {
    /// What the request is checked against.
    pub(crate) plan: Plan,
    pub(crate) allow_destructive: bool,
    /// Why the run must not begin, wherever it would take place.
    pub(crate) refusal: Option<String>,
    /// What the user should know of it.
    pub(crate) warnings: Vec<String>,
    pub(crate) kind: TargetKind,
}

pub(crate) enum TargetKind {
    /// The Lambda on this machine, and the folder that was made for it, if any, with the staged package or an unpacked
    /// runner: it must outlive the function.
    Local { function: Box<FunctionConfig>, package_digest: String, scratch: Option<Folder> },
    Deployed {
        environment: Box<Environment>,
        lambda: Box<Lambda>,
        /// Which package must answer.
        wanted: Wanted,
    },
}

impl TargetKind {
    /// The folder of a local function, for whoever sees to it that it is there as long as the function is.
    pub(crate) fn take_scratch(&mut self) -> Option<Folder> {
        match self {
            Self::Local { scratch, .. } => scratch.take(),
            Self::Deployed { .. } => None,
        }
    }
}

/// # Errors
/// The configuration or the package is not in order.
pub(crate) fn find(options: &InvokeOptions) -> Result<Target, Failure> {
    if let Some(folder) = &options.task_root {
        local_lambda::check()?;
        return task_root(options, folder);
    }
    let (config, environment) = configuration(options)?;
    match environment.target.clone() {
        lamex_config::Target::Local => {
            local_lambda::check()?;
            local(options, &config, &environment)
        }
        lamex_config::Target::Lambda(lambda) => deployed(options, &config, environment, *lambda),
    }
}

/// What lamex.yaml says of the run, before anything has to be built.
///
/// # Errors
/// The configuration is not in order, or a flag is not for such an environment.
pub(crate) fn configuration(options: &InvokeOptions) -> Result<(Config, Environment), Failure> {
    let config = lamex_config::load(&options.config_file).map_err(Failure::usage)?;
    let environment = config.environment(&options.env).map_err(Failure::usage)?;
    needs::check(options, &config, &environment)?;
    match environment.target {
        lamex_config::Target::Local => refuse_flags_of_deployed(options)?,
        lamex_config::Target::Lambda(_) => refuse_flags_of_local(options, &environment)?,
    }
    Ok((config, environment))
}

fn refuse_flags_of_deployed(options: &InvokeOptions) -> Result<(), Failure> {
    let of_deployed = [
        (options.qualifier.is_some(), "--qualifier"),
        (options.package.is_some(), "--package"),
        (options.expect_digest.is_some(), "--expect-digest"),
        (options.allow_stale, "--allow-stale"),
        (options.allow_drift, "--allow-drift"),
    ];
    match of_deployed.into_iter().find(|(is_given, _)| *is_given) {
        None => Ok(()),
        Some((_, flag)) => Err(Failure::Usage(miette::miette!(
            "{flag} is for deployed functions: the local one runs what is packaged now"
        ))),
    }
}

fn refuse_flags_of_local(options: &InvokeOptions, environment: &Environment) -> Result<(), Failure> {
    if !options.aws_credentials {
        return Ok(());
    }
    Err(Failure::Usage(miette::miette!(
        "--aws-credentials is for the function on this machine: `{}` has a role of its own",
        environment.name
    )))
}

fn local(options: &InvokeOptions, config: &Config, environment: &Environment) -> Result<Target, Failure> {
    let runner = runner::find(options.runner.as_deref())?;
    let staging = Folder::create("package");
    let staging = staging.map_err(|error| Failure::machine("create a folder for the package", &error))?;
    let (config, left_out) = unbuilt::leave_out(config, &options.select);
    let staged =
        lamex_package::stage(&config, environment, &runner, staging.path()).map_err(Failure::usage)?;
    let mut variables = environment.env.clone();
    if environment.allow_destructive {
        variables.insert("LAMEX_ALLOW_DESTRUCTIVE".to_owned(), "true".to_owned());
    }
    let function = FunctionConfig {
        environment: variables,
        timeout: environment.timeout,
        memory_mb: u32::try_from(environment.memory_mb).unwrap_or(u32::MAX),
        make_read_only: true,
        ..local_function(options, staging.path())
    };
    Ok(Target {
        plan: staged.plan,
        allow_destructive: environment.allow_destructive,
        refusal: None,
        warnings: left_out,
        kind: TargetKind::Local {
            function: Box::new(function),
            package_digest: staged.package_digest,
            scratch: Some(staging),
        },
    })
}

fn task_root(options: &InvokeOptions, folder: &Path) -> Result<Target, Failure> {
    if options.env != LOCAL {
        return Err(Failure::Usage(miette::miette!("--task-root runs on this machine: omit --env")));
    }
    let task_root = lamex_package::inspect_task_root(folder).map_err(Failure::usage)?;
    let runner = runner::for_task_root(folder, options.runner.as_deref())?;
    let bootstrap = runner.as_deref().map(Path::to_owned);
    let function = FunctionConfig { bootstrap, ..local_function(options, folder) };
    Ok(Target {
        plan: task_root.plan,
        allow_destructive: false,
        refusal: None,
        warnings: Vec::new(),
        kind: TargetKind::Local {
            function: Box::new(function),
            package_digest: task_root.package_digest,
            scratch: runner.and_then(Runner::into_folder),
        },
    })
}

/// What every local function has in common.
fn local_function(options: &InvokeOptions, task_root: &Path) -> FunctionConfig {
    const DEFAULT_TIMEOUT: Duration = Duration::from_secs(900);
    const DEFAULT_MEMORY_MB: u32 = 1_769;
    FunctionConfig {
        timeout: DEFAULT_TIMEOUT,
        memory_mb: DEFAULT_MEMORY_MB,
        concurrency: 1,
        log: if options.show_local_log { LogSink::writer(io::stderr()) } else { LogSink::discard() },
        owns_process: true,
        ..FunctionConfig::new(LOCAL_FUNCTION, task_root)
    }
}

fn deployed(
    options: &InvokeOptions,
    config: &Config,
    environment: Environment,
    mut lambda: Lambda,
) -> Result<Target, Failure> {
    if let Some(qualifier) = &options.qualifier {
        lambda.qualifier.clone_from(qualifier);
    }
    let own_plan = lamex_package::plan_of(config);
    own_plan.validate().map_err(|error| Failure::Usage(miette::miette!("{error}")))?;
    let Package { plan, wanted, differences, path } = package(options, config, &environment, own_plan)?;
    let mut warnings = Vec::new();
    if differences.has_other_runner {
        warnings.push(lamex_package::other_runner(&path));
    }
    let stale = lamex_package::stale(&differences, &path, &config.path);
    let refusal = match stale {
        Some(stale) if options.allow_stale => {
            warnings.push(stale);
            None
        }
        stale => stale.map(|stale| format!("{stale}; run `lamex-ctl package`, or pass `--allow-stale`")),
    };
    Ok(Target {
        plan,
        allow_destructive: environment.allow_destructive,
        refusal,
        warnings,
        kind: TargetKind::Deployed { environment: Box::new(environment), lambda: Box::new(lambda), wanted },
    })
}

struct Package {
    plan: Plan,
    wanted: Wanted,
    differences: Differences,
    path: PathBuf,
}

/// The package that must answer: what the user names, else the one in its usual place.
fn package(
    options: &InvokeOptions,
    config: &Config,
    environment: &Environment,
    own_plan: Plan,
) -> Result<Package, Failure> {
    let path = options.package.clone().unwrap_or_else(|| PathBuf::from(DEFAULT_ZIP));
    let without_zip = |wanted| Package {
        plan: own_plan.clone(),
        wanted,
        differences: Differences::default(),
        path: path.clone(),
    };
    if options.expect_digest == Some(ExpectedDigest::Any) {
        return Ok(without_zip(Wanted::Any));
    }
    let is_there = path.is_file();
    if options.package.is_some() && !is_there {
        return Err(Failure::Usage(miette::miette!(
            help = "make it with `lamex-ctl package`",
            "there is no package {}",
            path.display()
        )));
    }
    if let Some(ExpectedDigest::Package(digest)) = &options.expect_digest {
        // The user's word comes before whatever lies here; where it is the same, the commands are known.
        let same = is_there.then(|| lamex_package::inspect_zip(&path).ok()).flatten();
        return Ok(match same.filter(|zip| zip.package_digest == *digest) {
            Some(zip) => {
                let wanted = Wanted::Zip { path: path.clone(), digest: zip.package_digest };
                Package { plan: zip.plan, wanted, differences: Differences::default(), path }
            }
            None => without_zip(Wanted::Digest(digest.clone())),
        });
    }
    if !is_there {
        return Ok(without_zip(Wanted::Recorded));
    }
    let zip = lamex_package::inspect_zip(&path).map_err(Failure::usage)?;
    let runner = runner::find_for(options.runner.as_deref(), environment.architecture).ok();
    let differences = lamex_package::differences(config, &path, runner.as_deref()).map_err(Failure::usage)?;
    let wanted = Wanted::Zip { path: path.clone(), digest: zip.package_digest };
    // What is about to be refused is told in lamex.yaml's own terms.
    let is_refused = !differences.changes.is_empty() && !options.allow_stale;
    let plan = if is_refused { own_plan } else { zip.plan };
    Ok(Package { plan, wanted, differences, path })
}
