//! `bootstrap`: what Lambda starts.

use std::io::Write as _;
use std::process::ExitCode;

use lamex_processes::privacy;
use lamex_runner::gate::Gate;
use lamex_runner::runtime_api::RuntimeApi;
use lamex_runner::settings::{RUNTIMES_OWN, Settings};
use lamex_runner::{invocation, package, remains};
use tokio::signal::unix::{SignalKind, signal};

type AnyError = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing can be done about a log that is closed.
            let _ = writeln!(std::io::stderr(), "lamex: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> Result<(), AnyError> {
    let settings = Settings::from_environment()?;
    become_private()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let gate = Gate::default();
    runtime.block_on(async {
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            biased;
            _ = terminate.recv() => {
                gate.close();
                remains::end_all();
                Err("terminated by SIGTERM; all commands were ended with it".into())
            }
            result = serve_invocations(settings, &gate) => result,
        }
    })
}

/// Before the first thread and the first command.
fn become_private() -> Result<(), AnyError> {
    privacy::forget_variables(&RUNTIMES_OWN)?;
    privacy::withhold_descriptors()?;
    privacy::withhold_tracing();
    privacy::close_to_others().map_err(|error| {
        format!("cannot protect this process from its commands (PR_SET_DUMPABLE): {error}")
    })?;
    Ok(())
}

async fn serve_invocations(settings: Settings, gate: &Gate) -> Result<(), AnyError> {
    let mut api = RuntimeApi::new(settings.runtime_api.clone());
    let package = match initialise(&settings) {
        Ok(package) => package,
        Err(error) => {
            return Err(match api.init_error("Function.InitError", &error.to_string()).await {
                Ok(()) => error,
                Err(unheard) => format!("{error} ({unheard})").into(),
            });
        }
    };
    loop {
        let invocation = api.next().await?;
        invocation::serve(&mut api, &settings, &package, gate, invocation).await?;
    }
}

fn initialise(settings: &Settings) -> Result<package::Package, AnyError> {
    std::env::set_current_dir(&settings.task_root)
        .map_err(|error| format!("cannot enter the task root {}: {error}", settings.task_root.display()))?;
    let mut package = package::load(&settings.task_root)?;
    if let Err(error) = lamex_processes::become_subreaper() {
        package.warnings.push(format!(
            "this execution environment cannot track orphaned processes ({error}): what a command leaves behind may keep running"
        ));
    }
    Ok(package)
}
