//! Rules as lamex.yaml, Terraform, CDK and the AWS CLI write them.

use ipnet::IpNet;
use lamex_config::{Protocol, Reach};
use lamex_network::answer::{Direction, MissingRule};
use lamex_network::model::{AclRule, Peer};

use super::case::Case;
use super::finding::{Finding, Tool};

/// The line under `reach` that would allow it.
pub(super) fn entry(target: &Reach, peer: &Peer) -> String {
    let access = match peer {
        Peer::Group(id) => format!("security_group_id: {id}"),
        Peer::PrefixList(id) => format!("prefix_list_id: {id}"),
        Peer::Range(range @ IpNet::V4(_)) => format!("cidr: {range}"),
        Peer::Range(range @ IpNet::V6(_)) => format!("ipv6_cidr: \"{range}\""),
    };
    let Reach { name, host, port, .. } = target;
    let protocol = match target.protocol {
        Protocol::Tcp => "",
        Protocol::Udp => "protocol: udp, ",
    };
    format!(
        "- {{ name: {name}, host: {host}, port: {port}, {protocol}{access} }}   # one more entry of `reach`"
    )
}

/// The finding with the security group rule that is missing.
#[expect(clippy::too_many_arguments, reason = "the parts of one rule")]
pub(super) fn rule(
    case: &Case<'_>,
    finding: Finding,
    target: &Reach,
    direction: Direction,
    group: &str,
    missing: &MissingRule,
    peer: &Peer,
    is_own: bool,
) -> Finding {
    let port = missing.port;
    let protocol = missing.protocol.to_string().to_ascii_lowercase();
    let (resource, method, command) = match direction {
        Direction::Egress => {
            ("aws_vpc_security_group_egress_rule", "addEgressRule", "authorize-security-group-egress")
        }
        Direction::Ingress => {
            ("aws_vpc_security_group_ingress_rule", "addIngressRule", "authorize-security-group-ingress")
        }
    };
    let (argument, cdk_peer, cli_peer) = match peer {
        Peer::Group(id) => (
            format!("referenced_security_group_id = \"{id}\""),
            format!("ec2.Peer.securityGroupId(\"{id}\")"),
            format!("UserIdGroupPairs=[{{GroupId={id}}}]"),
        ),
        Peer::PrefixList(id) => (
            format!("prefix_list_id               = \"{id}\""),
            format!("ec2.Peer.prefixList(\"{id}\")"),
            format!("PrefixListIds=[{{PrefixListId={id}}}]"),
        ),
        Peer::Range(range @ IpNet::V4(_)) => (
            format!("cidr_ipv4                    = \"{range}\""),
            format!("ec2.Peer.ipv4(\"{range}\")"),
            format!("IpRanges=[{{CidrIp={range}}}]"),
        ),
        Peer::Range(range @ IpNet::V6(_)) => (
            format!("cidr_ipv6                    = \"{range}\""),
            format!("ec2.Peer.ipv6(\"{range}\")"),
            format!("Ipv6Ranges=[{{CidrIpv6={range}}}]"),
        ),
    };
    let cli = case.aws(&format!(
        "ec2 {command} --group-id {group} --ip-permissions \
         'IpProtocol={protocol},FromPort={port},ToPort={port},{cli_peer}'"
    ));
    if is_own {
        return finding.fix(Tool::Aws, cli);
    }
    finding
        .fix(
            Tool::Terraform,
            format!(
                "resource \"{resource}\" \"{}\" {{\n  security_group_id            = \"{group}\"\n  {argument}\n  \
                 ip_protocol                  = \"{protocol}\"\n  from_port                    = {port}\n  \
                 to_port                      = {port}\n}}",
                identifier(&target.name)
            ),
        )
        .fix(
            Tool::Cdk,
            format!(
                "ec2.SecurityGroup.fromSecurityGroupId(this, \"{}\", \"{group}\")\n  .{method}({cdk_peer}, ec2.Port.{protocol}({port}));",
                target.name
            ),
        )
        .fix(Tool::Aws, cli)
}

/// The finding with the rule that a network ACL is missing.
pub(super) fn acl_rule(
    case: &Case<'_>,
    finding: Finding,
    acl_id: &str,
    direction: Direction,
    rule: &AclRule,
) -> Finding {
    let AclRule { number, range, ports, .. } = rule;
    let protocol = rule.protocol.to_string().to_ascii_lowercase();
    let (from, to) = ports.as_ref().map_or((0, u16::MAX), |ports| (*ports.start(), *ports.end()));
    let (egress, flag, traffic) = match direction {
        Direction::Egress => (true, "--egress", "EGRESS"),
        Direction::Ingress => (false, "--ingress", "INGRESS"),
    };
    let (block, cli_block, cdk_range) = match range {
        IpNet::V4(_) => ("cidr_block     ", "--cidr-block", "ipv4"),
        IpNet::V6(_) => ("ipv6_cidr_block", "--ipv6-cidr-block", "ipv6"),
    };
    finding
        .fix(
            Tool::Terraform,
            format!(
                "resource \"aws_network_acl_rule\" \"system_tests\" {{\n  network_acl_id  = \"{acl_id}\"\n  \
                 rule_number     = {number}\n  egress          = {egress}\n  protocol        = \"{protocol}\"\n  \
                 rule_action     = \"allow\"\n  {block} = \"{range}\"\n  from_port       = {from}\n  \
                 to_port         = {to}\n}}"
            ),
        )
        .fix(
            Tool::Cdk,
            format!(
                "acl.addEntry(\"SystemTests\", {{ ruleNumber: {number}, direction: ec2.TrafficDirection.{traffic},\n  \
                 cidr: ec2.AclCidr.{cdk_range}(\"{range}\"), traffic: ec2.AclTraffic.{protocol}PortRange({from}, {to}) }});"
            ),
        )
        .fix(
            Tool::Aws,
            case.aws(&format!(
                "ec2 create-network-acl-entry --network-acl-id {acl_id} {flag} --rule-number {number} \
                 --protocol {protocol} --port-range From={from},To={to} {cli_block} {range} --rule-action allow"
            )),
        )
}

/// A name that Terraform takes.
fn identifier(name: &str) -> String {
    let text: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    if text.starts_with(|c: char| c.is_ascii_alphabetic()) { text } else { format!("target_{text}") }
}
