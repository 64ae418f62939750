//! JUnit files, read back by an XML parser.

use std::fs;
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{PermissionsExt, symlink};

use lamex_protocol::event::{CommandOutcome, Ending, Missing, TestOutcome, VerdictOutcome};
use lamex_protocol::reader::{Judgement, StreamEnd};
use lamex_report::junit::write;
use lamex_report::record::{RunRecord, STREAM_HEAD_BYTES, STREAM_TAIL_BYTES};
use lamex_report::sink::SinkError;
use lamex_run::Conclusion;
use lamex_run::Exit;
use proptest::prelude::*;
use roxmltree::{Document, Node};

use crate::fixture::{KEEP, Script};

fn xml(record: &RunRecord) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("junit.xml");
    write(record, &path).unwrap();
    fs::read_to_string(path).unwrap()
}

/// `suite/case result: message` for every test case.
fn cases(xml: &str) -> Vec<String> {
    let document = Document::parse(xml).unwrap();
    let is_case = |node: &Node<'_, '_>| node.has_tag_name("testcase");
    document.descendants().filter(is_case).map(|case| describe(&case)).collect()
}

fn describe(case: &Node<'_, '_>) -> String {
    let suite = case.parent().and_then(|suite| suite.attribute("name")).unwrap();
    let results = ["failure", "error", "skipped"];
    let result = case.children().find(|child| results.contains(&child.tag_name().name()));
    let result = result.map_or_else(
        || "passed".to_owned(),
        |found| format!("{}: {}", found.tag_name().name(), found.attribute("message").unwrap_or("")),
    );
    format!("{suite}/{} {result}", case.attribute("name").unwrap())
}

fn red(xml: &str) -> (usize, usize) {
    let document = Document::parse(xml).unwrap();
    let is_red = |node: &Node<'_, '_>| node.has_tag_name("failure") || node.has_tag_name("error");
    let elements = document.descendants().filter(is_red).count();
    let number = |name| {
        let root = document.root_element();
        root.attribute(name).unwrap().parse::<usize>().unwrap()
    };
    (elements, number("failures") + number("errors"))
}

#[test]
fn a_suite_for_each_command() {
    let mut script = Script::new(4);
    script.start(0, "orders").test_start("TestCreate").out("a\tb\n").err("own\n");
    script.test_end("TestCreate", TestOutcome::Failed);
    script.test_end("TestList", TestOutcome::Passed);
    script.test_end("TestWipe", TestOutcome::Skipped).fail();
    script.start(1, "plain").out("fine\n").pass();
    script.skip(2, "wipe", "not allowed");
    script.verdict(VerdictOutcome::Failed, &[(3, "never")]);
    insta::assert_snapshot!(xml(&script.record(StreamEnd::Complete)), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="lamex" tests="6" skipped="3" failures="1" errors="0" time="3.250">
        <testsuite name="orders" tests="3" skipped="1" errors="0" failures="1" time="0.123">
            <properties>
                <property name="run_id" value="run-1"/>
                <property name="function_name" value="system-tests"/>
                <property name="function_version" value="7"/>
                <property name="package_digest" value="sha256:0123456789abcdef"/>
            </properties>
            <testcase name="TestCreate" classname="orders" time="0.010">
                <failure message="TestCreate failed">a    b
    own
    </failure>
            </testcase>
            <testcase name="TestList" classname="orders" time="0.010"/>
            <testcase name="TestWipe" classname="orders" time="0.010">
                <skipped/>
            </testcase>
            <system-out>a    b
    </system-out>
            <system-err>own
    </system-err>
        </testsuite>
        <testsuite name="plain" tests="1" skipped="0" errors="0" failures="0" time="0.123">
            <properties>
                <property name="run_id" value="run-1"/>
                <property name="function_name" value="system-tests"/>
                <property name="function_version" value="7"/>
                <property name="package_digest" value="sha256:0123456789abcdef"/>
            </properties>
            <testcase name="plain" classname="plain" time="0.123"/>
            <system-out>fine
    </system-out>
        </testsuite>
        <testsuite name="wipe" tests="1" skipped="1" errors="0" failures="0" time="0.123">
            <properties>
                <property name="run_id" value="run-1"/>
                <property name="function_name" value="system-tests"/>
                <property name="function_version" value="7"/>
                <property name="package_digest" value="sha256:0123456789abcdef"/>
            </properties>
            <testcase name="wipe" classname="wipe" time="0.123">
                <skipped message="not allowed"/>
            </testcase>
        </testsuite>
        <testsuite name="never" tests="1" skipped="1" errors="0" failures="0">
            <properties>
                <property name="run_id" value="run-1"/>
                <property name="function_name" value="system-tests"/>
                <property name="function_version" value="7"/>
                <property name="package_digest" value="sha256:0123456789abcdef"/>
            </properties>
            <testcase name="never" classname="never">
                <skipped message="never ran: the run ended before it"/>
            </testcase>
        </testsuite>
    </testsuites>
    "#);
}

#[test]
fn a_command_that_fails_without_a_failed_test_is_a_case_of_its_own() {
    let mut script = Script::new(4);
    script.start(0, "crash").test_end("TestA", TestOutcome::Passed).test_start("TestB");
    let killed = Ending::Signaled { signal: 11, core_dumped: true };
    script.end(CommandOutcome::Failed, killed, "signal 11 ended it");
    script.start(1, "exit").test_end("TestA", TestOutcome::Passed).fail();
    script.start(2, "limits").test_start("TestCut");
    let missing = Missing { test_events: 1, ..Missing::default() };
    script.end_with_missing(CommandOutcome::Failed, Ending::Exited { code: 1 }, "", missing);
    script.start(3, "plain").fail().verdict(VerdictOutcome::Failed, &[]);
    let xml = xml(&script.record(StreamEnd::Complete));
    let found = cases(&xml);
    let expected = [
        "crash/TestA passed",
        "crash/TestB error: it started, and its end was never reported",
        "crash/crash failure: signal 11 ended it",
        "exit/TestA passed",
        "exit/exit failure: it exited with code 1",
        "limits/limits failure: it exited with code 1",
        "plain/plain failure: it exited with code 1",
    ];
    assert_eq!(found, expected);
    assert!(xml.contains("[lamex: never arrived: 1 test event]"));
}

/// The element of a case, with its text.
fn result<'a>(document: &'a Document<'_>, name: &str) -> (&'a str, &'a str, &'a str) {
    let case = document
        .descendants()
        .find(|node| node.attribute("name") == Some(name) && node.has_tag_name("testcase"));
    let result = case.and_then(|case| case.first_element_child()).unwrap();
    (
        result.tag_name().name(),
        result.attribute("message").unwrap_or_default(),
        result.text().unwrap_or_default(),
    )
}

#[test]
fn failures_carry_the_failing_lines_and_skips_their_reason() {
    let mut script = Script::new(1);
    script.start_framed(0, "orders");
    script.out("\x16=== RUN   TestA\n\x16=== RUN   TestB\n    b_test.go:2: of b\n\x16=== NAME  TestA\n    a_test.go:1: got 1\nmore\n");
    script.out("\x16--- FAIL: TestA (0.00s)\n\x16--- FAIL: TestB (0.00s)\n");
    for test in ["TestA", "TestB", "TestC"] {
        script.test_start(test);
    }
    script.test_message("TestA", "a_test.go:1: got 1").test_end("TestA", TestOutcome::Failed);
    script
        .test_end("TestB", TestOutcome::Failed)
        .test_message("TestB", "of b")
        .test_message("TestB", "said\u{202e} later\x1b[31m");
    script.test_message("TestC", "only <this> & \"that\"").test_end("TestC", TestOutcome::Failed);
    script.test_end("TestD", TestOutcome::Skipped).test_message("TestD", "needs\na \u{2066}cluster");
    script.test_end("TestE", TestOutcome::Passed).test_start("TestF").test_message("TestF", "panic: no");
    script.fail().verdict(VerdictOutcome::Failed, &[]);
    let xml = xml(&script.record(StreamEnd::Complete));
    let document = Document::parse(&xml).unwrap();
    let own = "    a_test.go:1: got 1\nmore\n";
    assert_eq!(result(&document, "TestA"), ("failure", "a_test.go:1: got 1", own));
    let both = "of b\nsaid\\u{202e} later\n\n    b_test.go:2: of b\n";
    assert_eq!(result(&document, "TestB"), ("failure", "of b", both));
    let only = "only <this> & \"that\"";
    assert_eq!(result(&document, "TestC"), ("failure", only, only));
    assert_eq!(result(&document, "TestD").1.replace('\n', " "), "needs a \\u{2066}cluster");
    assert_eq!(
        result(&document, "TestF"),
        ("error", "it started, and its end was never reported", "panic: no")
    );
    let out = document.descendants().find(|node| node.has_tag_name("system-out"));
    let out = out.and_then(|node| node.text()).unwrap();
    assert!(
        out.contains("more\n--- FAIL: TestA") && !out.contains("NAME") && !out.contains("\\x16"),
        "{out}"
    );
}

#[test]
fn a_command_that_ran_no_test_is_not_green() {
    let mut script = Script::new(3);
    script.start(0, "empty").no_test(0, "no test ran: -test.run matches nothing");
    script.start(1, "skips").test_end("TestA", TestOutcome::Skipped).test_message("TestA", "no cluster");
    script.no_test(1, "every test of it was skipped").start(2, "older").no_test(0, "");
    script.verdict(VerdictOutcome::Empty, &[]);
    let found = cases(&xml(&script.record(StreamEnd::Complete)));
    let expected = [
        "empty/empty skipped: no test ran: -test.run matches nothing",
        "skips/TestA skipped: no cluster",
        "skips/skips skipped: every test of it was skipped",
        "older/older skipped: it ran no test",
        "lamex/the run error: nothing was run: none of the 3 commands ran a test",
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_run_without_a_verdict_is_an_error() {
    let mut lost = Script::new(2);
    lost.start(0, "orders").pass().start(1, "payments").out("half");
    let end = StreamEnd::Broken("connection reset".to_owned());
    let found = cases(&xml(&lost.record(end)));
    let expected = [
        "orders/orders passed",
        "payments/payments error: it started, and its end was never reported",
        "lamex/the run error: infrastructure failure: the event stream ended without a verdict: \
         connection reset (this is not a test result)",
    ];
    assert_eq!(found, expected);

    let mut incomplete = Script::new(2);
    incomplete.start(0, "orders").pass();
    incomplete.verdict(VerdictOutcome::Incomplete, &[(1, "payments")]);
    let found = cases(&xml(&incomplete.record(StreamEnd::Complete)));
    let expected = [
        "orders/orders passed",
        "payments/payments skipped: never ran: the run ended before it",
        "lamex/the run error: incomplete: nothing failed, but 1 command never ran",
    ];
    assert_eq!(found, expected);
}

#[test]
fn every_conclusion_but_a_pass_is_red() {
    let mut script = Script::new(1);
    script.start(0, "orders").pass().verdict(VerdictOutcome::Passed, &[]);
    let mut record = script.record(StreamEnd::Complete);
    assert_eq!(red(&xml(&record)), (0, 0));
    for conclusion in [
        // What no stream gives: a failure without a failed command.
        Conclusion::Judged(Judgement::Failed),
        Conclusion::Judged(Judgement::Incomplete),
        Conclusion::Judged(Judgement::Empty),
        Conclusion::Judged(Judgement::Refused("no".to_owned())),
        Conclusion::unfinished(),
        Conclusion::Interrupted,
    ] {
        record.conclusion = conclusion;
        assert_eq!(red(&xml(&record)), (1, 1), "{:?}", record.conclusion);
    }
    assert_eq!(red(&xml(&RunRecord::new(KEEP))), (1, 1));
}

#[test]
fn a_long_output_keeps_both_ends() {
    let mut script = Script::new(1);
    script.start(0, "chatty").out("first\n");
    for _ in 0..20 {
        script.out([b'x'; 100_000]);
    }
    script.out("last\n").pass().verdict(VerdictOutcome::Passed, &[]);
    let xml = xml(&script.record(StreamEnd::Complete));
    let document = Document::parse(&xml).unwrap();
    let out = document.descendants().find(|node| node.has_tag_name("system-out"));
    let text = out.and_then(|node| node.text()).unwrap();
    let left_out = 2_000_011 - STREAM_HEAD_BYTES - STREAM_TAIL_BYTES;
    let line = format!("\n[lamex: {left_out} bytes are omitted here; the live log has them]\n");
    assert!(text.starts_with("first\nxx") && text.ends_with("xxlast\n"));
    assert_eq!(text.matches(&line).count(), 1);
    assert_eq!(text.len(), STREAM_HEAD_BYTES + line.len() + STREAM_TAIL_BYTES);
}

#[test]
fn the_file_is_put_in_place_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let record = RunRecord::new(KEEP);
    let path = folder.path().join("new/folders/junit.xml");
    write(&record, &path).unwrap();
    write(&record, &path).unwrap();
    let names: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert_eq!(names.len(), 1, "a temporary file is left");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o400, 0o400);

    let link = folder.path().join("link.xml");
    fs::write(&path, "old").unwrap();
    symlink(&path, &link).unwrap();
    write(&record, &link).unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&path).unwrap().contains("testsuites"));

    // As /dev/stdout is.
    let (mut reader, pipe) = std::io::pipe().unwrap();
    let through_pipe = format!("/dev/fd/{}", pipe.as_raw_fd());
    write(&record, through_pipe.as_ref()).unwrap();
    drop(pipe);
    let mut piped = String::new();
    reader.read_to_string(&mut piped).unwrap();
    assert_eq!(red(&piped), (1, 1));
}

#[test]
fn a_path_that_cannot_be_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let record = RunRecord::new(KEEP);
    let below_a_file = write(&record, &folder.path().join("file/junit.xml"));
    assert!(matches!(below_a_file, Err(SinkError::JunitFolder { .. })));
    assert!(matches!(write(&record, folder.path()), Err(SinkError::Junit { .. })));
}

/// One command of an arbitrary run: how it ends, and its tests.
#[derive(Debug, Clone)]
struct Any {
    name: String,
    tests: Vec<(String, u8)>,
    output: Vec<Vec<u8>>,
    /// 0 passes, 1 fails, 2 is skipped.
    ending: u8,
    message: String,
}

fn any_command() -> impl Strategy<Value = Any> {
    let bytes = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..60),
        "(\\PC|[\u{0}-\u{1f}\u{7f}-\u{9f}\u{fffe}\u{ffff}<>&\\]\"']){0,60}".prop_map(String::into_bytes),
    ];
    (
        any::<String>(),
        proptest::collection::vec((any::<String>(), 0_u8..4), 0..4),
        proptest::collection::vec(bytes, 0..4),
        0_u8..3,
        any::<String>(),
    )
        .prop_map(|(name, tests, output, ending, message)| Any { name, tests, output, ending, message })
}

fn script(commands: &[Any]) -> Script {
    let mut script = Script::new(commands.len() as u64);
    for (number, command) in (0..).zip(commands) {
        if command.ending == 2 {
            script.skip(number, &command.name, &command.message);
            continue;
        }
        script.start(number, &command.name);
        for (test, outcome) in &command.tests {
            script.test_start(test);
            for bytes in &command.output {
                script.out(bytes).err(bytes);
            }
            match outcome {
                0 => script.test_end(test, TestOutcome::Passed),
                1 => script.test_end(test, TestOutcome::Skipped),
                2 => script.test_end(test, TestOutcome::Failed),
                _ => &mut script,
            };
        }
        let outcome = [CommandOutcome::Passed, CommandOutcome::Failed][usize::from(command.ending)];
        script.end(outcome, Ending::Exited { code: 1 }, &command.message);
    }
    let has = |ending| commands.iter().any(|command| command.ending == ending);
    script.verdict(
        match (has(1), has(0)) {
            (true, _) => VerdictOutcome::Failed,
            (false, true) => VerdictOutcome::Passed,
            (false, false) => VerdictOutcome::Empty,
        },
        &[],
    );
    script
}

proptest! {
    #[test]
    fn whatever_ran_the_file_is_well_formed_and_green_only_for_a_pass(
        commands in proptest::collection::vec(any_command(), 0..4),
        cut in proptest::option::of(any::<prop::sample::Index>()),
    ) {
        let mut script = script(&commands);
        if let Some(cut) = cut {
            let length = cut.index(script.events.len());
            script.events.truncate(length);
        }
        let record = script.record(StreamEnd::Complete);
        let exit = record.conclusion.exit();
        prop_assert!(cut.is_none() || exit == Exit::Infrastructure);
        let (elements, counted) = red(&xml(&record));
        prop_assert_eq!(elements, counted);
        let tests_failed = record.commands.iter().any(|command| command.has_failed_test());
        prop_assert_eq!(counted > 0, exit != Exit::Passed || tests_failed);
    }
}
