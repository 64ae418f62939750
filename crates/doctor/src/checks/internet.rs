//! Targets whose addresses are not known before they are looked up: services of AWS, and whatever is on the internet.

use ipnet::{IpNet, Ipv4Net};
use lamex_config::{Access, Reach};
use lamex_network::answer::{Blocked, Blocker, Reachability};
use lamex_network::model::EndpointKind;
use lamex_network::routes::subnet_table;
use lamex_network::services::{EndpointProblem, ServiceEndpoint, service_endpoints};

use super::function_network::FunctionNetwork;
use super::proposed;
use crate::aws_names::{AwsName, Service, classify};
use crate::blocked;
use crate::case::Case;
use crate::finding::{Check, Finding};

/// Whether each subnet gets to the target by a VPC endpoint or by the internet; nothing where the target is inside.
pub(crate) fn findings(case: &Case<'_>, target: &Reach, network: &FunctionNetwork<'_>) -> Vec<Finding> {
    let service = match classify(&target.host, &case.lambda.region) {
        Some(AwsName::Service(service)) => Some(service),
        Some(AwsName::Public) => None,
        // What is in a VPC may have public addresses.
        Some(AwsName::InVpc | AwsName::Other) | None if allows_the_internet(&target.access) => None,
        Some(AwsName::InVpc | AwsName::Other) | None => return Vec::new(),
    };
    let subnet_ids = network.subnet_ids.iter();
    subnet_ids.flat_map(|subnet_id| from_subnet(case, target, network, service.as_ref(), subnet_id)).collect()
}

fn from_subnet(
    case: &Case<'_>,
    target: &Reach,
    network: &FunctionNetwork<'_>,
    service: Option<&Service>,
    subnet_id: &str,
) -> Option<Finding> {
    const CHECK: Check = Check::TargetEndpoint;
    let mut endpoints = Vec::new();
    let name = service.map(|service| endpoint_service(network, service)).unwrap_or_default();
    if service.is_some() {
        match service_endpoints(network.vpcs, &name, subnet_id) {
            Err(cause) => {
                return Some(
                    Finding::unknown(CHECK, format!("the VPC endpoints are unknown: {cause}"))
                        .about(&target.name),
                );
            }
            Ok(found) => endpoints = found,
        }
        if let Some(serving) = endpoints.iter().find(|endpoint| endpoint.problem.is_none()) {
            let saw = format!("{} leads to {name}", serving.endpoint.id);
            return Some(Finding::ok(CHECK, saw).resources([&serving.endpoint.id]).about(&target.name));
        }
    }
    let blocked = match lamex_network::reachability::way_to_the_internet(network.vpcs, subnet_id) {
        Reachability::Reachable(_) | Reachability::BeyondSight { .. } => {
            return Some(Finding::ok(CHECK, "it is reached through the internet").about(&target.name));
        }
        // The way to the target itself says what could not be seen.
        Reachability::Unknown { .. } => return None,
        Reachability::Blocked(blocked) => blocked,
    };
    let Some(service) = service else {
        return Some(blocked::finding(case, target, &for_everywhere(*blocked), network.security_group_ids));
    };
    let saw = format!(
        "{subnet_id} has no VPC endpoint that leads to {name}, and no route to the internet ({})",
        for_everywhere(*blocked).blocker
    );
    let finding = Finding::problem(CHECK, saw).about(&target.name).resources([subnet_id]);
    let flaws = endpoints.iter().map(flaw).collect::<Vec<_>>().join(" ");
    if service.has_gateway() {
        let table = subnet_table(network.vpcs, subnet_id).map_or("rtb-…", |table| &table.id);
        return Some(proposed::gateway(finding, service, table, &flaws));
    }
    let zones = proposed::zones(network);
    Some(proposed::interface(finding, service, &target.host, &zones, &flaws))
}

/// The same, told of the internet as a whole and not of the one address that stood for it.
fn for_everywhere(mut blocked: Blocked) -> Blocked {
    let everywhere = vec![IpNet::V4(Ipv4Net::default())];
    if let Blocker::NoRoute { destinations, .. } = &mut blocked.blocker {
        destinations.clone_from(&everywhere);
    }
    Blocked { destinations: everywhere, ..blocked }
}

/// The name that an endpoint of the VPC has for the service, or else would have.
fn endpoint_service(network: &FunctionNetwork<'_>, service: &Service) -> String {
    let endpoints = network.vpcs.endpoints.as_ref().map_or(&[][..], Vec::as_slice);
    let found = endpoints.iter().find(|endpoint| service.is(&endpoint.service));
    found.map_or_else(|| service.endpoint_service(), |endpoint| endpoint.service.clone())
}

fn flaw(endpoint: &ServiceEndpoint<'_>) -> String {
    let id = &endpoint.endpoint.id;
    match &endpoint.problem {
        None => String::new(),
        Some(EndpointProblem::State(state)) => format!("{id} is {state}."),
        Some(EndpointProblem::NoRoute { table_id }) => {
            format!("{id} has no route in {table_id}, which the subnet uses.")
        }
        Some(EndpointProblem::PrivateDnsOff) if endpoint.endpoint.kind == EndpointKind::Other => {
            format!("{id} is of another kind.")
        }
        Some(EndpointProblem::PrivateDnsOff) => {
            format!("{id} has no private DNS: the service's name leads past it.")
        }
        Some(EndpointProblem::VpcDnsOff { attribute }) => {
            format!("{id} needs {attribute} of the VPC: without it the service's name leads past it.")
        }
        Some(EndpointProblem::Unknown(cause)) => format!("{id}: {cause}."),
    }
}

/// Whether the rule is for everywhere, and not for some private network.
fn allows_the_internet(access: &Access) -> bool {
    // The way to the internet is looked at over IPv4 alone.
    matches!(access, Access::Cidr(range) if range.prefix_len() == 0)
}
