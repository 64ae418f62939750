//! The zones that answer for a target's name.

use std::collections::BTreeSet;

use lamex_doctor::facts::Record;
use lamex_testing::network::{Network, SERVICE_ADDRESS, private_zone, record};

use super::project::Project;

#[test]
fn a_zone_answers_as_dns_does() {
    let (network, other) = (Network::create("names"), Network::create("others"));
    record(&network.zone_id, "*.names.internal", "A", "10.0.3.11");
    record(&network.zone_id, "text.names.internal", "TXT", "\"words\"");
    record(&network.zone_id, "deep.branch.names.internal", "CNAME", "orders.names.internal");
    private_zone("sub.names.internal", &other.vpc_id);
    let mut project = Project::new("names", &network);
    let mut records_of = |host: &str| {
        project.reach = vec![format!("host: {host}, port: 1, cidr: 10.0.0.0/8")];
        let zones = project.collect().zones.unwrap();
        zones
            .into_iter()
            .map(|zone| (zone.name, zone.is_associated, zone.records.unwrap()))
            .collect::<Vec<_>>()
    };
    let record = |name: &str, addresses: &[&str]| Record {
        name: name.to_owned(),
        addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
    };
    let here = |records| vec![("names.internal".to_owned(), true, records)];
    assert_eq!(
        records_of("orders.names.internal"),
        here(vec![record("orders.names.internal", &[SERVICE_ADDRESS])])
    );
    let wildcard = || vec![record("*.names.internal", &["10.0.3.11"])];
    assert_eq!(records_of("new.names.internal"), here(wildcard()));
    assert_eq!(records_of("very.new.names.internal"), here(wildcard()));
    let leads_elsewhere = vec![record("deep.branch.names.internal", &[])];
    assert_eq!(records_of("deep.branch.names.internal"), here(leads_elsewhere));
    // These names exist, without an address, so that the wildcard does not stand for them or what is below.
    assert_eq!(records_of("text.names.internal"), here(Vec::new()));
    assert_eq!(records_of("branch.names.internal"), here(Vec::new()));
    assert_eq!(records_of("other.branch.names.internal"), here(Vec::new()));
    let both = records_of("x.sub.names.internal");
    let associated: BTreeSet<_> =
        both.iter().map(|(name, is_associated, _)| (name.as_str(), *is_associated)).collect();
    assert_eq!(associated, BTreeSet::from([("names.internal", true), ("sub.names.internal", false)]));
    assert!(records_of("dynamodb.us-east-1.amazonaws.com").is_empty());
    assert!(records_of("10.0.0.1").is_empty());
}
