//! How Rust's test harness lists its tests and runs some of them.

use super::filters::filters;
use crate::framework::flags::flag;
use crate::framework::selector::{ListedTest, TestSelector, Unreadable, not_a_name};

pub(super) struct LibtestSelector;

/// Options that do something other than run tests, or change how they are reported.
const CONFLICTS: [&str; 6] = ["q", "quiet", "format", "list", "help", "h"];
/// Which kinds of tests there are; the same ones are listed and run.
const KINDS: [&str; 3] = ["--ignored", "--bench", "--test"];

impl TestSelector for LibtestSelector {
    fn list_words(&self) -> &'static [&'static str] {
        &["--list", "--format", "terse"]
    }

    /// `NAME: test` or `NAME: benchmark`, which runs as a test too. Where the format is not terse, a line with the
    /// counts follows, which must be right.
    fn read_listing(&self, listing: &str) -> Result<Vec<ListedTest>, Unreadable> {
        let (mut tests, mut benchmarks) = (Vec::new(), 0);
        let mut lines = listing.lines().filter(|line| !line.is_empty());
        for line in &mut lines {
            let name = if let Some(name) = line.strip_suffix(": test") {
                name
            } else if let Some(name) = line.strip_suffix(": benchmark") {
                benchmarks += 1;
                name
            } else if counts_line(tests.len() - benchmarks, benchmarks) == line {
                break;
            } else {
                return Err(not_a_name(line));
            };
            tests.push(ListedTest { name: name.to_owned(), is_disabled: false });
        }
        lines.next().map_or(Ok(tests), |line| Err(not_a_name(line)))
    }

    /// A path of functions; other harnesses and documentation tests have names of any words.
    fn is_name(&self, name: &str) -> bool {
        name.trim() == name
    }

    fn conflict(&self, words: &[String]) -> Option<String> {
        let own = filters(words).into_iter().find(|filter| !KINDS.contains(&filter.as_str()));
        own.or_else(|| flag(words, &CONFLICTS, &[]))
    }

    fn select_words(&self, tests: &[&str]) -> Vec<String> {
        ["--exact"].iter().chain(tests).map(|&word| word.to_owned()).collect()
    }
}

fn counts_line(tests: usize, benchmarks: usize) -> String {
    let plural = |count| if count == 1 { "" } else { "s" };
    format!("{tests} test{}, {benchmarks} benchmark{}", plural(tests), plural(benchmarks))
}
