//! What a command's whole output says of its tests.

use lamex_protocol::event::TestCounts;

/// Whether the framework's output confirms an exit code of 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    Agrees,
    /// It does not, and the command must not count as passed. The sentence says what is missing and what
    /// to do.
    Contradicts(String),
    /// The framework ran to its end and ran no test; with the reason that its output gives.
    NothingRan(Option<String>),
    /// Every test was skipped; with the reason where all have the same.
    AllSkipped(Option<String>),
}

/// What the whole output says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    pub evidence: Evidence,
    /// `None` if the output does not tell.
    pub tests: Option<TestCounts>,
    /// The framework marked its lines, as Go does under `-test.v=test2json`.
    pub was_marked: bool,
}

/// How much of a suite ran that reached its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tally {
    /// At least one test passed, or the output does not tell.
    Some,
    Nothing(Option<String>),
    AllSkipped(Option<String>),
}
