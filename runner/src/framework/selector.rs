//! How a framework lists its tests and runs some of them.

use std::fmt;

/// One test of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedTest {
    pub name: String,
    /// The framework would skip it, so that it need not be sent anywhere.
    pub is_disabled: bool,
}

/// A line that is not part of a listing, or a name that cannot be selected: a clause that says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable(pub(super) String);

impl fmt::Display for Unreadable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The words of a command line are those behind the program; new ones go directly behind it, because Go reads no
/// flags behind the first word that is not one.
pub(super) trait TestSelector {
    fn list_words(&self) -> &'static [&'static str];

    /// The tests of a listing, in its order. A line that may hide a test is an error: a test that nobody knows of
    /// would never run.
    fn read_listing(&self, listing: &str) -> Result<Vec<ListedTest>, Unreadable>;

    /// Whether a test can have this name, and be selected by it.
    fn is_name(&self, name: &str) -> bool;

    /// The argument that selects, repeats or silences tests itself, as it is written.
    fn conflict(&self, words: &[String]) -> Option<String>;

    /// The words that run exactly these tests, of which there is at least one.
    fn select_words(&self, tests: &[&str]) -> Vec<String>;

    /// The word that makes the program read further flags from a file, one a line.
    fn flag_file_word(&self, _path: &str) -> Option<String> {
        None
    }
}

pub(super) fn not_a_name(line: &str) -> Unreadable {
    Unreadable(format!("`{}` is not the name of a test that can be selected", line.trim()))
}
