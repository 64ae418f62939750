//! The lines of Rust's test harness.

use lamex_protocol::event::{TestCounts, TestOutcome};
use memchr::memmem;

use crate::framework::event::seconds_to_ms;

/// The outcome of a test, and how long it took in milliseconds.
pub(super) type Ending = (TestOutcome, Option<u64>);

/// Name and rest of `test NAME ... REST`.
pub(super) fn split_test_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.strip_prefix(b"test ")?;
    let end = memmem::find(text, b" ... ")?;
    let name = text[..end].trim_ascii();
    let name = name.strip_suffix(b" - should panic").unwrap_or(name);
    (!name.is_empty()).then(|| (name, &text[end + b" ... ".len()..]))
}

/// The text as a result and nothing else.
pub(super) fn whole_result(text: &[u8]) -> Option<Ending> {
    let (text, duration_ms) = split_duration(text);
    let outcome = match text {
        b"ok" => TestOutcome::Passed,
        b"FAILED" | b"FAILED (time limit exceeded)" => TestOutcome::Failed,
        b"ignored" => TestOutcome::Skipped,
        _ if ignored_reason(text).is_some() => TestOutcome::Skipped,
        _ if text.starts_with(b"bench: ") => TestOutcome::Passed,
        _ => return None,
    };
    Some((outcome, duration_ms))
}

/// The reason of `ignored, REASON`.
pub(super) fn ignored_reason(text: &[u8]) -> Option<&[u8]> {
    text.strip_prefix(b"ignored, ")
}

pub(super) fn result_at_end(text: &[u8]) -> Option<Ending> {
    let (text, duration_ms) = split_duration(text);
    let outcome = if text.ends_with(b"ok") {
        TestOutcome::Passed
    } else if text.ends_with(b"FAILED") || text.ends_with(b"FAILED (time limit exceeded)") {
        TestOutcome::Failed
    } else {
        return None;
    };
    Some((outcome, duration_ms))
}

/// Takes off what `--report-time` adds: `ok <0.001s>`.
fn split_duration(text: &[u8]) -> (&[u8], Option<u64>) {
    let split = || {
        let inner = text.strip_suffix(b"s>")?;
        let start = memmem::rfind(inner, b" <")?;
        Some((&text[..start], Some(seconds_to_ms(&inner[start + 2..])?)))
    };
    split().unwrap_or((text, None))
}

/// The N of `running N tests`.
pub(super) fn running_count(text: &[u8]) -> Option<u64> {
    let text = text.strip_prefix(b"running ")?;
    let number = text.strip_suffix(b" tests").or_else(|| text.strip_suffix(b" test"))?;
    std::str::from_utf8(number).ok()?.parse().ok()
}

/// `test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 2 filtered out; finished in 0.00s`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Summary {
    pub(super) is_ok: bool,
    /// Benchmarks that were measured count as passed.
    pub(super) counts: TestCounts,
    pub(super) filtered_out: u64,
}

pub(super) fn parse_summary(text: &[u8]) -> Option<Summary> {
    let text = std::str::from_utf8(text).ok()?.strip_prefix("test result: ")?;
    let (word, counts) = text.split_once(". ")?;
    let count = |label: &str| -> Option<u64> {
        let mut parts = counts.split("; ").filter_map(|part| part.split_once(' '));
        parts.find(|part| part.1 == label)?.0.parse().ok()
    };
    let failed = count("failed")?;
    let passed = count("passed")?.checked_add(count("measured")?)?;
    let skipped = count("ignored")?;
    passed.checked_add(failed)?.checked_add(skipped)?;
    let is_ok = match word {
        "ok" => failed == 0,
        "FAILED" => false,
        _ => return None,
    };
    let filtered_out = count("filtered out").unwrap_or(0);
    Some(Summary { is_ok, counts: TestCounts { passed, failed, skipped }, filtered_out })
}
