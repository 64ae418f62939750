//! What a deployment or a rollback has to do: decided from what is deployed, without side effects.

use std::collections::BTreeMap;

use lamex_aws::{Alias, Configuration, Snapshot};

/// The variable by which a function allows destructive commands.
pub const ALLOW_DESTRUCTIVE: &str = "LAMEX_ALLOW_DESTRUCTIVE";

/// What differs between the version that is live and what would be deployed; empty when nothing does. The
/// names of variables are told, never their values.
pub fn differences(live: &Configuration, next: &Configuration) -> Vec<String> {
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

/// What a deployment does.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// What would be deployed is live already, alone.
    Nothing,
    /// It is live, but some invocations go to other versions.
    ClearWeights,
    /// `$LATEST` is what is to be published.
    Publish,
    /// The code goes up first, by an update that also is the way out of one that failed.
    Upload,
}

/// What is to be done about these differences.
pub fn step(differences: &[String], latest: &Snapshot, live: &Alias, code_sha256: &str) -> Step {
    let is_numbered = live.version.parse::<u64>().is_ok();
    let has_latest_code = latest.configuration.code_sha256 == code_sha256;
    match (differences.is_empty() && is_numbered, live.other_versions.is_empty()) {
        (true, true) => Step::Nothing,
        (true, false) => Step::ClearWeights,
        (false, _) if has_latest_code && latest.update_failure.is_none() => Step::Publish,
        (false, _) => Step::Upload,
    }
}

/// The version to go back to: the one that is asked for, else the newest before the live one. The one that is
/// live can be asked for where it has only a part of the invocations.
///
/// # Errors
/// There is none, in one sentence.
pub fn rollback_target(numbers: &[u64], alias: &Alias, wanted: Option<u64>) -> Result<u64, String> {
    let live = &alias.version;
    let live_number: Option<u64> = live.parse().ok();
    let is_alone = alias.other_versions.is_empty();
    match wanted {
        Some(wanted) if live_number == Some(wanted) && is_alone => {
            Err(format!("version {wanted} is live already"))
        }
        Some(wanted) if numbers.contains(&wanted) => Ok(wanted),
        Some(wanted) => Err(format!("there is no version {wanted}; there are {}", listed(numbers))),
        None => {
            let live =
                live_number.ok_or_else(|| format!("{live} is live, which is not a numbered version"))?;
            let before = numbers.iter().rev().find(|number| **number < live).copied();
            before.ok_or_else(|| format!("there is no version before version {live}"))
        }
    }
}

/// Why the function must not go back to that configuration, if it must not: it would allow destructive
/// commands again, which the function does not allow any more.
pub fn rollback_refusal(latest: &Configuration, target: &Configuration, version: &str) -> Option<String> {
    let allows = |configuration: &Configuration| {
        let variables = configuration.variables.as_ref().ok()?;
        Some(variables.get(ALLOW_DESTRUCTIVE).is_some_and(|value| value == "true"))
    };
    match (allows(target), allows(latest)) {
        (Some(false), _) | (Some(true) | None, Some(true)) => None,
        (Some(true), _) => Some(format!(
            "version {version} has {ALLOW_DESTRUCTIVE}=true, which the function no longer has: a \
             rollback would allow destructive commands again"
        )),
        (None, _) => Some(format!(
            "Lambda cannot read the variables of version {version}: it is unknown whether it allows \
             destructive commands"
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

    fn alias(version: &str, other_versions: &[&str]) -> Alias {
        Alias {
            name: "live".to_owned(),
            version: version.to_owned(),
            other_versions: other_versions.iter().map(|&version| version.to_owned()).collect(),
            revision_id: String::new(),
        }
    }

    #[test]
    fn a_failed_update_is_followed_by_another_one() {
        let latest = |code: &str, failure: Option<&str>| Snapshot {
            version: "$LATEST".to_owned(),
            revision_id: String::new(),
            description: String::new(),
            configuration: configuration(code, &[], "128"),
            is_update_in_progress: false,
            update_failure: failure.map(str::to_owned),
        };
        let differences = ["MemorySize".to_owned()];
        let decided =
            |differences: &[String], latest: &Snapshot, live: &Alias| step(differences, latest, live, "a");
        for failure in [None, Some("no subnet")] {
            assert_eq!(decided(&[], &latest("a", failure), &alias("1", &[])), Step::Nothing);
            assert_eq!(decided(&[], &latest("a", failure), &alias("1", &["2"])), Step::ClearWeights);
            assert_eq!(decided(&differences, &latest("b", failure), &alias("1", &[])), Step::Upload);
        }
        assert_eq!(decided(&differences, &latest("a", None), &alias("1", &["2"])), Step::Publish);
        assert_eq!(decided(&differences, &latest("a", Some("no subnet")), &alias("1", &[])), Step::Upload);
        assert_eq!(decided(&[], &latest("a", None), &alias("$LATEST", &[])), Step::Publish);
    }

    #[test]
    fn a_rollback_goes_to_the_version_before_or_to_the_one_that_is_named() {
        let live = |version| alias(version, &[]);
        assert_eq!(rollback_target(&[1, 2, 5, 7], &live("5"), None), Ok(2));
        assert_eq!(rollback_target(&[1, 2, 5, 7], &live("5"), Some(7)), Ok(7));
        assert!(rollback_target(&[1, 2], &live("1"), None).is_err());
        assert!(rollback_target(&[1, 2], &live("2"), Some(2)).is_err());
        assert_eq!(rollback_target(&[1, 2], &alias("2", &["1"]), Some(2)), Ok(2));
        assert!(rollback_target(&[1, 2], &live("2"), Some(9)).unwrap_err().contains("1, 2"));
        assert!(rollback_target(&[1, 2], &live("$LATEST"), None).is_err());
    }

    #[test]
    fn a_rollback_never_brings_destructive_commands_back() {
        let allowing = configuration("a", &[(ALLOW_DESTRUCTIVE, "true")], "128");
        let forbidding = configuration("a", &[(ALLOW_DESTRUCTIVE, "false")], "128");
        assert!(rollback_refusal(&forbidding, &allowing, "1").is_some());
        assert!(rollback_refusal(&allowing, &allowing, "1").is_none());
        assert!(rollback_refusal(&allowing, &forbidding, "1").is_none());
        assert!(rollback_refusal(&forbidding, &forbidding, "1").is_none());
        let unreadable = Configuration { variables: Err("no key".to_owned()), ..forbidding.clone() };
        assert!(rollback_refusal(&forbidding, &unreadable, "1").is_some());
        assert!(rollback_refusal(&unreadable, &allowing, "1").is_some());
        assert!(rollback_refusal(&unreadable, &unreadable, "1").is_some());
        assert!(rollback_refusal(&unreadable, &forbidding, "1").is_none());
    }
}
