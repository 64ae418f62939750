//! How GoogleTest lists its tests and runs some of them.

use crate::framework::flags::flag;
use crate::framework::selector::{ListedTest, TestSelector, Unreadable, not_a_name};

pub(super) struct GtestSelector;

/// Flags that select, repeat or silence tests, or stop at the first failure.
const CONFLICTS: [&str; 7] = [
    "gtest_filter",
    "gtest_flagfile",
    "gtest_list_tests",
    "gtest_repeat",
    "gtest_brief",
    "gtest_fail_fast",
    "gtest_also_run_disabled_tests",
];

/// The main function of GoogleTest's own says so first.
const GREETING: &str = "Running main() from ";

impl TestSelector for GtestSelector {
    fn list_words(&self) -> &'static [&'static str] {
        &["--gtest_list_tests"]
    }

    /// `SUITE.`, then a line `  NAME` for each of its tests; behind either a comment that begins with `#`.
    fn read_listing(&self, listing: &str) -> Result<Vec<ListedTest>, Unreadable> {
        let (mut suite, mut tests) = (None, Vec::new());
        for line in listing.lines().filter(|line| !line.is_empty() && !line.starts_with(GREETING)) {
            let text = line.split_once("  # ").map_or(line, |(text, _)| text);
            match (text.strip_prefix("  "), suite) {
                (Some(test), Some(suite)) => {
                    let name = format!("{suite}{test}");
                    if !self.is_name(&name) {
                        return Err(not_a_name(&name));
                    }
                    tests.push(ListedTest { name, is_disabled: is_disabled(suite) || is_disabled(test) });
                }
                (None, _) if text.ends_with('.') => suite = Some(text),
                _ => return Err(not_a_name(line)),
            }
        }
        Ok(tests)
    }

    /// A filter gives `:`, `*`, `?` and `-` a meaning, and cannot take it from them.
    fn is_name(&self, name: &str) -> bool {
        let has_both =
            name.split_once('.').is_some_and(|(suite, test)| !suite.is_empty() && !test.is_empty());
        has_both && !name.contains([':', '*', '?', '-']) && !name.contains(char::is_whitespace)
    }

    fn conflict(&self, words: &[String]) -> Option<String> {
        flag(words, &CONFLICTS, &[])
    }

    fn select_words(&self, tests: &[&str]) -> Vec<String> {
        vec![format!("--gtest_filter={}", tests.join(":"))]
    }

    fn flag_file_word(&self, path: &str) -> Option<String> {
        Some(format!("--gtest_flagfile={path}"))
    }
}

/// GoogleTest's own rule, for suites and tests: with or without the prefix of an instantiation.
fn is_disabled(name: &str) -> bool {
    name.starts_with("DISABLED_") || name.contains("/DISABLED_")
}
