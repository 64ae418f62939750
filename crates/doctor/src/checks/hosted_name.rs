//! What the private hosted zones say of a name.

use std::net::IpAddr;

use crate::case::Case;
use crate::facts::{Record, Zone};

/// What the private hosted zones say of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Hosted<'a> {
    /// A zone that the VPC asks has these addresses; none for an alias, which leads elsewhere.
    Found(&'a [IpAddr]),
    /// The zone that the VPC asks has no such record.
    NoRecord(&'a Zone),
    /// A zone has the name, and the VPC does not ask it.
    NotAssociated(&'a Zone),
    /// No private zone is responsible, or it is not known.
    Nowhere,
}

/// What the private hosted zones say of the name. The most specific zone that the VPC asks is responsible, even
/// where it has no such record.
pub(crate) fn hosted<'a>(case: &Case<'a>, host: &str) -> Hosted<'a> {
    let Ok(zones) = &case.facts.zones else { return Hosted::Nowhere };
    // Other DNS servers than the VPC's resolver may know the name otherwise.
    if !own_name_servers(case).is_empty() {
        return Hosted::Nowhere;
    }
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let contains = |zone: &&Zone| host == zone.name || host.ends_with(&format!(".{}", zone.name));
    let most_specific = |is_associated| {
        zones
            .iter()
            .filter(|zone| zone.is_associated == is_associated)
            .filter(contains)
            .max_by_key(|zone| zone.name.len())
    };
    let responsible = most_specific(true);
    let record = |zone: &'a Zone| {
        zone.records.as_ref().ok().and_then(|records| records.iter().find(|record| answers(record, &host)))
    };
    match responsible {
        Some(zone) if zone.records.is_err() => return Hosted::Nowhere,
        Some(zone) => {
            if let Some(record) = record(zone) {
                return Hosted::Found(&record.addresses);
            }
        }
        None => {}
    }
    match (most_specific(false), responsible) {
        (Some(other), None) => Hosted::NotAssociated(other),
        (Some(other), Some(_)) if record(other).is_some() => Hosted::NotAssociated(other),
        (_, Some(zone)) => Hosted::NoRecord(zone),
        (None, None) => Hosted::Nowhere,
    }
}

fn answers(record: &Record, host: &str) -> bool {
    match record.name.strip_prefix("*.") {
        Some(parent) => host.ends_with(&format!(".{parent}")),
        None => record.name == host,
    }
}

pub(crate) fn own_name_servers<'a>(case: &Case<'a>) -> &'a [IpAddr] {
    let vpc = case.facts.network.as_ref().and_then(|network| network.vpc.as_ref().ok());
    vpc.and_then(|vpc| vpc.name_servers.as_ref().ok()).map_or(&[], Vec::as_slice)
}
