//! Targets whose addresses are not known before they are looked up: services of AWS, and whatever is on the internet.

use std::net::IpAddr;

use ipnet::IpNet;
use lamex_network::answer::Reachability;
use lamex_network::model::EndpointKind;
use lamex_network::routes::subnet_table;
use lamex_network::services::{EndpointProblem, ServiceEndpoint, service_endpoints};

use super::way::Place;
use crate::config::{Access, Reach};
use crate::doctor::blocked;
use crate::doctor::case::Case;
use crate::doctor::finding::{Check, Finding, Tool};

/// Whether each subnet gets to the target by a VPC endpoint or by the internet; nothing where the target is inside.
pub(crate) fn findings(case: &Case<'_>, target: &Reach, place: &Place<'_>) -> Vec<Finding> {
    let service = service_of(&target.host);
    if service.is_none() && !allows_the_internet(&target.access) {
        return Vec::new();
    }
    place
        .subnet_ids
        .iter()
        .flat_map(|subnet_id| from_subnet(case, target, place, service.as_deref(), subnet_id))
        .collect()
}

fn from_subnet(
    case: &Case<'_>,
    target: &Reach,
    place: &Place<'_>,
    service: Option<&str>,
    subnet_id: &str,
) -> Option<Finding> {
    const CHECK: Check = Check::TargetEndpoint;
    let mut endpoints = Vec::new();
    if let Some(service) = service {
        match service_endpoints(place.network, service, subnet_id) {
            Err(cause) => {
                return Some(
                    Finding::unknown(CHECK, format!("the VPC endpoints are not known: {cause}"))
                        .about(&target.name),
                );
            }
            Ok(found) => endpoints = found,
        }
        if let Some(serving) = endpoints.iter().find(|endpoint| endpoint.problem.is_none()) {
            let saw = format!("{} leads to {service}", serving.endpoint.id);
            return Some(Finding::ok(CHECK, saw).resources([&serving.endpoint.id]).about(&target.name));
        }
    }
    let blocked = match lamex_network::reachability::way_to_the_internet(place.network, subnet_id) {
        Reachability::Reachable(_) | Reachability::BeyondSight { .. } => {
            return Some(Finding::ok(CHECK, "it is reached through the internet").about(&target.name));
        }
        // The way to the target itself says what could not be seen.
        Reachability::Unknown { .. } => return None,
        Reachability::Blocked(blocked) => blocked,
    };
    let Some(service) = service else {
        return Some(blocked::finding(case, target, &blocked, place.security_group_ids));
    };
    let saw = format!(
        "{subnet_id} has no VPC endpoint that leads to {service}, and no way to the internet ({})",
        blocked.blocker
    );
    let finding = Finding::problem(CHECK, saw).about(&target.name).resources([subnet_id]);
    let flaws: Vec<_> = endpoints.iter().map(flaw).collect();
    let finding = if flaws.is_empty() { finding } else { finding.why(flaws.join(" ")) };
    let name = service.rsplit('.').next().unwrap_or_default();
    let table = subnet_table(place.network, subnet_id).map_or("rtb-…", |table| &table.id);
    let (terraform, cdk) = if matches!(name, "s3" | "dynamodb") {
        (
            format!(
                "-var 'vpc_endpoints={{ gateway_services = [\"{name}\"], route_table_ids = [\"{table}\"] }}'"
            ),
            format!("-c 'vpc_endpoints={{gateway_services: [{name}], route_table_ids: [{table}]}}'"),
        )
    } else {
        (
            format!("-var 'vpc_endpoints={{ interface_services = [\"{name}\"] }}'"),
            format!("-c 'vpc_endpoints={{interface_services: [{name}]}}'"),
        )
    };
    let environment = &case.environment.name;
    Some(
        finding
            .fix(
                Tool::Terraform,
                format!("terraform -chdir=terraform apply -var environment={environment} {terraform}"),
            )
            .fix(Tool::Cdk, format!("npx cdk deploy -c env={environment} {cdk}")),
    )
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

/// The service's name as VPC endpoints have it, for a host name of AWS with a region in it:
/// `sqs.us-east-2.amazonaws.com`, `bucket.s3.us-east-2.amazonaws.com`.
fn service_of(host: &str) -> Option<String> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let mut labels = host.strip_suffix(".amazonaws.com")?.rsplit('.');
    let (region, service) = (labels.next()?, labels.next()?);
    Some(format!("com.amazonaws.{region}.{service}"))
}

/// Whether the rule is for everywhere, and not for some private network.
fn allows_the_internet(access: &Access) -> bool {
    let (Access::Cidr(range) | Access::Ipv6Cidr(range)) = access else { return false };
    range.parse::<IpNet>().is_ok_and(|range| match range.addr() {
        IpAddr::V4(_) => range.prefix_len() == 0,
        // The way to the internet is looked at over IPv4 alone.
        IpAddr::V6(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_read_from_host_names() {
        let service = |host| service_of(host).unwrap_or_default();
        assert_eq!(service("sqs.us-east-2.amazonaws.com"), "com.amazonaws.us-east-2.sqs");
        assert_eq!(service("Bucket.S3.us-east-2.amazonaws.com."), "com.amazonaws.us-east-2.s3");
        assert_eq!(service_of("s3.amazonaws.com"), None);
        assert_eq!(service_of("orders.internal"), None);
    }
}
