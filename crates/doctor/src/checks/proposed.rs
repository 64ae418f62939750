//! VPC endpoints that would lead to a service: what they change beside it, and what they cost.

use std::collections::BTreeSet;

use super::function_network::FunctionNetwork;
use crate::aws_names::Service;
use crate::finding::{Finding, Tool};

/// Of an interface endpoint in one availability zone, in cents of US dollars: 730 hours in us-east-1, of which other
/// regions differ by up to a third.
const CENTS_A_MONTH: usize = 730;

/// The function's availability zones, as far as they can be seen.
pub(super) fn zones<'n>(network: &FunctionNetwork<'n>) -> BTreeSet<&'n str> {
    let Ok(subnets) = &network.vpcs.subnets else { return BTreeSet::new() };
    let found = network.subnet_ids.iter().filter_map(|id| subnets.get(id));
    found.map(|subnet| subnet.availability_zone.as_str()).collect()
}

/// The finding with a gateway endpoint as the way out.
pub(super) fn gateway(finding: Finding, service: &Service, table: &str, flaws: &str) -> Finding {
    let name = &service.name;
    let why = format!("A gateway endpoint for {name} costs nothing. {flaws}");
    finding
        .why(why.trim_end())
        .fix(Tool::Words, setting_stays("gateway_services"))
        .fix(
            Tool::Terraform,
            format!("vpc_endpoints = {{ gateway_services = [\"{name}\"], route_table_ids = [\"{table}\"] }}"),
        )
        .fix(
            Tool::Cdk,
            format!(
                "\"vpc_endpoints\": {{ \"gateway_services\": [\"{name}\"], \"route_table_ids\": [\"{table}\"] }}"
            ),
        )
}

/// The finding with an interface endpoint as the way out.
pub(super) fn interface(
    finding: Finding,
    service: &Service,
    host: &str,
    zones: &BTreeSet<&str>,
    flaws: &str,
) -> Finding {
    let name = &service.name;
    let why = format!(
        "An interface endpoint costs {} and 0.01 a GB; a NAT gateway costs more, and is for everything. With private \
         DNS, which it needs here, {host} leads to it for the whole VPC: the endpoint's security group must \
         admit everything else there that uses the service. {flaws}",
        monthly(zones.len())
    );
    finding
        .why(why.trim_end())
        .fix(Tool::Words, setting_stays("interface_services"))
        .fix(Tool::Terraform, format!("vpc_endpoints = {{ interface_services = [\"{name}\"] }}"))
        .fix(Tool::Cdk, format!("\"vpc_endpoints\": {{ \"interface_services\": [\"{name}\"] }}"))
}

/// What is there already must stay: a list that is given again replaces it.
fn setting_stays(list: &str) -> String {
    format!(
        "one more entry in {list} of the kit's setting vpc_endpoints, beside everything that the setting has already \
         (Terraform: in the .tfvars that you apply with; CDK: in the context that you deploy with)"
    )
}

/// `about 7.30 US dollars a month and zone, 14.60 in your 2 zones (us-east-1; other regions up to a third more)`
fn monthly(zones: usize) -> String {
    let dollars = |cents: usize| format!("{}.{:02}", cents / 100, cents % 100);
    let all = match zones {
        0 | 1 => String::new(),
        zones => format!(", {} in the function's {zones} zones", dollars(CENTS_A_MONTH * zones)),
    };
    format!(
        "about {} US dollars a month for each availability zone{all} (us-east-1; other regions up to a third more),",
        dollars(CENTS_A_MONTH)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_price_is_that_of_all_zones() {
        assert!(
            monthly(1).starts_with("about 7.30 US dollars a month for each availability zone (us-east-1")
        );
        assert!(monthly(3).contains("zone, 21.90 in the function's 3 zones (us-east-1"));
    }
}
