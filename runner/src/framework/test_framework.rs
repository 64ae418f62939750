//! What lamex knows of a test framework.

use lamex_protocol::event::Framing;

use super::parser::OutputParser;
use super::selector::TestSelector;

/// One framework. The words of a command line are those behind the program.
pub(super) trait TestFramework: Sync {
    /// What reads the output of one process; none where the exit code alone counts.
    fn parser(&self, framing: Option<Framing>) -> Option<Box<dyn OutputParser>>;

    /// The part of the command line that chooses tests, and what it does, as a clause.
    fn chooses(&self, _words: &[String]) -> Option<String> {
        None
    }

    /// The flag with which the program does something other than run tests.
    fn other_task(&self, _words: &[String]) -> Option<String> {
        None
    }

    /// How single tests are listed and run; none where the framework cannot.
    fn selector(&self) -> Option<&dyn TestSelector> {
        None
    }
}
