//! The IAM actions that matter here.

use std::collections::BTreeMap;

/// What `lamex-ctl invoke` needs, on the alias or version.
pub const INVOKE: [&str; 1] = ["lambda:InvokeFunction"];

/// What `deploy` and `rollback` need, on the function.
pub const DEPLOY: [&str; 6] = [
    "lambda:GetFunctionConfiguration",
    "lambda:UpdateFunctionCode",
    "lambda:PublishVersion",
    "lambda:GetAlias",
    "lambda:UpdateAlias",
    "lambda:ListVersionsByFunction",
];

/// What `prune`, and `deploy` at its end, need beside those of `deploy`: on the function.
pub const PRUNE: [&str; 1] = ["lambda:ListAliases"];

/// And on its versions. On the function itself, it would delete all of it.
pub const PRUNE_VERSIONS: [&str; 1] = ["lambda:DeleteFunction"];

/// What `doctor` looks at of the network.
pub const DESCRIBE: [&str; 14] = [
    "ec2:DescribeVpcs",
    "ec2:DescribeVpcAttribute",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeRouteTables",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeNatGateways",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcPeeringConnections",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeManagedPrefixLists",
    "ec2:DescribePrefixLists",
    "ec2:GetManagedPrefixListEntries",
];

/// What Lambda does as the execution role, to attach a function to a VPC.
pub const NETWORK_INTERFACES: [&str; 6] = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
];

/// What it needs to write the function's log.
pub const LOG: [&str; 2] = ["logs:CreateLogStream", "logs:PutLogEvents"];

/// Those of the actions that a simulation denied, in one line; empty where there are none.
pub fn denied(permissions: &BTreeMap<String, bool>, actions: &[&str]) -> String {
    let denied = actions.iter().filter(|action| permissions.get(**action) == Some(&false));
    denied.copied().collect::<Vec<_>>().join(", ")
}
