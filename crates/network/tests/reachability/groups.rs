//! Security groups.

use lamex_network::answer::{
    Blocker, Cause, Check, Difference, Direction, MissingRule, Reachability, Step, Unknown,
};
use lamex_network::model::{Peer, Protocol, Rule};
use lamex_network::question::Destination;

use crate::check;
use crate::fixture::*;

#[test]
fn rules_let_through() {
    check(&[
        ("everything works", |_| {}, "reachable"),
        (
            "ingress by the range of the subnet",
            |s| s.group("sg-data").ingress = vec![tcp(5432..=5432, "10.0.1.0/24")],
            "reachable",
        ),
        (
            "ingress by two halves of the subnet",
            |s| {
                s.group("sg-data").ingress =
                    vec![tcp(5432..=5432, "10.0.1.0/25"), tcp(5000..=6000, "10.0.1.128/25")];
            },
            "reachable",
        ),
        (
            "ingress of all protocols, whatever ports the rule says",
            |s| s.group("sg-data").ingress = vec![rule(Protocol::All, Some(0..=0), "sg-app")],
            "reachable",
        ),
        (
            "the other group of the destination allows it",
            |s| {
                s.group("sg-data").ingress.clear();
                s.destination.security_group_ids = Some(vec!["sg-data".to_owned(), "sg-other".to_owned()]);
                let other = group("sg-other", "vpc-1", vec![tcp(5432..=5432, "sg-app")], Vec::new());
                s.network.security_groups.as_mut().unwrap().insert(other.id.clone(), other);
            },
            "reachable",
        ),
        (
            "an interface without groups filters nothing",
            |s| s.destination.security_group_ids = Some(Vec::new()),
            "reachable",
        ),
        (
            "egress to the destination's group alone",
            |s| s.group("sg-app").egress = vec![tcp(5432..=5432, "sg-data")],
            "reachable",
        ),
        (
            "egress to a prefix list that has the address",
            |s| {
                let mut list = s.network.prefix_lists.as_ref().unwrap()["pl-s3"].clone();
                list.ranges = Ok(nets(&["10.0.2.8/29"]));
                s.network.prefix_lists.as_mut().unwrap().insert("pl-data".to_owned(), list);
                s.group("sg-app").egress = vec![tcp(5432..=5432, "pl-data")];
            },
            "reachable",
        ),
        (
            "a destination that is known by its group only",
            |s| s.destination = Destination::group("sg-data", 5432),
            "reachable",
        ),
    ]);
}

#[test]
fn what_no_rule_allows_is_blocked() {
    check(&[
        (
            "no egress at all",
            |s| s.group("sg-app").egress.clear(),
            "blocked: no egress rule of sg-app allows 10.0.2.10/32, port 5432",
        ),
        (
            "egress to HTTPS only",
            |s| s.group("sg-app").egress = vec![tcp(443..=443, "0.0.0.0/0")],
            "blocked: no egress rule of sg-app allows 10.0.2.10/32, port 5432",
        ),
        (
            "egress to another group",
            |s| s.group("sg-app").egress = vec![tcp(5432..=5432, "sg-other")],
            "blocked: no egress rule of sg-app allows 10.0.2.10/32, port 5432",
        ),
        (
            "no ingress",
            |s| s.group("sg-data").ingress.clear(),
            "blocked: no ingress rule of sg-data allows 10.0.1.0/24, port 5432",
        ),
        (
            "ingress by a member of the group's own only",
            |s| s.group("sg-data").ingress = vec![rule(Protocol::All, None, "sg-data")],
            "blocked: no ingress rule of sg-data allows 10.0.1.0/24, port 5432",
        ),
        (
            "ICMP lets no TCP through",
            |s| s.group("sg-data").ingress = vec![rule(Protocol::Icmp, None, "sg-app")],
            "blocked: no ingress rule of sg-data allows 10.0.1.0/24, port 5432",
        ),
        (
            "ingress from half of the subnet",
            |s| s.group("sg-data").ingress = vec![tcp(5432..=5432, "10.0.1.0/25")],
            "partly blocked: no ingress rule of sg-data allows 10.0.1.128/25, port 5432",
        ),
        (
            "ingress from the internet over IPv6 is none over IPv4",
            |s| s.group("sg-data").ingress = vec![tcp(5432..=5432, "::/0")],
            "blocked: no ingress rule of sg-data allows 10.0.1.0/24, port 5432",
        ),
        (
            "a whole range, of which egress covers a half",
            |s| {
                s.destination = to_range("10.2.0.0/16", 443);
                s.group("sg-app").egress = vec![tcp(443..=443, "10.2.0.0/17")];
            },
            "partly blocked: no egress rule of sg-app allows 10.2.128.0/17, port 443",
        ),
        (
            "a destination that is known by its group only",
            |s| s.destination = Destination::group("sg-data", 5433),
            "blocked: no ingress rule of sg-data allows 10.0.1.0/24, port 5433",
        ),
        (
            "a rule for a group is not for addresses on the internet",
            |s| {
                s.destination.range = Some(net("8.8.8.8/32"));
                s.group("sg-app").egress = vec![tcp(5432..=5432, "sg-data")];
            },
            "blocked: no egress rule of sg-app allows 8.8.8.8/32, port 5432",
        ),
        (
            "no more so if nothing is known of their owner",
            |s| {
                s.destination = to_range("8.8.8.8/32", 5432);
                s.group("sg-app").egress = vec![tcp(5432..=5432, "sg-data")];
            },
            "blocked: no egress rule of sg-app allows 8.8.8.8/32, port 5432",
        ),
    ]);
}

#[test]
fn a_blocker_has_the_most_similar_rules_and_the_one_that_is_missing() {
    let mut situation = Situation::new();
    let other = tcp(5432..=5432, "sg-other");
    let udp = rule(Protocol::Udp, Some(5432..=5432), "sg-app");
    let port = tcp(5005..=5005, "sg-app");
    let far = tcp(22..=22, "10.9.0.0/16");
    situation.group("sg-data").ingress = vec![far, other.clone(), udp.clone(), port.clone()];
    let Reachability::Blocked(blocked) = situation.answer() else { panic!("{}", situation.told()) };
    let Blocker::SecurityGroup { similar, missing, .. } = blocked.blocker else { panic!() };
    let similar: Vec<(Difference, Rule)> =
        similar.into_iter().map(|similar| (similar.difference, similar.rule)).collect();
    assert_eq!(similar, [(Difference::Ports, port), (Difference::Protocol, udp), (Difference::Peer, other)]);
    assert_eq!(
        missing,
        MissingRule {
            direction: Direction::Ingress,
            group_ids: vec!["sg-data".to_owned()],
            protocol: Protocol::Tcp,
            port: 5432,
            peers: vec![Peer::Group("sg-app".to_owned())],
        }
    );
}

#[test]
fn members_of_a_group_may_have_other_groups_as_well() {
    let unknown = |destination: Destination| {
        let mut situation = Situation::new();
        situation.group("sg-data").ingress.clear();
        situation.destination = destination;
        match situation.answer() {
            Reachability::Blocked(blocked) => blocked.unknown,
            other => panic!("{other:?}"),
        }
    };
    let expected = Unknown { check: Check::Ingress, cause: Cause::Members };
    assert_eq!(unknown(Destination::group("sg-data", 5432)), [expected]);
    assert_eq!(unknown(Situation::new().destination), []);
}

#[test]
fn the_path_names_what_let_the_packets_through() {
    let Reachability::Reachable(path) = Situation::new().answer() else { panic!() };
    let met: Vec<String> = path
        .steps
        .iter()
        .map(|step| match step {
            Step::SecurityGroup { direction, group_id, .. } => format!("{direction:?} of {group_id}"),
            Step::Route { leg, table_id, route, .. } => format!("{leg:?} by {table_id} to {}", route.next),
            Step::NetworkAcl { leg, direction, subnet_id, .. } => {
                format!("{leg:?} {direction:?} of {subnet_id}")
            }
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(
        met,
        [
            "Egress of sg-app",
            "Forward by rtb-private to local",
            "Forward Egress of subnet-app",
            "Forward Ingress of subnet-data",
            "Ingress of sg-data",
            "Return Egress of subnet-data",
            "Return by rtb-main to local",
            "Return Ingress of subnet-app",
        ]
    );
}
