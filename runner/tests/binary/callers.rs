//! Callers that read slowly, stop reading, or go away.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use lamex_protocol::event::Stream;
use lamex_protocol::reader::{Judgement, Untrusted};
use serde_json::json;

use crate::support::runner::request;
use crate::support::{Exchange, Invocation, Runner, TaskRoot, Transcript, peak_rss_kib, wait_until};

/// A body that is read only once `is_time` says so, and then collected.
pub(crate) fn reading_when(
    invocation: Invocation,
    mut is_time: impl FnMut() -> bool + Send + 'static,
) -> (Invocation, impl FnOnce(Exchange) -> Transcript) {
    let body = Arc::new(Mutex::new(Vec::new()));
    let collected = Arc::clone(&body);
    let invocation = invocation.on_body(move |piece| {
        wait_until("it is time to read", &mut is_time);
        body.lock().unwrap().extend_from_slice(piece);
        ControlFlow::Continue(())
    });
    let transcript = move |mut exchange: Exchange| {
        exchange.body = std::mem::take(&mut collected.lock().unwrap());
        Transcript::new(exchange, "run-1")
    };
    (invocation, transcript)
}

/// A root whose first command writes 30 MB and then a file, which no reader has to wait for.
pub(crate) fn noisy() -> (TaskRoot, PathBuf) {
    let root = TaskRoot::with_commands("./noisy\n./after")
        .script("noisy", "yes 0123456789 | head -c 30000000; touch written")
        .script("after", "echo after; touch after-ran");
    let written = root.join("after-ran");
    (root, written)
}

pub(crate) fn exists(path: &Path) -> impl FnMut() -> bool + Send + 'static {
    let path = path.to_owned();
    move || path.exists()
}

#[test]
fn tests_do_not_wait_for_a_caller_that_does_not_read() {
    let (root, written) = noisy();
    let runner = Runner::start(&root);
    let (invocation, transcript) = reading_when(Invocation::new(request(json!({}))), exists(&written));
    runner.begin(invocation);
    let transcript = transcript(runner.exchange());
    assert_eq!(transcript.judgement, Judgement::Passed);
    let bytes = transcript.bytes(0, Stream::Stdout);
    assert_eq!(bytes.len(), 30_000_000);
    assert!(bytes.chunks(11).all(|line| b"0123456789\n".starts_with(line)));
    assert_eq!(transcript.stdout(1), "after\n");
}

#[test]
fn small_writes_and_tests_do_not_pile_up_in_memory() {
    // Alternating streams keep the pieces small; every line is a test.
    const LINES: usize = 60_000;
    let script = format!(
        "i=0; while [ $i -lt {LINES} ]; do i=$((i+1)); echo ok $i; echo . >&2; done; echo 1..{LINES}; touch written"
    );
    let root = TaskRoot::with_plan(&json!([{ "name": "tap", "argv": ["./script"], "framework": "tap" }]))
        .script("script", &script);
    let written = root.join("written");
    let runner = Runner::start(&root);
    let (invocation, transcript) = reading_when(Invocation::new(request(json!({}))), exists(&written));
    runner.begin(invocation);
    let transcript = transcript(runner.exchange());
    assert_eq!(transcript.judgement, Judgement::Passed, "{:?}", transcript.finished(0));
    let expected: String =
        (1..=LINES).map(|i| format!("ok {i}\n")).collect::<String>() + &format!("1..{LINES}\n");
    assert!(transcript.stdout(0) == expected);
    assert_eq!(transcript.bytes(0, Stream::Stderr).len(), 2 * LINES);
    let peak = peak_rss_kib(runner.pid());
    assert!(peak < 64 << 10, "the runner took {peak} KiB");
}

#[test]
fn a_connection_that_breaks_costs_the_answer_and_no_test() {
    for break_after in [0, 1, 300, 5_000] {
        let root = TaskRoot::with_commands("./talks\n./after")
            .script("talks", "echo early; while ! [ -e broken ]; do echo waiting; sleep 0.02; done; seq -f 'late %g' 3000; printf '\\377end'")
            .script("after", "echo after >> after-ran; echo said; exit 3");
        let runner = Runner::start(&root);
        let broken = root.join("broken");
        let mut received = 0;
        runner.begin(Invocation::new(request(json!({}))).on_body(move |piece| {
            received += piece.len();
            if received <= break_after {
                return ControlFlow::Continue(());
            }
            ControlFlow::Break(())
        }));
        let exchange = runner.exchange();
        assert!(!exchange.is_whole);
        std::fs::write(&broken, "").unwrap();
        let log = runner.log_with("lamex: FAIL: 1 passed, 1 failed");
        let (before, after) = log.split_once("lamex: the response could not be sent").unwrap();
        assert!(before.contains("lamex: runner ") && !before.contains("waiting"), "{log}");
        for part in
            ["late 2999\nlate 3000\n", "end\nlamex: PASS [", "lamex: START after\nsaid\nlamex: FAIL ["]
        {
            assert!(after.contains(part), "{part}: {log}");
        }
        // Nothing ran twice, and the environment serves on.
        let again = runner.ask(json!({ "select": { "names": ["talks"] } }));
        assert_eq!(again.judgement, Judgement::Passed);
        assert_eq!(again.hello().request_id, "request-2");
        assert_eq!(std::fs::read_to_string(root.join("after-ran")).unwrap(), "after\n");
    }
}

#[test]
fn an_answer_cut_anywhere_proves_nothing() {
    let root =
        TaskRoot::with_commands("./script\ntrue").script("script", "echo some output; echo and more >&2");
    let runner = Runner::start(&root);
    let whole = runner.ask(json!({})).exchange.body;
    let mut cut = 0;
    while cut < whole.len() {
        let body = Arc::new(Mutex::new(Vec::new()));
        runner.begin(Invocation::new(request(json!({}))).on_body({
            let body = Arc::clone(&body);
            move |piece| {
                let mut body = body.lock().unwrap();
                let room = cut - body.len();
                body.extend_from_slice(&piece[..piece.len().min(room)]);
                if body.len() == cut { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            }
        }));
        let mut exchange = runner.exchange();
        // Times differ from run to run, so the body may end before the cut.
        if exchange.is_whole {
            break;
        }
        exchange.body = std::mem::take(&mut body.lock().unwrap());
        let transcript = Transcript::new(exchange, "run-1");
        let judged = matches!(
            transcript.judgement,
            Judgement::Untrusted(Untrusted::NoVerdict(_) | Untrusted::EndedBadly(_) | Untrusted::NoHello)
        );
        assert!(judged, "cut at {cut}: {:?}", transcript.judgement);
        cut += 37;
    }
    assert!(cut > whole.len() / 2);
    assert_eq!(runner.ask(json!({})).judgement, Judgement::Passed);
}
