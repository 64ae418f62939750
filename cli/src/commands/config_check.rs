//! `lamex-ctl config check`.

use std::io::Write as _;

use super::failure::Failure;
use crate::args::CheckArgs;
use crate::config;
use crate::exit::Exit;
use crate::report::reporter::OutputFormat;

pub(super) fn run(args: CheckArgs) -> Result<Exit, Failure> {
    let config = config::load(&args.config.file).map_err(Failure::usage)?;
    let text = match &args.env {
        Some(name) => {
            let environment = config.environment(name).map_err(Failure::usage)?;
            match args.output {
                OutputFormat::Human => config::describe(&environment),
                OutputFormat::Json => serde_json::to_string_pretty(&environment).unwrap_or_default() + "\n",
            }
        }
        None => {
            let environments: Vec<&str> = config.environments.keys().map(String::as_str).collect();
            match args.output {
                OutputFormat::Human => {
                    let commands = config.commands.len();
                    let file = config.path.display();
                    format!(
                        "{file} is valid: {commands} commands; environments {}\n",
                        environments.join(", ")
                    )
                }
                OutputFormat::Json => {
                    let commands: Vec<&str> =
                        config.commands.iter().map(|command| command.name.as_str()).collect();
                    let summary = serde_json::json!({ "commands": commands, "environments": environments });
                    format!("{summary:#}\n")
                }
            }
        }
    };
    std::io::stdout()
        .write_all(text.as_bytes())
        .map_err(|error| Failure::machine("write to stdout", &error))?;
    Ok(Exit::Passed)
}
