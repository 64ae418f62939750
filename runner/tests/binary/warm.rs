//! One execution environment serves several invocations, and none sees anything of another.

use lamex_protocol::event::CommandOutcome;
use lamex_protocol::reader::Judgement;
use serde_json::json;

use crate::support::{Environment, Marker, Runner, TaskRoot};

#[test]
fn an_invocation_finds_nothing_of_the_one_before() {
    let marker = Marker::new();
    let root = TaskRoot::with_plan(&json!([{
        "name": "probe",
        "argv": ["./probe", marker.text()],
        "parameters": { "SECRET": { "pattern": ".*" }, "MODE": { "pattern": ".*", "default": "usual" } },
    }]))
    .script(
        "probe",
        r#"echo "SECRET=${SECRET-unset} MODE=$MODE LEAK=${LEAK-unset}"
        ls -A "$TMPDIR" "$HOME" | grep -c file
        export LEAK=1; echo x > "$TMPDIR/file"; echo x > "$HOME/.file"
        setsid sh -c 'touch up; sleep 600; :' "$1" > /dev/null 2>&1 &
        while ! [ -e up ]; do sleep 0.01; done; rm up
        [ "$MODE" != fails ]"#,
    );
    let runner = Runner::start(&root);
    let runs = [
        (json!({ "SECRET": "s3cret", "MODE": "fails" }), "SECRET=s3cret MODE=fails LEAK=unset\n0\n"),
        (json!({}), "SECRET=unset MODE=usual LEAK=unset\n0\n"),
        (json!({ "MODE": "other" }), "SECRET=unset MODE=other LEAK=unset\n0\n"),
    ];
    let mut pids = Vec::new();
    for (number, (parameters, expected)) in runs.iter().enumerate() {
        let run_id = format!("run {number}");
        let transcript = runner.ask(json!({ "run_id": run_id, "parameters": parameters }));
        assert_eq!(transcript.hello().run_id, run_id);
        assert_eq!(transcript.hello().request_id, format!("request-{}", number + 1));
        assert_eq!(transcript.stdout(0), *expected);
        assert_eq!(marker.processes(), [""; 0]);
        let failed = transcript.finished(0).outcome == CommandOutcome::Failed;
        assert_eq!((failed, transcript.judgement == Judgement::Passed), (number == 0, number != 0));
        pids.push(runner.pid());
    }
    assert!(pids.iter().all(|pid| *pid == pids[0]));
}

#[test]
fn a_refusal_or_a_list_leaves_the_environment_as_it_was() {
    let runner = Runner::start(&TaskRoot::with_commands("true"));
    for _ in 0..3 {
        assert!(matches!(runner.ask(json!({ "op": "nonsense" })).judgement, Judgement::Refused(_)));
        assert_eq!(runner.ask(json!({ "op": "list" })).judgement, Judgement::Empty);
        assert_eq!(runner.ask(json!({})).judgement, Judgement::Passed);
        assert_eq!(runner.invoke("{}").kind(), "response");
    }
}

#[test]
fn a_connection_that_was_closed_while_the_tests_ran_is_replaced() {
    let environment = Environment { api_hangs_up: true, ..Environment::default() };
    let root = TaskRoot::with_commands("./script").script("script", "sleep 0.2; echo ran >> runs");
    let runner = Runner::start_in(&root, environment);
    for _ in 0..3 {
        assert_eq!(runner.invoke("{}").kind(), "response");
    }
    assert_eq!(std::fs::read_to_string(root.join("runs")).unwrap(), "ran\nran\nran\n");
}
