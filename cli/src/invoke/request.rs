//! The request, checked against the plan as far as it can be before anything runs.

use std::collections::BTreeMap;

use lamex_protocol::VERSION;
use lamex_protocol::plan::Plan;
use lamex_protocol::request::{Op, Request};
use miette::Report;
use uuid::Uuid;

use super::{target, unknown};
use crate::args::InvokeArgs;
use crate::aws::Transport;

/// What a streamed answer may have on AWS (200 MB), and a buffered one (6 MB), with room for their framing.
const STREAM_LIMIT_BYTES: u64 = 200_000_000;
const BUFFERED_LIMIT_BYTES: u64 = 6_000_000;

/// # Errors
/// A name, tag or parameter that the plan does not have.
pub(crate) fn of(args: &InvokeArgs, plan: &Plan, allow_destructive: bool) -> Result<Request, Report> {
    let select = target::selection(args);
    let selected = plan.select(&select).map_err(|problem| {
        let help = unknown::in_selection(&select, plan);
        miette::miette!(help = help, "{problem}")
    })?;
    let parameters: BTreeMap<String, String> = args.param.iter().cloned().collect();
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
        fail_fast: args.fail_fast.then_some(true),
        command_timeout_ms: args.timeout.map(|timeout| timeout.as_millis() as u64),
        allow_destructive,
        response_limit_bytes: None,
        probe: None,
    })
}

/// The request's bytes, with the limit that AWS sets to an answer of this kind.
pub(crate) fn payload_for_aws(request: &Request, transport: Transport) -> Vec<u8> {
    let limit = match transport {
        Transport::Stream => STREAM_LIMIT_BYTES,
        Transport::Buffered => BUFFERED_LIMIT_BYTES,
    };
    encode(&Request { response_limit_bytes: Some(limit), ..request.clone() })
}

/// The request's bytes.
pub(crate) fn encode(request: &Request) -> Vec<u8> {
    // Strings and numbers, which JSON can always hold.
    serde_json::to_vec(request).unwrap_or_default()
}
