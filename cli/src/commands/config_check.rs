//! `lamex-ctl config check`.

use std::io::Write as _;

use miette::Report;

use super::failure::Failure;
use crate::args::CheckArgs;
use crate::config::{self, Config, Given, Problem, Values};
use crate::exit::Exit;
use crate::report::reporter::OutputFormat;

pub(super) fn run(args: CheckArgs) -> Result<Exit, Failure> {
    let config = config::load(&args.config.file).map_err(Failure::usage)?;
    let values = if args.show_values { Values::Shown } else { Values::Hidden };
    let text = match &args.env {
        Some(name) => {
            let environment = config.environment(name).map_err(Failure::usage)?;
            let problems =
                config::environment_problems(&config, &environment, &config.commands, Given::Later);
            refuse(&config, problems)?;
            let mut warnings = config::file_patterns(&config);
            warnings.extend(config::address_warnings(&config, &environment));
            warn(&config, warnings);
            match args.output {
                OutputFormat::Human => config::describe(&environment, values),
                OutputFormat::Json => {
                    let document = config::document(&environment, values);
                    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
                }
            }
        }
        None => {
            // What no environment can run is refused, what some cannot run is told.
            let (problems, mut warnings) = config::problems_anywhere(&config);
            refuse(&config, problems)?;
            warnings.extend(config::file_patterns(&config));
            let environments = config.environments.values();
            warnings
                .extend(environments.flat_map(|environment| config::address_warnings(&config, environment)));
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
