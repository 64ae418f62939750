//! The subnets that the function is in.

use lamex_network::model::{Network, Subnet};

use crate::case::Case;
use crate::finding::{Check, Finding, Tool};

/// Below this many, a few more functions or a scale-out can use up a subnet.
const FEW_ADDRESSES: u32 = 8;

pub(crate) fn findings(case: &Case<'_>, network: &Network, subnet_ids: &[String]) -> Vec<Finding> {
    let subnets = match &network.subnets {
        Err(unseen) => return vec![Finding::unseen(Check::SubnetExists, unseen)],
        Ok(subnets) => subnets,
    };
    let vpc_id = case.lambda.vpc.as_ref().map(|vpc| &vpc.id);
    let mut findings = Vec::new();
    let mut zones = Vec::new();
    for id in subnet_ids {
        let Some(subnet) = subnets.get(id) else {
            let missing =
                Finding::problem(Check::SubnetExists, "it does not exist").about(id).resources([id]);
            findings.push(missing.fix(Tool::LamexYaml, "vpc: { subnet_ids: […] }   # subnets that exist"));
            continue;
        };
        zones.push(&subnet.availability_zone);
        if let Some(expected) = vpc_id.filter(|id| **id != subnet.vpc_id) {
            let saw = format!("it is in {}, not in {expected}", subnet.vpc_id);
            let elsewhere =
                Finding::problem(Check::SubnetExists, saw).about(id).resources([id, &subnet.vpc_id]);
            findings.push(elsewhere.fix(Tool::LamexYaml, "vpc: { id, subnet_ids }   # of one VPC"));
            continue;
        }
        let ranges: Vec<_> = subnet.ranges.iter().map(ToString::to_string).collect();
        let saw = format!("{} in {}", ranges.join(", "), subnet.availability_zone);
        findings.push(Finding::ok(Check::SubnetExists, saw).about(id));
        findings.push(addresses(subnet));
    }
    if let [zone, others @ ..] = &zones[..]
        && !others.is_empty()
        && others.iter().all(|other| other == zone)
    {
        findings.push(
            Finding::warning(Check::SubnetZones, format!("all subnets are in {zone}"))
                .why("When that availability zone fails, no test runs."),
        );
    }
    findings
}

fn addresses(subnet: &Subnet) -> Finding {
    const CHECK: Check = Check::SubnetAddresses;
    let free = subnet.free_addresses;
    let saw = format!("{free} addresses are free");
    let finding = match free {
        0 => Finding::problem(CHECK, "no address is free")
            .why("Lambda cannot create a network interface here: the function stays Pending or fails.")
            .fix(Tool::Words, "remove unused network interfaces, or give `subnet_ids` a larger subnet"),
        1..FEW_ADDRESSES => Finding::warning(CHECK, saw)
            .why("Every pair of a subnet and the function's security groups takes one."),
        _ => Finding::ok(CHECK, saw),
    };
    finding.about(&subnet.id).resources([&subnet.id])
}
