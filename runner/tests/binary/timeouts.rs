//! Timeouts of commands.

use lamex_protocol::event::{CommandOutcome, Ending};
use lamex_protocol::reader::Judgement;
use serde_json::json;

use crate::support::{Marker, Runner, TaskRoot, at_once};

/// A script that tells when it was asked to end, and ends then.
pub(crate) const OBEYS: &str =
    "trap 'echo told to end; exit 0' TERM; echo begun; while :; do sleep 0.05; done";
pub(crate) const IGNORES: &str = "trap '' TERM; echo begun; while :; do sleep 0.05; done";

#[test]
fn a_time_out_ends_the_command_and_what_it_started() {
    let cases = [
        ("obeys", "begun\ntold to end\n"),
        ("ignores", "begun\n"),
        ("tree", "begun\nbegun\ntold to end\n"),
        // SIGTERM reaches a stopped process only when it goes on.
        ("stopped", "stopping\ntold to end\n"),
    ];
    at_once(&cases, |&(program, expected)| {
        let marker = Marker::new();
        let root = TaskRoot::with_plan(&json!([
            { "name": "slow", "argv": [format!("./{program}"), marker.text()], "timeout_ms": 600 },
            { "name": "quick", "argv": ["true"], "timeout_ms": 60_000 },
        ]))
        .script("obeys", OBEYS)
        .script("ignores", IGNORES)
        .script("tree", "sh ./ignores \"$1\" & sh ./obeys \"$1\" & wait")
        .script("stopped", "trap 'echo told to end; exit 0' TERM; echo stopping; kill -STOP $$; sleep 60");
        let transcript = Runner::start(&root).ask(json!({}));
        assert_eq!(marker.processes(), [""; 0], "{program}");
        assert_eq!(transcript.judgement, Judgement::Failed, "{program}");
        // Some exit with 0, which is too late.
        let slow = transcript.finished(0);
        assert_eq!(slow.ending, Ending::TimedOut { after_ms: 600 }, "{program}: {slow:?}");
        assert!(transcript.message(0).contains("its timeout of 600ms"));
        assert!(slow.duration_ms >= 600);
        assert_eq!(transcript.stdout(0), expected, "{program}");
        assert_eq!(transcript.finished(1).outcome, CommandOutcome::Passed);
    });
}

#[test]
fn a_requests_time_out_takes_the_place_of_the_plans() {
    let root = TaskRoot::with_plan(&json!([
        { "name": "a", "argv": ["./obeys"], "timeout_ms": 600_000 },
        { "name": "b", "argv": ["./obeys"] },
    ]))
    .script("obeys", OBEYS);
    let transcript = Runner::start(&root).ask(json!({ "command_timeout_ms": 300 }));
    for command in 0..2 {
        assert_eq!(transcript.finished(command).ending, Ending::TimedOut { after_ms: 300 });
    }
}
