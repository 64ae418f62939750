//! From what is known to all findings: pure, in the order in which a run meets them.

use std::collections::BTreeSet;

use super::case::Case;
use super::checks::function_network::FunctionNetwork;
use super::checks::{
    caller, function, inside, name_resolution, package, role, routes, subnets, targets, variables,
};
use super::finding::{Check, Finding, Level};

/// Everything that there is to say.
pub fn diagnose(case: &Case<'_>) -> Vec<Finding> {
    let account = caller::account(case);
    // With credentials that do not work, or of another account, whatever follows would be about something else.
    if account.level != Level::Ok {
        return vec![account];
    }
    let mut findings = vec![account];
    findings.extend(caller::permissions(case));
    findings.extend(function::findings(case));
    findings.extend(package::findings(case));
    findings.extend(variables::findings(case));
    findings.extend(role::findings(case));
    let place = place(case);
    if let Some(network) = &case.facts.network {
        match &network.vpc {
            Ok(vpc) => findings.extend(name_resolution::vpc(case, vpc)),
            Err(unseen) if unseen.action.is_empty() => findings.push(name_resolution::no_vpc(case, unseen)),
            Err(unseen) => findings.push(Finding::unseen(Check::VpcDns, unseen)),
        }
        findings.extend(place.iter().flat_map(|place| name_resolution::servers(case, place)));
        let subnet_ids = subnet_ids(case);
        findings.extend(subnets::findings(case, network, subnet_ids));
        findings.extend(routes::findings(network, subnet_ids));
    }
    findings.extend(inside::findings(case));
    for target in case.targets {
        findings.extend(targets::findings(case, target, place.as_ref()));
    }
    // Targets share what is in their way only in part; what is the very same is said once.
    let mut seen = BTreeSet::new();
    findings.retain(|finding| seen.insert((finding.check, finding.subject.clone(), finding.saw.clone())));
    findings
}

/// Where the function is attached. Without one there is nothing to judge a way by: its security group does not
/// exist either.
fn place<'a>(case: &Case<'a>) -> Option<FunctionNetwork<'a>> {
    let network = case.facts.network.as_ref()?;
    let attachment = case.configuration()?.vpc.as_ref()?;
    Some(FunctionNetwork {
        vpcs: network,
        subnet_ids: &attachment.subnet_ids,
        security_group_ids: &attachment.security_group_ids,
        is_dual_stack: attachment.is_dual_stack,
    })
}

/// The function's subnets, or else those that lamex.yaml wants for it.
fn subnet_ids<'a>(case: &Case<'a>) -> &'a [String] {
    let attached = case.configuration().and_then(|configuration| configuration.vpc.as_ref());
    match (attached, &case.lambda.vpc) {
        (Some(attached), _) => &attached.subnet_ids,
        (None, Some(wanted)) => &wanted.subnet_ids,
        (None, None) => &[],
    }
}
