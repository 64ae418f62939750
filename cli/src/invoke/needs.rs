//! Whether the environment has what the selected commands need: known before anything starts.

use lamex_config::{Config, Environment, Given};
use lamex_protocol::VERSION;
use lamex_protocol::plan::Plan;

use crate::failure::Failure;
use crate::settings::InvokeOptions;

/// # Errors
/// A variable that a selected command needs is not set, or its value would be an option.
pub(crate) fn check(
    options: &InvokeOptions,
    config: &Config,
    environment: &Environment,
) -> Result<(), Failure> {
    let commands = config.commands.iter().map(Into::into).collect();
    let plan = Plan { lamex: VERSION, commands, ..Plan::default() };
    // A name that is not there is told where the request is made.
    let Ok(selected) = plan.select(&options.select) else { return Ok(()) };
    let commands = selected.into_iter().map(|index| &config.commands[index]);
    let problems = lamex_config::environment_problems(
        config,
        environment,
        commands,
        Given::Exactly(&options.parameters),
    );
    if problems.is_empty() { Ok(()) } else { Err(Failure::usage(config.invalid(problems))) }
}
