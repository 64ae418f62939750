//! The lines in which Go's `testing` package reports the outcome of a test.

use lamex_protocol::event::TestOutcome;
use memchr::memmem;

use crate::framework::event::seconds_to_ms;

/// `--- PASS: TestX/sub (0.01s)`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Report<'a> {
    pub(super) name: &'a [u8],
    /// `None` for the log of a benchmark.
    pub(super) outcome: Option<TestOutcome>,
    pub(super) duration_ms: Option<u64>,
}

impl<'a> Report<'a> {
    pub(super) fn parse(text: &'a [u8]) -> Option<Self> {
        let text = text.strip_prefix(b"--- ")?;
        let (word, rest) = text.split_at(memmem::find(text, b": ")?);
        let outcome = match word {
            b"PASS" => Some(TestOutcome::Passed),
            b"FAIL" => Some(TestOutcome::Failed),
            b"SKIP" => Some(TestOutcome::Skipped),
            b"BENCH" => None,
            _ => return None,
        };
        let rest = &rest[2..];
        // Names hold no blanks: the testing package replaces them.
        let (name, duration) = match memmem::find(rest, b" (") {
            Some(end) => (&rest[..end], rest[end + 2..].strip_suffix(b"s)")),
            None => (rest, None),
        };
        let name = name.trim_ascii();
        (!name.is_empty()).then(|| Self { name, outcome, duration_ms: duration.and_then(seconds_to_ms) })
    }
}

/// As `testing` and test2json tell one: `Benchmark`, not followed by a lower-case letter.
pub(super) fn is_benchmark(name: &[u8]) -> bool {
    name.strip_prefix(b"Benchmark").is_some_and(|rest| {
        let first = rest.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
        !first.is_some_and(char::is_lowercase)
    })
}

/// `BenchmarkX-8   100   123 ns/op`.
pub(super) fn is_measurement(text: &[u8]) -> bool {
    is_benchmark(text) && memmem::find(text, b" ns/op").is_some()
}
