//! Endpoints of the VPC: by which of them a subnet gets to a service of AWS.

use crate::answer::Cause;
use crate::model::{Endpoint, EndpointKind, Network, NextHop, RouteTable};
use crate::next_hop::is_state;
use crate::routes::subnet_table;

/// An endpoint for a service, and why a subnet does not get to the service by it, if so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceEndpoint<'n> {
    pub endpoint: &'n Endpoint,
    pub problem: Option<EndpointProblem>,
}

/// Why an endpoint does not serve a subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EndpointProblem {
    /// It is not available.
    State(String),
    /// The subnet's table has no route to the gateway endpoint.
    NoRoute { table_id: String },
    /// The service's public name does not lead to the interface endpoint, since its private DNS is off.
    PrivateDnsOff,
    /// The same, since private names need this attribute of the VPC.
    VpcDnsOff { attribute: &'static str },
    /// Whether it serves the subnet could not be seen.
    Unknown(Cause),
}

/// The endpoints for `service` (`com.amazonaws.us-east-2.s3`), each judged from `subnet_id`. Whether packets get
/// through to an interface endpoint is a question for [`reachability`](crate::reachability::reachability), with its
/// groups and one of its subnets as the destination.
///
/// # Errors
/// When the endpoints could not be seen.
pub fn service_endpoints<'n>(
    network: &'n Network,
    service: &str,
    subnet_id: &str,
) -> Result<Vec<ServiceEndpoint<'n>>, Cause> {
    let endpoints = network.endpoints.as_ref().map_err(Cause::from)?;
    let of_service = endpoints.iter().filter(|endpoint| endpoint.service == service);
    let judged = of_service
        .map(|endpoint| ServiceEndpoint { endpoint, problem: problem(network, endpoint, subnet_id) });
    Ok(judged.collect())
}

fn problem(network: &Network, endpoint: &Endpoint, subnet_id: &str) -> Option<EndpointProblem> {
    if !is_state(&endpoint.state, "available") {
        return Some(EndpointProblem::State(endpoint.state.clone()));
    }
    match &endpoint.kind {
        EndpointKind::Gateway { route_table_ids } => match subnet_table(network, subnet_id) {
            Ok(table) if route_table_ids.contains(&table.id) || leads_to(table, &endpoint.id) => None,
            Ok(table) => Some(EndpointProblem::NoRoute { table_id: table.id.clone() }),
            Err(cause) => Some(EndpointProblem::Unknown(cause)),
        },
        EndpointKind::Interface { private_dns: false, .. } => Some(EndpointProblem::PrivateDnsOff),
        EndpointKind::Interface { .. } => private_names_problem(network),
        EndpointKind::Other => Some(EndpointProblem::PrivateDnsOff),
    }
}

fn leads_to(table: &RouteTable, endpoint_id: &str) -> bool {
    table.routes.iter().any(|route| matches!(&route.next, NextHop::Endpoint(id) if id == endpoint_id))
}

/// Both attributes of the VPC are needed; one that is off is sure, whatever the other is.
fn private_names_problem(network: &Network) -> Option<EndpointProblem> {
    let vpc = match &network.vpc {
        Ok(vpc) => vpc,
        Err(unseen) => return Some(EndpointProblem::Unknown(unseen.into())),
    };
    let attributes = [("enableDnsSupport", &vpc.dns_support), ("enableDnsHostnames", &vpc.dns_hostnames)];
    if let Some((attribute, _)) = attributes.iter().find(|(_, value)| **value == Ok(false)) {
        return Some(EndpointProblem::VpcDnsOff { attribute });
    }
    let unseen = attributes.iter().find_map(|(_, value)| value.as_ref().err())?;
    Some(EndpointProblem::Unknown(unseen.into()))
}
