//! What must answer: decided before anything is invoked, from what is known of the package and of what is
//! deployed. Where neither tells, the run must not begin.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use lamex_aws::Snapshot;
use lamex_deploy::record::Record;
use lamex_package::placeholder::is_placeholder;
use lamex_protocol::plan::Plan;
use lamex_protocol::reader::Selected;
use lamex_protocol::request::Selection;

/// Which package must answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The one in this zip.
    Zip { path: PathBuf, digest: String },
    /// The one of this digest, which the user named.
    Digest(String),
    /// The one that `deploy` recorded with the version.
    Recorded,
    /// Whichever is there: the user said so.
    Any,
}

/// What an answer is held to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) package_digest: Option<String>,
    pub(crate) selected: Selected,
}

/// What is known before a run.
pub(crate) struct Known<'a> {
    pub(crate) wanted: &'a Wanted,
    /// Of the wanted package, or else of lamex.yaml.
    pub(crate) plan: &'a Plan,
    pub(crate) select: &'a Selection,
    /// The name of the environment, for what the user is told to do.
    pub(crate) environment: &'a str,
    /// Every version that may respond; empty if they could not be read.
    pub(crate) versions: &'a [Snapshot],
}

/// This package, and the selected commands at their places in it.
pub(crate) fn exactly(digest: &str, plan: &Plan, select: &Selection) -> Expected {
    let selected = plan.select(select).unwrap_or_default();
    let name = |&place: &usize| (place as u64, plan.commands[place].name.clone());
    let commands: BTreeMap<_, _> = selected.iter().map(name).collect();
    Expected { package_digest: Some(digest.to_owned()), selected: Selected::Commands(commands) }
}

/// `code_sha256` is asked for that of the wanted zip, where no record tells what is deployed.
///
/// # Errors
/// Why the run must not begin, and how to go on.
pub(crate) fn decide(
    known: &Known<'_>,
    code_sha256: impl Fn() -> Option<String>,
) -> Result<Expected, String> {
    match known.wanted {
        Wanted::Zip { path, digest } => {
            for version in known.versions {
                let is_wanted = match Record::parse(&version.description) {
                    Some(record) => record.package_digest == *digest,
                    None => code_sha256().as_ref() == Some(&version.configuration.code_sha256),
                };
                if !is_wanted {
                    return Err(known.is_another(version, &format!("the package in {}", path.display())));
                }
            }
            Ok(known.exactly(digest))
        }
        Wanted::Digest(digest) => {
            let mut records = Vec::new();
            for version in known.versions {
                let record = Record::parse(&version.description);
                if record.as_ref().is_some_and(|record| record.package_digest != *digest) {
                    return Err(known.is_another(version, &format!("the package {digest}")));
                }
                records.push(record);
            }
            let is_of_plan =
                |record: &Option<Record>| record.as_ref().is_some_and(|one| one.has_commands_of(known.plan));
            if !records.is_empty() && records.iter().all(is_of_plan) {
                return Ok(known.exactly(digest));
            }
            Ok(Expected { package_digest: Some(digest.clone()), selected: known.names() })
        }
        Wanted::Recorded => known.recorded(),
        Wanted::Any => Ok(Expected { package_digest: None, selected: known.names() }),
    }
}

impl Known<'_> {
    fn exactly(&self, digest: &str) -> Expected {
        exactly(digest, self.plan, self.select)
    }

    /// The selected names, where some were asked for by name. What a tag stands for is the package's own matter.
    fn names(&self) -> Selected {
        if self.select.names.is_empty() {
            return Selected::Any;
        }
        let selected = self.plan.select(self.select).unwrap_or_default();
        let names: BTreeSet<_> =
            selected.iter().map(|&place| self.plan.commands[place].name.clone()).collect();
        Selected::Names(names)
    }

    fn recorded(&self) -> Result<Expected, String> {
        let go_on = format!(
            "run `lamex-ctl package --env {0}` and `lamex-ctl deploy --env {0}`, or name the package with \
             `--expect-digest` (`any` takes whichever is there)",
            self.environment
        );
        if self.versions.is_empty() {
            return Err(format!(
                "the expected package is unknown: there is no dist/lamex.zip, and the deployed version \
                 could not be read; {go_on}"
            ));
        }
        let mut digest: Option<String> = None;
        for version in self.versions {
            let number = &version.version;
            if is_placeholder(&version.configuration.code_sha256) {
                return Err(format!("no package deployed yet: {number} is the placeholder; {go_on}"));
            }
            let Some(record) = Record::parse(&version.description) else {
                return Err(format!(
                    "the expected package is unknown: there is no dist/lamex.zip, and {} has no record of \
                     `lamex-ctl deploy`; {go_on}",
                    named(number)
                ));
            };
            if !self.plan.commands.is_empty() && !record.has_commands_of(self.plan) {
                let from = match record.commit.as_str() {
                    "" => String::new(),
                    commit => format!(" (from the commit {commit})"),
                };
                return Err(format!(
                    "{} was deployed{from} with commands that differ from lamex.yaml; {go_on}",
                    named(number)
                ));
            }
            if digest.as_ref().is_some_and(|digest| *digest != record.package_digest) {
                return Err(format!(
                    "some invocations go to {}, which has another package; {go_on}",
                    named(number)
                ));
            }
            digest = Some(record.package_digest);
        }
        let Some(digest) = digest else { return Err(go_on) };
        if self.plan.commands.is_empty() {
            // lamex.yaml knows no commands of its own: the package was made from a folder.
            return Ok(Expected { package_digest: Some(digest), selected: Selected::Any });
        }
        Ok(self.exactly(&digest))
    }

    fn is_another(&self, version: &Snapshot, wanted: &str) -> String {
        let what = if is_placeholder(&version.configuration.code_sha256) {
            format!("no package deployed yet: {} is the placeholder", version.version)
        } else {
            format!("{} is not {wanted}", named(&version.version))
        };
        format!(
            "{what}; run `lamex-ctl deploy --env {}`, or pass `--expect-digest any` to run what is there",
            self.environment
        )
    }
}

/// A version for people: `version 7`, `$LATEST`.
fn named(version: &str) -> String {
    if version.starts_with('$') { version.to_owned() } else { format!("version {version}") }
}

#[cfg(test)]
mod tests {
    use lamex_aws::Configuration;
    use lamex_protocol::plan::Command;

    use super::*;

    const OURS: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
    const THEIRS: &str = "sha256:2222222222222222222222222222222222222222222222222222222222222222";

    fn plan(names: &[&str]) -> Plan {
        let command = |name: &&str| Command {
            name: (*name).to_owned(),
            argv: vec![format!("./{name}")],
            tags: vec!["all".to_owned()],
            ..Command::default()
        };
        Plan { lamex: 1, commands: names.iter().map(command).collect(), ..Plan::default() }
    }

    fn version(number: &str, description: &str, code_sha256: &str) -> Snapshot {
        Snapshot {
            version: number.to_owned(),
            revision_id: String::new(),
            description: description.to_owned(),
            configuration: Configuration {
                code_sha256: code_sha256.to_owned(),
                variables: Ok(BTreeMap::new()),
                settings: BTreeMap::new(),
            },
            is_update_in_progress: false,
            update_failure: None,
        }
    }

    fn recorded(number: &str, digest: &str, names: &[&str]) -> Snapshot {
        version(number, &Record::new(&plan(names), digest, "c0ffee").to_string(), "code")
    }

    fn decided(wanted: &Wanted, only: &[&str], versions: &[Snapshot]) -> Result<Expected, String> {
        let names = only.iter().map(|&name| name.to_owned()).collect();
        let select = Selection { names, ..Selection::default() };
        let plan = plan(&["orders", "payments", "wipe"]);
        let known = Known { wanted, plan: &plan, select: &select, environment: "staging", versions };
        decide(&known, || Some("code of the zip".to_owned()))
    }

    fn commands(commands: &[(u64, &str)]) -> Selected {
        Selected::Commands(commands.iter().map(|(place, name)| (*place, (*name).to_owned())).collect())
    }

    #[test]
    fn without_a_package_the_record_tells_what_must_answer() {
        let live = [recorded("7", OURS, &["orders", "payments", "wipe"])];
        let expected = decided(&Wanted::Recorded, &["payments"], &live).unwrap();
        assert_eq!(expected.package_digest.as_deref(), Some(OURS));
        assert_eq!(expected.selected, commands(&[(1, "payments")]));

        let refused = |versions: &[Snapshot]| decided(&Wanted::Recorded, &[], versions).unwrap_err();
        assert!(refused(&[]).contains("could not be read"));
        let other = refused(&[recorded("7", OURS, &["orders"])]);
        assert!(
            other.contains("commands that differ from lamex.yaml") && other.contains("c0ffee"),
            "{other}"
        );
        let unknown = refused(&[version("$LATEST", "somebody's own words", "code")]);
        assert!(unknown.contains("$LATEST has no record"), "{unknown}");
        let names = ["orders", "payments", "wipe"];
        let split = refused(&[recorded("7", OURS, &names), recorded("8", THEIRS, &names)]);
        assert!(split.contains("invocations go to version 8"), "{split}");
    }

    #[test]
    fn with_a_package_every_version_must_be_it() {
        let zip = Wanted::Zip { path: "dist/lamex.zip".into(), digest: OURS.to_owned() };
        let names = ["orders", "payments", "wipe"];
        let all = commands(&[(0, "orders"), (1, "payments"), (2, "wipe")]);
        let good = [
            vec![],
            vec![recorded("7", OURS, &names)],
            vec![version("$LATEST", "", "code of the zip")],
            vec![recorded("7", OURS, &names), version("8", "", "code of the zip")],
        ];
        for versions in good {
            let expected = decided(&zip, &[], &versions).unwrap();
            assert_eq!(expected, Expected { package_digest: Some(OURS.to_owned()), selected: all.clone() });
        }
        let bad = [
            vec![recorded("7", THEIRS, &names)],
            vec![version("$LATEST", "", "other code")],
            vec![recorded("7", OURS, &names), recorded("8", THEIRS, &names)],
        ];
        for versions in bad {
            let refusal = decided(&zip, &[], &versions).unwrap_err();
            assert!(refusal.contains("is not the package in dist/lamex.zip"), "{refusal}");
            assert!(refusal.contains("lamex-ctl deploy --env staging"), "{refusal}");
        }
    }

    #[test]
    fn a_digest_that_was_named_is_compared_with_the_record() {
        let wanted = Wanted::Digest(OURS.to_owned());
        let names = ["orders", "payments", "wipe"];
        assert!(decided(&wanted, &[], &[recorded("7", THEIRS, &names)]).is_err());
        let known = decided(&wanted, &["wipe"], &[recorded("7", OURS, &names)]).unwrap();
        assert_eq!(known.selected, commands(&[(2, "wipe")]));
        let other_commands = decided(&wanted, &["wipe"], &[recorded("7", OURS, &["wipe"])]).unwrap();
        assert_eq!(other_commands.selected, Selected::Names(BTreeSet::from(["wipe".to_owned()])));
        for versions in [vec![], vec![version("7", "", "code")]] {
            let unseen = decided(&wanted, &[], &versions).unwrap();
            assert_eq!(unseen, Expected { package_digest: Some(OURS.to_owned()), selected: Selected::Any });
        }
    }

    #[test]
    fn any_package_still_has_the_names_that_were_asked_for() {
        let live = [recorded("7", THEIRS, &["other"])];
        let any = decided(&Wanted::Any, &["orders"], &live).unwrap();
        assert_eq!(any.package_digest, None);
        assert_eq!(any.selected, Selected::Names(BTreeSet::from(["orders".to_owned()])));
        assert_eq!(decided(&Wanted::Any, &[], &live).unwrap().selected, Selected::Any);
    }
}
