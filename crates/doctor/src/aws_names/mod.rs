//! What a host name of AWS stands for, by its form alone: something in a VPC, or an API of a service.

mod forms;
#[cfg(test)]
mod table;

use std::iter;

use forms::{IN_A_VPC, PUBLIC, endpoint_name};

/// What a host name of AWS stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AwsName {
    /// A database, a load balancer, an interface of a VPC endpoint: security groups and routes decide, as for
    /// any other host.
    InVpc,
    /// The API of a service in a region, which is reached by a VPC endpoint or by the internet.
    Service(Service),
    /// Reached by the internet alone: no VPC endpoint has this name.
    Public,
    /// A name of AWS in a form that is not known here; nothing follows from it.
    Other,
}

/// A service in a region, as the names of VPC endpoints have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    pub region: String,
    /// `sts`, `ecr.api`
    pub name: String,
}

impl Service {
    /// `com.amazonaws.us-east-2.sts`
    pub fn endpoint_service(&self) -> String {
        format!("com.amazonaws.{}.{}", self.region, self.name)
    }

    /// Whether an endpoint with this service's name is for it. Some in China begin with `cn.`, those of isolated
    /// partitions otherwise.
    pub fn is(&self, endpoint_service: &str) -> bool {
        endpoint_service.ends_with(&format!(".{}.{}", self.region, self.name))
    }

    /// Whether it has gateway endpoints, which cost nothing.
    pub fn has_gateway(&self) -> bool {
        matches!(self.name.as_str(), "s3" | "dynamodb")
    }
}

/// The domains of all partitions: services and resources, services over IPv4 and IPv6.
const SERVICE_SUFFIXES: [&str; 14] = [
    "amazonaws.com",
    "api.aws",
    "amazonaws.com.cn",
    "api.amazonwebservices.com.cn",
    "amazonaws.eu",
    "api.amazonwebservices.eu",
    "c2s.ic.gov",
    "api.aws.ic.gov",
    "sc2s.sgov.gov",
    "api.aws.scloud",
    "cloud.adc-e.uk",
    "api.cloud-aws.adc-e.uk",
    "csp.hci.ic.gov",
    "api.aws.hci.ic.gov",
];

/// Where names of newer resources are, all over IPv4 and IPv6.
const RESOURCE_SUFFIXES: [&str; 2] = ["on.aws", "on.amazonwebservices.com.cn"];

/// The partition of a region, as ARNs have it.
pub fn partition(region: &str) -> &'static str {
    match region.split('-').collect::<Vec<_>>()[..] {
        ["cn", ..] => "aws-cn",
        ["us", "gov", ..] => "aws-us-gov",
        ["eusc", ..] => "aws-eusc",
        ["us", "iso", ..] => "aws-iso",
        ["us", "isob", ..] => "aws-iso-b",
        ["eu", "isoe", ..] => "aws-iso-e",
        ["us", "isof", ..] => "aws-iso-f",
        _ => "aws",
    }
}

/// Whether the name is in a domain of AWS's own, which is found in public, or in the zone of an endpoint that nobody
/// can read.
pub fn is_aws_name(host: &str) -> bool {
    let host = plain(host);
    SERVICE_SUFFIXES.iter().chain(&RESOURCE_SUFFIXES).any(|suffix| below(&host, suffix).is_some())
}

/// What the name stands for; `None` if it is not one of AWS. `region` is the function's, for names of S3 that
/// have none.
pub fn classify(host: &str, region: &str) -> Option<AwsName> {
    let host = plain(host);
    let of_resource = RESOURCE_SUFFIXES.iter().find_map(|suffix| below(&host, suffix));
    if let Some(rest) = of_resource {
        return Some(resource(&rest.split('.').collect::<Vec<_>>()));
    }
    // The longest suffix: names of `api.amazonwebservices.com.cn` end with no other one.
    let suffix = SERVICE_SUFFIXES.iter().filter(|suffix| below(&host, suffix).is_some());
    let rest = below(&host, suffix.max_by_key(|suffix| suffix.len())?)?;
    Some(name(&rest.split('.').collect::<Vec<_>>(), region))
}

/// Without a dot at its end, in small letters.
fn plain(host: &str) -> String {
    host.trim_end_matches('.').to_ascii_lowercase()
}

fn below<'h>(host: &'h str, suffix: &str) -> Option<&'h str> {
    host.strip_suffix(suffix)?.strip_suffix('.').filter(|rest| !rest.is_empty())
}

/// `us-east-2`, `us-gov-west-1`, `eusc-de-east-1`
fn is_region(label: &str) -> bool {
    let mut parts = label.split('-');
    let Some(first) = parts.next() else { return false };
    let Some(number) = parts.next_back() else { return false };
    let words: Vec<_> = iter::once(first).chain(parts).collect();
    words.len() >= 2
        && (2..=4).contains(&first.len())
        && words.iter().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// A name in a domain of resources: `ID.lambda-url.us-east-2`, `vpc-DOMAIN.aos.us-east-2`
fn resource(labels: &[&str]) -> AwsName {
    match labels {
        [_, .., "lambda-url", region] if is_region(region) => AwsName::Public,
        [first, .., "aos", region] if is_region(region) => search_domain(first),
        [_, "dkr-ecr", region] if is_region(region) => service(region, "ecr.dkr"),
        [_, .., kind, region] if is_region(region) && IN_A_VPC.contains(kind) => AwsName::InVpc,
        _ => AwsName::Other,
    }
}

/// A name without its domain.
fn name(labels: &[&str], own_region: &str) -> AwsName {
    // Load balancers over IPv4 and IPv6 begin with it, S3 has it before the region.
    let labels: Vec<&str> = labels.iter().copied().filter(|label| *label != "dualstack").collect();
    match &labels[..] {
        // Names of VPC endpoints; of ElastiCache, with a short form of the region.
        [_, .., "vpce" | "cache"] => AwsName::InVpc,
        [first, .., region, "es"] if is_region(region) => search_domain(first),
        [_, .., region, kind] if is_region(region) && IN_A_VPC.contains(kind) => AwsName::InVpc,
        [region, "queue"] if is_region(region) => service(region, "sqs"),
        [_, .., region, _] if is_region(region) => AwsName::Other,
        [_, .., kind, region] if is_region(region) && IN_A_VPC.contains(kind) => AwsName::InVpc,
        [_, .., kind, region] if is_region(region) && PUBLIC.contains(kind) => AwsName::Public,
        [service_labels @ .., region] if is_region(region) => match endpoint_name(service_labels) {
            Some(name) => service(region, &name),
            None => AwsName::Other,
        },
        // S3 without a region, or with one in its own label.
        [.., "s3"] => service(own_region, "s3"),
        [.., last] if last.strip_prefix("s3-").is_some_and(is_region) => service(&last[3..], "s3"),
        // What has no region: IAM, the global STS, Route 53, CloudFront.
        [_] => AwsName::Public,
        _ => AwsName::Other,
    }
}

fn service(region: &str, name: &str) -> AwsName {
    AwsName::Service(Service { region: region.to_owned(), name: name.to_owned() })
}

/// A domain of OpenSearch: in a VPC, or not.
fn search_domain(first: &str) -> AwsName {
    if first.starts_with("vpc-") { AwsName::InVpc } else { AwsName::Public }
}
