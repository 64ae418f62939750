//! Security groups with their rules.

use std::collections::BTreeMap;

use lamex_network::model::{SecurityGroup, Seen};

use super::rules::rules_of;
use super::values::{PAGE, text};
use super::{Filter, NetworkClient};
use crate::error;

/// By id.
///
/// # Errors
/// EC2 would not show them.
pub async fn security_groups(
    client: &NetworkClient,
    filter: &Filter,
) -> Seen<BTreeMap<String, SecurityGroup>> {
    let request = client.ec2.describe_security_groups().filters(filter.for_ec2());
    let groups: Result<Vec<_>, _> = request.into_paginator().page_size(PAGE).items().send().collect().await;
    let groups = groups.map_err(|error| error::unseen("ec2:DescribeSecurityGroups", &error))?;
    let groups = groups.iter().map(|group| SecurityGroup {
        id: text(group.group_id()),
        name: text(group.group_name()),
        vpc_id: text(group.vpc_id()),
        ingress: rules_of(group.ip_permissions()),
        egress: rules_of(group.ip_permissions_egress()),
    });
    Ok(groups.map(|group| (group.id.clone(), group)).collect())
}
