//! Payloads: what runs everything, what is refused, what lists.

use lamex_protocol::event::{Body, CommandOutcome, VerdictOutcome};
use lamex_protocol::reader::Judgement;
use serde_json::{Value, json};

use crate::support::runner::request;
use crate::support::{Invocation, Runner, TaskRoot};

#[test]
fn everything_without_a_lamex_key_runs_the_package_plainly() {
    let root = TaskRoot::with_commands("./script").script("script", "echo ran >> runs");
    let runner = Runner::start(&root);
    let scheduled =
        r#"{"version":"0","source":"aws.events","detail-type":"Scheduled Event","resources":[],"detail":{}}"#;
    let payloads = ["{}", "null", scheduled, "not JSON", "", "[{\"lamex\":1}]", "\"lamex\""];
    for payload in payloads {
        let exchange = runner.invoke(payload);
        assert_eq!(exchange.kind(), "response", "{payload}");
        assert_eq!(exchange.header("Lambda-Runtime-Function-Response-Mode"), None);
        assert_eq!(exchange.header("Content-Type"), Some("application/json"));
        let report: Value = serde_json::from_slice(&exchange.body).unwrap();
        assert_eq!(report["outcome"], "passed", "{payload}: {report}");
    }
    let runs = std::fs::read_to_string(root.join("runs")).unwrap();
    assert_eq!(runs.lines().count(), payloads.len(), "each payload ran the command once");
}

#[test]
fn a_malformed_request_is_refused_and_nothing_runs() {
    let root = TaskRoot::with_commands("./script").script("script", "echo ran >> runs");
    let runner = Runner::start(&root);
    let cases = [
        (json!({ "lamex": 2 }), "the request asks for version 2"),
        (json!({ "lamex": null }), "version null"),
        (json!({ "op": "erase" }), "unknown variant `erase`"),
        (json!({ "shard": 1 }), "unknown field `shard`"),
        (json!({ "select": { "name": ["script"] } }), "unknown field `name`"),
        (json!({ "select": ["script"] }), "invalid type"),
        (json!({ "fail_fast": "yes" }), "invalid type"),
    ];
    for (fields, reason) in cases {
        let transcript = runner.ask(fields.clone());
        assert!(
            matches!(&transcript.judgement, Judgement::Refused(why) if why.contains(reason)),
            "{fields}: {:?}",
            transcript.judgement
        );
        assert_eq!(transcript.hello().run_id, "run-1");
        assert_eq!(transcript.events.len(), 2);
    }
    let no_run_id = runner.ask_in(Invocation::new(r#"{"lamex":1,"op":"run"}"#));
    assert!(no_run_id.reason().contains("missing field `run_id`"));
    assert!(!root.join("runs").exists());
}

#[test]
fn hello_says_who_answers() {
    let root = TaskRoot::with_commands("true\ntrue");
    let runner = Runner::start(&root);
    let digest_of = |runner: &Runner| runner.ask(json!({})).hello().package_digest.clone();
    let transcript = runner.ask(json!({ "run_id": "mine", "select": { "indexes": [1] } }));
    let hello = transcript.hello();
    assert_eq!(
        (hello.run_id.as_str(), hello.function_name.as_str(), hello.function_version.as_str()),
        ("mine", "system-tests", "7")
    );
    assert_eq!((hello.request_id.as_str(), hello.selected), ("request-1", 1));
    assert_eq!(hello.runner_version, env!("CARGO_PKG_VERSION"));
    // sha256sum of the plan file.
    assert_eq!(
        hello.package_digest,
        "sha256:8e78f46a14e10bd9d47987d20cbde5ae4dbf3da718807466164764de15211b39"
    );
    assert_eq!(digest_of(&runner), hello.package_digest);
    let other = Runner::start(&TaskRoot::with_commands("true\ntrue\n"));
    assert_ne!(digest_of(&other), hello.package_digest);
}

#[test]
fn list_names_the_commands_and_runs_none() {
    let root = TaskRoot::with_plan(&json!([
        { "name": "read", "argv": ["./script"], "tags": ["quick", "safe"],
          "parameters": { "SHA": { "pattern": "x" }, "ADDR": { "pattern": "y" } } },
        { "name": "wipe", "argv": ["./script"], "destructive": true },
    ]))
    .script("script", "echo ran >> runs");
    let transcript = Runner::start(&root).ask(json!({ "op": "list" }));
    assert_eq!(transcript.judgement, Judgement::Empty);
    let listed: Vec<_> = transcript
        .events
        .iter()
        .filter_map(|event| match &event.body {
            Body::CommandListed(listed) => Some(listed),
            _ => None,
        })
        .collect();
    assert_eq!(listed.len(), 2);
    assert_eq!((listed[0].command, listed[0].name.as_str(), listed[0].destructive), (0, "read", false));
    assert_eq!(
        (&listed[0].tags[..], &listed[0].parameters[..]),
        (&["quick".to_owned(), "safe".to_owned()][..], &["ADDR".to_owned(), "SHA".to_owned()][..])
    );
    assert_eq!((listed[1].command, listed[1].name.as_str(), listed[1].destructive), (1, "wipe", true));
    assert!(!root.join("runs").exists());
}

#[test]
fn an_empty_plan_is_no_pass() {
    for root in [TaskRoot::with_commands("# nothing yet\n\n"), TaskRoot::with_plan(&json!([]))] {
        let runner = Runner::start(&root);
        assert_eq!(runner.ask(json!({})).judgement, Judgement::Empty);
        let exchange = runner.invoke("{}");
        assert_eq!(exchange.kind(), "error");
        assert_eq!(exchange.header("Lambda-Runtime-Function-Error-Type"), Some("Function.NothingRun"));
    }
}

#[test]
fn the_commands_run_in_order_and_go_on_after_a_failure() {
    let root = TaskRoot::with_commands("./a\n./b\n./a")
        .script("a", "echo a >> order")
        .script("b", "echo b >> order; exit 3");
    let transcript = Runner::start(&root).ask(json!({}));
    assert_eq!(transcript.judgement, Judgement::Failed);
    assert_eq!(
        transcript.outcomes(),
        [("a", CommandOutcome::Passed), ("b", CommandOutcome::Failed), ("a#2", CommandOutcome::Passed)]
    );
    assert_eq!(std::fs::read_to_string(root.join("order")).unwrap(), "a\nb\na\n");
}

#[test]
fn fail_fast_stops_at_the_first_failure_by_request_or_plan() {
    let commands = json!([
        { "name": "first", "argv": ["true"] },
        { "name": "second", "argv": ["false"] },
        { "name": "third", "argv": ["./script"] },
        { "name": "fourth", "argv": ["true"] },
    ]);
    let plan = json!({ "lamex": 1, "commands": commands, "fail_fast": true });
    let slow = || TaskRoot::with_plan(&commands).script("script", "echo ran >> runs");
    let fast =
        || TaskRoot::new().file("lamex.plan.json", plan.to_string()).script("script", "echo ran >> runs");
    let cases = [
        (slow(), json!({}), false),
        (slow(), json!({ "fail_fast": true }), true),
        (fast(), json!({}), true),
        (fast(), json!({ "fail_fast": false }), false),
    ];
    for (root, fields, stops) in cases {
        let transcript = Runner::start(&root).ask(fields.clone());
        assert_eq!(transcript.judgement, Judgement::Failed);
        assert_eq!(root.join("runs").exists(), !stops, "{fields}");
        let remaining: Vec<_> =
            transcript.verdict().remaining.iter().map(|left| (left.command, left.name.as_str())).collect();
        let expected: &[(u64, &str)] = if stops { &[(2, "third"), (3, "fourth")] } else { &[] };
        assert_eq!(remaining, expected, "{fields}");
    }
    let plainly = Runner::start(&fast()).invoke("{}");
    let document: Value = serde_json::from_slice(&plainly.body).unwrap();
    assert_eq!(document["report"]["verdict"]["counts"]["not_run"], 2, "{document}");
}

#[test]
fn a_request_that_cannot_be_parsed_twice_keeps_its_run_id() {
    let runner = Runner::start(&TaskRoot::with_commands("true"));
    let payload = String::from_utf8(request(json!({}))).unwrap().replace("\"op\"", "\"op\":\"list\",\"op\"");
    let transcript = runner.ask_in(Invocation::new(payload));
    assert_eq!(transcript.verdict().outcome, VerdictOutcome::Refused);
    assert!(transcript.reason().contains("duplicate field"), "{}", transcript.reason());
}
