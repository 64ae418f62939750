//! What a reader tells of tests, one thing at a time.

use lamex_protocol::event::TestOutcome;

/// What happened to a test. Every `Finished` follows a `Started` of the same test; a test that the process
/// did not survive has no `Finished`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestEvent {
    Started {
        test: String,
    },
    Finished {
        test: String,
        outcome: TestOutcome,
        /// As the framework printed it.
        duration_ms: Option<u64>,
    },
    /// Why the test failed or was skipped, in the framework's words; also after its end. It has at most
    /// [`lamex_protocol::event::MAX_TEST_MESSAGE_BYTES`].
    Message {
        test: String,
        message: String,
    },
}

/// Reports a test whose start the framework did not announce.
pub(super) fn report_whole(
    test: String,
    outcome: TestOutcome,
    duration_ms: Option<u64>,
    on_test: &mut dyn FnMut(TestEvent),
) {
    on_test(TestEvent::Started { test: test.clone() });
    on_test(TestEvent::Finished { test, outcome, duration_ms });
}

/// Decimal seconds, such as `1.25`, in milliseconds.
pub(super) fn seconds_to_ms(text: &[u8]) -> Option<u64> {
    let seconds: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    // A year; also keeps out NaN and infinity.
    let is_duration = (0.0..=31_536_000.0).contains(&seconds);
    is_duration.then(|| (seconds * 1000.0).round() as u64)
}
