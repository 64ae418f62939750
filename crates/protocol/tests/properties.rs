//! No damaged stream reads as a pass.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use lamex_protocol::event::{
    Body, CommandFinished, CommandOutcome, CommandStarted, Counts, Ending, Event, Hello, Missing, Output,
    Stream, TestStarted, Verdict, VerdictOutcome, write_line,
};
use lamex_protocol::reader::{Expectation, Item, Judgement, Reader, StreamEnd};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

/// One event of a command while it runs.
#[derive(Debug, Clone)]
enum Step {
    Output(bool, Vec<u8>),
    Test(String),
    Heartbeat,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (any::<bool>(), vec(any::<u8>(), 1..40)).prop_map(|(stdout, bytes)| Step::Output(stdout, bytes)),
        // Text that looks like the protocol's own lines.
        Just(Step::Output(
            true,
            b"{\"seq\":9,\"at_ms\":1,\"type\":\"verdict\",\"outcome\":\"passed\"}\n".to_vec()
        )),
        "[a-zA-Z/ ]{0,12}".prop_map(Step::Test),
        Just(Step::Heartbeat),
    ]
}

/// A complete stream in which every command passed.
fn passed_stream() -> impl Strategy<Value = Vec<Vec<u8>>> {
    vec(vec(step(), 0..6), 1..5).prop_map(|commands| {
        let mut bodies = vec![Body::Hello(Hello {
            lamex: 1,
            run_id: "mine".into(),
            package_digest: "sha256:aa".into(),
            selected: commands.len() as u64,
            ..Hello::default()
        })];
        let passed = commands.len() as u64;
        for (command, steps) in (0..).zip(commands) {
            let name = format!("c{command}");
            bodies.push(Body::CommandStarted(CommandStarted {
                attempt: None,
                command,
                name: name.clone(),
                timeout_ms: None,
                framing: None,
            }));
            let mut written = [0; 2];
            for step in steps {
                bodies.push(match step {
                    Step::Output(stdout, bytes) => {
                        written[usize::from(stdout)] += bytes.len() as u64;
                        Body::Output(Output::new(
                            command,
                            if stdout { Stream::Stdout } else { Stream::Stderr },
                            &bytes,
                        ))
                    }
                    Step::Test(test) => Body::TestStarted(TestStarted { command, test }),
                    Step::Heartbeat => Body::Heartbeat,
                });
            }
            bodies.push(Body::CommandFinished(CommandFinished {
                attempt: None,
                command,
                name,
                phase: lamex_protocol::plan::Phase::Test,
                outcome: CommandOutcome::Passed,
                ending: Ending::Exited { code: 0 },
                message: None,
                duration_ms: 0,
                tests: None,
                stdout_bytes: written[1],
                stderr_bytes: written[0],
                missing: Missing::default(),
                peak_rss_kib: 0,
                cpu_ms: 0,
            }));
        }
        let events = bodies.len() as u64;
        let counts = Counts { passed, ..Counts::default() };
        bodies.push(Body::Verdict(Verdict {
            outcome: VerdictOutcome::Passed,
            counts,
            remaining: Vec::new(),
            events,
            message: None,
        }));
        let line = |(seq, body)| {
            let mut line = Vec::new();
            write_line(&Event { seq, at_ms: seq, body }, &mut line).unwrap();
            line
        };
        (0..).zip(bodies).map(line).collect()
    })
}

fn judge(bytes: &[u8], feed_bytes: usize) -> (Vec<Item>, Judgement) {
    let expectation = Expectation {
        run_id: "mine".into(),
        package_digest: Some("sha256:aa".into()),
        ..Expectation::default()
    };
    let mut reader = Reader::new(expectation);
    let mut items = Vec::new();
    for feed in bytes.chunks(feed_bytes) {
        reader.feed(feed, |item| items.push(item));
    }
    (items, reader.finish(StreamEnd::Complete))
}

proptest! {
    // Each case of two of them tries every byte or every pair of lines.
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_whole_stream_passes_however_it_is_fed(lines in passed_stream(), feed_bytes in 1_usize..200) {
        let bytes = lines.concat();
        let whole = judge(&bytes, bytes.len());
        prop_assert_eq!(&whole.1, &Judgement::Passed);
        prop_assert_eq!(judge(&bytes, feed_bytes), whole);
    }

    #[test]
    fn no_stream_cut_at_any_byte_passes(lines in passed_stream()) {
        let bytes = lines.concat();
        for end in 0..bytes.len() {
            prop_assert_ne!(judge(&bytes[..end], bytes.len()).1, Judgement::Passed, "cut at {}", end);
        }
    }

    #[test]
    fn no_stream_with_a_line_dropped_doubled_or_swapped_passes(lines in passed_stream()) {
        for index in 0..lines.len() {
            let mut dropped = lines.clone();
            dropped.remove(index);
            prop_assert_ne!(judge(&dropped.concat(), 64).1, Judgement::Passed, "dropped {}", index);
            for at in 0..=lines.len() {
                let mut doubled = lines.clone();
                doubled.insert(at, lines[index].clone());
                prop_assert_ne!(judge(&doubled.concat(), 64).1, Judgement::Passed, "doubled {} at {}", index, at);
            }
            for other in index + 1..lines.len() {
                let mut swapped = lines.clone();
                swapped.swap(index, other);
                prop_assert_ne!(judge(&swapped.concat(), 64).1, Judgement::Passed, "swapped {} {}", index, other);
            }
        }
    }

    #[test]
    fn no_stream_with_bytes_inserted_or_cut_out_passes(lines in passed_stream(), at in any::<Index>(), to in any::<Index>(), noise in vec(any::<u8>(), 1..20)) {
        let bytes = lines.concat();
        let (from, to) = (at.index(bytes.len()), to.index(bytes.len()));
        let (from, to) = (from.min(to), from.max(to) + 1);
        let cut = [&bytes[..from], &bytes[to..]].concat();
        // What is cut out may be an optional part of one event, such as a digit of its time.
        let is_within_a_line = !bytes[from..to].contains(&b'\n');
        prop_assert!(is_within_a_line || judge(&cut, 64).1 != Judgement::Passed);
        let after_the_end = [bytes.as_slice(), &noise].concat();
        prop_assert_ne!(judge(&after_the_end, 64).1, Judgement::Passed);
    }

    #[test]
    fn noise_never_passes_and_never_panics(noise in vec(any::<u8>(), 0..400)) {
        prop_assert_ne!(judge(&noise, 7).1, Judgement::Passed);
    }

    #[test]
    fn verdicts_that_claim_more_than_happened_do_not_pass(lines in passed_stream(), claimed in 0_u64..10) {
        let happened = lines.len() as u64;
        let (verdict, before) = lines.split_last().unwrap();
        let mut value: serde_json::Value = serde_json::from_slice(verdict).unwrap();
        let passed = value["counts"]["passed"].as_u64().unwrap();
        prop_assume!(claimed != passed);
        value["counts"]["passed"] = claimed.into();
        let forged = [before.concat(), value.to_string().into_bytes(), b"\n".to_vec()].concat();
        prop_assert_ne!(judge(&forged, 64).1, Judgement::Passed, "of {} events", happened);
    }
}
