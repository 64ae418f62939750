//! Environments: from what the file says, with the defaults merged in, to resolved values.

use std::collections::BTreeMap;

use super::defaults;
use super::file::{EnvironmentEntry, LocalEntry, ReachEntry, RoleEntry, VpcEntry};
use super::merge;
use super::model::{
    Access, Architecture, Check, Effect, Environment, InvokeMode, LOCAL, Lambda, Protocol, Reach, Role,
    Statement, Target, VariablePlaces, Vpc,
};
use super::problem::{Problem, Problems, Span};
use super::read::{At, Read, Table};
use super::scalars::{SecurityGroupId, SubnetId, Text};
use super::variables;
use super::yaml::{Entry, Node, Value};

const DEFAULT_TIME_ZONE: &str = "UTC";

/// Lambda's limit on the subnets of a function.
const MAX_SUBNETS: usize = 16;
/// Lambda's limit on its security groups is five; one is the function's own.
const MAX_EXTRA_SECURITY_GROUPS: usize = 4;

/// The keys that `local` takes, from itself and from the defaults.
const LOCAL_KEYS: [&str; 4] = ["env", "memory_mb", "timeout", "allow_destructive"];

/// Resolves all environments, and `local` whether the file has it or not.
pub(super) fn resolve(
    environments: &Table<Node>,
    defaults: Option<&Node>,
    problems: &mut Problems,
) -> BTreeMap<String, Environment> {
    let empty = Node { span: Span::default(), value: Value::Map(Vec::new()) };
    let mut resolved = BTreeMap::new();
    let own_local = environments.0.iter().find(|(name, _)| name.value == LOCAL);
    let own_local = own_local.map_or(&empty, |(_, node)| node);
    resolved.extend(local(own_local, defaults, problems).map(|local| (LOCAL.to_owned(), local)));
    for (name, node) in environments.0.iter().filter(|(name, _)| name.value != LOCAL) {
        check_name(name, problems);
        let own = if node.value == Value::Null { &empty } else { node };
        let merged = merge::under(own, defaults);
        let entry = EnvironmentEntry::read(&merged, problems);
        let environment = entry.and_then(|entry| lambda(name, entry, problems));
        resolved.extend(environment.map(|environment| (name.value.clone(), environment)));
    }
    resolved
}

/// Where the file has the variables of its environments.
pub(super) fn places(
    environments: &Table<Node>,
    defaults: Option<&Node>,
) -> BTreeMap<String, VariablePlaces> {
    let of_environment = |(name, node): &(At<String>, Node)| {
        let merged = merge::under(node, defaults);
        let places = match entry_of(&merged, "env").map(|env| &env.value) {
            Some(Value::Map(entries)) => {
                entries.iter().map(|entry| (entry.key.clone(), entry.value.span)).collect()
            }
            _ => VariablePlaces::new(),
        };
        (name.value.clone(), places)
    };
    environments.0.iter().map(of_environment).collect()
}

fn entry_of<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    let Value::Map(entries) = &node.value else { return None };
    entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
}

/// Names of workspaces, stacks and resources are made of it.
fn check_name(name: &At<String>, problems: &mut Problems) {
    let is_good = name.value.len() <= 40
        && name.value.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !is_good {
        let message = format!("`{}` is not a valid environment name", name.value);
        problems.push(Problem::at(name.span, message).help(
            "use at most 40 letters, digits and hyphens, starting with a letter: AWS resources are named \
             after it",
        ));
    }
}

fn local(own: &Node, defaults: Option<&Node>, problems: &mut Problems) -> Option<Environment> {
    let shared = defaults.map(only_keys_of_local);
    let merged = merge::under(own, shared.as_ref());
    // What only the defaults hold and cannot be read was noted when they were read alone.
    let merged = if merged.value == Value::Null {
        Node { span: own.span, value: Value::Map(Vec::new()) }
    } else {
        merged
    };
    let entry = LocalEntry::read(&merged, problems)?;
    let allow_destructive = entry.allow_destructive.unwrap_or_default();
    Some(Environment {
        name: LOCAL.to_owned(),
        target: Target::Local,
        env: variables::resolve(entry.env, allow_destructive, problems)?,
        memory_mb: entry.memory_mb.map_or(defaults::MEMORY_MB, |memory| memory.0),
        timeout: entry.timeout.map_or(defaults::TIMEOUT, |timeout| timeout.0),
        architecture: Architecture::host(),
        allow_destructive,
    })
}

fn only_keys_of_local(defaults: &Node) -> Node {
    let entries: &[Entry] = match &defaults.value {
        Value::Map(entries) => entries,
        _ => &[],
    };
    let kept = entries.iter().filter(|entry| LOCAL_KEYS.contains(&entry.key.as_str()));
    Node { span: defaults.span, value: Value::Map(kept.cloned().collect()) }
}

fn lambda(name: &At<String>, entry: EnvironmentEntry, problems: &mut Problems) -> Option<Environment> {
    let mut require = |key: &str, value: Option<String>| {
        if value.is_none() {
            let message = format!("the environment `{}` needs `{key}`", name.value);
            problems.push(
                Problem::at(name.span, message).help("here, or under `defaults:` for all environments"),
            );
        }
        value
    };
    let account = require("account", entry.account.map(|account| account.0));
    let region = require("region", entry.region.map(|region| region.0));
    let function = require("function", entry.function.map(|function| function.0));
    let allow_destructive = entry.allow_destructive.unwrap_or_default();
    let env = variables::resolve(entry.env, allow_destructive, problems);
    let vpc = match entry.vpc {
        Some(entry) => vpc(entry, problems).map(Some),
        None => Some(None),
    };
    let reach = reach(entry.reach.unwrap_or_default(), problems);
    let (bucket, kms_key_arn) = match entry.artifacts {
        Some(At { value, span }) => {
            if value.bucket.is_none() {
                problems.push(Problem::at(span, "`artifacts` needs `bucket`").help("add a line `bucket: …`"));
            }
            (value.bucket.map(|bucket| bucket.0), value.kms_key_arn.map(|arn| arn.0))
        }
        None => (None, None),
    };
    let tags = variables::tags(entry.tags.unwrap_or_default(), problems);
    let lambda = Lambda {
        account: account?,
        region: region?,
        profile: entry.profile.map(|profile| profile.0),
        function: function?,
        qualifier: entry.qualifier.map_or_else(|| defaults::QUALIFIER.to_owned(), |qualifier| qualifier.0),
        invoke: entry.invoke.map_or(InvokeMode::Auto, |invoke| invoke.0),
        endpoint_url: entry.endpoint_url.map(|url| url.0),
        protected: entry.protected.unwrap_or_default(),
        vpc: vpc?,
        reach: reach?,
        ephemeral_storage_mb: entry
            .ephemeral_storage_mb
            .map_or(defaults::EPHEMERAL_STORAGE_MB, |size| size.0),
        role: entry.role.map(role).unwrap_or_default(),
        artifacts_bucket: bucket,
        artifacts_kms_key_arn: kms_key_arn,
        log_retention_days: entry.log_retention_days.map_or(defaults::LOG_RETENTION_DAYS, |days| days.0),
        schedule: entry.schedule.map(|schedule| schedule.0),
        schedule_timezone: entry
            .schedule_timezone
            .map_or_else(|| DEFAULT_TIME_ZONE.to_owned(), |zone| zone.0),
        tags: tags?,
    };
    Some(Environment {
        name: name.value.clone(),
        target: Target::Lambda(Box::new(lambda)),
        env: env?,
        memory_mb: entry.memory_mb.map_or(defaults::MEMORY_MB, |memory| memory.0),
        timeout: entry.timeout.map_or(defaults::TIMEOUT, |timeout| timeout.0),
        architecture: entry.architecture.map_or(Architecture::X86_64, |architecture| architecture.0),
        allow_destructive,
    })
}

fn vpc(At { value: entry, span }: At<VpcEntry>, problems: &mut Problems) -> Option<Vpc> {
    if entry.id.is_none() {
        problems.push(Problem::at(span, "`vpc` needs `id`").help("add a line `id: vpc-…`"));
    }
    let subnet_ids = match entry.subnet_ids {
        Some(subnets) if (1..=MAX_SUBNETS).contains(&subnets.value.len()) => {
            Some(subnets.value.into_iter().map(|SubnetId(id)| id).collect())
        }
        Some(subnets) => {
            let message = format!("a function has 1 to {MAX_SUBNETS} subnets, not {}", subnets.value.len());
            problems.push(Problem::at(subnets.span, message).help("this is Lambda's limit"));
            None
        }
        None => {
            problems.push(
                Problem::at(span, "`vpc` needs `subnet_ids`").help("add a line `subnet_ids: [subnet-…]`"),
            );
            None
        }
    };
    let extra = entry.extra_security_group_ids;
    if let Some(groups) = &extra
        && groups.value.len() > MAX_EXTRA_SECURITY_GROUPS
    {
        let message =
            format!("a function has its own security group and at most {MAX_EXTRA_SECURITY_GROUPS} more");
        problems.push(Problem::at(groups.span, message).help("this is Lambda's limit"));
    }
    let extra = extra.map(|groups| groups.value).unwrap_or_default();
    Some(Vpc {
        id: entry.id?.0,
        subnet_ids: subnet_ids?,
        extra_security_group_ids: extra.into_iter().map(|SecurityGroupId(id)| id).collect(),
    })
}

fn reach(entries: Vec<At<ReachEntry>>, problems: &mut Problems) -> Option<Vec<Reach>> {
    let mut names = BTreeMap::new();
    let resolved: Vec<_> = entries
        .into_iter()
        .map(|At { value: entry, span }| {
            let name = &entry.name;
            if let Some(first) = names.insert(name.value.0.clone(), name.span) {
                problems.push(
                    Problem::new(format!("two `reach` entries are named `{}`", name.value.0))
                        .label(first, "first here")
                        .label(name.span, "and again here")
                        .help("rules and findings are named after them"),
                );
            }
            let protocol = entry.protocol.map_or(Protocol::Tcp, |protocol| protocol.0);
            let probe = probe(&entry, protocol, problems);
            let access = access(&entry, span, problems);
            let (check, tls) = probe?;
            Some(Reach {
                name: entry.name.value.0,
                host: entry.host.0,
                port: u16::try_from(entry.port.0).ok()?,
                protocol,
                check,
                tls,
                access: access?,
            })
        })
        .collect();
    resolved.into_iter().collect()
}

/// How far a probe goes, and whether it speaks TLS on its way to gRPC.
fn probe(entry: &ReachEntry, protocol: Protocol, problems: &mut Problems) -> Option<(Option<Check>, bool)> {
    let name = &entry.name.value.0;
    let check = entry.check.as_ref().map(|check| check.value.0);
    let tls = entry.tls.as_ref().filter(|tls| tls.value);
    let (span, message, help) = match (protocol, &entry.check, check, tls) {
        (Protocol::Udp, Some(At { span, .. }), ..) => (
            *span,
            format!("`{name}` is reached over UDP, which has no `check`"),
            "remove `check`: `lamex-ctl doctor` sends a datagram and reports whether an answer comes",
        ),
        (Protocol::Udp, .., Some(tls)) => (
            tls.span,
            format!("`{name}` is reached over UDP, which has no `tls`"),
            "remove `tls`: it is for `check: grpc`",
        ),
        (Protocol::Udp, ..) => return Some((None, false)),
        (Protocol::Tcp, _, Some(Check::Grpc), tls) => return Some((check, tls.is_some())),
        (Protocol::Tcp, .., None) => return Some((check.or(Some(Check::Tcp)), false)),
        (Protocol::Tcp, _, check, Some(tls)) => (
            tls.span,
            format!("`tls: true` is for `check: grpc`, which `{name}` does not have"),
            match check {
                Some(Check::Tls) => "remove `tls`: `check: tls` is a TLS handshake already",
                Some(Check::Http) => {
                    "`check: http` is plain HTTP: write `check: tls` in place of both for a TLS handshake"
                }
                _ => "write `check: tls` in its place for a TLS handshake, or `check: grpc` beside it",
            },
        ),
    };
    problems.push(Problem::at(span, message).help(help));
    None
}

fn access(entry: &ReachEntry, span: Span, problems: &mut Problems) -> Option<Access> {
    const KEYS: &str = "`security_group_id`, `cidr`, `ipv6_cidr` and `prefix_list_id`";
    let given = [
        entry.security_group_id.clone().map(|id| Access::SecurityGroupId(id.0)),
        entry.cidr.map(|range| Access::Cidr(range.0)),
        entry.ipv6_cidr.map(|range| Access::Ipv6Cidr(range.0)),
        entry.prefix_list_id.clone().map(|id| Access::PrefixListId(id.0)),
    ];
    let mut given: Vec<_> = given.into_iter().flatten().collect();
    if given.len() == 1 {
        return given.pop();
    }
    let name = &entry.name.value.0;
    let problem = if given.is_empty() {
        Problem::at(span, format!("`{name}` does not say what the egress rule allows"))
            .help(format!("give exactly one of {KEYS}"))
    } else {
        Problem::at(span, format!("`{name}` says {} times what the egress rule allows", given.len()))
            .help(format!("give exactly one of {KEYS}; two targets are two entries"))
    };
    problems.push(problem);
    None
}

fn role(entry: RoleEntry) -> Role {
    let texts = |texts: Vec<Text>| texts.into_iter().map(|text| text.0).collect();
    let statements = entry.statements.unwrap_or_default().into_iter().map(|statement| Statement {
        effect: statement.effect.map_or(Effect::Allow, |effect| effect.0),
        actions: statement.actions.into_iter().map(|action| action.0).collect(),
        resources: statement.resources.into_iter().map(|resource| resource.0).collect(),
        conditions: statement
            .conditions
            .unwrap_or_default()
            .0
            .into_iter()
            .map(|(operator, keys)| {
                let keys = keys.0.into_iter().map(|(key, values)| (key.value, texts(values)));
                (operator.value, keys.collect())
            })
            .collect(),
    });
    Role {
        policy_arns: entry.policy_arns.unwrap_or_default().into_iter().map(|arn| arn.0).collect(),
        statements: statements.collect(),
    }
}
