//! Setup before the tests, teardown after them, whatever became of them.

use std::time::Duration;

use lamex_protocol::event::CommandOutcome::{Failed, Passed, Skipped};
use lamex_protocol::event::{Ending, Remaining, VerdictOutcome};
use lamex_protocol::plan::Phase;
use lamex_protocol::reader::Judgement;
use serde_json::{Value, json};

use crate::support::runner::request;
use crate::support::{Environment, Invocation, Runner, TaskRoot, Transcript};

/// A suite whose commands note that they ran, in no order in the plan. `changes` are put over the commands by name.
fn suite(changes: &Value) -> TaskRoot {
    let mut commands = json!([
        { "name": "clear", "argv": ["./note", "clear"], "phase": "teardown" },
        { "name": "orders", "argv": ["./note", "orders"], "tags": ["quick"] },
        { "name": "migrate", "argv": ["./note", "migrate"], "phase": "setup" },
        { "name": "payments", "argv": ["./note", "payments"] },
        { "name": "seed", "argv": ["./note", "seed"], "phase": "setup", "tags": ["data"] },
        { "name": "report", "argv": ["./note", "report"], "phase": "teardown" },
    ]);
    for command in commands.as_array_mut().unwrap() {
        let change = changes.get(command["name"].as_str().unwrap()).and_then(Value::as_object);
        command.as_object_mut().unwrap().extend(change.cloned().unwrap_or_default());
    }
    TaskRoot::with_plan(&commands)
        .script("note", "echo \"$1\" >> notes")
        .script("bad", "echo \"$1\" >> notes; exit 1")
        .script("skip", "echo '1..0 # SKIP nothing to do'")
        .script("hang", "trap '' TERM; echo \"$1\" >> notes; sleep 60")
}

/// What ran, in order.
fn notes(root: &TaskRoot) -> Vec<String> {
    let notes = std::fs::read_to_string(root.join("notes")).unwrap_or_default();
    let _ = std::fs::remove_file(root.join("notes"));
    notes.lines().map(str::to_owned).collect()
}

fn remaining(transcript: &Transcript) -> Vec<&str> {
    transcript.verdict().remaining.iter().map(|Remaining { name, .. }| name.as_str()).collect()
}

#[test]
fn setup_runs_first_and_teardown_last_in_both_kinds_of_invocation() {
    let root = suite(&json!({}));
    let runner = Runner::start(&root);
    let order = ["migrate", "seed", "orders", "payments", "clear", "report"];
    let transcript = runner.ask(json!({}));
    assert_eq!(transcript.judgement, Judgement::Passed);
    assert_eq!(transcript.outcomes(), order.map(|name| (name, Passed)));
    let phases: Vec<_> = transcript.all_finished().map(|finished| finished.phase).collect();
    let (setup, test, teardown) = (Phase::Setup, Phase::Test, Phase::Teardown);
    assert_eq!(phases, [setup, setup, test, test, teardown, teardown]);
    assert_eq!(notes(&root), order);
    assert_eq!(runner.invoke("{}").kind(), "response");
    assert_eq!(notes(&root), order);
}

#[test]
fn a_selected_test_brings_its_setup_and_teardown() {
    let root = suite(&json!({}));
    let runner = Runner::start(&root);
    let cases: [(Value, &[&str]); 4] = [
        (json!({ "names": ["orders"] }), &["migrate", "seed", "orders", "clear", "report"]),
        (json!({ "tags": ["quick"] }), &["migrate", "seed", "orders", "clear", "report"]),
        (json!({ "names": ["seed", "payments"] }), &["migrate", "seed", "payments", "clear", "report"]),
        // Alone, since they were asked for alone.
        (json!({ "names": ["clear", "seed"] }), &["seed", "clear"]),
    ];
    for (select, expected) in cases {
        let transcript = runner.ask(json!({ "select": select }));
        assert_eq!(transcript.judgement, Judgement::Passed, "{select}");
        assert_eq!(notes(&root), expected, "{select}");
        assert_eq!(transcript.hello().selected, expected.len() as u64);
    }
    // A tag that no test has.
    let transcript = runner.ask(json!({ "select": { "tags": ["data"] } }));
    let Judgement::Refused(reason) = transcript.judgement else { panic!("{:?}", transcript.judgement) };
    assert!(reason.contains("only setup and teardown commands have the tag `data`"), "{reason}");
    assert_eq!(notes(&root), [""; 0]);
}

#[test]
fn no_test_runs_after_a_setup_that_did_not_pass_and_the_teardown_does() {
    let failing = json!({ "argv": ["./bad", "migrate"] });
    let not_starting = json!({ "requires": ["NOBODY_SETS_THIS"] });
    for (change, ran) in
        [(failing, vec!["migrate", "clear", "report"]), (not_starting, vec!["clear", "report"])]
    {
        let root = suite(&json!({ "migrate": change }));
        let runner = Runner::start(&root);
        let transcript = runner.ask(json!({}));
        assert_eq!(transcript.judgement, Judgement::Failed);
        assert_eq!(transcript.outcomes(), [("migrate", Failed), ("clear", Passed), ("report", Passed)]);
        assert_eq!(remaining(&transcript), ["seed", "orders", "payments"]);
        assert_eq!(transcript.warnings(), ["the setup command `migrate` did not pass: no test is run"]);
        assert_eq!(notes(&root), ran);
        let exchange = runner.invoke("{}");
        assert_eq!(exchange.header("Lambda-Runtime-Function-Error-Type"), Some("Function.TestsFailed"));
        assert_eq!(notes(&root), ran);
    }
}

#[test]
fn a_setup_that_was_skipped_did_not_pass_either() {
    let root = suite(&json!({ "seed": { "argv": ["./skip"], "framework": "tap" } }));
    let transcript = Runner::start(&root).ask(json!({}));
    assert_eq!(transcript.judgement, Judgement::Incomplete);
    assert_eq!(transcript.finished(4).outcome, Skipped);
    assert_eq!(remaining(&transcript), ["orders", "payments"]);
    assert_eq!(notes(&root), ["migrate", "clear", "report"]);
}

#[test]
fn teardown_runs_after_failed_tests_all_of_it_and_its_failure_counts() {
    let root = suite(&json!({
        "orders": { "argv": ["./bad", "orders"] },
        "clear": { "argv": ["./bad", "clear"] },
    }));
    let runner = Runner::start(&root);
    let transcript = runner.ask(json!({ "fail_fast": true }));
    assert_eq!(transcript.judgement, Judgement::Failed);
    assert_eq!(remaining(&transcript), ["payments"]);
    assert_eq!(notes(&root), ["migrate", "seed", "orders", "clear", "report"]);

    let root = suite(&json!({ "report": { "argv": ["./bad", "report"] } }));
    let transcript = Runner::start(&root).ask(json!({}));
    assert_eq!(transcript.judgement, Judgement::Failed, "every test passed, and the teardown did not");
}

#[test]
fn teardown_has_its_time_where_a_test_takes_all_that_there_is() {
    let root = suite(&json!({
        "orders": { "argv": ["./hang", "orders"] },
        "clear": { "timeout_ms": 1_000 },
        "report": { "timeout_ms": 1_000 },
    }));
    let runner = Runner::start(&root);
    let transcript = runner.ask_in(Invocation::new(request(json!({}))).time(Duration::from_secs(8)));
    assert_eq!(transcript.judgement, Judgement::Failed);
    assert_eq!(transcript.finished(1).ending, Ending::DeadlineReached);
    assert_eq!(remaining(&transcript), ["payments"]);
    assert_eq!(notes(&root), ["migrate", "seed", "orders", "clear", "report"]);
}

#[test]
fn setup_alone_is_no_pass() {
    let skipped = json!({ "argv": ["./skip"], "framework": "tap" });
    let root = suite(&json!({ "orders": skipped, "payments": skipped }));
    let runner = Runner::start(&root);
    let transcript = runner.ask(json!({}));
    assert_eq!((transcript.verdict().counts.passed, &transcript.judgement), (4, &Judgement::Empty));
    assert_ne!(runner.invoke("{}").kind(), "response");

    let around = json!([{ "name": "seed", "argv": ["true"], "phase": "setup" }]);
    let transcript = Runner::start(&TaskRoot::with_plan(&around)).ask(json!({}));
    assert!(transcript.reason().contains("no test"), "{}", transcript.reason());
    assert_eq!(transcript.verdict().outcome, VerdictOutcome::Refused);
}

#[test]
fn no_test_runs_without_a_setup_or_teardown_that_may_not_run() {
    for name in ["seed", "clear"] {
        let root = suite(&json!({ name: { "destructive": true } }));
        let runner = Runner::start(&root);
        for request in [json!({}), json!({ "select": { "names": ["orders"] } })] {
            let transcript = runner.ask(request);
            assert_eq!(transcript.verdict().outcome, VerdictOutcome::Refused);
            assert!(transcript.reason().contains(&format!("`{name}`")), "{}", transcript.reason());
        }
        assert_ne!(runner.invoke("{}").kind(), "response");
        assert_eq!(notes(&root), [""; 0], "nothing ran");

        let variables = vec![("LAMEX_ALLOW_DESTRUCTIVE", "true".to_owned())];
        let runner = Runner::start_in(&root, Environment { variables, ..Environment::default() });
        assert_eq!(runner.ask(json!({ "allow_destructive": true })).judgement, Judgement::Passed);
        assert_eq!(notes(&root).len(), 6);
    }
}

#[test]
fn nothing_is_set_up_where_every_test_is_left_out() {
    let destructive = json!({ "destructive": true });
    let root = suite(&json!({ "orders": destructive, "payments": destructive }));
    let transcript = Runner::start(&root).ask(json!({}));
    assert_eq!(transcript.judgement, Judgement::Empty);
    assert!(transcript.outcomes().iter().all(|(_, outcome)| *outcome == Skipped));
    assert_eq!(notes(&root), [""; 0], "nothing ran");
}
