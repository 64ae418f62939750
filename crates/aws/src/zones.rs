//! Private hosted zones of Route 53, and their records at the names of the targets.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_route53::Client;
use aws_sdk_route53::config::retry::RetryConfig;
use aws_sdk_route53::types::{HostedZoneType, ResourceRecordSet, RrType, VpcRegion};
use lamex_doctor::facts::{Record, Zone};
use lamex_network::model::Seen;

use super::error;
use crate::Account;

/// A page of record sets: more than any name has of its own.
const PAGE: i32 = 100;

/// Of one request that Route 53 throttles; some ten seconds in all.
const MAX_ATTEMPTS: u32 = 8;
const FIRST_DELAY: Duration = Duration::from_millis(200);
const LONGEST_DELAY: Duration = Duration::from_secs(5);

/// The private zones that one of these names could be in: those that the VPC asks, and the account's others.
///
/// # Errors
/// Route 53 would not show a kind of zone that matters for one of the names.
pub async fn private_zones(
    account: &Account,
    vpc_id: &str,
    region: &str,
    hosts: &BTreeSet<String>,
) -> Seen<Vec<Zone>> {
    let client = patient(account);
    let associated = associated_zones(&client, vpc_id, region).await;
    let own = own_zones(&client).await;
    let mut zones = BTreeMap::new();
    for (id, name) in associated? {
        zones.insert(id, (name, true));
    }
    match own {
        Ok(own) => {
            for (id, name) in own {
                zones.entry(id).or_insert((name, false));
            }
        }
        // Every name has its zone: others are never asked.
        Err(_) if hosts.iter().all(|host| zones.values().any(|(zone, _)| is_in(host, zone))) => {}
        Err(unseen) => return Err(unseen),
    }
    let mut found = Vec::new();
    for (id, (name, is_associated)) in zones {
        let in_zone: Vec<&String> = hosts.iter().filter(|host| is_in(host, &name)).collect();
        if !in_zone.is_empty() {
            let records = records_of(&client, &id, &name, &in_zone).await;
            found.push(Zone { id, name, is_associated, records });
        }
    }
    Ok(found)
}

/// Route 53 takes five requests a second of a whole account, whoever sends them: one is sent after the other, and
/// again where others were quicker.
fn patient(account: &Account) -> Client {
    let retries = RetryConfig::standard()
        .with_max_attempts(MAX_ATTEMPTS)
        .with_initial_backoff(FIRST_DELAY)
        .with_max_backoff(LONGEST_DELAY);
    Client::from_conf(aws_sdk_route53::config::Builder::from(&account.sdk).retry_config(retries).build())
}

async fn records_of(client: &Client, zone_id: &str, zone: &str, hosts: &[&String]) -> Seen<Vec<Record>> {
    let mut records = Vec::new();
    for host in hosts {
        records.extend(records_at(client, zone_id, zone, host).await?);
    }
    Ok(records)
}

/// Ids and names of the zones that the VPC asks, whoever owns them.
async fn associated_zones(client: &Client, vpc_id: &str, region: &str) -> Seen<Vec<(String, String)>> {
    let mut zones = Vec::new();
    let mut next = None;
    loop {
        let request = client.list_hosted_zones_by_vpc().vpc_id(vpc_id).vpc_region(VpcRegion::from(region));
        let page = request.set_next_token(next).send().await;
        let page = page.map_err(|error| error::unseen("route53:ListHostedZonesByVPC", &error))?;
        let found = page.hosted_zone_summaries.into_iter();
        zones.extend(found.map(|zone| (bare_id(&zone.hosted_zone_id), plain_name(&zone.name))));
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(zones);
        }
    }
}

/// Ids and names of the account's private zones.
async fn own_zones(client: &Client) -> Seen<Vec<(String, String)>> {
    let pages = client.list_hosted_zones().hosted_zone_type(HostedZoneType::PrivateHostedZone);
    let zones: Result<Vec<_>, _> = pages.into_paginator().items().send().collect().await;
    let zones = zones.map_err(|error| error::unseen("route53:ListHostedZones", &error))?;
    let private = zones.iter().filter(|zone| zone.config().is_some_and(|config| config.private_zone()));
    Ok(private.map(|zone| (bare_id(zone.id()), plain_name(zone.name()))).collect())
}

/// What the zone answers for this name: its own records, else those of the wildcard that stands for it.
async fn records_at(client: &Client, zone_id: &str, zone: &str, host: &str) -> Seen<Vec<Record>> {
    for (depth, name) in self_and_parents(host, zone).into_iter().enumerate() {
        let sets = sets_from(client, zone_id, name).await?;
        let exists = sets.iter().any(|set| is_in(&plain_name(set.name()), name));
        if exists {
            // A wildcard stands for what does not exist, right below the nearest name that does.
            let wanted = if depth == 0 { name.to_owned() } else { format!("*.{name}") };
            return Ok(records_named(&wanted, &sets));
        }
    }
    Ok(Vec::new())
}

/// The record sets from this name on: its own, then those below it.
async fn sets_from(client: &Client, zone_id: &str, name: &str) -> Seen<Vec<ResourceRecordSet>> {
    let request = client.list_resource_record_sets().hosted_zone_id(zone_id).start_record_name(name);
    let page = request.max_items(PAGE).send().await;
    let page = page.map_err(|error| error::unseen("route53:ListResourceRecordSets", &error))?;
    Ok(page.resource_record_sets)
}

/// At most one record: all sets of a name together.
fn records_named(name: &str, sets: &[ResourceRecordSet]) -> Vec<Record> {
    let leads_to_an_address = |kind: &RrType| matches!(kind, RrType::A | RrType::Aaaa | RrType::Cname);
    let sets: Vec<_> = sets
        .iter()
        .filter(|set| plain_name(set.name()) == name && leads_to_an_address(set.r#type()))
        .collect();
    if sets.is_empty() {
        return Vec::new();
    }
    let values = sets.iter().flat_map(|set| set.resource_records()).map(|record| record.value());
    let addresses = values.filter_map(|value| value.parse().ok()).collect();
    vec![Record { name: name.to_owned(), addresses }]
}

/// `a.b.zone`, `b.zone`, `zone`
fn self_and_parents<'a>(host: &'a str, zone: &str) -> Vec<&'a str> {
    let parents = std::iter::successors(Some(host), |name| name.split_once('.').map(|(_, parent)| parent));
    parents.take_while(|name| is_in(name, zone)).collect()
}

/// Whether the name is the zone's or below it.
fn is_in(name: &str, zone: &str) -> bool {
    name.strip_suffix(zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Without the dot at its end; Route 53 writes a wildcard's star as an octal number.
fn plain_name(name: &str) -> String {
    name.trim_end_matches('.').replace("\\052", "*").to_ascii_lowercase()
}

/// Route 53 writes `/hostedzone/Z1` in some answers.
fn bare_id(id: &str) -> String {
    id.rsplit('/').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use aws_sdk_route53::types::{AliasTarget, ResourceRecord};

    use super::*;

    fn set(name: &str, kind: RrType, values: &[&str]) -> ResourceRecordSet {
        let values = values.iter().map(|value| ResourceRecord::builder().value(*value).build().unwrap());
        let set = ResourceRecordSet::builder().name(name).r#type(kind);
        set.set_resource_records(Some(values.collect())).build().unwrap()
    }

    #[test]
    fn a_zone_has_its_own_name_and_those_below() {
        assert!(is_in("orders.internal", "internal"));
        assert!(is_in("internal", "internal"));
        assert!(!is_in("orders.myinternal", "internal"));
        assert_eq!(
            self_and_parents("a.b.zone.test", "zone.test"),
            ["a.b.zone.test", "b.zone.test", "zone.test"]
        );
        assert!(self_and_parents("a.other.test", "zone.test").is_empty());
    }

    #[test]
    fn route_53s_spellings_are_made_plain() {
        assert_eq!(plain_name("\\052.Orders.internal."), "*.orders.internal");
        assert_eq!(bare_id("/hostedzone/Z1"), "Z1");
        assert_eq!(bare_id("Z1"), "Z1");
    }

    #[test]
    fn the_sets_of_a_name_are_one_record() {
        let sets = [
            set("orders.internal.", RrType::A, &["10.0.0.1"]),
            set("orders.internal.", RrType::A, &["10.0.0.2"]),
            set("orders.internal.", RrType::Aaaa, &["fd00::1"]),
            set("other.internal.", RrType::A, &["10.0.0.3"]),
            set("text.internal.", RrType::Txt, &["\"words\""]),
        ];
        let addresses = ["10.0.0.1", "10.0.0.2", "fd00::1"].map(|address| address.parse().unwrap()).to_vec();
        let expected = Record { name: "orders.internal".to_owned(), addresses };
        assert_eq!(records_named("orders.internal", &sets), [expected]);
        assert!(records_named("text.internal", &sets).is_empty());
    }

    #[test]
    fn an_alias_is_a_record_without_addresses() {
        let target =
            AliasTarget::builder().hosted_zone_id("Z2").dns_name("elb.").evaluate_target_health(false);
        let alias = ResourceRecordSet::builder().name("orders.internal.").r#type(RrType::A);
        let alias = alias.alias_target(target.build().unwrap()).build().unwrap();
        let expected = Record { name: "orders.internal".to_owned(), addresses: Vec::new() };
        assert_eq!(records_named("orders.internal", &[alias]), [expected]);
    }
}
