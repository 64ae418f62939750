//! Address ranges as EC2's security group rules take them.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::problem::Problems;
use super::read::{Read, expected, text};
use super::yaml::Node;

/// `10.0.0.0/16`
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ipv4Cidr(pub(super) String);

/// `fd00::/8`
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ipv6Cidr(pub(super) String);

/// The range in EC2's spelling, with the bits beyond the prefix cleared; `None` where it is none.
fn ipv4_range(text: &str) -> Option<String> {
    let (address, prefix) = split::<Ipv4Addr>(text, 32)?;
    let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
    Some(format!("{}/{prefix}", Ipv4Addr::from_bits(address.to_bits() & mask)))
}

fn ipv6_range(text: &str) -> Option<String> {
    let (address, prefix) = split::<Ipv6Addr>(text, 128)?;
    let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
    Some(format!("{}/{prefix}", Ipv6Addr::from_bits(address.to_bits() & mask)))
}

fn split<Address: std::str::FromStr>(text: &str, longest_prefix: u32) -> Option<(Address, u32)> {
    let (address, prefix) = text.split_once('/')?;
    let prefix = prefix.bytes().all(|digit| digit.is_ascii_digit()).then(|| prefix.parse().ok())??;
    Some((address.parse().ok()?, prefix)).filter(|(_, prefix)| *prefix <= longest_prefix)
}

fn read(
    node: &Node,
    what: &str,
    range: fn(&str) -> Option<String>,
    problems: &mut Problems,
) -> Option<String> {
    let written = text(node, what, problems)?;
    let problem = match range(&written) {
        Some(range) if range == written.to_ascii_lowercase() => return Some(range),
        // EC2 stores the range with the host bits cleared, which Terraform would take for drift.
        Some(range) => expected(what, node).help(format!("EC2 writes this range {range}")),
        None => expected(what, node).help("an address, a slash and the length of the prefix"),
    };
    problems.push(problem);
    None
}

impl Read for Ipv4Cidr {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        read(node, "an IPv4 range such as `10.0.0.0/16`", ipv4_range, problems).map(Self)
    }
}

impl Read for Ipv6Cidr {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        read(node, "an IPv6 range such as `fd00::/8`", ipv6_range, problems).map(Self)
    }
}

impl JsonSchema for Ipv4Cidr {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Ipv4Cidr".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": r"^[0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2}$" })
    }
}

impl JsonSchema for Ipv6Cidr {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Ipv6Cidr".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9A-Fa-f:.]+/[0-9]{1,3}$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_spelled_as_ec2_does() {
        assert_eq!(ipv4_range("10.0.0.0/16").as_deref(), Some("10.0.0.0/16"));
        assert_eq!(ipv4_range("10.0.3.7/16").as_deref(), Some("10.0.0.0/16"));
        assert_eq!(ipv4_range("0.0.0.0/0").as_deref(), Some("0.0.0.0/0"));
        assert_eq!(ipv4_range("10.1.2.3/32").as_deref(), Some("10.1.2.3/32"));
        assert_eq!(ipv6_range("fd00:0::1/8").as_deref(), Some("fd00::/8"));
        assert_eq!(ipv6_range("::/0").as_deref(), Some("::/0"));
        for text in ["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "10.0.0.0/+8", "fd00::/8", ""] {
            assert_eq!(ipv4_range(text), None, "{text}");
        }
        assert_eq!(ipv6_range("fd00::/129"), None);
    }
}
