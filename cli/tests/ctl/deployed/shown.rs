//! What the reports make of events that a runner sends: whole runs, made up to the last byte.

use std::fs;
use std::io;

use roxmltree::Document;
use serde_json::{Value, json};

use crate::deployed::function::Function;
use crate::deployed::hostile_endpoint::{Client, Endpoint};

/// All reports of one run.
struct Reports {
    exit_code: i32,
    human: String,
    json: Value,
    junit: String,
    /// The bytes of stdout, as the raw events have them.
    raw: String,
}

/// A run of the command `first`, whose events these are.
fn reports(answer: impl Fn(&mut Client) -> io::Result<()> + Send + Sync + 'static) -> Reports {
    let endpoint = Endpoint::start(move |client| {
        client.begin()?;
        client.hello(1)?;
        answer(client)
    });
    let function = Function::new();
    let (junit, events) = (function.path("junit.xml"), function.path("events.jsonl"));
    let arguments = [
        ["--expect-digest", "any"],
        ["--output", "json"],
        ["--color", "never"],
        ["--junit", junit.to_str().unwrap()],
        ["--events", events.to_str().unwrap()],
    ];
    let output = function.command_for(&endpoint.url(), arguments.as_flattened()).output().unwrap();
    let human = String::from_utf8_lossy(&output.stderr).into_owned();
    let events = fs::read_to_string(events).unwrap();
    let texts = events.lines().filter_map(|line| {
        let event: Value = serde_json::from_str(line).unwrap();
        event["text"].as_str().map(str::to_owned)
    });
    Reports {
        exit_code: output.status.code().unwrap(),
        json: serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {human}")),
        junit: fs::read_to_string(junit).unwrap(),
        raw: texts.collect(),
        human,
    }
}

fn output(text: &str) -> Value {
    json!({"type": "output", "command": 0, "stream": "stdout", "text": text})
}

fn finished(test: &str, outcome: &str) -> Value {
    json!({"type": "test_finished", "command": 0, "test": test, "outcome": outcome})
}

fn message(test: &str, message: &str) -> Value {
    json!({"type": "test_message", "command": 0, "test": test, "message": message})
}

/// Every test case: its name, the element that says how it ended, that one's message and text.
fn cases(junit: &str) -> Vec<[String; 4]> {
    let document = Document::parse(junit).unwrap();
    let cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
    cases
        .map(|case| {
            let end = case.first_element_child();
            let of_end = |value: Option<&str>| value.unwrap_or_default().to_owned();
            [
                case.attribute("name").unwrap().to_owned(),
                of_end(end.map(|end| end.tag_name().name())),
                of_end(end.and_then(|end| end.attribute("message"))),
                of_end(end.and_then(|end| end.text())),
            ]
        })
        .collect()
}

fn strings<const COUNT: usize>(expected: [[&str; 4]; COUNT]) -> Vec<[String; 4]> {
    expected.map(|case| case.map(str::to_owned)).to_vec()
}

#[test]
fn a_framework_s_marks_stay_in_the_events_alone() {
    const TEXT: &str = "\x16=== RUN   TestA\n\x16=== RUN   TestB\nof b\n\x16=== NAME  TestA\n    a_test.go:3: got 1\n\
                        dots\x16--- FAIL: TestA (0.00s)\n\x16--- FAIL: TestB (0.00s)\n\x16FAIL\n";
    const SHOWN: &str = "=== RUN   TestA\n=== RUN   TestB\nof b\n    a_test.go:3: got 1\n\
                         dots\n--- FAIL: TestA (0.00s)\n--- FAIL: TestB (0.00s)\nFAIL\n";
    // Cut anywhere, also within marks.
    for piece_bytes in [1, 3, 1_000] {
        let met = reports(move |client| {
            let started =
                json!({"type": "command_started", "command": 0, "name": "first", "framing": "test2json"});
            client.event(started)?;
            for piece in TEXT.as_bytes().chunks(piece_bytes) {
                client.event(output(std::str::from_utf8(piece).unwrap()))?;
                client.flush()?;
            }
            for test in ["TestA", "TestB"] {
                client.event(json!({"type": "test_started", "command": 0, "test": test}))?;
                client.event(finished(test, "failed"))?;
            }
            client.end(TEXT.len() as u64)
        });
        assert_eq!((met.exit_code, met.raw.as_str()), (1, TEXT));
        assert!(met.human.contains(SHOWN), "{}", met.human);
        let expected = strings([
            ["TestA", "failure", "TestA failed", "    a_test.go:3: got 1\ndots\n"],
            ["TestB", "failure", "TestB failed", "of b\n"],
        ]);
        assert_eq!(cases(&met.junit), expected);
        assert!(met.junit.contains(&format!("<system-out>{SHOWN}")), "{}", met.junit);
        assert!(!met.junit.contains("\\x16"), "{}", met.junit);
    }
}

#[test]
fn failing_lines_and_reasons_are_in_every_report() {
    let met = reports(|client| {
        client.started(0, "first")?;
        client.event(message("TestA", "assertion `left == right` failed"))?;
        client.event(finished("TestA", "failed"))?;
        client.event(message("TestA", " left: <1> & \"2\""))?;
        client.event(finished("TestB", "skipped"))?;
        client.event(message("TestB", "there is no cluster"))?;
        client.end(0)
    });
    assert_eq!(met.exit_code, 1);
    let (title, rest) = ("assertion `left == right` failed", " left: <1> & \"2\"");
    let both = format!("{title}\n{rest}");
    let expected =
        strings([["TestA", "failure", title, &both], ["TestB", "skipped", "there is no cluster", ""]]);
    assert_eq!(cases(&met.junit), expected);
    let tests = &met.json["commands"][0]["tests"];
    assert_eq!((&tests[0]["message"], &tests[1]["message"]), (&json!(both), &json!("there is no cluster")));
    let below = format!("TestA\n{:15}{title}\n{:15}{rest}\n", "", "");
    assert!(met.human.contains(&below), "{}", met.human);
}

#[test]
fn names_and_messages_cannot_reorder_or_paint_a_report() {
    const HOSTILE: &str = "a\u{202e}b\u{2066}\u{1b}[31m\0<x>&\"]]>\u{9b}2J\r\u{16}";
    let met = reports(|client| {
        client.started(0, "first")?;
        client.event(finished(HOSTILE, "failed"))?;
        client.event(message(HOSTILE, HOSTILE))?;
        client.event(json!({"type": "test_started", "command": 0, "test": HOSTILE}))?;
        client.event(json!({"type": "warning", "command": 0, "message": HOSTILE}))?;
        let end = json!({"outcome": "failed", "ending": {"kind": "exited", "code": 1}, "message": HOSTILE});
        client.end_as(end, "failed", "failed", 0)
    });
    assert_eq!(met.exit_code, 1);
    // For machines a name is what it is; the others show what would hide or move.
    assert_eq!(met.json["commands"][0]["tests"][0]["name"], HOSTILE);
    let is_harmful = |character: char| {
        (character.is_control() && character != '\n')
            || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!met.human.contains(is_harmful), "{:?}", met.human);
    let shown = "a\\u{202e}b\\u{2066}\\u{1b}[31m\\u{0}<x>&\"]]>\\u{9b}2J\\r\\u{16}";
    assert!(met.human.contains(&format!("failed {shown}\n")), "{}", met.human);
    assert!(!met.junit.contains(is_harmful), "{:?}", met.junit);
    let named = "a\\u{202e}b\\u{2066}\\x00<x>&\"]]>\\x9b2J\\n\\x16";
    let found = cases(&met.junit);
    assert_eq!(found[0][0], named, "{found:?}");
}

#[test]
fn a_command_of_a_framework_that_ran_no_test_is_never_green() {
    for (skipped, message) in
        [(0, "no test ran: -test.run matches nothing"), (1, "its only test was skipped")]
    {
        let met = reports(move |client| {
            client.started(0, "first")?;
            if skipped > 0 {
                client.event(finished("TestA", "skipped"))?;
            }
            let tests = json!({"passed": 0, "failed": 0, "skipped": skipped});
            let end = json!({
                "outcome": "skipped", "ending": {"kind": "exited", "code": 0}, "message": message, "tests": tests,
            });
            client.end_as(end, "empty", "skipped", 0)
        });
        assert_eq!(met.exit_code, 6, "{}", met.human);
        assert_eq!(met.json["message"], "the only command ran no test");
        assert!(met.human.contains("SKIP [   0.001s] first") && met.human.contains(message));
        assert!(met.human.ends_with("nothing was run: the only command ran no test\n"), "{}", met.human);
        let found = cases(&met.junit);
        assert!(found.iter().all(|[_, end, ..]| !end.is_empty()), "{found:?}");
        assert!(found.contains(&["first", "skipped", message, ""].map(str::to_owned)), "{found:?}");
    }
}

#[test]
fn a_pass_of_a_framework_without_a_passed_test_is_none() {
    let met = reports(|client| {
        client.started(0, "first")?;
        let tests = json!({"passed": 0, "failed": 0, "skipped": 3});
        let end = json!({"outcome": "passed", "ending": {"kind": "exited", "code": 0}, "tests": tests});
        client.end_as(end, "passed", "passed", 0)
    });
    assert_eq!(met.exit_code, 4, "{}", met.human);
    assert!(met.human.contains("command 0 passed and no test of it did"), "{}", met.human);
    assert!(met.junit.contains("<error"), "{}", met.junit);
}

#[test]
fn what_a_test_does_to_the_terminal_ends_before_the_verdict() {
    for (left, undone) in [
        ("\u{1b}[31;8mhidden and red", "\u{1b}[0m\n"),
        ("\u{1b}]0;a title that takes the verdict", "\u{1b}\\\u{1b}[0m\n"),
        ("\u{1b}[?1049h\u{1b}[?25l\u{1b}[3", "\u{1b}\\\u{1b}[?1049l\u{1b}[?25h\u{1b}[0m\n"),
        ("\u{9d}a title", "\u{1b}\\\u{1b}[0m\n"),
    ] {
        let met = reports(move |client| {
            client.started(0, "first")?;
            client.event(output(left))?;
            client.end(left.len() as u64)
        });
        assert!(met.human.contains(&format!("{left}{undone}        FAIL ")), "{:?}", met.human);
        assert!(met.human.ends_with("failed: 1 of 1 command failed\n"));
    }
    // What is reset already is left as it is.
    let met = reports(|client| {
        client.started(0, "first")?;
        let colored = "\u{1b}[31mred\u{1b}[0m\n";
        client.event(output(colored))?;
        client.end(colored.len() as u64)
    });
    assert!(met.human.contains("\u{1b}[31mred\u{1b}[0m\n        FAIL "), "{:?}", met.human);
}
