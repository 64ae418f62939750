//! What a slow reader leaves behind takes no more of /tmp than it may.

use std::ops::ControlFlow;
use std::os::unix::fs::MetadataExt as _;
use std::process::Command;
use std::sync::{Arc, Mutex};

use lamex_protocol::event::Stream;
use lamex_protocol::reader::Judgement;
use serde_json::{Value, json};

use crate::support::runner::request;
use crate::support::{Environment, Invocation, Runner, TaskRoot, Transcript, wait_until};

const BYTES: u64 = 60_000_000;

/// Runs a command that writes so much while nobody reads, and then `while_it_waits`.
fn write_unread(environment: Environment, fields: Value, while_it_waits: impl FnOnce(&Runner)) -> Transcript {
    let root = TaskRoot::with_commands("./noisy\ntrue")
        .script("noisy", &format!("yes 0123456789 | head -c {BYTES}; touch written"));
    std::fs::create_dir(root.join("tmp")).unwrap();
    let environment = Environment {
        variables: vec![("TMPDIR", root.join("tmp").to_str().unwrap().to_owned())],
        ..environment
    };
    let runner = Runner::start_in(&root, environment);
    let (written, read) = (root.join("written"), root.join("read"));
    let body = Arc::new(Mutex::new(Vec::new()));
    runner.begin(Invocation::new(request(fields)).on_body({
        let (body, read) = (Arc::clone(&body), read.clone());
        move |piece| {
            wait_until("it may be read", || read.exists());
            body.lock().unwrap().extend_from_slice(piece);
            ControlFlow::Continue(())
        }
    }));
    wait_until("everything is written", || written.exists());
    while_it_waits(&runner);
    std::fs::write(read, "").unwrap();
    let mut exchange = runner.exchange();
    exchange.body = std::mem::take(&mut body.lock().unwrap());
    let transcript = Transcript::new(exchange, "run-1");
    assert_eq!(transcript.judgement, Judgement::Passed, "{:?}", transcript.verdict());
    let finished = transcript.finished(0);
    let sent = transcript.bytes(0, Stream::Stdout);
    assert_eq!(sent.len() as u64 + finished.missing.stdout_bytes, BYTES);
    let whole = b"0123456789\n".iter().cycle();
    assert!(sent.iter().zip(whole).all(|(one, other)| one == other), "what is sent has no hole");
    transcript
}

#[test]
fn no_more_is_kept_than_the_answer_can_carry() {
    const LIMIT: u64 = 4_000_000;
    write_unread(Environment::default(), json!({ "response_limit_bytes": LIMIT }), |runner| {
        // Only root may look; for others the count of what is missing has to do.
        let entries = std::fs::read_dir(format!("/proc/{}/fd", runner.pid())).into_iter().flatten().flatten();
        for entry in entries {
            if std::fs::read_link(entry.path())
                .is_ok_and(|link| link.to_string_lossy().ends_with("(deleted)"))
            {
                let taken = std::fs::metadata(entry.path()).unwrap().blocks() * 512;
                assert!(taken <= LIMIT + (64 << 10), "{taken} bytes of /tmp");
            }
        }
    });
}

#[test]
fn most_of_the_free_space_stays_the_tests_own() {
    let namespaces = ["--user", "--map-root-user", "--mount"];
    if !Command::new("unshare").args(namespaces).arg("true").status().is_ok_and(|status| status.success()) {
        // Needs a small /tmp of its own.
        return;
    }
    let shell = format!(
        "set -- unshare {} sh -c 'mount -t tmpfs -o size=64m tmpfs \"$TMPDIR\" && exec \"$0\"' \"$@\"",
        namespaces.join(" ")
    );
    let transcript =
        write_unread(Environment { shell: Some(shell), ..Environment::default() }, json!({}), |_| {});
    let kept = BYTES - transcript.finished(0).missing.stdout_bytes;
    // A quarter of 64 MiB in the file, 8 MiB in memory, and what is on its way.
    assert!(kept > 20_000_000 && kept < 35_000_000, "{kept} bytes were kept");
}
