//! Whether the environment has what the selected commands need: known before anything starts.

use std::collections::BTreeMap;

use lamex_protocol::VERSION;
use lamex_protocol::plan::Plan;
use lamex_protocol::request::Selection;

use crate::args::InvokeArgs;
use crate::commands::failure::Failure;
use crate::config::{self, Config, Environment, Given};

/// # Errors
/// A variable that a selected command needs is not set, or its value would be an option.
pub(crate) fn check(args: &InvokeArgs, config: &Config, environment: &Environment) -> Result<(), Failure> {
    let commands = config.commands.iter().map(Into::into).collect();
    let plan = Plan { lamex: VERSION, commands, ..Plan::default() };
    let select = Selection { names: args.only.clone(), tags: args.tag.clone(), indexes: Vec::new() };
    // A name that is not there is told where the request is made.
    let Ok(selected) = plan.select(&select) else { return Ok(()) };
    let parameters: BTreeMap<String, String> = args.param.iter().cloned().collect();
    let commands = selected.into_iter().map(|index| &config.commands[index]);
    let problems = config::environment_problems(config, environment, commands, Given::Exactly(&parameters));
    if problems.is_empty() { Ok(()) } else { Err(Failure::usage(config.invalid(problems))) }
}
