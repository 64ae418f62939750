//! The plain invocation, as `aws lambda invoke --log-type Tail` sees it.

use serde_json::{Value, json};

use crate::support::{Runner, TaskRoot};

/// The log's lines without the times in them.
fn without_times(log: &str) -> Vec<String> {
    log.lines()
        .map(|line| match (line.find(" ["), line.find(" s] ")) {
            (Some(start), Some(end)) => format!("{}{}", &line[..start], &line[end + 3..]),
            _ => line.to_owned(),
        })
        .collect()
}

#[test]
fn the_log_tells_the_run_in_order_with_the_summary_last() {
    let root = TaskRoot::with_plan(&json!([
        { "name": "good", "argv": ["./good"] },
        { "name": "bad", "argv": ["./bad"] },
        { "name": "wipe", "argv": ["./good"], "destructive": true },
    ]))
    .script("good", "echo good says; printf 'no newline'")
    .script("bad", "echo bad says >&2; exit 3");
    let runner = Runner::start(&root);
    let exchange = runner.invoke("{}");
    let log = runner.log_with("lamex: FAIL: 1 passed");
    let skipped = "wipe: it is destructive, and a plain invocation never runs such commands";
    let lines = without_times(&log);
    assert!(lines[0].starts_with("lamex: runner ") && lines[0].contains(": 3 commands of package sha256:"));
    assert_eq!(
        lines[1..],
        [
            "lamex: START good",
            "good says",
            "no newline",
            "lamex: PASS good",
            "lamex: START bad",
            "bad says",
            "lamex: FAIL bad: it exited with code 3",
            &format!("lamex: SKIP {skipped}"),
            "lamex: summary",
            "  FAIL bad: it exited with code 3",
            &format!("  SKIP {skipped}"),
            "  PASS good",
            "lamex: FAIL: 1 passed, 1 failed, 1 skipped, 0 not run",
        ]
    );

    assert_eq!(exchange.path, "/2018-06-01/runtime/invocation/request-1/error");
    assert_eq!(exchange.header("Lambda-Runtime-Function-Error-Type"), Some("Function.TestsFailed"));
    let document: Value = serde_json::from_slice(&exchange.body).unwrap();
    assert_eq!(document["errorType"], "Function.TestsFailed");
    assert_eq!(document["errorMessage"], "FAIL: 1 passed, 1 failed, 1 skipped, 0 not run");
    let report = &document["report"];
    assert_eq!((&report["outcome"], &report["function_version"]), (&json!("failed"), &json!("7")));
    assert_eq!(report["commands"][1]["output_tail"], "bad says\n");
    assert_eq!(report["commands"][0].get("output_tail"), None, "of a failed command only");
    assert_eq!(report["commands"][0]["stdout_bytes"], "good says\nno newline".len());
}

#[test]
fn a_pass_is_a_response() {
    let runner = Runner::start(&TaskRoot::with_commands("true\ntrue"));
    let exchange = runner.invoke("null");
    assert_eq!(exchange.path, "/2018-06-01/runtime/invocation/request-1/response");
    let report: Value = serde_json::from_slice(&exchange.body).unwrap();
    assert_eq!(report["outcome"], "passed");
    assert_eq!(report["verdict"]["counts"], json!({ "passed": 2, "failed": 0, "skipped": 0, "not_run": 0 }));
    let log = runner.log_with("lamex: PASS: 2 passed, 0 failed, 0 skipped, 0 not run\n");
    assert!(log.ends_with("0 not run\n"));
}

#[test]
fn two_thousand_failures_fit_into_an_answer_and_a_tail() {
    // Control characters take six bytes each in JSON.
    let root =
        TaskRoot::with_commands("./bad\n".repeat(2_000)).script("bad", "head -c 5000 /dev/zero; exit 3");
    let runner = Runner::start(&root);
    let exchange = runner.invoke("{}");
    assert_eq!(exchange.kind(), "error");
    assert!(exchange.body.len() < 6 << 20, "{}", exchange.body.len());
    let document: Value = serde_json::from_slice(&exchange.body).unwrap();
    let commands = document["report"]["commands"].as_array().unwrap();
    assert_eq!(commands.len(), 2_000);
    assert!(commands.iter().all(|command| command["ending"]["code"] == 3));
    assert_eq!(commands[0]["output_tail"].as_str().unwrap().len(), 4 << 10);
    let log = runner.log_with("lamex: FAIL: 0 passed, 2000 failed");
    let summary = &log[log.rfind("lamex: summary").unwrap()..];
    assert!(summary.len() < 3_000, "{}", summary.len());
    assert_eq!(summary.lines().last(), Some("lamex: FAIL: 0 passed, 2000 failed, 0 skipped, 0 not run"));
}
