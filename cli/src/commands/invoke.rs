//! `lamex-ctl invoke`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use lamex_emulator::{Emulator, FunctionConfig, LogSink};
use lamex_protocol::VERSION;
use lamex_protocol::plan::Plan;
use lamex_protocol::reader::Expectation;
use lamex_protocol::request::{Op, Request, Selection};
use tempfile::TempDir;
use uuid::Uuid;

use super::failure::Failure;
use crate::args::InvokeArgs;
use crate::config::{self, Environment, LOCAL, Target};
use crate::exit::Exit;
use crate::interrupt::Interrupt;
use crate::invoke::lambda::Function;
use crate::invoke::session;
use crate::invoke::unknown;
use crate::local_scratch;
use crate::package;
use crate::report::conclusion::Conclusion;
use crate::report::human::Verbosity;
use crate::report::junit;
use crate::report::progress::draw_target;
use crate::report::reporter::{OutputFormat, Reporter, Settings};
use crate::report::writers::Writers;
use crate::runner_path;
use crate::runtime;

/// The name of the function that the embedded Lambda serves.
const LOCAL_FUNCTION: &str = "lamex-local";

pub(super) fn run(args: InvokeArgs) -> Result<Exit, Failure> {
    let prepared = match &args.task_root {
        Some(folder) => prepare_task_root(&args, folder)?,
        None => prepare_from_config(&args)?,
    };
    let request = request(&args, &prepared.plan)?;
    runtime::start()?.block_on(invoke(args, prepared, request))
}

/// A function that is ready to be served, and what is known of its package.
struct Prepared {
    function: FunctionConfig,
    plan: Plan,
    package_digest: String,
    /// The staged package; removed when the run is over.
    _staged: Option<TempDir>,
}

fn prepare_from_config(args: &InvokeArgs) -> Result<Prepared, Failure> {
    let config = config::load(&args.config.file).map_err(Failure::usage)?;
    let environment = config.environment(&args.env).map_err(Failure::usage)?;
    let Environment { target: Target::Local, .. } = &environment else {
        return Err(Failure::Usage(miette::miette!(
            help = "lamex-ctl invoke --env local",
            "deployed functions cannot be invoked yet"
        )));
    };
    let runner = runner_path::find(args.runner.path.as_deref()).map_err(Failure::usage)?;
    let staging = tempfile::Builder::new().prefix("lamex-package-").tempdir();
    let staging = staging.map_err(|error| Failure::machine("make a folder for the package", &error))?;
    let staged = package::stage(&config, &environment, &runner, staging.path()).map_err(Failure::usage)?;
    let mut variables = environment.env.clone();
    if environment.allow_destructive {
        variables.insert("LAMEX_ALLOW_DESTRUCTIVE".to_owned(), "true".to_owned());
    }
    let function = FunctionConfig {
        environment: variables,
        timeout: environment.timeout,
        memory_mb: environment.memory_mb as u32,
        make_read_only: true,
        ..local_function(args, staging.path())
    };
    Ok(Prepared {
        function,
        plan: staged.plan,
        package_digest: staged.package_digest,
        _staged: Some(staging),
    })
}

fn prepare_task_root(args: &InvokeArgs, folder: &Path) -> Result<Prepared, Failure> {
    if args.env != LOCAL {
        return Err(Failure::Usage(miette::miette!("--task-root runs on this machine: leave --env out")));
    }
    let task_root = package::inspect_task_root(folder).map_err(Failure::usage)?;
    let own_bootstrap = folder.join(runner_path::BOOTSTRAP).is_file();
    let bootstrap = match (&args.runner.path, own_bootstrap) {
        (None, true) => None,
        (wanted, _) => Some(runner_path::find(wanted.as_deref()).map_err(Failure::usage)?),
    };
    let function = FunctionConfig { bootstrap, ..local_function(args, folder) };
    Ok(Prepared { function, plan: task_root.plan, package_digest: task_root.package_digest, _staged: None })
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

/// The request, checked against the plan as far as it can be before anything runs.
fn request(args: &InvokeArgs, plan: &Plan) -> Result<Request, Failure> {
    let select = Selection { names: args.only.clone(), tags: args.tag.clone(), indexes: Vec::new() };
    let selected = plan.select(&select).map_err(|problem| {
        let help = unknown::in_selection(&select, plan);
        Failure::Usage(miette::miette!(help = help, "{problem}"))
    })?;
    let parameters: BTreeMap<String, String> = args.param.iter().cloned().collect();
    let is_declared =
        |name: &String| selected.iter().any(|&index| plan.commands[index].parameters.contains_key(name));
    if let Some(name) = parameters.keys().find(|name| !is_declared(name)) {
        return Err(Failure::Usage(miette::miette!(
            help = unknown::parameter(name, selected.iter().map(|&index| &plan.commands[index])),
            "no selected command declares the parameter `{name}`"
        )));
    }
    Ok(Request {
        lamex: VERSION,
        run_id: Uuid::new_v4().to_string(),
        op: Op::Run,
        select,
        parameters,
        fail_fast: args.fail_fast.then_some(true),
        command_timeout_ms: args.timeout.map(|timeout| timeout.as_millis() as u64),
        // The local Lambda streams without a limit.
        response_limit_bytes: None,
    })
}

async fn invoke(args: InvokeArgs, prepared: Prepared, request: Request) -> Result<Exit, Failure> {
    let mut interrupt =
        Interrupt::listen().map_err(|error| Failure::machine("listen for signals", &error))?;
    let events = args.events.as_deref().map(create_events_file).transpose()?;
    let mut reporter = reporter(&args, &prepared.plan, &interrupt)?;
    // A report of an earlier run must not be taken for this one's, however this one ends.
    write_junit(&args, &reporter)?;
    let mut function = prepared.function.clone();
    let _scratch = local_scratch::give_to(&mut function)?;
    let emulator = Emulator::start(function, None)
        .await
        .map_err(|error| Failure::machine("start the local Lambda", &error))?;
    let function = Function::local(&emulator.endpoint(), LOCAL_FUNCTION);
    let expectation =
        Expectation { run_id: request.run_id.clone(), package_digest: Some(prepared.package_digest.clone()) };
    let payload = serde_json::to_vec(&request).unwrap_or_default();
    let result = session::run(&function, payload, expectation, &mut reporter, events, &mut interrupt).await;
    emulator.shutdown().await;
    let (record, exit) = match result {
        Ok(conclusion) => {
            let exit = conclusion.exit();
            match reporter.finish(conclusion) {
                Ok(record) => (record, exit),
                // Nobody reads it.
                Err(_) if exit == Exit::Interrupted => return Ok(exit),
                Err(error) => return Err(Failure::machine("write the report", &error)),
            }
        }
        Err(error) => {
            let record = reporter.abandon(Conclusion::unfinished());
            // The reader of stdout went away; that is no news to whoever made it go.
            let _ = writeln!(io::stderr(), "lamex-ctl: {error}");
            (record, Exit::Infrastructure)
        }
    };
    if let Some(path) = &args.junit {
        junit::write(&record, path).map_err(|error| Failure::Infrastructure(error.into()))?;
    }
    Ok(exit)
}

fn create_events_file(path: &Path) -> Result<File, Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.map_or(Ok(()), fs::create_dir_all).and_then(|()| File::create(path)).map_err(|error| {
        Failure::Usage(miette::miette!("cannot write the events to {}: {error}", path.display()))
    })
}

fn write_junit(args: &InvokeArgs, reporter: &Reporter) -> Result<(), Failure> {
    let path: Option<&PathBuf> = args.junit.as_ref();
    path.map_or(Ok(()), |path| junit::write(reporter.record(), path)).map_err(Failure::usage)
}

fn reporter(args: &InvokeArgs, plan: &Plan, interrupt: &Interrupt) -> Result<Reporter, Failure> {
    let variable = |name: &str| std::env::var_os(name);
    let (stdout_is_terminal, stderr_is_terminal) = (io::stdout().is_terminal(), io::stderr().is_terminal());
    let report_is_terminal = match args.output {
        OutputFormat::Human => stdout_is_terminal,
        OutputFormat::Json => stderr_is_terminal,
    };
    let settings = Settings {
        output: args.output,
        verbosity: match (args.quiet, args.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Verbose,
            _ => Verbosity::Normal,
        },
        report_colors: args.color.resolve(report_is_terminal, variable),
        diagnostics_colors: args.color.resolve(stderr_is_terminal, variable),
        progress: draw_target(stderr_is_terminal, variable),
        junit: args.junit.is_some(),
        argv: plan.commands.iter().map(|command| command.argv.clone()).collect(),
    };
    let interrupt = interrupt.clone();
    let writers = Writers::of_process(move || interrupt.has_come())
        .map_err(|error| Failure::machine("write to stdout", &error))?;
    Ok(Reporter::new(settings, writers))
}
