//! A suite that ran no test, or skipped every one, is no pass: Rust's harness, GoogleTest and TAP.

use std::path::Path;

use lamex_protocol::event::{CommandOutcome, Ending, TestCounts};
use lamex_protocol::reader::Judgement;
use serde_json::{Value, json};

use crate::support::{Runner, TaskRoot, Transcript};

/// What the harness of this very program runs for the tests here.
mod suite {
    #[test]
    fn passes() {}

    #[test]
    #[ignore = "another test runs it"]
    fn is_ignored() {}

    #[test]
    #[ignore = "another test runs it"]
    fn fails() {
        assert_eq!(std::env::var("MODE").as_deref(), Ok("pass"));
    }
}

const PASSES: &str = "no_tests::suite::passes";
const IGNORED: &str = "no_tests::suite::is_ignored";
const FAILS: &str = "no_tests::suite::fails";

/// The harness of this program with these arguments.
fn harness(arguments: &[&str]) -> Value {
    let mut argv = vec![json!(std::env::current_exe().unwrap())];
    argv.extend(arguments.iter().map(|argument| json!(argument)));
    json!({ "name": arguments.join(" "), "argv": argv, "framework": "libtest" })
}

/// A command that prints what a real suite did.
fn replay(framework: &str, capture: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures").join(capture);
    json!({ "name": capture, "argv": ["cat", path], "framework": framework })
}

fn run(commands: &[Value]) -> Transcript {
    Runner::start(&TaskRoot::with_plan(&json!(commands))).ask(json!({}))
}

/// Whether the command failed for want of tests, for a reason that holds this.
fn assert_no_test_ran(transcript: &Transcript, command: usize, cause: &str) {
    let finished = transcript.finished(command as u64);
    let message = finished.message.as_deref().unwrap_or_default();
    assert_eq!(finished.outcome, CommandOutcome::Failed, "{}: {message}", finished.name);
    assert_eq!(finished.ending, Ending::Exited { code: 0 }, "{}", finished.name);
    assert!(message.contains("no test ran") && message.contains(cause), "{}: {message}", finished.name);
}

#[test]
fn rusts_harness_without_a_test_fails() {
    let cases: [(&[&str], &str); 7] = [
        (&["no-such-test"], "perhaps `no-such-test` selects none"),
        (&["--exact", "passes"], "perhaps `--exact` with `passes` selects none"),
        (&["-q", "no-such-test"], "tests were filtered out"),
        (&["--skip", "a", "--skip", "e", "--skip", "s"], "`--skip a`"),
        (&["--format", "terse", "no-such-test"], "tests were filtered out"),
        (&["--list"], "`--list` runs no tests"),
        (&["--help"], "`--help` runs no tests"),
    ];
    let commands: Vec<Value> = cases.iter().map(|(arguments, _)| harness(arguments)).collect();
    let transcript = run(&commands);
    for (index, (_, cause)) in cases.iter().enumerate() {
        assert_no_test_ran(&transcript, index, cause);
    }
}

#[test]
fn rusts_harness_counts_its_tests_in_every_format() {
    let transcript = run(&[
        harness(&["--exact", PASSES, IGNORED]),
        harness(&["-q", "--exact", PASSES, IGNORED]),
        harness(&["--include-ignored", "--exact", PASSES, IGNORED]),
        harness(&["--ignored", "--exact", IGNORED]),
        harness(&["--exact", IGNORED]),
        harness(&["-q", "--exact", IGNORED]),
    ]);
    let counts = |passed, skipped| Some(TestCounts { passed, failed: 0, skipped });
    let expected = [counts(1, 1), counts(1, 1), counts(2, 0), counts(1, 0), counts(0, 1), counts(0, 1)];
    for (finished, expected) in transcript.all_finished().zip(expected) {
        assert_eq!(finished.tests, expected, "{}", finished.name);
        let skipped = expected.is_some_and(|tests| tests.passed == 0);
        let outcome = if skipped { CommandOutcome::Skipped } else { CommandOutcome::Passed };
        assert_eq!(finished.outcome, outcome, "{}: {finished:?}", finished.name);
    }
    assert_eq!(transcript.judgement, Judgement::Passed, "others passed");
    assert!(transcript.test_messages().contains(&format!("{IGNORED}: another test runs it")));
}

#[test]
fn rusts_harness_says_why_a_test_failed() {
    let arguments = ["--ignored", "--exact", FAILS];
    for more in [&[][..], &["--nocapture"], &["--test-threads=1", "--nocapture"]] {
        let transcript = run(&[harness(&[&arguments[..], more].concat())]);
        assert_eq!(transcript.judgement, Judgement::Failed);
        let messages = transcript.test_messages();
        assert_eq!(messages.len(), 1, "{more:?}: {messages:?}");
        for part in [FAILS, "panicked at", "assertion `left == right` failed\n  left: Err(NotPresent)"] {
            assert!(messages[0].contains(part), "{more:?}: {messages:?}");
        }
    }
}

#[test]
fn googletest_without_a_test_fails() {
    let mut filtered = replay("gtest", "gtest-none.txt");
    filtered["argv"] = json!(["sh", "-c", "cat \"$1\"", "sh", filtered["argv"][1], "--gtest_filter=Nope"]);
    let mut lists = replay("gtest", "gtest-list.txt");
    lists["argv"] = json!(["sh", "-c", "cat \"$1\"", "sh", lists["argv"][1], "--gtest_list_tests"]);
    let transcript = run(&[
        filtered,
        replay("gtest", "gtest-none-brief.txt"),
        replay("gtest", "gtest-disabled.txt"),
        lists,
    ]);
    assert_no_test_ran(&transcript, 0, "perhaps `--gtest_filter=Nope` matches none");
    assert_no_test_ran(&transcript, 1, "`allow_empty: true`");
    assert_no_test_ran(&transcript, 2, "1 of its tests are disabled");
    assert_no_test_ran(&transcript, 3, "`--gtest_list_tests` runs no tests");
    let transcript = run(&[replay("gtest", "gtest-skip.txt"), replay("gtest", "gtest-skip-brief.txt")]);
    for finished in transcript.all_finished() {
        assert_eq!(finished.outcome, CommandOutcome::Skipped, "{finished:?}");
        assert_eq!(finished.tests, Some(TestCounts { skipped: 1, ..TestCounts::default() }));
    }
    assert_eq!(transcript.judgement, Judgement::Empty);
    assert_eq!(transcript.test_messages(), ["Orders.Skips: not here"]);
}

fn tap(output: &str) -> Value {
    json!({ "name": output.replace('\n', " "), "argv": ["printf", "%s", output], "framework": "tap" })
}

#[test]
fn tap_without_a_test_fails() {
    let transcript = run(&[
        tap("1..0\n"),
        tap("1..2\nnot ok 1 a # TODO later\nok 2 b # TODO later\n"),
        tap("1..0 # SKIP no database\n"),
        tap("1..2\nok 1 a # SKIP no network\nok 2 b # skip\n"),
        tap("1..2\nok 1 a # SKIP no network\nok 2 b\n"),
    ]);
    assert_no_test_ran(&transcript, 0, "its plan is `1..0`, without `# SKIP` and a reason");
    assert_no_test_ran(&transcript, 1, "every test is marked TODO");
    let outcomes: Vec<_> = transcript.all_finished().skip(2).map(|finished| finished.outcome).collect();
    assert_eq!(outcomes, [CommandOutcome::Skipped, CommandOutcome::Skipped, CommandOutcome::Passed]);
    assert_eq!(transcript.message(2), "every test was skipped: no database");
    assert!(transcript.test_messages().contains(&"a: no network".to_owned()));
}

#[test]
fn a_command_may_allow_that_no_test_runs() {
    let allowing = |mut command: Value| {
        command["allow_empty"] = json!(true);
        command
    };
    let transcript = run(&[allowing(harness(&["no-such-test"])), allowing(tap("1..0\n"))]);
    for finished in transcript.all_finished() {
        assert_eq!(finished.outcome, CommandOutcome::Skipped, "{finished:?}");
        assert!(finished.message.as_deref().unwrap_or_default().starts_with("no test ran"), "{finished:?}");
    }
    assert_eq!(transcript.judgement, Judgement::Empty, "which is no pass either");
    // It allows nothing else.
    let transcript = run(&[allowing(tap("1..1\n")), allowing(harness(&["--list"]))]);
    assert_eq!(transcript.verdict().counts.failed, 2);
}

#[test]
fn a_plain_invocation_that_only_skips_is_an_error() {
    let runner = Runner::start(&TaskRoot::with_plan(&json!([tap("1..0 # SKIP no database\n")])));
    let exchange = runner.invoke("{}");
    assert_eq!(exchange.header("Lambda-Runtime-Function-Error-Type"), Some("Function.NothingRun"));
    let log = runner.log_with("lamex: NOTHING RUN: 0 passed, 0 failed, 1 skipped, 0 not run");
    assert!(log.contains("every test was skipped: no database"), "{log}");
}
