//! The request, checked against the plan as far as it can be before anything runs.

use lamex_protocol::VERSION;
use lamex_protocol::plan::Plan;
use lamex_protocol::request::{Op, Request, Selection};
use miette::Report;
use uuid::Uuid;

use super::unknown;
use crate::settings::InvokeOptions;

/// # Errors
/// A name, tag or parameter that the plan does not have.
pub(crate) fn new(options: &InvokeOptions, plan: &Plan, allow_destructive: bool) -> Result<Request, Report> {
    let select = options.select.clone();
    let selected = selected(&select, plan)?;
    let parameters = options.parameters.clone();
    let is_declared =
        |name: &String| selected.iter().any(|&index| plan.commands[index].parameters.contains_key(name));
    if let Some(name) = parameters.keys().find(|name| !is_declared(name)) {
        return Err(miette::miette!(
            help = unknown::parameter(name, selected.iter().map(|&index| &plan.commands[index])),
            "no selected command declares the parameter `{name}`"
        ));
    }
    Ok(Request {
        lamex: VERSION,
        run_id: Uuid::new_v4().to_string(),
        op: Op::Run,
        select,
        parameters,
        fail_fast: options.fail_fast.then_some(true),
        command_timeout_ms: options.command_timeout.map(|timeout| timeout.as_millis() as u64),
        allow_destructive,
        response_limit_bytes: None,
        probe: None,
    })
}

/// The places of the commands in the plan.
///
/// # Errors
/// A name or tag that the plan does not have.
pub(crate) fn selected(select: &Selection, plan: &Plan) -> Result<Vec<usize>, Report> {
    plan.select(select).map_err(|problem| {
        let help = unknown::in_selection(select, plan);
        miette::miette!(help = help, "{problem}")
    })
}
