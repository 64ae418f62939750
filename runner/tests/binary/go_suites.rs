//! Go test binaries: what the runner adds to their arguments, and what of their output it believes.

use lamex_protocol::event::{Body, CommandOutcome, Ending, Framing, Stream};
use lamex_protocol::reader::Judgement;
use serde_json::{Value, json};

use crate::support::{Runner, TaskRoot, Transcript, go};

/// A command that runs the suite in one of its modes.
fn command(name: &str, mode: &str, argv: &[&str]) -> Value {
    json!({
        "name": name,
        "argv": argv,
        "framework": "go",
        "parameters": { "MODE": { "pattern": ".*", "default": mode } },
    })
}

fn root(commands: &[Value]) -> TaskRoot {
    TaskRoot::with_plan(&json!(commands)).program("orders", go::suite())
}

/// Runs the suite once, in this mode with these arguments.
fn run(mode: &str, arguments: &[&str]) -> Transcript {
    let argv = [&["./orders"], arguments].concat();
    Runner::start(&root(&[command("go", mode, &argv)])).ask(json!({}))
}

fn framing(transcript: &Transcript) -> Option<Framing> {
    transcript.events.iter().find_map(|event| match &event.body {
        Body::CommandStarted(started) => Some(started.framing),
        _ => None,
    })?
}

#[test]
fn a_good_suite_passes_however_it_prints_and_whatever_its_flags() {
    let select = "^Test(Plain|NoNewline|PrintsMarkers)$";
    let flags: [&[&str]; 7] = [
        &[],
        &["-test.v"],
        &["--test.v=true", "-test.short"],
        &["-test.v=test2json"],
        &["-test.failfast", "-test.v=false"],
        &["-test.count=2", "-test.cpu=1,2"],
        &["-test.shuffle=on", "-test.parallel=1"],
    ];
    let commands: Vec<Value> = flags
        .iter()
        .enumerate()
        .map(|(index, flags)| {
            let argv = [&["./orders", "-test.run", select], *flags].concat();
            command(&format!("{index}"), "pass", &argv)
        })
        .collect();
    let transcript = Runner::start(&root(&commands)).ask(json!({}));
    assert_eq!(transcript.judgement, Judgement::Passed);
    for finished in transcript.all_finished() {
        let tests = finished.tests.unwrap();
        let times = if finished.name == "5" { 4 } else { 1 };
        assert_eq!((tests.passed, tests.failed, tests.skipped), (4 * times, 0, 0), "{finished:?}");
    }
    assert_eq!(framing(&transcript), Some(Framing::Test2json));
    let raw = transcript.bytes(0, Stream::Stdout);
    assert!(raw.starts_with(b"\x16=== RUN   TestPlain\n"), "events hold what was written");
    assert_eq!(
        transcript.warnings(),
        ["`-test.v=false` is left out: lamex needs `-test.v=test2json` to tell the tests apart"]
    );
}

#[test]
fn what_a_test_prints_itself_is_not_believed() {
    // It prints `--- PASS` of itself and `PASS`, and exits with 0; in the second mode with Go's own marks.
    for mode in ["forge", "forge-marked"] {
        let transcript = run(mode, &["-test.run", "TestPlain|TestForges"]);
        assert_eq!(transcript.judgement, Judgement::Failed, "{mode}");
        // os.Exit(0) within a test is a panic, as under `go test`.
        assert_eq!(transcript.finished(0).ending, Ending::Exited { code: 2 }, "{mode}");
        let messages = transcript.test_messages();
        let said =
            messages.iter().any(|message| message.contains("unexpected call to os.Exit(0) during test"));
        assert!(said, "{mode}: {messages:?}");
    }
    // Where the panic is switched off, it takes the mark to be believed.
    let transcript = run("forge", &["-test.paniconexit0=false", "-test.run", "TestPlain|TestForges"]);
    assert_eq!(transcript.judgement, Judgement::Failed);
    assert!(transcript.message(0).contains("its test `TestForges` started and never ended"));
}

#[test]
fn an_exit_before_the_tests_is_no_pass() {
    let transcript = run("early", &[]);
    assert_eq!(transcript.judgement, Judgement::Failed);
    let message = transcript.message(0);
    for part in ["does not end in the `PASS` that Go's testing package prints", "in TestMain before m.Run"] {
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn a_suite_that_runs_no_test_fails_and_says_why() {
    let cases: [(&[&str], &str); 8] = [
        (&["-test.run=Nope"], "perhaps `-test.run=Nope` selects none"),
        (&["-test.run", "TestTable/nope"], "perhaps `-test.run TestTable/nope` selects none"),
        (&["-test.count=0", "-test.run=Test"], "`-test.count=0` runs no test"),
        (&["-test.skip=."], "perhaps `-test.skip=.` selects none"),
        (
            &["-test.run=^$", "-test.bench=Nope"],
            "perhaps `-test.run=^$` with `-test.bench=Nope` selects none",
        ),
        (&["-test.list=."], "`-test.list=.` runs no tests"),
        (&["-test.list=.", "-test.v"], "`-test.list=.` runs no tests"),
        (&["-help"], "`-help` runs no tests"),
    ];
    let commands: Vec<Value> = cases
        .iter()
        .map(|(flags, _)| command(&flags.join(" "), "pass", &[&["./orders"], *flags].concat()))
        .collect();
    let transcript = Runner::start(&root(&commands)).ask(json!({}));
    for (index, (flags, cause)) in cases.iter().enumerate() {
        let finished = transcript.finished(index as u64);
        assert_eq!(finished.outcome, CommandOutcome::Failed, "{flags:?}: {finished:?}");
        assert_eq!(finished.ending, Ending::Exited { code: 0 }, "{flags:?}");
        let message = transcript.message(index as u64);
        assert!(message.contains("no test ran: ") && message.contains(cause), "{flags:?}: {message}");
    }
}

#[test]
fn skipped_tests_and_benchmarks_are_what_they_are() {
    let skip_all = "^TestSkip";
    let transcript = run("pass", &["-test.run", skip_all]);
    assert_eq!(transcript.finished(0).outcome, CommandOutcome::Skipped);
    assert_eq!(transcript.message(0), "every test was skipped");
    assert_eq!(transcript.judgement, Judgement::Empty);
    let messages = transcript.test_messages();
    assert!(messages.iter().any(|told| told.starts_with("TestSkipped: ") && told.ends_with(": not today")));

    let transcript = run("pass", &["-test.run=^$", "-test.bench=.", "-test.benchtime=1x"]);
    assert_eq!(transcript.judgement, Judgement::Passed);
    assert_eq!(transcript.finished(0).tests.unwrap().passed, 3, "benchmarks count");
    let transcript = run("skip", &["-test.run=^$", "-test.bench=Skips"]);
    assert_eq!(transcript.finished(0).outcome, CommandOutcome::Skipped);
}

#[test]
fn a_failure_is_told_in_gos_own_words() {
    let transcript = run("fail", &["-test.run", "TestFails"]);
    assert_eq!(transcript.judgement, Judgement::Failed);
    let messages = transcript.test_messages();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages[0].starts_with("TestFails/bad: suite_test.go:"), "{messages:?}");
    assert!(messages[0].ends_with(": expected\n    1\n    --- FAIL: TestDiff (0.00s)"), "{messages:?}");
    assert!(messages[1].starts_with("TestFails: ") && messages[1].ends_with(": top"), "{messages:?}");
}

#[test]
fn behind_a_wrapper_nothing_is_added_and_it_is_told() {
    let select = "-test.run=^TestPlain$";
    let commands = [
        command("script", "pass", &["./wrapper", select]),
        command("shell", "pass", &["sh", "-c", "./orders -test.run=TestPlain"]),
        command("marked", "pass", &["./wrapper", "-test.v=test2json", select]),
        command("marks by itself", "pass", &["sh", "-c", "./orders -test.v=test2json -test.run=TestPlain"]),
        command("no test", "pass", &["./wrapper", "-test.run=Nope"]),
        command("forges", "forge", &["./wrapper", "-test.v=test2json", "-test.run=TestForges"]),
    ];
    let root = root(&commands).script("wrapper", "exec ./orders \"$@\"");
    let transcript = Runner::start(&root).ask(json!({}));
    let outcomes: Vec<_> = transcript.all_finished().map(|finished| finished.outcome).collect();
    let (passed, failed) = (CommandOutcome::Passed, CommandOutcome::Failed);
    assert_eq!(outcomes, [passed, passed, passed, passed, failed, failed]);
    let warned: Vec<u64> = transcript
        .events
        .iter()
        .filter_map(|event| match &event.body {
            Body::Warning(warning) if warning.message.contains("is not a Go test binary itself") => {
                warning.command
            }
            _ => None,
        })
        .collect();
    assert_eq!(warned, [0, 1, 4]);
    assert!(transcript.warnings()[0].contains("-test.v=test2json"));
    assert_eq!(transcript.finished(0).tests, None, "Go without -test.v does not tell its tests");
    assert!(transcript.message(4).contains("no test ran"), "{}", transcript.message(4));
}

#[test]
fn the_log_leaves_the_marks_out() {
    let root = root(&[command("go", "fail", &["./orders", "-test.run=^Test(NoNewline|Fails)$"])]);
    let runner = Runner::start(&root);
    let exchange = runner.invoke("{}");
    let log = runner.log_with("lamex: FAIL: 0 passed, 1 failed");
    let document: Value = serde_json::from_slice(&exchange.body).unwrap();
    let tail = document["report"]["commands"][0]["output_tail"].as_str().unwrap();
    for text in [&log, tail] {
        assert!(!text.contains('\x16') && !text.contains("=== NAME"), "{text}");
        assert!(text.contains("no newline here\n=== RUN   TestNoNewline/inner\n"), "{text}");
        assert!(text.contains("\n--- FAIL: TestFails/bad"), "{text}");
    }
}

#[test]
fn a_suite_that_times_out_tells_where_it_hangs() {
    let mut hangs = command("hangs", "hang", &["./orders", "-test.run=^TestHangs$"]);
    hangs["timeout_ms"] = json!(2_000);
    let transcript = Runner::start(&root(&[hangs])).ask(json!({}));
    assert_eq!(transcript.finished(0).ending, Ending::TimedOut { after_ms: 2_000 });
    let stderr = String::from_utf8(transcript.bytes(0, Stream::Stderr)).unwrap();
    assert!(stderr.contains("SIGQUIT: quit"), "{stderr}");
    assert!(stderr.contains("capture.TestHangs("), "its goroutines: {stderr}");
}

#[test]
fn a_suite_runs_in_its_own_folder_as_under_go_test() {
    let mut folder = command("folder", "folder", &["./orders", "-test.run=^TestFolder$"]);
    folder["dir"] = json!("services/orders");
    let root = root(&[folder]);
    std::fs::create_dir_all(root.join("services/orders/testdata")).unwrap();
    let root = root.file("services/orders/testdata/orders.json", "[]");
    let transcript = Runner::start(&root).ask(json!({}));
    assert_eq!(transcript.judgement, Judgement::Passed, "{:?}", transcript.test_messages());
}
