//! Network ACLs, both ways.

use lamex_network::answer::{Blocker, Reachability};
use lamex_network::model::{AclRule, NextHop, Protocol};
use lamex_network::question::Destination;

use crate::check;
use crate::fixture::*;

#[test]
fn acls_that_let_through() {
    check(&[
        (
            "own rules for the port and the ephemeral ports",
            |s| {
                let ingress = vec![acl_rule(100, true, 1024..=65535, "10.0.0.0/16")];
                s.own_acl("subnet-app", ingress, vec![acl_rule(100, true, 5432..=5432, "10.0.2.0/24")]);
            },
            "reachable",
        ),
        (
            "a denial that comes after what allows",
            |s| {
                let mut ingress = acl_allows_all();
                ingress.insert(0, acl_rule(200, false, 0..=65535, "10.0.1.0/24"));
                s.own_acl("subnet-data", ingress, acl_allows_all());
            },
            "reachable",
        ),
        (
            "ACLs do not filter what stays in a subnet",
            |s| {
                s.destination = to_interface(&s.network, "eni-near", 5432);
                s.own_acl("subnet-app", Vec::new(), Vec::new());
            },
            "reachable",
        ),
        (
            "a denial of another protocol",
            |s| {
                let mut egress = acl_allows_all();
                egress
                    .push(AclRule { protocol: Protocol::Udp, ..acl_rule(1, false, 0..=65535, "0.0.0.0/0") });
                s.own_acl("subnet-app", acl_allows_all(), egress);
            },
            "reachable",
        ),
        (
            "a denial of another family",
            |s| {
                let mut egress = acl_allows_all();
                egress.push(acl_rule(1, false, 0..=65535, "::/0"));
                s.own_acl("subnet-app", acl_allows_all(), egress);
            },
            "reachable",
        ),
    ]);
}

#[test]
fn acls_that_deny() {
    check(&[
        (
            "a custom ACL without rules",
            |s| s.own_acl("subnet-app", Vec::new(), Vec::new()),
            "blocked: acl-own of subnet-app denies outbound 10.0.2.10/32, port 5432 (no rule)",
        ),
        (
            "a lower number that denies",
            |s| {
                let mut egress = acl_allows_all();
                egress.push(acl_rule(90, false, 5000..=6000, "10.0.2.0/24"));
                s.own_acl("subnet-app", acl_allows_all(), egress);
            },
            "blocked: acl-own of subnet-app denies outbound 10.0.2.10/32, port 5432 (rule 90)",
        ),
        (
            "inbound at the destination, for a half of the function's subnet",
            |s| {
                let mut ingress = acl_allows_all();
                ingress.push(acl_rule(50, false, 0..=65535, "10.0.1.128/25"));
                s.own_acl("subnet-data", ingress, acl_allows_all());
            },
            "partly blocked: acl-own of subnet-data denies inbound 10.0.1.128/25, port 5432 (rule 50)",
        ),
        (
            "no answers out of the destination's subnet",
            |s| s.own_acl("subnet-data", acl_allows_all(), vec![acl_rule(100, true, 443..=443, "0.0.0.0/0")]),
            "blocked: acl-own of subnet-data denies outbound 10.0.1.0/24, ports 1024 to 65535 (no rule)",
        ),
        (
            "answers to the ports of Linux only",
            |s| {
                let ingress = vec![acl_rule(100, true, 32768..=65535, "0.0.0.0/0")];
                s.own_acl("subnet-app", ingress, acl_allows_all());
            },
            "partly blocked: acl-own of subnet-app denies inbound 10.0.2.10/32, ports 1024 to 32767 (no rule)",
        ),
        (
            "no answers into the NAT gateway's subnet",
            |s| {
                s.destination = to_range("8.8.8.8/32", 443);
                let mut ingress = acl_allows_all();
                ingress.push(acl_rule(7, false, 1024..=65535, "8.0.0.0/8"));
                s.own_acl("subnet-public", ingress, acl_allows_all());
            },
            "blocked: acl-own of subnet-public denies inbound 8.8.8.8/32, ports 1024 to 65535 (rule 7)",
        ),
        (
            "the ACL of the NAT gateway's subnet does not let the function in",
            |s| {
                s.destination = to_range("8.8.8.8/32", 443);
                let mut ingress = acl_allows_all();
                ingress.push(acl_rule(7, false, 443..=443, "10.0.0.0/16"));
                s.own_acl("subnet-public", ingress, acl_allows_all());
            },
            "blocked: acl-own of subnet-public denies inbound 10.0.1.0/24, port 443 (rule 7)",
        ),
        (
            "before a transit gateway",
            |s| {
                s.destination = to_range("10.2.3.4/32", 443);
                s.own_acl("subnet-app", acl_allows_all(), Vec::new());
            },
            "blocked: acl-own of subnet-app denies outbound 10.2.3.4/32, port 443 (no rule)",
        ),
        (
            "back from a transit gateway, whose attachment may be in the same subnet",
            |s| {
                s.destination = to_range("10.2.3.4/32", 443);
                s.own_acl("subnet-app", Vec::new(), acl_allows_all());
            },
            "unknown: the network ACL of subnet-app for inbound traffic: \
             it denies this, unless what comes next is in the same subnet",
        ),
        (
            "before an appliance that may be in the same subnet",
            |s| {
                s.table("rtb-private").routes.push(route("10.0.2.0/24", NextHop::Interface("eni-fw".into())));
                s.own_acl("subnet-app", acl_allows_all(), Vec::new());
            },
            "unknown: the network ACL of subnet-app for outbound traffic: \
             it denies this, unless what comes next is in the same subnet",
        ),
        (
            "before a peering connection, which is in no subnet",
            |s| {
                s.destination = to_interface(&s.network, "eni-peer", 443);
                s.own_acl("subnet-app", acl_allows_all(), Vec::new());
            },
            "blocked: acl-own of subnet-app denies outbound 10.1.1.10/32, port 443 (no rule)",
        ),
        (
            "over IPv6, with rules for IPv4 only",
            |s| {
                s.source.dual_stack = true;
                s.destination.range = Some(net("2600:1f16:1:2::a/128"));
                s.own_acl("subnet-data", acl_allows_all(), vec![acl_rule(100, true, 0..=65535, "0.0.0.0/0")]);
            },
            "blocked: acl-own of subnet-data denies outbound 2600:1f16:1:1::/64, ports 1024 to 65535 (no rule)",
        ),
        (
            "members of a group can be in three subnets, of which one denies",
            |s| {
                s.destination = Destination::group("sg-data", 5432);
                s.own_acl("subnet-data", Vec::new(), Vec::new());
            },
            "unknown: the subnets: the members of the group are not known",
        ),
        (
            "members of a group in a subnet, a half of which is denied",
            |s| {
                s.destination = Destination::group("sg-data", 5432);
                s.destination.subnet_id = Some("subnet-data".to_owned());
                let mut egress = acl_allows_all();
                egress.push(acl_rule(1, false, 5432..=5432, "10.0.2.0/25"));
                s.own_acl("subnet-app", acl_allows_all(), egress);
            },
            "unknown: the network ACL of subnet-app for outbound traffic: the members of the group are not known",
        ),
        (
            "the ACL of a subnet with the same range in another VPC does not matter",
            |s| {
                s.destination.subnet_id = None;
                let mut other = s.network.subnets.as_ref().unwrap()["subnet-data"].clone();
                other.id = "subnet-alike".to_owned();
                other.vpc_id = "vpc-3".to_owned();
                s.network.subnets.as_mut().unwrap().insert(other.id.clone(), other);
                s.own_acl("subnet-alike", Vec::new(), Vec::new());
            },
            "reachable",
        ),
    ]);
}

#[test]
fn answers_over_udp_need_rules_of_their_own() {
    let udp = |ports| AclRule { protocol: Protocol::Udp, ..acl_rule(100, true, ports, "0.0.0.0/0") };
    let mut situation = Situation::new();
    situation.destination.protocol = Protocol::Udp;
    situation.group("sg-data").ingress[0].protocol = Protocol::Udp;
    assert_eq!(situation.told(), "reachable");
    situation.own_acl("subnet-app", vec![udp(1024..=65535)], vec![udp(5432..=5432)]);
    assert_eq!(situation.told(), "reachable");
    situation.own_acl(
        "subnet-app",
        vec![acl_rule(100, true, 1024..=65535, "0.0.0.0/0")],
        vec![udp(5432..=5432)],
    );
    assert_eq!(
        situation.told(),
        "blocked: acl-own of subnet-app denies inbound 10.0.2.10/32, ports 1024 to 65535 (no rule)"
    );
    let Reachability::Blocked(blocked) = situation.answer() else { panic!("{}", situation.told()) };
    let Blocker::NetworkAcl { missing, .. } = blocked.blocker else { panic!("{}", blocked.blocker) };
    let mut answers = AclRule { range: net("10.0.2.10/32"), ..udp(1024..=65535) };
    answers.number = missing[0].number;
    assert_eq!(missing, [answers]);
}

#[test]
fn rules_that_are_missing_have_free_numbers_before_the_one_that_denies() {
    let missing = |egress: Vec<AclRule>| -> Vec<AclRule> {
        let mut situation = Situation::new();
        situation.own_acl("subnet-app", acl_allows_all(), egress);
        match situation.answer() {
            Reachability::Blocked(blocked) => match blocked.blocker {
                Blocker::NetworkAcl { missing, .. } => missing,
                other => panic!("{other}"),
            },
            other => panic!("{other:?}"),
        }
    };
    let last = acl_allows_all().split_off(2);
    let allow = |number| vec![acl_rule(number, true, 5432..=5432, "10.0.2.10/32")];
    assert_eq!(missing(last.clone()), allow(100));
    assert_eq!(missing([vec![acl_rule(110, true, 443..=443, "0.0.0.0/0")], last].concat()), allow(200));
    let deny = |number| acl_rule(number, false, 0..=65535, "10.0.2.0/24");
    assert_eq!(missing(vec![acl_rule(98, true, 80..=80, "0.0.0.0/0"), deny(99)]), allow(97));
    assert_eq!(missing(vec![deny(1)]), []);
}

#[test]
fn the_last_rule_for_ipv6_comes_after_the_last_number_that_can_be_used() {
    let mut situation = Situation::new();
    situation.source.dual_stack = true;
    situation.destination.range = Some(net("2600:1f16:1:2::a/128"));
    let egress = acl_allows_all().split_off(2);
    situation.own_acl("subnet-app", acl_allows_all(), egress);
    let Reachability::Blocked(blocked) = situation.answer() else { panic!("{}", situation.told()) };
    let Blocker::NetworkAcl { denied, missing, .. } = blocked.blocker else { panic!() };
    assert_eq!(denied[0].rule.as_ref().map(|rule| rule.number), Some(32768));
    assert_eq!(missing, [acl_rule(100, true, 5432..=5432, "2600:1f16:1:2::a/128")]);
}
