//! How a Go test binary lists its tests and runs some of them.

use super::report::is_benchmark;
use crate::framework::flags::flag;
use crate::framework::selector::{ListedTest, TestSelector, Unreadable, not_a_name};

pub(super) struct GoSelector;

/// Flags that select, repeat or silence tests, or stop at the first failure.
const CONFLICTS: [&str; 9] = [
    "test.run",
    "test.skip",
    "test.list",
    "test.bench",
    "test.fuzz",
    "test.count",
    "test.failfast",
    "test.cpu",
    "test.short",
];

impl TestSelector for GoSelector {
    fn list_words(&self) -> &'static [&'static str] {
        &["-test.list", "."]
    }

    /// A name a line. Benchmarks are listed too, but only run with `-test.bench`.
    fn read_listing(&self, listing: &str) -> Result<Vec<ListedTest>, Unreadable> {
        let names = listing.lines().filter(|line| !line.is_empty());
        names
            .filter(|name| !(is_benchmark(name.as_bytes()) && is_identifier(name)))
            .map(|name| {
                let test = ListedTest { name: name.to_owned(), is_disabled: false };
                self.is_name(name).then_some(test).ok_or_else(|| not_a_name(name))
            })
            .collect()
    }

    /// As the testing package has it: the word, and behind it no lower-case letter. Subtests are not listed.
    fn is_name(&self, name: &str) -> bool {
        let rest = ["Test", "Fuzz", "Example"].iter().find_map(|word| name.strip_prefix(word));
        rest.is_some_and(|rest| !rest.starts_with(char::is_lowercase)) && is_identifier(name)
    }

    fn conflict(&self, words: &[String]) -> Option<String> {
        flag(words, &CONFLICTS, &[])
    }

    fn select_words(&self, tests: &[&str]) -> Vec<String> {
        let names: Vec<String> = tests.iter().map(|name| quoted(name)).collect();
        vec!["-test.run".to_owned(), format!("^({})$", names.join("|"))]
    }
}

fn is_identifier(name: &str) -> bool {
    name.chars().all(|character| character.is_alphanumeric() || character == '_')
}

/// The text as a regular expression that matches it alone, as Go's `regexp.QuoteMeta` writes it.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for character in text.chars() {
        if r"\.+*?()|[]{}^$".contains(character) {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted
}
