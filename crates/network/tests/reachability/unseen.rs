//! What could not be seen makes only that unknown: what blocks for sure still does.

use lamex_network::model::NextHop;
use lamex_network::question::Destination;

use crate::check;
use crate::fixture::*;

#[test]
fn what_is_not_seen_is_named_with_its_action() {
    check(&[
        (
            "groups",
            |s| s.network.security_groups = unseen("ec2:DescribeSecurityGroups"),
            "unknown: the security groups of the function: needs ec2:DescribeSecurityGroups: UnauthorizedOperation | \
             the security groups of the destination: needs ec2:DescribeSecurityGroups: UnauthorizedOperation",
        ),
        (
            "ACLs, in the same subnet: they do not matter",
            |s| {
                s.destination = to_interface(&s.network, "eni-near", 5432);
                s.network.network_acls = unseen("ec2:DescribeNetworkAcls");
            },
            "reachable",
        ),
        (
            "NAT gateways",
            |s| {
                s.destination = to_range("8.8.8.8/32", 443);
                s.network.nat_gateways = unseen("ec2:DescribeNatGateways");
            },
            "unknown: nat-1: needs ec2:DescribeNatGateways: UnauthorizedOperation",
        ),
        (
            "the addresses of an AWS service, for an address inside the VPC: they do not matter",
            |s| s.network.prefix_lists = unseen("ec2:DescribeManagedPrefixLists"),
            "reachable",
        ),
        (
            "the addresses of an AWS service, for that service: they do not matter",
            |s| {
                s.destination = Destination::prefix_list("pl-s3", 443);
                s.network.prefix_lists = unseen("ec2:DescribeManagedPrefixLists");
            },
            "reachable",
        ),
        (
            "the addresses of an AWS service, for an address on the internet",
            |s| {
                s.destination = to_range("8.8.8.8/32", 443);
                s.network.prefix_lists = unseen("ec2:DescribeManagedPrefixLists");
            },
            "unknown: the route from subnet-app: needs ec2:DescribeManagedPrefixLists: UnauthorizedOperation",
        ),
        (
            "peering connections",
            |s| {
                s.destination = to_interface(&s.network, "eni-peer", 443);
                s.network.peerings = unseen("ec2:DescribeVpcPeeringConnections");
            },
            "unknown: pcx-1: needs ec2:DescribeVpcPeeringConnections: UnauthorizedOperation",
        ),
        (
            "subnets: rules for the group, and the VPC's own routes, do not need them",
            |s| s.network.subnets = unseen("ec2:DescribeSubnets"),
            "reachable",
        ),
        (
            "subnets, where a rule is for a range",
            |s| {
                s.group("sg-data").ingress = vec![tcp(5432..=5432, "10.0.1.0/24")];
                s.network.subnets = unseen("ec2:DescribeSubnets");
            },
            "unknown: the security groups of the destination: needs ec2:DescribeSubnets: UnauthorizedOperation",
        ),
        (
            "subnets, where a route leads back to a part of the VPC",
            |s| {
                s.destination = to_interface(&s.network, "eni-peer", 443);
                s.group("sg-peer").ingress = vec![tcp(443..=443, "sg-app")];
                s.table("rtb-peer").routes[1] = route("10.0.1.0/24", NextHop::Peering("pcx-1".into()));
                s.network.subnets = unseen("ec2:DescribeSubnets");
            },
            "unknown: the subnets: needs ec2:DescribeSubnets: UnauthorizedOperation",
        ),
        (
            "the interface of an address in the VPC",
            |s| s.destination = to_range("10.0.2.10/32", 5432),
            "unknown: the security groups of the destination: no network interface with the address is known",
        ),
        (
            "interfaces, where egress is to a group",
            |s| {
                s.destination = to_range("10.0.2.10/32", 5432);
                s.group("sg-app").egress = vec![tcp(5432..=5432, "sg-data")];
                s.network.interfaces = unseen("ec2:DescribeNetworkInterfaces");
            },
            "unknown: the security groups of the function: needs ec2:DescribeNetworkInterfaces: UnauthorizedOperation \
             | the security groups of the destination: needs ec2:DescribeNetworkInterfaces: UnauthorizedOperation",
        ),
        ("an address in no subnet", |s| s.destination.range = Some(net("10.0.77.7/32")), "reachable"),
    ]);
}

#[test]
fn what_is_not_seen_hides_no_blocker() {
    check(&[
        (
            "routes unseen, ingress missing",
            |s| {
                s.network.route_tables = unseen("ec2:DescribeRouteTables");
                s.group("sg-data").ingress.clear();
            },
            "blocked: no ingress rule of sg-data allows 10.0.1.0/24, port 5432",
        ),
        (
            "routes unseen, the ACL denies what leaves the subnet",
            |s| {
                s.network.route_tables = unseen("ec2:DescribeRouteTables");
                s.own_acl("subnet-app", Vec::new(), Vec::new());
                s.destination = to_range("8.8.8.8/32", 443);
            },
            "blocked: acl-own of subnet-app denies outbound 8.8.8.8/32, port 443 (no rule)",
        ),
        (
            "everything but the function's group unseen",
            |s| {
                s.group("sg-app").egress = vec![tcp(443..=443, "0.0.0.0/0")];
                s.network.vpc = unseen("ec2:DescribeVpcs");
                s.network.subnets = unseen("ec2:DescribeSubnets");
                s.network.network_acls = unseen("ec2:DescribeNetworkAcls");
                s.network.route_tables = unseen("ec2:DescribeRouteTables");
                s.network.peerings = unseen("ec2:DescribeVpcPeeringConnections");
                s.network.interfaces = unseen("ec2:DescribeNetworkInterfaces");
            },
            "blocked: no egress rule of sg-app allows 10.0.2.10/32, port 5432",
        ),
        (
            "groups unseen, the way back missing",
            |s| {
                s.destination = to_interface(&s.network, "eni-peer", 443);
                s.network.security_groups = unseen("ec2:DescribeSecurityGroups");
                s.table("rtb-peer").routes.pop();
            },
            "blocked: rtb-peer of subnet-peer has no route to 10.0.1.0/24",
        ),
        (
            "subnets unseen: an address that may be in the function's own subnet is not filtered by its ACL for sure",
            |s| {
                s.destination = to_range("10.0.2.10/32", 5432);
                s.destination.security_group_ids = Some(vec!["sg-data".to_owned()]);
                s.network.subnets = unseen("ec2:DescribeSubnets");
                s.own_acl("subnet-app", Vec::new(), Vec::new());
            },
            "unknown: \
             the network ACL of subnet-app for outbound traffic: \
             it denies this, unless what comes next is in the same subnet | \
             the subnets: needs ec2:DescribeSubnets: UnauthorizedOperation | \
             the network ACL of subnet-app for inbound traffic: \
             it denies this, unless what comes next is in the same subnet",
        ),
    ]);
}
