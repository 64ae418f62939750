//! What is known of an environment: what AWS says, what the package says, what the function saw.

use std::collections::BTreeMap;
use std::net::IpAddr;

use lamex_network::model::{Network, Seen};
use lamex_protocol::probe::{HostProbed, TargetProbed};

/// Everything that the checks look at. A fact that could not be had says so, and why.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Facts {
    pub(crate) caller: Seen<Caller>,
    /// Whether the caller may do what lamex-ctl does, by IAM action, as IAM simulates it.
    pub(crate) permissions: Seen<BTreeMap<String, bool>>,
    /// `None` where there is no such function.
    pub(crate) function: Seen<Option<Function>>,
    /// The function's execution role; `None` where it does not exist.
    pub(crate) role: Seen<Option<Role>>,
    /// `None` where neither lamex.yaml nor the function names a VPC.
    pub(crate) network: Option<Network>,
    /// The private hosted zones that a name under `reach` could be in.
    pub(crate) zones: Seen<Vec<Zone>>,
    /// What lies in dist/lamex.zip; `None` where there is nothing.
    pub(crate) package: Option<Package>,
    pub(crate) inside: Inside,
}

/// A package on this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Package {
    /// Base64 of its SHA-256.
    pub(crate) code_sha256: String,
    /// Why it is not what lamex.yaml and the files here make now, if it is not.
    pub(crate) stale: Option<String>,
    /// Something to know about it that makes it no other package.
    pub(crate) warning: Option<String>,
}

/// Whose credentials these are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) account: String,
    pub(crate) arn: String,
}

/// A function as it is deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Function {
    /// Without a version.
    pub(crate) arn: String,
    pub(crate) latest: Configuration,
    /// What is invoked; `None` where the alias or version does not exist.
    pub(crate) live: Seen<Option<Live>>,
}

/// The alias or version that lamex.yaml's `qualifier` names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Live {
    /// Further versions that an alias sends a part of the invocations to, and its size: `10%`.
    pub(crate) weights: Seen<BTreeMap<String, String>>,
    pub(crate) configuration: Configuration,
}

/// What one version of a function is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Configuration {
    /// A number, or `$LATEST`.
    pub(crate) version: String,
    /// `Active`, `Pending`, `Inactive`, `Failed`
    pub(crate) state: String,
    pub(crate) state_reason: Option<String>,
    /// `Successful`, `InProgress`, `Failed`
    pub(crate) last_update: String,
    pub(crate) last_update_reason: Option<String>,
    pub(crate) runtime: String,
    pub(crate) handler: String,
    /// As lamex.yaml writes it.
    pub(crate) architecture: String,
    pub(crate) timeout_s: u64,
    pub(crate) memory_mb: u64,
    pub(crate) ephemeral_storage_mb: u64,
    /// An error where Lambda could not decrypt them.
    pub(crate) variables: Result<BTreeMap<String, String>, String>,
    /// Base64 of the zip's SHA-256.
    pub(crate) code_sha256: String,
    pub(crate) role_arn: String,
    /// `None` where the function is not attached to a VPC.
    pub(crate) vpc: Option<Attachment>,
}

/// How a function is attached to a VPC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Attachment {
    pub(crate) vpc_id: String,
    pub(crate) subnet_ids: Vec<String>,
    pub(crate) security_group_ids: Vec<String>,
    pub(crate) is_dual_stack: bool,
}

/// An execution role.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Role {
    pub(crate) arn: String,
    /// Whether its trust policy lets Lambda assume it.
    pub(crate) trusts_lambda: bool,
    /// Whether it may do what Lambda needs, by IAM action, as IAM simulates it outside of the function's code.
    pub(crate) permissions: Seen<BTreeMap<String, bool>>,
    /// Whether it may do what lamex.yaml's statements promise the tests, in the order of
    /// [`promised`](super::promises::promised).
    pub(crate) promised: Seen<Vec<bool>>,
    /// Whether an inline policy denies the code in the function the actions on network interfaces.
    pub(crate) denies_interfaces_to_code: Seen<bool>,
    /// Attached policies of the account's own, which are not read.
    pub(crate) attached_own_policies: Seen<Vec<String>>,
}

/// A private hosted zone of Route 53.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Zone {
    pub(crate) id: String,
    /// Without the dot at its end.
    pub(crate) name: String,
    /// Whether the function's VPC asks it.
    pub(crate) is_associated: bool,
    /// Its records at the names of `reach`.
    pub(crate) records: Seen<Vec<Record>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// Without the dot at its end; a wildcard begins with `*.`.
    pub(crate) name: String,
    /// Of A and AAAA records; empty for aliases and CNAMEs, which lead elsewhere.
    pub(crate) addresses: Vec<IpAddr>,
}

/// What the function itself saw.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Inside {
    /// It was not asked, or there is nothing to ask.
    NotAsked,
    /// It did not answer.
    Failed(String),
    Seen {
        host: HostProbed,
        targets: Vec<TargetProbed>,
    },
}
