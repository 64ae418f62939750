//! The function's environment variables. Their values are secrets, and never told.

use std::collections::BTreeMap;

use lamex_config::{Command, is_always_set};

use crate::case::Case;
use crate::facts::{Configuration, Inside};
use crate::finding::{Check, Finding, Tool};

/// The names and values of all variables, as one JSON object.
const LIMIT_BYTES: usize = 4096;

/// From here on a warning is worth its line.
const NEAR_LIMIT_BYTES: usize = LIMIT_BYTES * 9 / 10;

const CONSENT: &str = "LAMEX_ALLOW_DESTRUCTIVE";

pub(crate) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let Some(configuration) = case.configuration() else { return Vec::new() };
    let variables = match &configuration.variables {
        Ok(variables) => variables,
        Err(reason) => {
            let saw = format!("Lambda cannot read the variables: {reason}");
            let finding = Finding::problem(Check::FunctionVariables, saw);
            return vec![
                finding.why("They are encrypted with a KMS key that the caller or Lambda may not use."),
            ];
        }
    };
    let mut findings = Vec::new();
    for (name, value) in &case.environment.env {
        let saw = match variables.get(name) {
            Some(found) if found == value => continue,
            Some(_) => "it has another value than lamex.yaml says",
            None => "it is not set",
        };
        let finding = Finding::problem(Check::FunctionVariables, saw).about(name);
        findings.push(with_fix(case, configuration, name, Some(value), finding));
    }
    findings.extend(required(case, variables));
    for name in variables.keys().filter(|name| is_foreign(case, name)) {
        let finding =
            Finding::problem(Check::FunctionVariables, "it is set, and lamex.yaml does not have it")
                .about(name);
        findings.push(with_fix(case, configuration, name, None, finding));
    }
    if findings.is_empty() {
        let saw = format!("all {} of lamex.yaml are set", case.environment.env.len());
        findings.push(Finding::ok(Check::FunctionVariables, saw));
    }
    findings.push(size(variables));
    findings.push(consent(case, configuration, variables));
    findings
}

/// The variables that commands require, which neither the function has nor lamex.yaml would set.
fn required(case: &Case<'_>, variables: &BTreeMap<String, String>) -> Vec<Finding> {
    let mut commands: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let may_run = |command: &&Command| !command.destructive || case.environment.allow_destructive;
    for command in case.commands.iter().filter(may_run) {
        for name in &command.requires {
            commands.entry(name).or_default().push(&command.name);
        }
    }
    let reaches_tests = |name: &str| match &case.facts.inside {
        Inside::Seen { host, .. } => host.variables.iter().any(|variable| variable == name),
        Inside::NotAsked | Inside::Failed(_) => is_always_set(name),
    };
    commands.retain(|name, _| {
        !variables.contains_key(*name) && !case.environment.env.contains_key(*name) && !reaches_tests(name)
    });
    let finding = |(name, commands): (&str, Vec<&str>)| {
        let saw = format!("it is not set, and required by {}", commands.join(", "));
        let finding = Finding::problem(Check::FunctionVariables, saw)
            .about(name)
            .why("A command that lacks a variable it requires is not started, and the run fails.")
            .fix(Tool::LamexYaml, format!("env: {{ {name}: … }}   # one more variable of the environment"));
        case.deploy(case.apply(finding))
    };
    commands.into_iter().map(finding).collect()
}

/// Neither lamex.yaml's nor lamex's own. Both kits set nothing else.
fn is_foreign(case: &Case<'_>, name: &str) -> bool {
    !case.environment.env.contains_key(name) && !name.starts_with("LAMEX_")
}

/// The finding with its fix: `$LATEST` may be right already, and only has to be published.
fn with_fix(
    case: &Case<'_>,
    configuration: &Configuration,
    name: &str,
    value: Option<&String>,
    finding: Finding,
) -> Finding {
    let latest = case.function().and_then(|function| function.latest.variables.as_ref().ok());
    if configuration.version != "$LATEST" && latest.is_some_and(|latest| latest.get(name) == value) {
        let version = &configuration.version;
        let why = format!("$LATEST is right; version {version} was published before it changed.");
        return case.deploy(finding.why(why));
    }
    case.deploy(case.apply(finding))
}

fn size(variables: &BTreeMap<String, String>) -> Finding {
    const CHECK: Check = Check::FunctionVariablesSize;
    let bytes = serde_json::to_string(variables).unwrap_or_default().len();
    let saw = format!("{bytes} of {LIMIT_BYTES} bytes");
    if bytes < NEAR_LIMIT_BYTES {
        return Finding::ok(CHECK, saw);
    }
    Finding::warning(CHECK, saw).why("Lambda refuses more; put large values into files of the package.")
}

/// Whether both sides agree on destructive commands.
fn consent(case: &Case<'_>, configuration: &Configuration, variables: &BTreeMap<String, String>) -> Finding {
    const CHECK: Check = Check::FunctionDestructive;
    let function_allows = variables.get(CONSENT).is_some_and(|value| value == "true");
    let expected = String::from("true");
    match (case.environment.allow_destructive, function_allows) {
        (true, true) => Finding::ok(CHECK, "destructive commands may run"),
        (false, false) => Finding::ok(CHECK, "destructive commands do not run"),
        (true, false) => {
            let finding = Finding::problem(CHECK, format!("the function does not have {CONSENT}=true"))
                .why("lamex.yaml allows destructive commands here: `invoke` refuses to run there.");
            with_fix(case, configuration, CONSENT, Some(&expected), finding)
        }
        (false, true) => {
            let finding =
                Finding::problem(CHECK, format!("the function has {CONSENT}=true, lamex.yaml does not")).why(
                    "A caller with another lamex.yaml could run destructive commands here; `invoke` refuses.",
                );
            with_fix(case, configuration, CONSENT, None, finding)
        }
    }
}
