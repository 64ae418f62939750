//! `bootstrap`: what Lambda starts.

use std::io::Write as _;
use std::process::ExitCode;

use lamex_runner::{invocation, package, runtime_api::RuntimeApi, settings::Settings};

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

fn serve() -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings::from_environment()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    runtime.block_on(async {
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
            invocation::serve(&mut api, &settings, &package, invocation).await?;
        }
    })
}

fn initialise(settings: &Settings) -> Result<package::Package, Box<dyn std::error::Error>> {
    std::env::set_current_dir(&settings.task_root)
        .map_err(|error| format!("cannot enter the task root {}: {error}", settings.task_root.display()))?;
    lamex_processes::become_subreaper()?;
    Ok(package::load(&settings.task_root)?)
}
