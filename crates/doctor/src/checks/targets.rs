//! The targets under `reach`: what the configuration says of the way to them, what the function saw, and the one
//! explained by the other.

use lamex_config::{Protocol, Reach};
use lamex_network::answer::{Path, Step};

use super::function_network::FunctionNetwork;
use super::network_path::{NetworkPath, network_path};
use super::{datagrams, name_resolution, probed};
use crate::case::Case;
use crate::facts::Inside;
use crate::finding::{Check, Finding, Level};

/// Everything about one target.
pub(crate) fn findings(
    case: &Case<'_>,
    target: &Reach,
    network: Option<&FunctionNetwork<'_>>,
) -> Vec<Finding> {
    let probed = match &case.facts.inside {
        Inside::Seen { targets, .. } => targets.iter().find(|probed| probed.name == target.name),
        _ => None,
    };
    let mut findings = Vec::new();
    findings.extend(name_resolution::target(case, target, probed.and_then(|probed| probed.lookup.as_ref())));
    let way = network.map(|network| network_path(case, target, network, probed)).unwrap_or_default();
    let connection = probed.and_then(|probed| match target.protocol {
        Protocol::Tcp => probed::connection(target, probed, &way),
        Protocol::Udp => datagrams::answers(target, probed, &way),
    });
    let is_connected = connection.as_ref().is_some_and(|finding| finding.level == Level::Ok);
    if network.is_some() {
        findings.extend(told(target, way, is_connected));
    }
    findings.extend(connection);
    findings.extend(probed.into_iter().flat_map(|probed| probed::answer(target, probed, case.now_unix_ms)));
    findings
}

/// What is said of the way. What blocks it, and yet did not, is not a problem.
fn told(target: &Reach, way: NetworkPath, is_connected: bool) -> Vec<Finding> {
    let NetworkPath { blocked, unknown, beyond, is_free_somewhere, path, notes } = way;
    if !blocked.is_empty() {
        if !is_connected || is_free_somewhere {
            return blocked;
        }
        let came = match target.protocol {
            Protocol::Tcp => "The connection was made",
            Protocol::Udp => "An answer came",
        };
        return blocked
            .into_iter()
            .map(|finding| Finding { level: Level::Warning, ..finding })
            .map(|finding| {
                finding.why(format!(
                    "{came} nevertheless: the configuration has just changed, or \
                 the traffic takes a path that is not visible from here."
                ))
            })
            .collect();
    }
    if !unknown.is_empty() {
        return if is_connected { Vec::new() } else { unknown };
    }
    let Some(path) = path else { return Vec::new() };
    let beyond = beyond
        .map_or_else(String::new, |through| format!("; what is beyond {through} cannot be seen from here"));
    let saw = format!("the path is open: {}{beyond}", describe(&path));
    let mut findings = vec![Finding::ok(Check::TargetPath, saw).about(&target.name)];
    findings.extend(notes);
    findings
}

fn describe(path: &Path) -> String {
    let mut steps = Vec::new();
    for step in &path.steps {
        let text = match step {
            Step::SecurityGroup { direction, group_id, .. } => format!("{} of {group_id}", direction.name()),
            Step::Route { table_id, route, .. } => {
                format!("{} → {} of {table_id}", route.destination, route.next)
            }
            Step::NatGateway { id } | Step::Peering { id } | Step::GatewayEndpoint { id } => id.clone(),
            Step::NetworkAcl { acl_id, .. } => acl_id.clone(),
        };
        if !steps.contains(&text) {
            steps.push(text);
        }
    }
    steps.join(", ")
}
