//! Which versions are no longer needed: decided from what there is, without side effects.

use std::collections::BTreeSet;
use std::num::NonZeroU64;

use lamex_aws::{Alias, Published};

/// Other jobs invoke young versions by their number.
const YOUNG_S: i64 = 24 * 60 * 60;

/// What happens to the versions of a function.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Ascending.
    pub superfluous: Vec<NonZeroU64>,
    /// Ascending, each with the reason.
    pub kept: Vec<(NonZeroU64, String)>,
}

/// Keeps what an alias leads to, the newest so many, and what is young or may be.
pub fn decide(published: &[Published], aliases: &[Alias], keep: usize, now_s: i64) -> Retention {
    let numbers: BTreeSet<NonZeroU64> = published.iter().map(|version| version.number).collect();
    let newest: BTreeSet<NonZeroU64> = numbers.iter().rev().take(keep).copied().collect();
    let mut retention = Retention::default();
    for number in numbers {
        let mut same = published.iter().filter(|version| version.number == number);
        let reason =
            user(aliases, number).map(|alias| format!("the alias {alias} points to it")).or_else(|| {
                if newest.contains(&number) {
                    return Some(format!("one of the newest {keep}"));
                }
                same.find_map(|version| youth(*version, now_s)).map(str::to_owned)
            });
        match reason {
            Some(reason) => retention.kept.push((number, reason)),
            None => retention.superfluous.push(number),
        }
    }
    retention
}

/// The alias that leads to it, if only with a part of the invocations.
fn user(aliases: &[Alias], number: NonZeroU64) -> Option<&str> {
    let number = number.to_string();
    let uses = |alias: &&Alias| alias.version == number || alias.other_versions.contains(&number);
    aliases.iter().find(uses).map(|alias| alias.name.as_str())
}

fn youth(version: Published, now_s: i64) -> Option<&'static str> {
    match version.modified_s {
        // A clock that is behind makes it younger than it is.
        Some(modified_s) if now_s.saturating_sub(modified_s) >= YOUNG_S => None,
        Some(_) => Some("less than 24 hours old"),
        None => Some("its age is unknown"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW_S: i64 = 10_000_000;
    const OLD_S: Option<i64> = Some(NOW_S - YOUNG_S);

    fn published(number: u64, modified_s: Option<i64>) -> Published {
        Published { number: NonZeroU64::new(number).unwrap(), modified_s }
    }

    fn alias(name: &str, version: &str, other_versions: &[&str]) -> Alias {
        let other_versions = other_versions.iter().map(|&version| version.to_owned()).collect();
        Alias {
            name: name.to_owned(),
            version: version.to_owned(),
            other_versions,
            revision_id: String::new(),
        }
    }

    fn numbers(retention: &Retention) -> Vec<u64> {
        retention.superfluous.iter().map(|number| number.get()).collect()
    }

    #[test]
    fn old_versions_go_but_for_those_that_are_used() {
        let old: Vec<_> = [7, 1, 2, 3, 4, 10].map(|number| published(number, OLD_S)).to_vec();
        let aliases = [alias("live", "3", &["2"]), alias("nightly", "$LATEST", &[])];
        let retention = decide(&old, &aliases, 2, NOW_S);
        assert_eq!(numbers(&retention), [1, 4]);
        let reasons: Vec<_> =
            retention.kept.iter().map(|(number, reason)| (number.get(), reason.as_str())).collect();
        assert_eq!(
            reasons,
            [
                (2, "the alias live points to it"),
                (3, "the alias live points to it"),
                (7, "one of the newest 2"),
                (10, "one of the newest 2"),
            ]
        );
        assert_eq!(numbers(&decide(&old, &[alias("nightly", "1", &[])], 5, NOW_S)), [0; 0]);
        assert_eq!(numbers(&decide(&old, &[], 100, NOW_S)), [0; 0]);
        assert_eq!(decide(&[], &aliases, 1, NOW_S), Retention::default());
    }

    #[test]
    fn what_may_be_young_stays() {
        let ages = [
            (1, OLD_S),
            (2, Some(NOW_S - YOUNG_S + 1)),
            (3, Some(NOW_S)),
            (4, Some(NOW_S + YOUNG_S)),
            (5, None),
            (6, Some(i64::MIN)),
            (7, Some(i64::MAX)),
        ];
        let versions: Vec<_> = ages.iter().map(|(number, age)| published(*number, *age)).collect();
        assert_eq!(numbers(&decide(&versions, &[], 0, NOW_S)), [1, 6]);
        // Listed twice, the younger entry counts.
        let twice = [published(1, OLD_S), published(1, Some(NOW_S))];
        assert_eq!(numbers(&decide(&twice, &[], 0, NOW_S)), [0; 0]);
    }

    proptest! {
        #[test]
        fn nothing_that_is_used_newest_or_young_is_ever_superfluous(
            versions in prop::collection::vec((1_u64..30, 0_i64..3 * YOUNG_S), 0..20),
            live in 1_u64..30, part in 1_u64..30, keep in 0_usize..8,
        ) {
            let list: Vec<_> = versions.iter().map(|(number, age)| published(*number, Some(NOW_S - age))).collect();
            let aliases = [alias("live", &live.to_string(), &[&part.to_string()])];
            let retention = decide(&list, &aliases, keep, NOW_S);
            for number in numbers(&retention) {
                prop_assert!(number != live && number != part);
                let newer: BTreeSet<_> = versions.iter().map(|(other, _)| *other).filter(|other| *other > number).collect();
                prop_assert!(newer.len() >= keep);
                prop_assert!(versions.iter().all(|(other, age)| *other != number || *age >= YOUNG_S));
            }
            let all: BTreeSet<_> = versions.iter().map(|(number, _)| *number).collect();
            prop_assert_eq!(retention.superfluous.len() + retention.kept.len(), all.len());
        }
    }
}
