//! How much a run keeps of its tests.

use crate::excerpt::Excerpt;
use crate::text::cut;

/// What is kept of everything that the framework says of one test.
const MESSAGE_BYTES: usize = 8 << 10;

/// What is left of the run's room for tests, in bytes: 200 MB of answer can name millions of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestRoom {
    /// For tests that passed or were skipped.
    pub unfailed: usize,
    /// Apart from them, so that failed ones are never crowded out.
    pub failed: usize,
    /// For those that have not ended.
    pub running: usize,
    /// For what frameworks say of tests.
    pub messages: usize,
    /// For the output of running and failed tests.
    pub output: usize,
}

impl TestRoom {
    /// Some 60,000 tests of each kind with names of 40 bytes.
    pub(super) const OF_A_RUN: Self =
        Self { unfailed: 12 << 20, failed: 12 << 20, running: 8 << 20, messages: 8 << 20, output: 8 << 20 };

    /// Adds to what is kept of a test's output, or gives it all up where there is no room.
    pub(super) fn keep_output(&mut self, kept: &mut Excerpt, bytes: &[u8]) {
        let before = kept.kept_bytes();
        kept.push(bytes);
        let after = kept.kept_bytes();
        match self.output.checked_sub(after - before) {
            Some(rest) => self.output = rest,
            None => {
                self.output += before;
                kept.forget();
            }
        }
    }

    /// Adds a line to what was said of a test, as far as there is room.
    pub(super) fn add_message(&mut self, said: &mut String, message: &str) {
        let separator = if said.is_empty() { "" } else { "\n" };
        let limit = MESSAGE_BYTES.saturating_sub(said.len() + separator.len()).min(self.messages);
        let message = cut(message, limit);
        if !message.is_empty() {
            self.messages -= message.len();
            said.push_str(separator);
            said.push_str(message);
        }
    }
}
