//! Events apart from a stream: counting, and what a command wrote.

use lamex_protocol::event::{
    Body, Event, MAX_TEST_MESSAGE_BYTES, Missing, Output, Stream, TestCounts, TestOutcome, write_line,
    write_output_line,
};

#[test]
fn tests_are_counted_by_outcome() {
    let mut counts = TestCounts::default();
    assert_eq!(counts.total(), 0);
    for (outcome, times) in [(TestOutcome::Passed, 4), (TestOutcome::Failed, 2), (TestOutcome::Skipped, 1)] {
        (0..times).for_each(|_| counts.add(outcome));
    }
    assert_eq!(counts, TestCounts { passed: 4, failed: 2, skipped: 1 });
    assert_eq!(counts.total(), 7);
    // Counts come from outside, too.
    assert_eq!(TestCounts { passed: u64::MAX, failed: 1, skipped: 1 }.total(), u64::MAX);
}

#[test]
fn a_test_message_is_short_beside_a_line() {
    assert_eq!(MAX_TEST_MESSAGE_BYTES, 4_096);
}

#[test]
fn anything_missing_is_something() {
    assert!(Missing::default().is_nothing());
    for missing in [
        Missing { stdout_bytes: 1, ..Missing::default() },
        Missing { stderr_bytes: 1, ..Missing::default() },
        Missing { test_events: 1, ..Missing::default() },
    ] {
        assert!(!missing.is_nothing(), "{missing:?}");
    }
}

#[test]
fn output_keeps_its_bytes_and_both_ways_to_write_it_agree() {
    for bytes in [&b""[..], b"text\n", "größe".as_bytes(), b"\xff\x00", b"\"\\\x1b"] {
        let output = Output::new(3, Stream::Stderr, bytes);
        assert_eq!(output.bytes().unwrap(), bytes);
        let (mut event, mut fast) = (b"before\n".to_vec(), b"before\n".to_vec());
        write_line(&Event { seq: 7, at_ms: 9, body: Body::Output(output) }, &mut event).unwrap();
        write_output_line(7, 9, 3, Stream::Stderr, bytes, &mut fast).unwrap();
        assert_eq!(event, fast);
        assert!(event.starts_with(b"before\n{") && event.ends_with(b"}\n"));
    }
}
