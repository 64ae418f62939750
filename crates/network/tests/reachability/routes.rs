//! Routes both ways, and what they lead to.

use lamex_network::model::{EndpointKind, NextHop};
use lamex_network::question::Destination;
use lamex_network::reachability::way_to_the_internet;
use lamex_network::routes::subnet_table;
use lamex_network::services::{EndpointProblem, service_endpoints};

use crate::check;
use crate::fixture::*;

#[test]
fn routes_that_lead_somewhere() {
    check(&[
        ("the internet, by the NAT gateway", |s| s.destination = to_range("8.8.8.8/32", 443), "reachable"),
        (
            "S3, by its gateway endpoint",
            |s| s.destination = Destination::prefix_list("pl-s3", 443),
            "reachable",
        ),
        ("an address of S3", |s| s.destination = to_range("3.5.128.9/32", 443), "reachable"),
        (
            "egress to S3 by its prefix list alone",
            |s| {
                s.destination = Destination::prefix_list("pl-s3", 443);
                s.group("sg-app").egress = vec![tcp(443..=443, "pl-s3")];
            },
            "reachable",
        ),
        ("a peered VPC", |s| s.destination = to_interface(&s.network, "eni-peer", 443), "reachable"),
        (
            "members of a group in a peered VPC",
            |s| s.destination = Destination::group("sg-peer", 443),
            "reachable",
        ),
        (
            "a peered VPC that cannot be seen",
            |s| {
                s.destination = to_range("10.1.7.7/32", 443);
                s.network.subnets.as_mut().unwrap().remove("subnet-peer");
            },
            "beyond pcx-1",
        ),
        ("a transit gateway", |s| s.destination = to_range("10.2.3.4/32", 443), "beyond tgw-1"),
        (
            "a private NAT gateway before a transit gateway",
            |s| {
                s.destination = to_range("10.3.0.1/32", 443);
                s.nat_gateway().is_public = false;
                s.table("rtb-public")
                    .routes
                    .push(route("10.3.0.0/16", NextHop::TransitGateway("tgw-2".into())));
            },
            "beyond tgw-2",
        ),
        (
            "an appliance in front of a subnet",
            |s| s.table("rtb-private").routes.push(route("10.0.2.0/24", NextHop::Interface("eni-fw".into()))),
            "beyond eni-fw",
        ),
        (
            "IPv6 within the VPC",
            |s| {
                s.source.dual_stack = true;
                s.destination.range = Some(net("2600:1f16:1:2::a/128"));
            },
            "reachable",
        ),
        (
            "IPv6 out of the VPC",
            |s| {
                s.source.dual_stack = true;
                s.destination = to_range("2a00:1450::1/128", 443);
            },
            "reachable",
        ),
        (
            "a propagated route inside the VPC's range does not count",
            |s| {
                let next = NextHop::VirtualPrivateGateway("vgw-1".into());
                s.table("rtb-private").routes.push(route("10.0.2.0/24", next));
            },
            "reachable",
        ),
        (
            "a static route wins over a propagated one",
            |s| {
                s.destination = to_range("8.8.8.8/32", 443);
                let next = NextHop::VirtualPrivateGateway("vgw-1".into());
                s.table("rtb-private").routes.insert(0, route("0.0.0.0/0", next));
            },
            "reachable",
        ),
        (
            "a regional NAT gateway",
            |s| {
                s.destination = to_range("8.8.8.8/32", 443);
                s.nat_gateway().subnet_id.clear();
            },
            "reachable",
        ),
    ]);
}

#[test]
fn routes_that_lead_nowhere() {
    check(&[
        (
            "no route",
            |s| {
                s.destination = to_range("8.8.8.8/32", 443);
                s.table("rtb-private").routes.remove(2);
            },
            "blocked: rtb-private of subnet-app has no route to 8.8.8.8/32",
        ),
        (
            "a blackhole",
            |s| {
                s.destination = to_range("10.2.3.4/32", 443);
                s.table("rtb-private").routes.last_mut().unwrap().is_blackhole = true;
            },
            "blocked: the route of rtb-private to 10.2.0.0/16 leads nowhere: its target is gone",
        ),
        (
            "a public subnet",
            |s| {
                s.destination = to_range("8.8.8.8/32", 443);
                s.table("rtb-private").routes[2] =
                    route("0.0.0.0/0", NextHop::InternetGateway("igw-1".into()));
            },
            "blocked: the route of rtb-private to 0.0.0.0/0 leads to igw-1, which cannot carry this",
        ),
        (
            "a NAT gateway that is gone wrong",
            |s| {
                s.destination = to_range("8.8.8.8/32", 443);
                s.nat_gateway().state = "failed".into();
            },
            "blocked: nat-1 is failed, not available",
        ),
        (
            "a NAT gateway in a private subnet",
            |s| {
                s.destination = to_range("8.8.8.8/32", 443);
                s.nat_gateway().subnet_id = "subnet-data".into();
            },
            "blocked: nat-1 is in subnet-data, whose rtb-main does not lead to an internet gateway",
        ),
        (
            "a private NAT gateway before the internet",
            |s| {
                s.destination = to_range("8.8.8.8/32", 443);
                s.nat_gateway().is_public = false;
            },
            "blocked: nat-1 is a private one, which cannot reach the internet",
        ),
        (
            "a private network to which no route leads",
            |s| s.destination = to_range("192.168.7.7/32", 443),
            "blocked: the route of rtb-public to 0.0.0.0/0 leads to the internet, which does not route \
             private addresses",
        ),
        (
            "a private network to which no route leads, from a public subnet",
            |s| {
                s.destination = to_range("192.168.7.7/32", 443);
                s.table("rtb-private").routes[2] =
                    route("0.0.0.0/0", NextHop::InternetGateway("igw-1".into()));
            },
            "blocked: the route of rtb-private to 0.0.0.0/0 leads to the internet, which does not route \
             private addresses",
        ),
        (
            "members of a group in a peered VPC to which no route leads",
            |s| {
                s.destination = Destination::group("sg-peer", 443);
                s.table("rtb-private").routes.retain(|route| !matches!(route.next, NextHop::Peering(_)));
            },
            "blocked: the route of rtb-public to 0.0.0.0/0 leads to the internet, which does not route \
             private addresses",
        ),
        (
            "a peering connection that was not accepted",
            |s| {
                s.destination = to_range("10.1.1.10/32", 443);
                s.peering().state = "pending-acceptance".into();
            },
            "blocked: pcx-1 is pending-acceptance, not active",
        ),
        (
            "a peering connection to another range",
            |s| {
                s.destination = to_range("10.1.1.10/32", 443);
                s.peering().accepter.ranges = nets(&["10.77.0.0/16"]);
            },
            "blocked: pcx-1 leads to vpc-2 (10.77.0.0/16), which has no such address",
        ),
        (
            "no route back from the peered VPC",
            |s| {
                s.destination = to_interface(&s.network, "eni-peer", 443);
                s.table("rtb-peer").routes.pop();
            },
            "blocked: rtb-peer of subnet-peer has no route to 10.0.1.0/24",
        ),
        (
            "a route back for a half of the function's subnet",
            |s| {
                s.destination = to_interface(&s.network, "eni-peer", 443);
                s.table("rtb-peer").routes[1] = route("10.0.1.0/25", NextHop::Peering("pcx-1".into()));
            },
            "partly blocked: rtb-peer of subnet-peer has no route to 10.0.1.128/25",
        ),
        (
            "a way back by the internet",
            |s| {
                s.destination = to_interface(&s.network, "eni-peer", 443);
                s.table("rtb-peer").routes[1] = route("0.0.0.0/0", NextHop::NatGateway("nat-9".into()));
            },
            "blocked: the route of rtb-peer to 0.0.0.0/0 leads to nat-9, which cannot carry this",
        ),
        (
            "IPv6 from a function that sends none",
            |s| s.destination = to_range("2a00:1450::1/128", 443),
            "blocked: the function in subnet-app does not send IPv6",
        ),
        (
            "an endpoint that is not ready",
            |s| {
                s.destination = to_range("3.5.128.9/32", 443);
                s.network.endpoints.as_mut().unwrap()[0].state = "pending".into();
            },
            "blocked: vpce-s3 is pending",
        ),
        (
            "a range of which a part has no route",
            |s| {
                s.destination = to_range("10.2.0.0/15", 443);
                s.table("rtb-private").routes.remove(2);
            },
            "partly blocked: rtb-private of subnet-app has no route to 10.3.0.0/16",
        ),
    ]);
}

#[test]
fn a_subnet_without_a_table_of_its_own_uses_the_main_one_of_its_vpc() {
    let mut network = network();
    assert_eq!(subnet_table(&network, "subnet-app").unwrap().id, "rtb-private");
    assert_eq!(subnet_table(&network, "subnet-data").unwrap().id, "rtb-main");
    network.route_tables.as_mut().unwrap()[3].subnet_ids.clear();
    assert!(subnet_table(&network, "subnet-peer").is_err(), "the main table of another VPC is not its table");
}

#[test]
fn the_way_to_the_internet_is_one_of_routes() {
    let told = |situation: &Situation, subnet_id| {
        format!("{:?}", way_to_the_internet(&situation.network, subnet_id))
    };
    let mut situation = Situation::new();
    situation.own_acl("subnet-app", Vec::new(), Vec::new());
    assert!(told(&situation, "subnet-app").starts_with("Reachable"));
    assert!(told(&situation, "subnet-data").contains("NoRoute"));
    assert!(told(&situation, "subnet-public").contains("WrongNextHop"));
    situation.network.route_tables = unseen("ec2:DescribeRouteTables");
    assert!(told(&situation, "subnet-app").starts_with("Unknown"));
}

#[test]
fn endpoints_serve_subnets() {
    let problems = |situation: &Situation, subnet_id| -> Vec<Option<EndpointProblem>> {
        let service = "com.amazonaws.us-east-2.s3";
        let found = service_endpoints(&situation.network, service, subnet_id).unwrap();
        found.into_iter().map(|found| found.problem).collect()
    };
    let mut situation = Situation::new();
    assert_eq!(problems(&situation, "subnet-app"), [None]);
    let table_id = "rtb-main".to_owned();
    assert_eq!(problems(&situation, "subnet-data"), [Some(EndpointProblem::NoRoute { table_id })]);

    let interface = |private_dns| EndpointKind::Interface {
        subnet_ids: vec!["subnet-data".to_owned()],
        security_group_ids: vec!["sg-data".to_owned()],
        private_dns,
    };
    situation.network.endpoints.as_mut().unwrap()[0].kind = interface(false);
    assert_eq!(problems(&situation, "subnet-data"), [Some(EndpointProblem::PrivateDnsOff)]);
    situation.network.endpoints.as_mut().unwrap()[0].kind = interface(true);
    assert_eq!(problems(&situation, "subnet-data"), [None]);
    situation.network.vpc.as_mut().unwrap().dns_support = unseen("ec2:DescribeVpcAttribute");
    let found = problems(&situation, "subnet-data");
    assert!(matches!(&found[..], [Some(EndpointProblem::Unknown(cause))] if cause.action().is_some()));
    situation.network.vpc.as_mut().unwrap().dns_hostnames = Ok(false);
    let attribute = "enableDnsHostnames";
    assert_eq!(problems(&situation, "subnet-data"), [Some(EndpointProblem::VpcDnsOff { attribute })]);
    situation.network.endpoints.as_mut().unwrap()[0].state = "Pending".to_owned();
    assert_eq!(problems(&situation, "subnet-data"), [Some(EndpointProblem::State("Pending".to_owned()))]);
}
