//! Where a deployed version is configured differently from lamex.yaml. Only names are reported, never values.

use std::collections::BTreeMap;

use lamex_aws::Configuration;
use lamex_config::Environment;
use lamex_deploy::decide::ALLOW_DESTRUCTIVE;

/// What lamex reserves for itself: set by hand, for tests of the function's own network.
const RESERVED_PREFIX: &str = "LAMEX_";

/// The names of all that differs. Variables that Lambda cannot read do not count.
///
/// Both kits set the variables of `env`, the consent to destructive commands, and nothing else: whatever else the
/// function has was in lamex.yaml once, or comes from somebody who should say so there.
pub(crate) fn differences(environment: &Environment, deployed: &Configuration) -> Vec<String> {
    let mut differences = Vec::new();
    if let Ok(variables) = &deployed.variables {
        differences.extend(changed_variables(environment, variables));
    }
    let expected = [
        ("timeout", "Timeout", environment.timeout.as_secs()),
        ("memory_mb", "MemorySize", environment.memory_mb),
    ];
    for (key, setting, value) in expected {
        if deployed.settings.get(setting).map(String::as_str) != Some(value.to_string().as_str()) {
            differences.push(key.to_owned());
        }
    }
    differences
}

fn changed_variables(environment: &Environment, deployed: &BTreeMap<String, String>) -> Vec<String> {
    let mut expected = environment.env.clone();
    if environment.allow_destructive {
        expected.insert(ALLOW_DESTRUCTIVE.to_owned(), "true".to_owned());
    }
    let mut found = deployed.clone();
    // Anything but `true` is no consent.
    if found.get(ALLOW_DESTRUCTIVE).is_some_and(|value| value != "true") {
        found.remove(ALLOW_DESTRUCTIVE);
    }
    found.retain(|name, _| name == ALLOW_DESTRUCTIVE || !name.starts_with(RESERVED_PREFIX));
    let mut names: Vec<&String> = expected.keys().chain(found.keys()).collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .filter(|name| expected.get(*name) != found.get(*name))
        .map(|name| match (expected.contains_key(name), found.contains_key(name)) {
            (true, false) => format!("the variable {name} (not set)"),
            (false, _) => format!("the variable {name} (not in lamex.yaml)"),
            (true, true) => format!("the variable {name} (another value)"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use lamex_config::{Architecture, Target};

    use super::*;

    fn map(variables: &[(&str, &str)]) -> BTreeMap<String, String> {
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn environment(variables: &[(&str, &str)], allow_destructive: bool) -> Environment {
        Environment {
            name: "staging".to_owned(),
            target: Target::Local,
            env: map(variables),
            memory_mb: 512,
            timeout: Duration::from_secs(60),
            architecture: Architecture::X86_64,
            allow_destructive,
        }
    }

    fn deployed(variables: &[(&str, &str)]) -> Configuration {
        let settings = [("Timeout", "60"), ("MemorySize", "512"), ("Layers", "arn:some-layer")];
        Configuration {
            code_sha256: String::new(),
            variables: Ok(map(variables)),
            settings: settings.into_iter().map(|(name, value)| (name, value.to_owned())).collect(),
        }
    }

    #[test]
    fn what_the_kits_set_is_no_drift() {
        let variables = [("ADDR", "orders:1"), ("EMPTY", "")];
        assert!(differences(&environment(&variables, false), &deployed(&variables)).is_empty());
        let with_consent = [&variables[..], &[("LAMEX_ALLOW_DESTRUCTIVE", "true")]].concat();
        assert!(differences(&environment(&variables, true), &deployed(&with_consent)).is_empty());
        let by_hand = [&variables[..], &[("LAMEX_PROBE_LOOPBACK", "true")]].concat();
        assert!(differences(&environment(&variables, false), &deployed(&by_hand)).is_empty());
    }

    #[test]
    fn every_difference_is_named_without_values() {
        let mut version = deployed(&[("ADDR", "old"), ("GONE", "x"), ("LAMEX_ALLOW_DESTRUCTIVE", "true")]);
        version.settings.insert("Timeout", "900".to_owned());
        version.settings.remove("MemorySize");
        let found = differences(&environment(&[("ADDR", "new"), ("ADDED", "y")], false), &version);
        let expected = [
            "the variable ADDED (not set)",
            "the variable ADDR (another value)",
            "the variable GONE (not in lamex.yaml)",
            "the variable LAMEX_ALLOW_DESTRUCTIVE (not in lamex.yaml)",
            "timeout",
            "memory_mb",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn consent_is_the_word_true_alone() {
        let no_consent = deployed(&[("LAMEX_ALLOW_DESTRUCTIVE", "false")]);
        assert!(differences(&environment(&[], false), &no_consent).is_empty());
        let missing = ["the variable LAMEX_ALLOW_DESTRUCTIVE (not set)"];
        assert_eq!(differences(&environment(&[], true), &no_consent), missing);
    }

    #[test]
    fn unreadable_variables_are_told_elsewhere() {
        let version = Configuration { variables: Err("no key".to_owned()), ..deployed(&[]) };
        assert!(differences(&environment(&[("ADDR", "new")], true), &version).is_empty());
    }
}
