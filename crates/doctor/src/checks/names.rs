//! The names of the targets: what DNS says, and why it says nothing.

use std::net::IpAddr;

use ipnet::IpNet;
use lamex_config::{Check as Probe, Lambda, Protocol, Reach};
use lamex_network::answer::Reachability;
use lamex_network::model::{Unseen, Vpc};
use lamex_network::question::Destination;
use lamex_network::reachability::reachability;
use lamex_protocol::probe::{Lookup, LookupOutcome};

use super::way::Place;
use crate::aws_names::is_aws_name;
use crate::blocked;
use crate::case::Case;
use crate::facts::{Record, Zone};
use crate::finding::{Check, Finding, Tool};

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

/// The VPC that lamex.yaml or the function names is gone, or in another region or account.
pub(crate) fn no_vpc(case: &Case<'_>, unseen: &Unseen) -> Finding {
    let Lambda { region, account, .. } = case.lambda;
    Finding::problem(Check::VpcExists, format!("{unseen} in {region} for the account {account}"))
        .why("A function cannot be attached to it, and nothing of its network can be looked at.")
        .fix(Tool::LamexYaml, "vpc: { id: …, subnet_ids: […] }")
        .fix(Tool::Aws, case.aws("ec2 describe-vpcs --query 'Vpcs[].VpcId'"))
}

/// The VPC's own DNS settings, as far as the targets need them.
pub(crate) fn vpc(case: &Case<'_>, vpc: &Vpc) -> Vec<Finding> {
    const CHECK: Check = Check::VpcDns;
    if case.targets.iter().all(|target| is_address(&target.host)) {
        return Vec::new();
    }
    let modify = |attribute: &str| {
        case.aws(&format!("ec2 modify-vpc-attribute --vpc-id {} --{attribute} Value=true", vpc.id))
    };
    let mut findings = Vec::new();
    match &vpc.dns_support {
        Err(unseen) => findings.push(Finding::unseen(CHECK, unseen)),
        Ok(false) => findings.push(
            Finding::problem(CHECK, "the VPC's resolver is off (enableDnsSupport)")
                .resources([&vpc.id])
                .why("No name can be looked up.")
                .fix(Tool::Aws, modify("enable-dns-support"))
                .fix(Tool::Terraform, "enable_dns_support = true   # aws_vpc")
                .fix(Tool::Cdk, "enableDnsSupport: true   // ec2.Vpc"),
        ),
        Ok(true) => {}
    }
    let needs_hostnames =
        case.targets.iter().any(|target| !matches!(hosted(case, &target.host), Hosted::Nowhere));
    match &vpc.dns_hostnames {
        Err(unseen) => findings.push(Finding::unseen(CHECK, unseen)),
        Ok(false) if needs_hostnames => findings.push(
            Finding::problem(CHECK, "the VPC does not use private hosted zones (enableDnsHostnames is off)")
                .resources([&vpc.id])
                .why("Names in them are looked up on the internet instead, and not found.")
                .fix(Tool::Aws, modify("enable-dns-hostnames"))
                .fix(Tool::Terraform, "enable_dns_hostnames = true   # aws_vpc")
                .fix(Tool::Cdk, "enableDnsHostnames: true   // ec2.Vpc"),
        ),
        Ok(_) => {}
    }
    match &vpc.name_servers {
        Err(unseen) => findings.push(Finding::unseen(CHECK, unseen)),
        Ok(servers) if !servers.is_empty() => {
            let servers: Vec<_> = servers.iter().map(ToString::to_string).collect();
            findings.push(Finding::ok(
                CHECK,
                format!("the DHCP options name the DNS servers {}", servers.join(", ")),
            ));
        }
        Ok(_) if findings.is_empty() => findings.push(Finding::ok(CHECK, "the VPC's resolver answers")),
        Ok(_) => {}
    }
    findings
}

/// Whether DNS servers of the VPC's own can be asked: unlike the VPC's resolver, they are behind security groups,
/// network ACLs and routes.
pub(crate) fn servers(case: &Case<'_>, place: &Place<'_>) -> Vec<Finding> {
    let server = |address: &IpAddr| Reach {
        name: address.to_string(),
        host: address.to_string(),
        port: 53,
        protocol: Protocol::Tcp,
        check: Probe::Tcp,
        access: IpNet::from(*address).into(),
    };
    let mut findings = Vec::new();
    for address in own_name_servers(case) {
        for subnet_id in place.subnet_ids {
            let source = place.source(subnet_id);
            let destination = Destination {
                protocol: lamex_network::model::Protocol::Udp,
                ..Destination::range(IpNet::from(*address), 53)
            };
            if let Reachability::Blocked(blocked) = reachability(place.network, &source, &destination) {
                let finding = blocked::finding(case, &server(address), &blocked, place.security_group_ids);
                let saw = format!("the DNS server {address} cannot be asked: {}", finding.saw);
                findings.push(Finding { check: Check::VpcDns, subject: None, saw, ..finding });
            }
        }
    }
    findings
}

fn own_name_servers<'a>(case: &Case<'a>) -> &'a [IpAddr] {
    let vpc = case.facts.network.as_ref().and_then(|network| network.vpc.as_ref().ok());
    vpc.and_then(|vpc| vpc.name_servers.as_ref().ok()).map_or(&[], Vec::as_slice)
}

/// What is to be said of one target's name; nothing where it is an address.
pub(crate) fn target(case: &Case<'_>, target: &Reach, lookup: Option<&Lookup>) -> Option<Finding> {
    const CHECK: Check = Check::TargetName;
    let host = &target.host;
    if is_address(host) {
        return None;
    }
    let hosted = hosted(case, host);
    let finding = match lookup {
        Some(lookup) => match lookup.outcome {
            LookupOutcome::Resolved => {
                let saw = format!("{host} is {} ({} ms)", lookup.addresses.join(", "), lookup.duration_ms);
                Finding::ok(CHECK, saw)
            }
            LookupOutcome::NoSuchName => {
                cause(case, host, &hosted, Finding::problem(CHECK, format!("there is no name {host}")))
            }
            LookupOutcome::NoAddress => {
                let saw = format!("the name {host} has no address");
                cause(case, host, &hosted, Finding::problem(CHECK, saw))
            }
            LookupOutcome::TimedOut => {
                let saw = format!("no DNS server answered for {host} within {} ms", lookup.duration_ms);
                Finding::problem(CHECK, saw).why(
                    "The VPC's resolver needs no rule; DNS servers of the VPC's DHCP options need port 53 in the \
                     function's egress and in the network ACLs.",
                )
            }
            LookupOutcome::Failed | LookupOutcome::Unknown => {
                let message = lookup.message.as_deref().unwrap_or("no reason was given");
                Finding::problem(CHECK, format!("{host} could not be looked up: {message}"))
            }
        },
        None => match hosted {
            Hosted::Found([]) => Finding::ok(CHECK, format!("{host} is in a private hosted zone")),
            Hosted::Found(addresses) => {
                let addresses: Vec<_> = addresses.iter().map(ToString::to_string).collect();
                Finding::ok(CHECK, format!("{host} is {} in a private hosted zone", addresses.join(", ")))
            }
            Hosted::NoRecord(_) | Hosted::NotAssociated(_) => {
                cause(case, host, &hosted, Finding::problem(CHECK, format!("{host} will not be found")))
            }
            // A public name, which is always there.
            Hosted::Nowhere if is_aws_name(host) => return None,
            Hosted::Nowhere => match &case.facts.zones {
                Err(unseen) => Finding::unseen(CHECK, unseen),
                Ok(_) => {
                    Finding::unknown(CHECK, format!("{host} is in no private hosted zone of this account"))
                        .why("Only the function can tell whether it is found.")
                }
            },
        },
    };
    Some(finding.about(&target.name))
}

/// The finding with what the hosted zones tell about it.
fn cause(case: &Case<'_>, host: &str, hosted: &Hosted<'_>, finding: Finding) -> Finding {
    let vpc_id = case.lambda.vpc.as_ref().map_or("vpc-…", |vpc| &vpc.id);
    let region = &case.lambda.region;
    match hosted {
        Hosted::NotAssociated(zone) => {
            let Zone { id, name, .. } = zone;
            finding
                .resources([id.as_str(), vpc_id])
                .why(format!("The private hosted zone {name} ({id}) is not associated with {vpc_id}."))
                .fix(
                    Tool::Terraform,
                    format!(
                        "resource \"aws_route53_zone_association\" \"system_tests\" {{\n  zone_id = \"{id}\"\n  vpc_id  = \"{vpc_id}\"\n}}"
                    ),
                )
                .fix(Tool::Cdk, "zone.addVpc(vpc);   // route53.PrivateHostedZone")
                .fix(
                    Tool::Aws,
                    format!(
                        "aws route53 associate-vpc-with-hosted-zone --hosted-zone-id {id} --vpc \
                         VPCRegion={region},VPCId={vpc_id}"
                    ),
                )
        }
        Hosted::NoRecord(zone) => {
            let Zone { id, name, .. } = zone;
            finding
                .resources([id])
                .why(format!("The private hosted zone {name} ({id}) is responsible for it, and has no such record."))
                .fix(Tool::LamexYaml, format!("host: …   # a name that exists, instead of {host}"))
                .fix(
                    Tool::Terraform,
                    format!(
                        "resource \"aws_route53_record\" \"target\" {{\n  zone_id = \"{id}\"\n  name    = \"{host}\"\n  type    = \"A\"\n  ttl     = 60\n  records = [\"10.…\"]\n}}"
                    ),
                )
        }
        Hosted::Found(_) | Hosted::Nowhere => finding
            .why("No private hosted zone explains it: is the name spelled as the service registers it?"),
    }
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

fn is_address(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok()
}
