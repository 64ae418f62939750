//! Tests of `json`.

use insta::assert_snapshot;
use lamex_protocol::event::TestOutcome;
use lamex_protocol::event::VerdictOutcome;
use lamex_report::console::ConsoleOptions;
use lamex_report::look::Verbosity;
use lamex_report::writers::ReportStream;

use crate::fixture::Script;

#[test]
fn json_has_stdout_for_itself() {
    let json = ConsoleOptions { report_stream: ReportStream::Stderr, ..ConsoleOptions::default() };
    let mut script = Script::new(3);
    script.start(0, "orders").test_start("TestCreate").out("text\n");
    script.test_message("TestCreate", "orders_test.go:7: got 1");
    script.test_end("TestCreate", TestOutcome::Failed).test_start("TestCrash");
    script.test_message("TestCreate", "want 2");
    script.warning("slow disk").fail();
    script.start(1, "payments").pass();
    script.verdict(VerdictOutcome::Failed, &[(2, "later")]);
    let shown = script.show(json);
    assert_snapshot!(shown.text(), @r#"
    {
      "lamex_result": 1,
      "outcome": "failed",
      "exit_code": 1,
      "message": "1 of 3 commands failed",
      "run_id": "run-1",
      "function_name": "system-tests",
      "function_version": "7",
      "runner_version": "0.1.0",
      "package_digest": "sha256:0123456789abcdef",
      "request_id": "request-1",
      "duration_ms": 3000,
      "counts": {
        "passed": 1,
        "failed": 1,
        "skipped": 0,
        "not_run": 1
      },
      "test_counts": {
        "passed": 0,
        "failed": 1,
        "skipped": 0
      },
      "commands": [
        {
          "command": 0,
          "name": "orders",
          "outcome": "failed",
          "ending": {
            "kind": "exited",
            "code": 1
          },
          "duration_ms": 123,
          "stdout_bytes": 5,
          "stderr_bytes": 0,
          "missing": {
            "stdout_bytes": 0,
            "stderr_bytes": 0,
            "test_events": 0
          },
          "peak_rss_kib": 2600,
          "cpu_ms": 45,
          "message": "it exited with code 1",
          "test_counts": {
            "passed": 0,
            "failed": 1,
            "skipped": 0
          },
          "tests": [
            {
              "name": "TestCreate",
              "outcome": "failed",
              "duration_ms": 10,
              "message": "orders_test.go:7: got 1\nwant 2"
            }
          ],
          "tests_left_out": 0,
          "unfinished_tests": [
            "TestCrash"
          ]
        },
        {
          "command": 1,
          "name": "payments",
          "outcome": "passed",
          "ending": {
            "kind": "exited",
            "code": 0
          },
          "duration_ms": 123,
          "stdout_bytes": 0,
          "stderr_bytes": 0,
          "missing": {
            "stdout_bytes": 0,
            "stderr_bytes": 0,
            "test_events": 0
          },
          "peak_rss_kib": 2600,
          "cpu_ms": 45,
          "message": null,
          "test_counts": {
            "passed": 0,
            "failed": 0,
            "skipped": 0
          },
          "tests": [],
          "tests_left_out": 0,
          "unfinished_tests": []
        }
      ],
      "remaining": [
        {
          "command": 2,
          "name": "later"
        }
      ],
      "warnings": [
        {
          "command": 0,
          "message": "slow disk"
        }
      ],
      "warnings_left_out": 0
    }
    "#);
    assert_snapshot!(String::from_utf8_lossy(&shown.stderr), @r"
        Starting 3 commands on system-tests, version 7 (package 0123456789ab, run run-1)
           START [         ] orders
    text
    warning: orders: slow disk
            FAIL [   0.123s] orders: 1 test: 0 passed, 1 failed
                 it exited with code 1
                 failed [   0.010s] TestCreate
                   orders_test.go:7: got 1
                   want 2
                 unfinished TestCrash
            PASS [   0.123s] payments
    ────────────
            FAIL [   0.123s] orders: 1 test: 0 passed, 1 failed
                 it exited with code 1
                 failed [   0.010s] TestCreate
                   orders_test.go:7: got 1
                   want 2
                 unfinished TestCrash
                 its output:
    text
    ────────────
         Summary [   3.000s] 2 commands run: 1 passed, 1 failed, 1 not run; 1 test: 0 passed, 1 failed
         NOT RUN [         ] later
    failed: 1 of 3 commands failed
    ");
}

#[test]
fn json_of_a_run_that_no_runner_answered() {
    let json = ConsoleOptions {
        report_stream: ReportStream::Stderr,
        verbosity: Verbosity::Quiet,
        ..ConsoleOptions::default()
    };
    assert_snapshot!(Script::default().show(json).text(), @r#"
    {
      "lamex_result": 1,
      "outcome": "infrastructure_failure",
      "exit_code": 4,
      "message": "the response does not begin like that of a lamex runner (this is not a test result)",
      "duration_ms": 0,
      "counts": {
        "passed": 0,
        "failed": 0,
        "skipped": 0,
        "not_run": 0
      },
      "test_counts": {
        "passed": 0,
        "failed": 0,
        "skipped": 0
      },
      "commands": [],
      "remaining": [],
      "warnings": [],
      "warnings_left_out": 0
    }
    "#);
}
