//! What a deployment or a rollback has to do: decided from what is deployed, without side effects.

use std::collections::BTreeMap;

use crate::aws::Configuration;

/// The variable by which a function allows destructive commands.
pub(crate) const ALLOW_DESTRUCTIVE: &str = "LAMEX_ALLOW_DESTRUCTIVE";

/// What differs between the version that is live and what would be deployed; empty when nothing does. The
/// names of variables are told, never their values.
pub(crate) fn differences(live: &Configuration, next: &Configuration) -> Vec<String> {
    let mut differences = Vec::new();
    if live.code_sha256 != next.code_sha256 {
        differences.push("code".to_owned());
    }
    match (&live.variables, &next.variables) {
        (Ok(live), Ok(next)) => differences.extend(changed_variables(live, next)),
        // What cannot be read is not known to be the same.
        _ => differences.push("variables, which Lambda cannot read".to_owned()),
    }
    let settings = next.settings.iter().filter(|(name, value)| live.settings.get(*name) != Some(value));
    differences.extend(settings.map(|(name, _)| (*name).to_owned()));
    differences.sort_unstable();
    differences.dedup();
    differences
}

fn changed_variables(live: &BTreeMap<String, String>, next: &BTreeMap<String, String>) -> Vec<String> {
    let names = live.keys().chain(next.keys());
    let changed = names.filter(|name| live.get(*name) != next.get(*name));
    changed.map(|name| format!("variable {name}")).collect()
}

/// The version to go back to: the one that is asked for, else the newest before the live one.
///
/// # Errors
/// There is none, in one sentence.
pub(crate) fn rollback_target(numbers: &[u64], live: &str, wanted: Option<u64>) -> Result<u64, String> {
    let live_number: Option<u64> = live.parse().ok();
    match wanted {
        Some(wanted) if live_number == Some(wanted) => Err(format!("version {wanted} is live already")),
        Some(wanted) if numbers.contains(&wanted) => Ok(wanted),
        Some(wanted) => Err(format!("there is no version {wanted}; there are {}", listed(numbers))),
        None => {
            let live = live_number.ok_or_else(|| format!("{live} is live, which is no numbered version"))?;
            let before = numbers.iter().rev().find(|number| **number < live).copied();
            before.ok_or_else(|| format!("there is no version before version {live}"))
        }
    }
}

/// Why the function must not go back to that configuration, if it must not: it would allow destructive
/// commands again, which the function does not allow any more.
pub(crate) fn rollback_refusal(
    latest: &Configuration,
    target: &Configuration,
    version: u64,
) -> Option<String> {
    let allows = |configuration: &Configuration| {
        let variables = configuration.variables.as_ref().ok()?;
        Some(variables.get(ALLOW_DESTRUCTIVE).is_some_and(|value| value == "true"))
    };
    match (allows(target), allows(latest)) {
        (Some(false), _) | (Some(true) | None, Some(true)) => None,
        (Some(true), _) => Some(format!(
            "version {version} has {ALLOW_DESTRUCTIVE}=true, which the function does not have any more: \
             going back would allow destructive commands again"
        )),
        (None, _) => Some(format!(
            "Lambda cannot read the variables of version {version}: nobody knows whether it allows destructive \
             commands"
        )),
    }
}

fn listed(numbers: &[u64]) -> String {
    match numbers {
        [] => "none".to_owned(),
        _ => numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configuration(code: &str, variables: &[(&str, &str)], memory: &str) -> Configuration {
        Configuration {
            code_sha256: code.to_owned(),
            variables: Ok(variables
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()),
            settings: BTreeMap::from([("MemorySize", memory.to_owned())]),
        }
    }

    #[test]
    fn only_equal_code_and_configuration_are_no_difference() {
        let live = configuration("a", &[("A", "1"), ("B", "2")], "128");
        assert!(differences(&live, &live.clone()).is_empty());
        let next = configuration("b", &[("A", "1"), ("B", "3"), ("C", "")], "256");
        assert_eq!(differences(&live, &next), ["MemorySize", "code", "variable B", "variable C"]);
        assert_eq!(differences(&live, &configuration("a", &[("A", "1")], "128")), ["variable B"]);
        let unreadable = Configuration { variables: Err("no key".to_owned()), ..live.clone() };
        assert_eq!(differences(&unreadable, &unreadable), ["variables, which Lambda cannot read"]);
    }

    #[test]
    fn a_rollback_goes_to_the_version_before_or_to_the_one_that_is_named() {
        assert_eq!(rollback_target(&[1, 2, 5, 7], "5", None), Ok(2));
        assert_eq!(rollback_target(&[1, 2, 5, 7], "5", Some(7)), Ok(7));
        assert!(rollback_target(&[1, 2], "1", None).is_err());
        assert!(rollback_target(&[1, 2], "2", Some(2)).is_err());
        assert!(rollback_target(&[1, 2], "2", Some(9)).unwrap_err().contains("1, 2"));
        assert!(rollback_target(&[1, 2], "$LATEST", None).is_err());
    }

    #[test]
    fn a_rollback_never_brings_destructive_commands_back() {
        let allowing = configuration("a", &[(ALLOW_DESTRUCTIVE, "true")], "128");
        let forbidding = configuration("a", &[(ALLOW_DESTRUCTIVE, "false")], "128");
        assert!(rollback_refusal(&forbidding, &allowing, 1).is_some());
        assert!(rollback_refusal(&allowing, &allowing, 1).is_none());
        assert!(rollback_refusal(&allowing, &forbidding, 1).is_none());
        assert!(rollback_refusal(&forbidding, &forbidding, 1).is_none());
        let unreadable = Configuration { variables: Err("no key".to_owned()), ..forbidding.clone() };
        assert!(rollback_refusal(&forbidding, &unreadable, 1).is_some());
        assert!(rollback_refusal(&unreadable, &allowing, 1).is_some());
        assert!(rollback_refusal(&unreadable, &unreadable, 1).is_some());
        assert!(rollback_refusal(&unreadable, &forbidding, 1).is_none());
    }
}
