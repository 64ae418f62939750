//! The names of the targets: what DNS says, and why it says nothing.

use std::net::IpAddr;

use ipnet::IpNet;
use lamex_config::{Lambda, Protocol, Reach};
use lamex_network::answer::Reachability;
use lamex_network::model::{Unseen, Vpc};
use lamex_network::question::Destination;
use lamex_network::reachability::reachability;
use lamex_protocol::probe::{Lookup, LookupOutcome};

use super::function_network::FunctionNetwork;
use super::hosted_name::{Hosted, hosted, own_name_servers};
use crate::aws_names::is_aws_name;
use crate::blocked;
use crate::case::Case;
use crate::facts::Zone;
use crate::finding::{Check, Finding, Tool};

/// The VPC that lamex.yaml or the function names is gone, or in another region or account.
pub(crate) fn no_vpc(case: &Case<'_>, unseen: &Unseen) -> Finding {
    let Lambda { region, account, .. } = case.lambda;
    Finding::problem(Check::VpcExists, format!("{unseen} in {region} for the account {account}"))
        .why("A function cannot be attached to it, and nothing of its network can be checked.")
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
/// network ACLs and routes, and need an entry of `reach`.
pub(crate) fn servers(case: &Case<'_>, network: &FunctionNetwork<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for address in own_name_servers(case) {
        let target = declared_server(case, address).cloned().unwrap_or_else(|| server(address));
        let interface = network.vpcs.interfaces.iter().flatten().find(|one| one.addresses.contains(address));
        let destination = interface.map_or_else(
            || Destination::range(IpNet::from(*address), DNS_PORT),
            |interface| Destination::interface(*address, interface, DNS_PORT),
        );
        let destination = Destination { protocol: lamex_network::model::Protocol::Udp, ..destination };
        for subnet_id in network.subnet_ids {
            let source = network.source(subnet_id);
            if let Reachability::Blocked(blocked) = reachability(network.vpcs, &source, &destination) {
                let finding = blocked::finding(case, &target, &blocked, network.security_group_ids);
                let saw = format!("the DNS server {address} cannot be asked: {}", finding.saw);
                findings.push(Finding { check: Check::VpcDns, subject: None, saw, ..finding });
            }
        }
    }
    findings
}

const DNS_PORT: u16 = 53;

/// The entry of `reach` that is for this server.
fn declared_server<'a>(case: &Case<'a>, address: &IpAddr) -> Option<&'a Reach> {
    case.lambda.reach.iter().find(|target| {
        let is_in_range = target.access.range().is_some_and(|range| range.contains(address));
        target.protocol == Protocol::Udp
            && target.port == DNS_PORT
            && (is_in_range || target.host == address.to_string())
    })
}

/// The entry that it would need.
fn server(address: &IpAddr) -> Reach {
    Reach {
        name: format!("dns-{}", address.to_string().replace(['.', ':'], "-")),
        host: address.to_string(),
        port: DNS_PORT,
        protocol: Protocol::Udp,
        check: None,
        tls: false,
        access: IpNet::from(*address).into(),
    }
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
                cause(case, host, &hosted, Finding::problem(CHECK, format!("the name {host} does not exist")))
            }
            LookupOutcome::NoAddress => {
                let saw = format!("the name {host} has no address");
                cause(case, host, &hosted, Finding::problem(CHECK, saw))
            }
            LookupOutcome::TimedOut => {
                let saw = format!("no DNS server answered for {host} within {} ms", lookup.duration_ms);
                Finding::problem(CHECK, saw).why(
                    "The VPC's resolver needs no rule; DNS servers of the VPC's DHCP options need UDP port 53 in the \
                     function's egress (an entry of `reach`) and in the network ACLs.",
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
                .why(format!("The private hosted zone {name} ({id}) covers it, but has no such record."))
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

fn is_address(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok()
}
