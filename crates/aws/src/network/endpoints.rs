//! VPC endpoints.

use aws_sdk_ec2::types::{self, VpcEndpointType};
use lamex_network::model::{Endpoint, EndpointKind, Seen};

use super::values::{PAGE, text};
use super::{Filter, NetworkClient};
use crate::error;

/// # Errors
/// EC2 would not show them.
pub async fn endpoints(client: &NetworkClient, filter: &Filter) -> Seen<Vec<Endpoint>> {
    let request = client.ec2.describe_vpc_endpoints().filters(filter.for_ec2());
    let endpoints: Result<Vec<_>, _> =
        request.into_paginator().page_size(PAGE).items().send().collect().await;
    let endpoints = endpoints.map_err(|error| error::unseen("ec2:DescribeVpcEndpoints", &error))?;
    let endpoints = endpoints.iter().map(|endpoint| Endpoint {
        id: text(endpoint.vpc_endpoint_id()),
        service: text(endpoint.service_name()),
        kind: kind_of(endpoint),
        // EC2 documents it in lower case and answers with either.
        state: text(endpoint.state().map(|state| state.as_str())).to_lowercase(),
    });
    Ok(endpoints.collect())
}

fn kind_of(endpoint: &types::VpcEndpoint) -> EndpointKind {
    match endpoint.vpc_endpoint_type() {
        Some(VpcEndpointType::Gateway) => {
            EndpointKind::Gateway { route_table_ids: endpoint.route_table_ids().to_vec() }
        }
        Some(VpcEndpointType::Interface) => EndpointKind::Interface {
            subnet_ids: endpoint.subnet_ids().to_vec(),
            security_group_ids: endpoint.groups().iter().map(|group| text(group.group_id())).collect(),
            private_dns: endpoint.private_dns_enabled().unwrap_or_default(),
        },
        _ => EndpointKind::Other,
    }
}
