//! The protocol invocation: its events, its log, and many commands.

use lamex_protocol::event::{Body, CommandOutcome, Counts, TestCounts};
use lamex_protocol::reader::Judgement;
use serde_json::json;

use crate::support::{Runner, TaskRoot};

#[test]
fn the_log_has_a_line_for_the_start_each_end_and_the_verdict() {
    let root = TaskRoot::with_commands("./good\n./bad")
        .script("good", "echo good says")
        .script("bad", "echo bad says >&2; exit 3");
    let runner = Runner::start(&root);
    runner.ask(json!({ "run_id": "run-7" }));
    let log = runner.log_with("lamex: FAIL: 1 passed");
    let lines: Vec<&str> = log.lines().collect();
    assert_eq!(lines.len(), 4, "{log}");
    assert!(lines[0].contains("begins for run run-7: 2 commands"));
    assert!(lines[1].starts_with("lamex: PASS [") && lines[1].ends_with(" good"));
    assert!(lines[2].starts_with("lamex: FAIL [") && lines[2].ends_with(" bad: it exited with code 3"));
    assert_eq!(lines[3], "lamex: FAIL: 1 passed, 1 failed, 0 skipped, 0 not run");
}

#[test]
fn two_thousand_commands_in_one_plan() {
    let commands: String = (0..2_000).map(|number| format!("./script {number}\n")).collect();
    let root = TaskRoot::with_commands(commands).script("script", "echo $1; [ $1 != 1234 ]");
    let transcript = Runner::start(&root).ask(json!({}));
    assert_eq!(transcript.judgement, Judgement::Failed);
    assert_eq!(transcript.verdict().counts, Counts { passed: 1_999, failed: 1, skipped: 0, not_run: 0 });
    let mut outputs = transcript.outputs();
    for (number, finished) in transcript.all_finished().enumerate() {
        assert_eq!(finished.command, number as u64);
        let expected = if number == 1_234 { CommandOutcome::Failed } else { CommandOutcome::Passed };
        assert_eq!(finished.outcome, expected);
        let output = outputs.next().unwrap();
        assert_eq!(output.command, number as u64);
        assert_eq!(&output.bytes().unwrap()[..], format!("{number}\n").as_bytes());
    }
    let started = transcript.events.iter().filter(|event| matches!(event.body, Body::CommandStarted(_)));
    assert_eq!(started.count(), 2_000);
}

#[test]
fn a_tests_end_in_the_middle_is_no_pass() {
    let libtest = "running 2 tests\ntest a ... ok\ntest b ... ";
    let cases = [
        ("go", "=== RUN   TestA\n--- PASS: TestA (0.00s)\n=== RUN   TestB\n", "never ended"),
        ("go", "=== RUN   TestA\n--- PASS: TestA (0.00s)\n", "no line `PASS`"),
        ("go", "=== RUN   TestA\n--- FAIL: TestA (0.00s)\nPASS\n", "`TestA` failed"),
        ("libtest", libtest, "its test `b` never ended"),
        ("gtest", "[ RUN      ] A.B\n", "`A.B` started and never ended"),
        ("tap", "1..2\nok 1\n", "announces 2 tests, but its output has 1"),
        ("tap", "1..1\nnot ok 1 - works\n", "`works` failed"),
    ];
    let commands: Vec<_> = cases
        .iter()
        .enumerate()
        .map(|(number, (framework, ..))| {
            json!({ "name": number.to_string(), "argv": ["cat", number.to_string()], "framework": framework })
        })
        .collect();
    let mut root = TaskRoot::with_plan(&json!(commands));
    for (number, (_, output, _)) in cases.iter().enumerate() {
        root = root.file(&number.to_string(), output);
    }
    let transcript = Runner::start(&root).ask(json!({}));
    assert_eq!(transcript.verdict().counts.failed, cases.len() as u64);
    for (number, (framework, _, objection)) in cases.iter().enumerate() {
        let message = transcript.message(number as u64);
        assert!(
            message.contains("it exited with 0, but") && message.contains(objection),
            "{framework}: {message}"
        );
    }
}

#[test]
fn tests_are_told_as_they_run_and_a_whole_suite_passes() {
    let output = "=== RUN   TestA\n=== RUN   TestA/sub\n--- PASS: TestA (1.50s)\n    --- SKIP: TestA/sub (0.00s)\n\
                  === RUN   TestB\n--- PASS: TestB (0.00s)\nPASS\n";
    let root = TaskRoot::with_plan(&json!([{ "name": "go", "argv": ["cat", "output"], "framework": "go" }]))
        .file("output", output);
    let transcript = Runner::start(&root).ask(json!({}));
    assert_eq!(transcript.judgement, Judgement::Passed);
    let tests: Vec<String> = transcript
        .events
        .iter()
        .filter_map(|event| match &event.body {
            Body::TestStarted(test) => Some(format!("started {}", test.test)),
            Body::TestFinished(test) => {
                Some(format!("{:?} {} {:?}", test.outcome, test.test, test.duration_ms))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        tests,
        [
            "started TestA",
            "started TestA/sub",
            "Passed TestA Some(1500)",
            "Skipped TestA/sub Some(0)",
            "started TestB",
            "Passed TestB Some(0)",
        ]
    );
    assert_eq!(transcript.finished(0).tests, Some(TestCounts { passed: 2, failed: 0, skipped: 1 }));
    assert_eq!(transcript.stdout(0), output);
}
