//! `lamex-ctl config check`.

use std::io::Write as _;

use lamex_config::{Config, Given, Problem, Values};
use lamex_run::Exit;
use miette::Report;

use crate::args::CheckArgs;
use crate::failure::Failure;
use crate::settings::OutputFormat;

pub(super) fn run(args: CheckArgs) -> Result<Exit, Failure> {
    let config = lamex_config::load(&args.config.file).map_err(Failure::usage)?;
    let values = if args.show_values { Values::Shown } else { Values::Hidden };
    let text = match &args.env {
        Some(name) => {
            let environment = config.environment(name).map_err(Failure::usage)?;
            let problems =
                lamex_config::environment_problems(&config, &environment, &config.commands, Given::Later);
            refuse(&config, problems)?;
            let mut warnings = lamex_config::file_patterns(&config);
            warnings.extend(lamex_config::address_warnings(&config, &environment));
            warn(&config, warnings);
            match args.output {
                OutputFormat::Human => lamex_config::describe(&environment, values),
                OutputFormat::Json => {
                    let document = lamex_config::document(&environment, values);
                    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
                }
            }
        }
        None => {
            // What no environment can run is refused, what some cannot run is told.
            let (problems, mut warnings) = lamex_config::problems_anywhere(&config);
            refuse(&config, problems)?;
            warnings.extend(lamex_config::file_patterns(&config));
            let environments = config.environments.values();
            warnings.extend(
                environments.flat_map(|environment| lamex_config::address_warnings(&config, environment)),
            );
            warn(&config, warnings);
            summary(&config, args.output)
        }
    };
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(|error| Failure::machine("write to stdout", &error))?;
    Ok(Exit::Passed)
}

pub(super) fn refuse(config: &Config, problems: Vec<Problem>) -> Result<(), Failure> {
    if problems.is_empty() { Ok(()) } else { Err(Failure::usage(config.invalid(problems))) }
}

fn warn(config: &Config, warnings: Vec<Problem>) {
    if !warnings.is_empty() {
        // Nobody's loss if stderr is closed.
        let _ = writeln!(std::io::stderr(), "{:?}", Report::new(config.invalid(warnings)));
    }
}

fn summary(config: &Config, output: OutputFormat) -> String {
    let environments: Vec<&str> = config.environments.keys().map(String::as_str).collect();
    match output {
        OutputFormat::Human => {
            let commands = config.commands.len();
            let file = config.path.display();
            format!("{file} is valid: {commands} commands; environments {}\n", environments.join(", "))
        }
        OutputFormat::Json => {
            let commands: Vec<&str> = config.commands.iter().map(|command| command.name.as_str()).collect();
            let summary = serde_json::json!({ "commands": commands, "environments": environments });
            format!("{summary:#}\n")
        }
    }
}
