//! What lamex.yaml says, resolved: the types that the rest of lamex-ctl works with.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use lamex_protocol::plan::{self, Framework, Leftovers, Parameter, Phase};
use serde::{Serialize, Serializer};

use super::error::ConfigError;
use super::problem::{Invalid, Problem, Source, Span};
use super::read::{At, nearest};

/// Looked for in the current folder where no other file is named.
pub const DEFAULT_FILE_NAME: &str = "lamex.yaml";

/// The environment that is always there: the embedded Lambda of this machine.
pub const LOCAL: &str = "local";

/// A whole lamex.yaml.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file, as it was named.
    pub path: PathBuf,
    /// The folder that the file's paths are relative to.
    pub project: PathBuf,
    pub include: Vec<Include>,
    /// In the order of the file, which is the order in which they run.
    pub commands: Vec<Command>,
    /// Stop at the first command that fails.
    pub fail_fast: bool,
    /// Every environment by its name, [`LOCAL`] among them.
    pub environments: BTreeMap<String, Environment>,
    /// The environments that the file has, and where it has the values of their variables.
    pub(super) places: BTreeMap<String, VariablePlaces>,
    pub(super) source: Source,
}

impl Config {
    /// The environment of that name.
    ///
    /// # Errors
    /// There is none; the error suggests the nearest.
    pub fn environment(&self, name: &str) -> Result<Environment, ConfigError> {
        if let Some(environment) = self.environments.get(name) {
            return Ok(environment.clone());
        }
        let names = || self.environments.keys().map(String::as_str);
        Err(ConfigError::UnknownEnvironment {
            name: name.to_owned(),
            path: self.path.clone(),
            help: match nearest(name, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("it has {}", names().collect::<Vec<_>>().join(", ")),
            },
        })
    }

    /// A report about places of the file, from a later stage.
    pub fn invalid(&self, problems: Vec<Problem>) -> Invalid {
        Invalid::new(problems, &self.source)
    }
}

/// Places of values of `env` by the variables' names.
pub(super) type VariablePlaces = BTreeMap<String, Span>;

/// A file or a folder that goes into the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Include {
    /// Relative to the project; ends with `/` for a folder.
    pub from: String,
    /// Where in the task root, if the file says it: `./`, `name`, or `folder/`.
    pub to: Option<String>,
    pub from_span: Span,
    pub to_span: Span,
}

/// One command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    pub name: String,
    /// Program and arguments; `${NAME}` in them is filled in on the function.
    pub argv: Vec<String>,
    /// The shell line that builds what it needs, on the caller's machine. No part of the plan.
    pub build: Option<String>,
    /// The working directory, relative to the root of the package: a plain path.
    pub dir: Option<String>,
    pub framework: Framework,
    /// How long it may run; without one, until the function's own deadline.
    pub timeout: Option<Duration>,
    pub tags: Vec<String>,
    pub destructive: bool,
    pub parameters: BTreeMap<String, Parameter>,
    /// Variables that the program reads itself.
    pub requires: Vec<String>,
    pub allow_empty: bool,
    pub leftovers: Leftovers,
    pub phase: Phase,
    pub run_span: Span,
    pub dir_span: Option<Span>,
    /// The variables that the environment must set, with their places.
    pub(super) needs: Vec<Need>,
    /// Arguments that a shell would put names of files for.
    pub(super) file_patterns: Vec<At<String>>,
}

/// A variable that a command cannot run without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) name: String,
    pub(super) span: Span,
    /// Whether the command line names it; otherwise `requires` does.
    pub(super) is_in_command_line: bool,
}

impl From<&Command> for plan::Command {
    fn from(command: &Command) -> Self {
        Self {
            name: command.name.clone(),
            argv: command.argv.clone(),
            literal: false,
            dir: command.dir.clone(),
            framework: command.framework,
            timeout_ms: command.timeout.map(|timeout| timeout.as_secs() * 1000),
            tags: command.tags.clone(),
            destructive: command.destructive,
            parameters: command.parameters.clone(),
            requires: command.requires.clone(),
            allow_empty: command.allow_empty,
            leftovers: command.leftovers,
            phase: command.phase,
        }
    }
}

/// Where the commands run, with the defaults merged in. Its JSON has the keys of lamex.yaml, timeouts in
/// seconds, and every default filled in: what Terraform's and CDK's readers must come to as well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Environment {
    pub name: String,
    #[serde(flatten)]
    pub target: Target,
    /// The function's environment variables, without `LAMEX_ALLOW_DESTRUCTIVE`.
    pub env: BTreeMap<String, String>,
    pub memory_mb: u64,
    /// Of one invocation.
    #[serde(rename = "timeout_s", serialize_with = "seconds")]
    pub timeout: Duration,
    pub architecture: Architecture,
    /// Whether commands marked `destructive` may run here.
    pub allow_destructive: bool,
}

fn seconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(duration.as_secs())
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Target {
    /// The embedded Lambda: no account, no credentials.
    Local,
    /// A deployed function.
    Lambda(Box<Lambda>),
}

/// A deployed function and what Terraform or CDK builds around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lambda {
    /// Twelve digits.
    pub account: String,
    pub region: String,
    /// The AWS profile to take credentials from, where the environment's own are not meant.
    pub profile: Option<String>,
    pub function: String,
    /// The alias or version that is invoked.
    pub qualifier: String,
    pub invoke: InvokeMode,
    /// In place of AWS's own, for emulators.
    pub endpoint_url: Option<String>,
    /// Runs only when its name is confirmed.
    pub protected: bool,
    pub vpc: Option<Vpc>,
    pub reach: Vec<Reach>,
    pub ephemeral_storage_mb: u64,
    pub role: Role,
    /// The S3 bucket that takes packages which are too large for a direct upload.
    pub artifacts_bucket: Option<String>,
    /// The KMS key that encrypts them there; without it, the bucket's own encryption does.
    pub artifacts_kms_key_arn: Option<String>,
    pub log_retention_days: u64,
    /// When the function runs all tests by itself, as EventBridge Scheduler reads it.
    pub schedule: Option<String>,
    /// An IANA name.
    pub schedule_timezone: String,
    /// Tags of the AWS resources.
    pub tags: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Architecture {
    #[serde(rename = "x86_64")]
    X86_64,
    Arm64,
}

impl Architecture {
    /// That of this machine.
    #[must_use]
    pub fn host() -> Self {
        if cfg!(target_arch = "aarch64") { Self::Arm64 } else { Self::X86_64 }
    }

    /// As lamex.yaml and Lambda call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }
}

/// How the answer comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum InvokeMode {
    Stream,
    Buffered,
    /// Streamed, or buffered if streaming is unavailable.
    Auto,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Vpc {
    pub id: String,
    pub subnet_ids: Vec<String>,
    pub extra_security_group_ids: Vec<String>,
}

/// Something that the tests must reach: an egress rule, and what `doctor` probes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reach {
    pub name: String,
    pub host: String,
    pub port: u16,
    pub protocol: Protocol,
    /// `None` for UDP.
    pub check: Option<Check>,
    /// Whether a gRPC health answer is asked for over TLS.
    pub tls: bool,
    #[serde(flatten)]
    pub access: Access,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    Tcp,
    Udp,
}

/// What the egress rule names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    SecurityGroupId(String),
    Cidr(Ipv4Net),
    Ipv6Cidr(Ipv6Net),
    PrefixListId(String),
}

impl Access {
    /// The range of addresses, where the rule names one.
    #[must_use]
    pub fn range(&self) -> Option<IpNet> {
        match self {
            Self::Cidr(range) => Some(IpNet::V4(*range)),
            Self::Ipv6Cidr(range) => Some(IpNet::V6(*range)),
            Self::SecurityGroupId(_) | Self::PrefixListId(_) => None,
        }
    }
}

impl From<IpNet> for Access {
    fn from(range: IpNet) -> Self {
        match range {
            IpNet::V4(range) => Self::Cidr(range),
            IpNet::V6(range) => Self::Ipv6Cidr(range),
        }
    }
}

/// How far a probe goes over TCP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// A connection.
    Tcp,
    /// A TLS handshake.
    Tls,
    /// An HTTP answer.
    Http,
    /// A gRPC health answer.
    Grpc,
}

/// What the function's execution role may do beyond running.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Role {
    pub policy_arns: Vec<String>,
    pub statements: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statement {
    pub effect: Effect,
    pub actions: Vec<String>,
    pub resources: Vec<String>,
    /// Values by condition key, by operator: `StringEquals: {"aws:SourceVpc": [vpc-…]}`.
    pub conditions: BTreeMap<String, BTreeMap<String, Vec<String>>>,
}

/// In IAM's spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Effect {
    Allow,
    Deny,
}

/// The folder that a file's relative paths start from.
pub(super) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}
