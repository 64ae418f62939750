//! What lamex.yaml may say: the whole schema, one type a mapping. The comments are the descriptions of the
//! JSON Schema.

use std::borrow::Cow;

use lamex_protocol::plan::{Framework, Leftovers, Phase};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::cidr::{Ipv4Cidr, Ipv6Cidr};
use super::defaults;
use super::model::{Architecture, Check, Effect, InvokeMode, LOCAL, Protocol};
use super::problem::Problems;
use super::read::{At, Read, Table, expected, mapping};
use super::scalars::{
    Account, Action, Bucket, EndpointUrl, EphemeralStorageMb, FunctionName, Host, KmsKeyArn, MemoryMb, OneOf,
    PolicyArn, Port, PrefixListId, Qualifier, Region, RetentionDays, SecurityGroupId, SubnetId, Text,
    TimeZone, Timeout, VpcId, Word,
};
use super::schedule::Schedule;
use super::yaml::{Node, Value};

mapping! {
    /// lamex.yaml: what to run, and where. Read by lamex-ctl, by the Terraform module and by the CDK app.
    LamexYaml, "lamex.yaml", {
        /// What the package holds beside the runner.
        package: Option<PackageEntry>,
        /// What runs, in this order.
        commands: Option<Vec<CommandEntry>>,
        /// Stop at the first command that fails. Without it, all run.
        #[schemars(extend("default" = false))]
        fail_fast: Option<bool>,
        /// Merged under every environment: mappings by key, lists replaced.
        defaults: Option<Defaults>,
        /// Where the commands run, by name. `local` is always there.
        environments: Option<Environments>,
    }
}

mapping! {
    /// What the package holds beside the runner.
    PackageEntry, "`package`", {
        /// Files and folders, relative to the folder of lamex.yaml.
        include: Option<Vec<At<IncludeEntry>>>,
    }
}

/// A file, which lands at the root of the package under its own name; a folder, written with a slash at
/// its end; a pattern for several files, such as `build/*.test`; or a mapping that says where it lands.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged, rename = "Include")]
pub(super) enum IncludeEntry {
    Path(#[schemars(with = "Word")] String),
    Mapped(MappedInclude),
}

mapping! {
    /// A file, several files or a folder with their place in the package.
    MappedInclude, "an include", {
        /// Relative to the folder of lamex.yaml; a folder ends with a slash. `*`, `?` and `[…]` stand for names of
        /// files.
        from: At<Word>,
        /// Relative to the root of the package; what ends with a slash is a folder.
        to: At<Word>,
    }
}

impl Read for IncludeEntry {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        if let Value::Map(_) = node.value {
            MappedInclude::read(node, problems).map(Self::Mapped)
        } else {
            Word::read(node, problems).map(|path| Self::Path(path.0))
        }
    }
}

mapping! {
    /// One command.
    CommandEntry, "a command", {
        /// The name that reports and `--only` use.
        name: At<Text>,
        /// Program and arguments, split as a POSIX shell would, or a list of them. No shell is involved: what
        /// only a shell does (`&&`, `>`, `$NAME`) is refused outside quotes. `${NAME}` is filled in on the
        /// function, from its variables and the parameters.
        run: At<RunEntry>,
        /// The shell line that builds what the command needs, for `lamex-ctl build` and `test`: for
        /// `bash --posix -e -o pipefail` (`sh -e` where there is no bash) on the caller's machine, in the folder of
        /// lamex.yaml. It is not packed, and Terraform and CDK ignore it.
        build: Option<At<Text>>,
        /// The working directory, relative to the root of the package, which it is without this key. The program
        /// is still named from the root.
        dir: Option<At<Text>>,
        /// How the output tells tests apart. Without it, the exit code alone counts.
        #[schemars(extend("default" = "exit-code"))]
        framework: Option<OneOf<Framework>>,
        /// How long the command may run, 1s to 15m.
        timeout: Option<Timeout>,
        /// For `--tag`.
        tags: Option<Vec<At<Text>>>,
        /// Runs only where the environment has `allow_destructive: true`.
        #[schemars(extend("default" = false))]
        destructive: Option<bool>,
        /// Variables that a caller may set for this command.
        parameters: Option<Table<ParameterEntry>>,
        /// Names of variables that the program reads itself. Where one is not set, the command is not started,
        /// and fails.
        requires: Option<Vec<At<Text>>>,
        /// Whether a framework that ran no test makes the command skipped. Without it, the command fails.
        #[schemars(extend("default" = false))]
        allow_empty: Option<At<bool>>,
        /// What becomes of a command whose program ended well while something that it started still held its
        /// output: `fail` without this key, `warn` for daemons that a suite starts on purpose.
        #[schemars(extend("default" = "fail"))]
        leftovers: Option<OneOf<Leftovers>>,
        /// When it runs: `setup` before all tests, which run only if it passed; `teardown` after them, whatever
        /// became of them; `test` without this key.
        phase: Option<OneOf<Phase>>,
    }
}

/// A command line, or its arguments one by one.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(inline, untagged)]
pub(super) enum RunEntry {
    Line(#[schemars(length(min = 1))] String),
    Words(#[schemars(length(min = 1))] Vec<At<Text>>),
}

impl Read for RunEntry {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        match &node.value {
            Value::List(_) => Vec::read(node, problems).map(Self::Words),
            Value::Map(_) => {
                problems.push(
                    expected("a command line or a list of arguments", node)
                        .help("text with `: ` or ` #` in it needs quotes"),
                );
                None
            }
            _ => Text::read(node, problems).map(|line| Self::Line(line.0)),
        }
    }
}

mapping! {
    /// A variable that a caller may set.
    ParameterEntry, "a parameter", {
        /// A regular expression that the whole value must match.
        pattern: At<Text>,
        /// The value where the caller sets none. Without it, the variable is not set then.
        default: Option<Text>,
    }
}

mapping! {
    /// An environment: a function, the network around it, and what may happen there.
    EnvironmentEntry, "an environment", {
        /// The AWS account, 12 digits in quotes. Nothing runs with credentials of another one.
        account: Option<Account>,
        /// The AWS region.
        region: Option<Region>,
        /// The profile of the AWS configuration to take credentials from.
        profile: Option<Word>,
        /// The name of the Lambda function.
        function: Option<FunctionName>,
        /// The alias or version to invoke: `live` without it.
        #[schemars(extend("default" = defaults::QUALIFIER))]
        qualifier: Option<Qualifier>,
        /// Where the function's network interfaces are.
        vpc: Option<At<VpcEntry>>,
        /// What the tests must reach: one egress rule each, and what `lamex-ctl doctor` probes.
        reach: Option<Vec<At<ReachEntry>>>,
        /// The function's environment variables. Values are text: numbers need quotes.
        env: Option<At<Table<At<Text>>>>,
        /// Memory of the function, 128 to 10240: 1769 (one full vCPU) without it.
        #[schemars(extend("default" = defaults::MEMORY_MB))]
        memory_mb: Option<MemoryMb>,
        /// Size of /tmp, 512 to 10240: 512 without it.
        #[schemars(extend("default" = defaults::EPHEMERAL_STORAGE_MB))]
        ephemeral_storage_mb: Option<EphemeralStorageMb>,
        /// How long one invocation may take, 1s to 15m: 15m without it.
        #[schemars(extend("default" = "15m"))]
        timeout: Option<Timeout>,
        /// The function's processor: x86_64 without it.
        #[schemars(extend("default" = "x86_64"))]
        architecture: Option<OneOf<Architecture>>,
        /// Whether commands marked `destructive` may run here.
        #[schemars(extend("default" = false))]
        allow_destructive: Option<bool>,
        /// Whether every run must name the environment once more with `--confirm`.
        #[schemars(extend("default" = false))]
        protected: Option<bool>,
        /// How the output comes back: `auto` (streamed where possible) without it.
        #[schemars(extend("default" = "auto"))]
        invoke: Option<OneOf<InvokeMode>>,
        /// An endpoint in place of AWS's own, for emulators.
        endpoint_url: Option<EndpointUrl>,
        /// What the function may do on AWS beyond running.
        role: Option<RoleEntry>,
        /// Where packages go that are too large for a direct upload.
        artifacts: Option<At<ArtifactsEntry>>,
        /// How long CloudWatch keeps the function's log: 30 days without it.
        #[schemars(extend("default" = defaults::LOG_RETENTION_DAYS))]
        log_retention_days: Option<RetentionDays>,
        /// When the function runs all tests by itself: `cron(…)` with six fields, `rate(…)` or `at(…)`, as
        /// EventBridge Scheduler reads them. Without it, only when it is invoked.
        schedule: Option<Schedule>,
        /// The time zone of the schedule: UTC without it.
        schedule_timezone: Option<TimeZone>,
        /// Tags of the AWS resources.
        tags: Option<Table<At<Text>>>,
    }
}

mapping! {
    /// The embedded Lambda of this machine. Of the defaults, these keys count.
    LocalEntry, "the environment `local`", {
        /// The environment variables of the commands.
        env: Option<At<Table<At<Text>>>>,
        /// What the function is told to have, 128 to 10240: 1769 without it.
        #[schemars(extend("default" = defaults::MEMORY_MB))]
        memory_mb: Option<MemoryMb>,
        /// How long one invocation may take, 1s to 15m: 15m without it.
        #[schemars(extend("default" = "15m"))]
        timeout: Option<Timeout>,
        /// Whether commands marked `destructive` may run here.
        #[schemars(extend("default" = false))]
        allow_destructive: Option<bool>,
    }
}

mapping! {
    /// Where the function's network interfaces are.
    VpcEntry, "`vpc`", {
        /// The VPC.
        id: Option<VpcId>,
        /// One to sixteen subnets, best in two or more availability zones.
        subnet_ids: Option<At<Vec<SubnetId>>>,
        /// Further security groups of the function, four at most, beside its own.
        extra_security_group_ids: Option<At<Vec<SecurityGroupId>>>,
    }
}

mapping! {
    /// Something that the tests must reach. Exactly one of security_group_id, cidr, ipv6_cidr and
    /// prefix_list_id says what the egress rule allows.
    ReachEntry, "a `reach` entry", {
        /// The name that reports use.
        name: At<Text>,
        /// The host name or address that the tests connect to.
        host: Host,
        /// The port that the tests connect to.
        port: Port,
        /// How the tests talk to it, tcp or udp: tcp without it.
        #[schemars(extend("default" = "tcp"))]
        protocol: Option<OneOf<Protocol>>,
        /// The security group of what is reached.
        security_group_id: Option<SecurityGroupId>,
        /// The IPv4 range of what is reached.
        cidr: Option<Ipv4Cidr>,
        /// The IPv6 range of what is reached.
        ipv6_cidr: Option<Ipv6Cidr>,
        /// The prefix list of what is reached.
        prefix_list_id: Option<PrefixListId>,
        /// How far a probe goes: tcp without it. What is reached by UDP has no check: it is sent a datagram.
        #[schemars(extend("default" = "tcp"))]
        check: Option<At<OneOf<Check>>>,
        /// Whether `check: grpc` asks over TLS, as a proxy in front of the service wants it: false without it.
        #[schemars(extend("default" = false))]
        tls: Option<At<bool>>,
    }
}

mapping! {
    /// What the function may do on AWS beyond running.
    RoleEntry, "`role`", {
        /// Managed policies to attach.
        policy_arns: Option<Vec<PolicyArn>>,
        /// Statements of the function's own policy.
        statements: Option<Vec<StatementEntry>>,
    }
}

mapping! {
    /// A statement of an IAM policy.
    StatementEntry, "a statement", {
        /// Allow, which it is without this key, or Deny.
        #[schemars(extend("default" = "Allow"))]
        effect: Option<OneOf<Effect>>,
        /// IAM actions.
        actions: Vec<Action>,
        /// ARNs.
        resources: Vec<Word>,
        /// Values by condition key, by operator.
        conditions: Option<Table<Table<Vec<Text>>>>,
    }
}

mapping! {
    /// Where packages go that are too large for a direct upload.
    ArtifactsEntry, "`artifacts`", {
        /// An S3 bucket of the environment's account and region.
        bucket: Option<Bucket>,
        /// The KMS key that encrypts what is put there; without it, the bucket's own encryption does.
        kms_key_arn: Option<KmsKeyArn>,
    }
}

/// Checked as an environment, and merged under every one.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(inline)]
pub(super) struct Defaults(#[schemars(with = "EnvironmentEntry")] pub(super) Node);

impl Read for Defaults {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        // Whatever is wrong is noted; the environments are read even so, and theirs is noted as well.
        EnvironmentEntry::read(node, problems);
        Some(Self(node.clone()))
    }
}

/// The environments as they stand in the file; they are read once the defaults are merged in.
#[derive(Debug, Clone, Default)]
pub(super) struct Environments(pub(super) Table<Node>);

impl Read for Environments {
    fn read(node: &Node, problems: &mut Problems) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            problems.push(expected("a mapping of environment names to environments", node));
            return None;
        };
        let named = entries.iter().map(|entry| {
            let key = At { value: entry.key.clone(), span: entry.key_span };
            (key, entry.value.clone())
        });
        Some(Self(Table(named.collect())))
    }
}

impl JsonSchema for Environments {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Environments".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "properties": { LOCAL: generator.subschema_for::<Option<LocalEntry>>() },
            "additionalProperties": generator.subschema_for::<Option<EnvironmentEntry>>(),
        })
    }
}
