//! Network ACLs.

use aws_sdk_ec2::types::{self, RuleAction};
use lamex_network::model::{AclRule, NetworkAcl, Seen};

use super::values::{PAGE, ports, protocol, range, text};
use super::{Filter, NetworkClient};
use crate::error;

/// # Errors
/// EC2 would not show them.
pub async fn network_acls(client: &NetworkClient, filter: &Filter) -> Seen<Vec<NetworkAcl>> {
    let request = client.ec2.describe_network_acls().filters(filter.for_ec2());
    let acls: Result<Vec<_>, _> = request.into_paginator().page_size(PAGE).items().send().collect().await;
    let acls = acls.map_err(|error| error::unseen("ec2:DescribeNetworkAcls", &error))?;
    Ok(acls.iter().map(acl_of).collect())
}

fn acl_of(acl: &types::NetworkAcl) -> NetworkAcl {
    let rules = |is_egress: bool| {
        let entries = acl.entries().iter().filter(|entry| entry.egress() == Some(is_egress));
        entries.filter_map(rule_of).collect()
    };
    let subnet_ids = acl.associations().iter().filter_map(|association| association.subnet_id());
    NetworkAcl {
        id: text(acl.network_acl_id()),
        subnet_ids: subnet_ids.map(str::to_owned).collect(),
        ingress: rules(false),
        egress: rules(true),
    }
}

fn rule_of(entry: &types::NetworkAclEntry) -> Option<AclRule> {
    let protocol = protocol(entry.protocol());
    let (from, to) = entry.port_range().map(|range| (range.from(), range.to())).unwrap_or_default();
    Some(AclRule {
        number: u32::try_from(entry.rule_number()?).ok()?,
        allows: entry.rule_action() == Some(&RuleAction::Allow),
        protocol,
        ports: ports(protocol, from, to),
        range: range(entry.cidr_block().or(entry.ipv6_cidr_block()))?,
    })
}
