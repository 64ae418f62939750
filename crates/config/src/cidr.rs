//! Address ranges as EC2's security group rules take them.

use ipnet::{Ipv4Net, Ipv6Net};
use schemars::JsonSchema;

use super::problem::Problems;
use super::read::{Read, expected, text};
use super::yaml::Node;

/// `10.0.0.0/16`
#[derive(Debug, Clone, Copy, PartialEq, JsonSchema)]
#[schemars(inline)]
pub(super) struct Ipv4Cidr(
    #[schemars(with = "String", regex(pattern = r"^[0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2}$"))]
    pub(super)  Ipv4Net,
);

/// `fd00::/8`
#[derive(Debug, Clone, Copy, PartialEq, JsonSchema)]
#[schemars(inline)]
pub(super) struct Ipv6Cidr(
    #[schemars(with = "String", regex(pattern = "^[0-9A-Fa-f:.]+/[0-9]{1,3}$"))] pub(super) Ipv6Net,
);

impl Read for Ipv4Cidr {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let canonical = |text: &str| text.parse().ok().map(|range: Ipv4Net| range.trunc());
        read(node, "an IPv4 range such as `10.0.0.0/16`", canonical, problems).map(Self)
    }
}

impl Read for Ipv6Cidr {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let canonical = |text: &str| text.parse().ok().map(|range: Ipv6Net| range.trunc());
        read(node, "an IPv6 range such as `fd00::/8`", canonical, problems).map(Self)
    }
}

/// Reads a range in EC2's own spelling; `canonical` clears the bits beyond the prefix.
fn read<Range: ToString>(
    node: &Node,
    what: &str,
    canonical: impl Fn(&str) -> Option<Range>,
    problems: &mut Problems,
) -> Option<Range> {
    let written = text(node, what, problems)?;
    let problem = match canonical(&written) {
        Some(range) if range.to_string() == written.to_ascii_lowercase() => return Some(range),
        // EC2 stores the range with the host bits cleared, which Terraform would take for drift.
        Some(range) => expected(what, node).help(format!("EC2 writes this range {}", range.to_string())),
        None => expected(what, node).help("an address, a slash and the length of the prefix"),
    };
    problems.push(problem);
    None
}
