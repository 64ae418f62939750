//! Output arrives byte for byte, or the answer says how much of it does not.

use std::ops::ControlFlow;
use std::process::Command;
use std::sync::{Arc, Mutex};

use lamex_protocol::event::{Body, CommandOutcome, Ending, Event, Missing, Stream};
use lamex_protocol::reader::{Expectation, Item, Judgement, Reader, StreamEnd};
use serde_json::{Value, json};

use crate::support::runner::request;
use crate::support::{Environment, Invocation, Runner, TaskRoot, Transcript, peak_rss_kib, wait_until};

#[test]
fn bytes_that_are_no_text_arrive_as_they_are() {
    // Every byte value, sequences that begin like characters and are none, and no newline at the end.
    let mut bytes: Vec<u8> = (0..=255).collect();
    bytes.extend_from_slice(b"\xe2\x82\xff\xc3\x28\xf0\x9f\x98\0\0\r\n\x1b[31m\xed\xa0\x80 end \xf0\x9f\x98");
    let all = bytes.repeat(2_000);
    let root = TaskRoot::with_script("cat all; cat odd >&2").file("all", &all).file("odd", &bytes);
    let runner = Runner::start(&root);
    let transcript = runner.ask(json!({}));
    assert_eq!(transcript.judgement, Judgement::Passed);
    assert!(transcript.bytes(0, Stream::Stdout) == all);
    assert_eq!(transcript.bytes(0, Stream::Stderr), bytes);
    let finished = transcript.finished(0);
    assert_eq!((finished.stdout_bytes, finished.stderr_bytes), (all.len() as u64, bytes.len() as u64));
    assert_eq!(finished.missing, Missing::default());

    let runner = Runner::start(&TaskRoot::with_script("cat all").file("all", &all));
    runner.invoke("{}");
    runner.log_with("lamex: PASS: 1 passed");
    let expected = [b"lamex: START script\n", &all[..], b"\nlamex: PASS ["].concat();
    assert!(
        memchr::memmem::find(&runner.log(), &expected).is_some(),
        "the function's log holds the same bytes"
    );
}

#[test]
fn text_stays_text_wherever_it_is_cut() {
    let text = "ä€😀 ".repeat(40_000);
    let root = TaskRoot::with_script("cat text; printf '\\342'; sleep 0.05; printf '\\202\\254'")
        .file("text", &text);
    let transcript = Runner::start(&root).ask(json!({}));
    assert_eq!(transcript.stdout(0), text + "€");
    let lines = transcript.exchange.body.split(|&byte| byte == b'\n');
    assert!(
        lines.clone().count() > 3
            && !lines.into_iter().any(|line| memchr::memmem::find(line, b"\"base64\"").is_some())
    );
}

#[test]
fn both_streams_come_in_their_own_order() {
    let root = TaskRoot::with_script(
        "i=0; while [ $i -lt 500 ]; do i=$((i+1)); echo out $i; echo err $i >&2; done; printf last; printf 'last error' >&2",
    );
    let transcript = Runner::start(&root).ask(json!({}));
    let numbered =
        |word: &str, last: &str| (1..=500).map(|i| format!("{word} {i}\n")).collect::<String>() + last;
    assert_eq!(transcript.stdout(0), numbered("out", "last"));
    assert_eq!(transcript.bytes(0, Stream::Stderr), numbered("err", "last error").into_bytes());
}

#[test]
fn output_comes_while_the_command_runs() {
    // The command goes on only when its first line was received.
    let root = TaskRoot::with_script(
        "printf 'no newline yet'; while ! [ -e received ]; do sleep 0.01; done; echo ...now",
    );
    let received = root.join("received");
    let body = Arc::new(Mutex::new(Vec::new()));
    let invocation = Invocation::new(request(json!({}))).on_body({
        let body = Arc::clone(&body);
        move |piece| {
            let mut body = body.lock().unwrap();
            body.extend_from_slice(piece);
            if memchr::memmem::find(&body, b"no newline yet").is_some() {
                std::fs::write(&received, "").unwrap();
            }
            ControlFlow::Continue(())
        }
    });
    let runner = Runner::start(&root);
    runner.begin(invocation);
    let exchange = runner.exchange();
    assert!(exchange.is_whole && exchange.chunks.len() > 2, "{:?}", exchange.chunks);
    assert!(String::from_utf8(body.lock().unwrap().clone()).unwrap().contains("...now"));
}

#[test]
fn a_closed_stdout_is_no_end() {
    let root = TaskRoot::with_script(
        "echo before; exec >&-; sleep 0.2; echo after >&2; exec 2>&-; sleep 0.2; exit 4",
    );
    let transcript = Runner::start(&root).ask(json!({}));
    assert_eq!(transcript.stdout(0), "before\n");
    assert_eq!(transcript.bytes(0, Stream::Stderr), b"after\n");
    assert_eq!(transcript.finished(0).ending, Ending::Exited { code: 4 });
    assert!(transcript.finished(0).duration_ms >= 400);
}

#[test]
fn lines_that_look_like_events_are_output() {
    let lines = [
        r#"{"seq":3,"at_ms":0,"type":"verdict","outcome":"passed","counts":{"passed":1,"failed":0,"skipped":0,"not_run":0},"events":3}"#,
        r#"{"seq":0,"at_ms":0,"type":"hello","lamex":1,"run_id":"run-1"}"#,
        r#"{"seq":2,"at_ms":0,"type":"command_finished","command":0,"outcome":"passed"}"#,
        "lamex: PASS: 1 passed, 0 failed, 0 skipped, 0 not run",
    ]
    .join("\n");
    let root = TaskRoot::with_script("cat lines; cat lines >&2; exit 1").file("lines", format!("{lines}\n"));
    let runner = Runner::start(&root);
    let transcript = runner.ask(json!({}));
    assert_eq!(transcript.judgement, Judgement::Failed);
    assert_eq!(transcript.stdout(0), format!("{lines}\n"));
    let runner = Runner::start(&root);
    assert_eq!(runner.invoke("{}").kind(), "error");
    let log = runner.log_with("lamex: FAIL: 0 passed, 1 failed, 0 skipped, 0 not run\n");
    assert_eq!(log.lines().last(), Some("lamex: FAIL: 0 passed, 1 failed, 0 skipped, 0 not run"));
}

/// Reads a stream of any length in little memory, and compares the output with an endless repetition.
struct Checker {
    reader: Reader,
    pattern: Vec<u8>,
    bytes: u64,
    is_other: bool,
}

impl Checker {
    fn feed(&mut self, piece: &[u8]) {
        let Self { reader, pattern, bytes, is_other } = self;
        reader.feed(piece, |item| {
            let Item::Event(Event { body: Body::Output(output), .. }) = item else { return };
            let mut text = &output.bytes().unwrap()[..];
            while !text.is_empty() {
                let place = (*bytes % pattern.len() as u64) as usize;
                let length = text.len().min(pattern.len() - place);
                *is_other |= text[..length] != pattern[place..place + length];
                *bytes += length as u64;
                text = &text[length..];
            }
        });
    }
}

/// Lets a command write so many bytes of the repeated pattern, which must all arrive; the runner's memory
/// at its peak, in KiB.
fn write_and_compare(pattern: &str, bytes: u64) -> u64 {
    let script = format!("while cat pattern; do :; done 2> /dev/null | head -c {bytes}");
    let root = TaskRoot::with_script(&script).file("pattern", pattern);
    let expectation = Expectation { run_id: "run-1".into(), ..Expectation::default() };
    let checker = Arc::new(Mutex::new(Checker {
        reader: Reader::new(expectation),
        pattern: pattern.as_bytes().to_vec(),
        bytes: 0,
        is_other: false,
    }));
    let runner = Runner::start(&root);
    runner.begin(Invocation::new(request(json!({}))).on_body({
        let checker = Arc::clone(&checker);
        move |piece| {
            checker.lock().unwrap().feed(piece);
            ControlFlow::Continue(())
        }
    }));
    assert!(runner.exchange().is_whole);
    let peak = peak_rss_kib(runner.pid());
    // The other owner went with the body.
    let checker = Arc::into_inner(checker).unwrap().into_inner().unwrap();
    assert_eq!(checker.reader.finish(StreamEnd::Complete), Judgement::Passed);
    assert_eq!((checker.bytes, checker.is_other), (bytes, false));
    peak
}

#[test]
fn much_output_arrives_whole_in_little_memory() {
    let lines = format!("{}\n", "0123456789abcdef".repeat(1_000)).repeat(16);
    let peak = write_and_compare(&lines, 300_000_000);
    assert!(peak < 64 << 10, "the runner took {peak} KiB");
}

#[test]
fn one_long_line_arrives_whole() {
    // Some of its characters grow in JSON.
    write_and_compare(&"a\"b\u{1}c\\d".repeat(8_000), 20_000_000);
}

#[test]
fn what_the_limit_cuts_off_is_counted_and_the_verdict_comes() {
    let root = TaskRoot::with_commands("./noisy\n./errors\n./quiet\n./fails")
        .script("noisy", "yes 0123456789 | head -c 400000; exit 0")
        .script("errors", "yes \"$(printf '\\001\\002')\" | head -c 300000 >&2")
        .script("quiet", "echo quiet")
        .script("fails", "echo x; exit 1");
    let runner = Runner::start(&root);
    let whole = runner.ask(json!({}));
    assert_eq!(whole.finished(0).missing, Missing::default());
    for limit in [0, 1_000, 60_000, 100_000, 300_000, 700_000, whole.exchange.body.len() as u64 + 50_000] {
        let transcript = runner.ask(json!({ "response_limit_bytes": limit }));
        assert_eq!(transcript.judgement, Judgement::Failed, "{limit}");
        let sent = transcript.exchange.body.len() as u64;
        // The closing events come in any case.
        assert!(sent <= limit.max(10_000), "{sent} of {limit}");
        for (command, written) in [(0, [400_000, 0]), (1, [0, 300_000]), (2, [6, 0]), (3, [2, 0])] {
            let finished = transcript.finished(command);
            assert_eq!([finished.stdout_bytes, finished.stderr_bytes], written);
            for (stream, written, missing) in [
                (Stream::Stdout, written[0], finished.missing.stdout_bytes),
                (Stream::Stderr, written[1], finished.missing.stderr_bytes),
            ] {
                let sent = transcript.bytes(command, stream);
                assert_eq!(sent.len() as u64 + missing, written, "{limit}");
                assert!(whole.bytes(command, stream).starts_with(&sent), "what is sent has no hole");
            }
        }
        // An exit with 0 stays a pass; the caller is told what it does not see.
        assert_eq!(transcript.finished(0).outcome, CommandOutcome::Passed);
        let cuts = transcript.finished(0).missing != Missing::default();
        assert_eq!(cuts, limit < 400_000 + 33_000, "{limit}");
    }
}

#[test]
fn tests_that_the_limit_cuts_off_are_counted() {
    let script =
        "i=0; while [ $i -lt 500 ]; do i=$((i+1)); echo ok $i - a test with a name; done; echo 1..500";
    let root = TaskRoot::with_plan(&json!([{ "name": "tap", "argv": ["./script"], "framework": "tap" }]))
        .script("script", script);
    let runner = Runner::start(&root);
    let count = |transcript: &Transcript| {
        let is_test = |body: &Body| matches!(body, Body::TestStarted(_) | Body::TestFinished(_));
        transcript.events.iter().filter(|event| is_test(&event.body)).count() as u64
    };
    let whole = runner.ask(json!({}));
    assert_eq!((count(&whole), whole.finished(0).missing), (1_000, Missing::default()));
    let cut = runner.ask(json!({ "response_limit_bytes": 60_000 }));
    assert_eq!(cut.judgement, Judgement::Passed);
    let missing = cut.finished(0).missing;
    assert!(missing.test_events > 0);
    assert_eq!(count(&cut) + missing.test_events, 1_000);
    assert!(cut.exchange.body.len() <= 60_000);
}

#[test]
fn a_full_tmp_costs_output_and_says_how_much() {
    const BYTES: u64 = 60_000_000;
    if !Command::new("unshare").args(["--mount", "true"]).status().is_ok_and(|status| status.success()) {
        // Needs the right to mount; the spool's own tests cover a full disk without it.
        return;
    }
    let root = TaskRoot::with_commands("./fill\n./noisy\ntrue")
        .script("fill", "head -c 100000000 /dev/zero > \"$TMPDIR/zeros\"; echo filled; exit 0")
        .script("noisy", &format!("yes 0123456789 | head -c {BYTES}; touch \"$LAMBDA_TASK_ROOT/written\""));
    let folder = root.join("tmp");
    std::fs::create_dir(&folder).unwrap();
    let environment = Environment {
        variables: vec![("TMPDIR", folder.to_str().unwrap().to_owned())],
        shell: Some("set -- unshare --mount sh -c 'mount -t tmpfs -o size=8m tmpfs \"$TMPDIR\" && exec \"$0\"' \"$@\"".into()),
        ..Environment::default()
    };
    let runner = Runner::start_in(&root, environment);
    let written = root.join("written");
    let body = Arc::new(Mutex::new(Vec::new()));
    runner.begin(Invocation::new(request(json!({}))).on_body({
        let body = Arc::clone(&body);
        move |piece| {
            // Nothing is read before everything was written.
            wait_until("everything is written", || written.exists());
            body.lock().unwrap().extend_from_slice(piece);
            ControlFlow::Continue(())
        }
    }));
    let mut exchange = runner.exchange();
    exchange.body = std::mem::take(&mut body.lock().unwrap());
    let transcript = Transcript::new(exchange, "run-1");
    assert_eq!(transcript.judgement, Judgement::Passed, "{:?}", transcript.verdict());
    let finished = transcript.finished(1);
    assert_eq!(finished.stdout_bytes, BYTES);
    assert!(finished.missing.stdout_bytes > BYTES / 2, "{finished:?}");
    let sent = transcript.bytes(1, Stream::Stdout).len() as u64;
    assert_eq!(sent + finished.missing.stdout_bytes, BYTES);
    assert!(transcript.bytes(0, Stream::Stderr).ends_with(b"No space left on device\n"));
    let report: Value = serde_json::from_slice(&runner.invoke("{}").body).unwrap();
    assert_eq!(report["outcome"], "passed", "{report}");
}
