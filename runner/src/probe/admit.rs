//! Which probe requests are served: decided before anything is looked at.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use lamex_protocol::probe::{MAX_TARGETS, ProbeRequest, ProbeTarget, TIMEOUT_MS};
use lamex_protocol::request::Request;

use crate::settings::Settings;

/// The longest name of a target, in bytes; it is the caller's own and comes back in the answer.
const MAX_NAME_BYTES: usize = 200;

/// The longest host name that DNS knows, with the dot at its end.
const MAX_HOST_BYTES: usize = 254;

/// What is to be looked at, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub targets: Vec<ProbeTarget>,
    pub step: Duration,
    /// In place of the host's own servers.
    pub name_server: Option<SocketAddr>,
}

/// # Errors
/// Why the request is refused: one sentence that names the field.
pub fn admit(request: &Request, settings: &Settings) -> Result<Order, String> {
    if let Some(field) = foreign_field(request) {
        return Err(format!("`{field}` does not apply to the operation `probe`, which runs no command"));
    }
    let Some(ProbeRequest { targets, timeout_ms }) = &request.probe else {
        return Err("the operation `probe` needs the field `probe`: targets and timeout_ms".to_owned());
    };
    if targets.len() > MAX_TARGETS {
        let found = targets.len();
        return Err(format!(
            "{found} targets to probe are too many; the maximum is {MAX_TARGETS} in one request"
        ));
    }
    let mut names = BTreeSet::new();
    for target in targets {
        check(target)?;
        if !names.insert(&target.name) {
            return Err(format!(
                "two targets to probe are called `{}`: the response could not tell them apart",
                target.name
            ));
        }
    }
    let timeout_ms = (*timeout_ms).clamp(*TIMEOUT_MS.start(), *TIMEOUT_MS.end());
    Ok(Order {
        targets: targets.clone(),
        step: Duration::from_millis(timeout_ms),
        name_server: name_server(settings)?,
    })
}

/// A field of the request that is for other operations.
fn foreign_field(request: &Request) -> Option<&'static str> {
    [
        ("select", !request.select.is_empty()),
        ("parameters", !request.parameters.is_empty()),
        ("fail_fast", request.fail_fast.is_some()),
        ("command_timeout_ms", request.command_timeout_ms.is_some()),
        ("allow_destructive", request.allow_destructive),
    ]
    .into_iter()
    .find_map(|(field, is_set)| is_set.then_some(field))
}

fn check(target: &ProbeTarget) -> Result<(), String> {
    if target.name.len() > MAX_NAME_BYTES {
        let length = target.name.len();
        return Err(format!("a target to probe has a name of {length} bytes: at most {MAX_NAME_BYTES}"));
    }
    if target.host.is_empty() || target.host.len() > MAX_HOST_BYTES {
        return Err(format!("the host of the target `{}` is empty or too long", target.name));
    }
    if target.port == 0 {
        return Err(format!("the port of the target `{}` is 0", target.name));
    }
    Ok(())
}

fn name_server(settings: &Settings) -> Result<Option<SocketAddr>, String> {
    let Some(text) = &settings.probe_name_server else { return Ok(None) };
    text.parse().map(Some).map_err(|_| {
        format!("the function's variable LAMEX_PROBE_NAME_SERVER is `{text}`, which is not address:port")
    })
}
