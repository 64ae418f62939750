//! What is known of an environment: what AWS says, what the package says, what the function saw.

use std::collections::BTreeMap;
use std::net::IpAddr;

use lamex_network::model::{Network, Seen};
use lamex_protocol::probe::{HostProbed, TargetProbed};

/// Everything that the checks look at. A fact that could not be had says so, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    pub caller: Seen<Caller>,
    /// Whether the caller may do what lamex-ctl does, by IAM action, as IAM simulates it.
    pub permissions: Seen<BTreeMap<String, bool>>,
    /// `None` if there is no such function.
    pub function: Seen<Option<Function>>,
    /// The function's execution role; `None` if it does not exist.
    pub role: Seen<Option<Role>>,
    /// `None` if neither lamex.yaml nor the function names a VPC.
    pub network: Option<Network>,
    /// The private hosted zones that a name under `reach` could be in.
    pub zones: Seen<Vec<Zone>>,
    /// What lies in dist/lamex.zip; `None` if there is nothing.
    pub package: Option<Package>,
    pub inside: Inside,
}

/// A package on this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Base64 of its SHA-256.
    pub code_sha256: String,
    /// Why it is out of date with lamex.yaml and the files here, if it is not.
    pub stale: Option<String>,
    /// Something to know about it that makes it no other package.
    pub warning: Option<String>,
}

/// Whose credentials these are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub account: String,
    pub arn: String,
}

/// A function as it is deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Without a version.
    pub arn: String,
    pub latest: Configuration,
    /// What is invoked; `None` if the alias or version does not exist.
    pub live: Seen<Option<Live>>,
}

/// The alias or version that lamex.yaml's `qualifier` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// Further versions that an alias sends some of the invocations to, and its size: `10%`.
    pub weights: Seen<BTreeMap<String, String>>,
    pub configuration: Configuration,
}

/// What one version of a function is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// A number, or `$LATEST`.
    pub version: String,
    /// `Active`, `Pending`, `Inactive`, `Failed`
    pub state: String,
    pub state_reason: Option<String>,
    /// `Successful`, `InProgress`, `Failed`
    pub last_update: String,
    pub last_update_reason: Option<String>,
    pub runtime: String,
    pub handler: String,
    /// As lamex.yaml writes it.
    pub architecture: String,
    pub timeout_s: u64,
    pub memory_mb: u64,
    pub ephemeral_storage_mb: u64,
    /// An error where Lambda could not decrypt them.
    pub variables: Result<BTreeMap<String, String>, String>,
    /// Base64 of the zip's SHA-256.
    pub code_sha256: String,
    pub role_arn: String,
    /// `None` if the function is not attached to a VPC.
    pub vpc: Option<Attachment>,
}

/// How a function is attached to a VPC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attachment {
    pub vpc_id: String,
    pub subnet_ids: Vec<String>,
    pub security_group_ids: Vec<String>,
    pub is_dual_stack: bool,
}

/// An execution role.
#[derive(Debug, Clone, PartialEq)]
pub struct Role {
    pub arn: String,
    /// Whether its trust policy lets Lambda assume it.
    pub trusts_lambda: bool,
    /// Whether it may do what Lambda needs, by IAM action, as IAM simulates it outside of the function's code.
    pub permissions: Seen<BTreeMap<String, bool>>,
    /// Whether it may do what lamex.yaml's statements promise the tests, in the order of
    /// [`promised`](super::promises::promised).
    pub promised: Seen<Vec<bool>>,
    /// Whether an inline policy denies the code in the function the actions on network interfaces.
    pub denies_interfaces_to_code: Seen<bool>,
    /// Attached policies of the account's own, which are not read.
    pub attached_own_policies: Seen<Vec<String>>,
}

/// A private hosted zone of Route 53.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    pub id: String,
    /// Without the dot at its end.
    pub name: String,
    /// Whether the function's VPC asks it.
    pub is_associated: bool,
    /// Its records at the names of `reach`.
    pub records: Seen<Vec<Record>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Without the dot at its end; a wildcard begins with `*.`.
    pub name: String,
    /// Of A and AAAA records; empty for aliases and CNAMEs, which lead elsewhere.
    pub addresses: Vec<IpAddr>,
}

/// What the function itself saw.
#[derive(Debug, Clone, PartialEq)]
pub enum Inside {
    /// It was not asked, or there is nothing to ask.
    NotAsked,
    /// It did not answer.
    Failed(String),
    Seen {
        host: HostProbed,
        targets: Vec<TargetProbed>,
    },
}
