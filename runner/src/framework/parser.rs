//! What a framework's module does with the output of one process.

use std::fmt;

use lamex_protocol::event::TestCounts;

use super::event::TestEvent;
use super::evidence::Tally;
use super::lines::Line;

/// Reads the output of one process, line by line, in bounded memory.
pub(super) trait OutputParser: fmt::Debug {
    /// A byte that begins a line of stdout wherever it stands, unless it is escaped.
    fn marker(&self) -> Option<u8> {
        None
    }

    /// A line of stdout.
    fn line(&mut self, line: Line<'_>, on_test: &mut dyn FnMut(TestEvent));

    /// The part that has arrived of a line of stdout that is not complete.
    fn beginning(&mut self, _text: &[u8], _on_test: &mut dyn FnMut(TestEvent)) {}

    /// A line of stderr.
    fn stderr_line(&mut self, _line: Line<'_>) {}

    /// After the last line: reports messages that were held back until now.
    fn conclude(&mut self, _exit_code_zero: bool, _on_test: &mut dyn FnMut(TestEvent)) {}

    /// What the output leaves unproven, as a clause.
    fn objection(&self) -> Option<String>;

    /// How much ran, when the output leaves nothing unproven.
    fn tally(&self) -> Tally;

    /// The tests, of which `reported` were reported one by one; `None` if the output does not tell.
    fn counts(&self, reported: TestCounts) -> Option<TestCounts>;

    /// Whether the framework marked its lines.
    fn was_marked(&self) -> bool {
        false
    }

    /// What to do about an objection.
    fn advice(&self) -> &'static str;
}
