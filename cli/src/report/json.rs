//! The result of a run as one document for machines (`--output json`).
//!
//! Stable within one `lamex_result`: fields and words are only ever added.

use std::io::{self, BufWriter, Write};

use lamex_protocol::event::{
    CommandOutcome, Counts, Ending, Hello, Missing, Remaining, TestCounts, TestOutcome, Warning,
};
use serde::Serialize;

use crate::report::billing::Billing;
use crate::report::command_record::CommandRecord;
use crate::report::record::RunRecord;
use crate::report::tests_record::TestRecord;

/// The version of [`Document`].
pub const VERSION: u32 = 1;

/// A run. Durations are in milliseconds, names are as the runner sent them.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    pub lamex_result: u32,
    /// `passed`, `failed`, `incomplete`, `empty`, `refused`, `infrastructure_failure` or `interrupted`.
    /// Only `passed` means that the tests passed, whatever the commands below say.
    pub outcome: &'static str,
    /// Of lamex-ctl.
    pub exit_code: u8,
    /// The outcome in words.
    pub message: String,
    /// Absent when no runner answered.
    #[serde(flatten)]
    pub function: Option<Function<'a>>,
    /// From the beginning of the invocation to its last event.
    pub duration_ms: u64,
    /// Of a deployed function, where its log says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing: Option<Billing>,
    pub counts: Counts,
    pub test_counts: TestCounts,
    pub commands: Vec<Command<'a>>,
    /// Selected commands that never started.
    pub remaining: &'a [Remaining],
    pub warnings: &'a [Warning],
    /// Warnings beyond those, of which only the first are kept.
    pub warnings_left_out: u64,
}

/// What ran the tests, as it said itself.
#[derive(Debug, Serialize)]
pub struct Function<'a> {
    pub run_id: &'a str,
    pub function_name: &'a str,
    pub function_version: &'a str,
    pub runner_version: &'a str,
    pub package_digest: &'a str,
    pub request_id: &'a str,
}

/// One command, in the order in which they ran.
#[derive(Debug, Serialize)]
pub struct Command<'a> {
    /// Place in the plan, from 0.
    pub command: u64,
    pub name: &'a str,
    /// `passed`, `failed`, `skipped`; `null` when it started and its end was never reported.
    pub outcome: Option<CommandOutcome>,
    /// What else its end was, absent like the outcome.
    #[serde(flatten)]
    pub end: Option<End<'a>>,
    /// Why it did not pass.
    pub message: Option<String>,
    pub test_counts: TestCounts,
    pub tests: Vec<Test<'a>>,
    /// Tests that were counted and are not listed, for there were too many in the run.
    pub tests_left_out: u64,
    /// Tests that were running when the command failed or was lost.
    pub unfinished_tests: Vec<&'a str>,
}

#[derive(Debug, Serialize)]
pub struct End<'a> {
    pub ending: &'a Ending,
    pub duration_ms: u64,
    /// What the command wrote in all.
    pub stdout_bytes: u64,
    pub stderr_bytes: u64,
    /// What of it never arrived.
    pub missing: Missing,
    pub peak_rss_kib: u64,
    pub cpu_ms: u64,
}

#[derive(Debug, Serialize)]
pub struct Test<'a> {
    pub name: &'a str,
    pub outcome: TestOutcome,
    /// `null` where the framework does not print it.
    pub duration_ms: Option<u64>,
    /// Why it did not pass, in the framework's own words, one line each; `null` where it does not say.
    pub message: Option<&'a str>,
}

/// Writes the document and a newline.
///
/// # Errors
/// Those of the writer.
pub fn write(record: &RunRecord, out: &mut dyn Write) -> io::Result<()> {
    // In pieces: the text of many tests is large.
    let mut out = BufWriter::with_capacity(64 << 10, out);
    serde_json::to_writer_pretty(&mut out, &Document::from(record))?;
    out.write_all(b"\n")?;
    out.flush()
}

impl<'a> From<&'a RunRecord> for Document<'a> {
    fn from(record: &'a RunRecord) -> Self {
        Self {
            lamex_result: VERSION,
            outcome: record.conclusion.word(),
            exit_code: record.conclusion.exit().code(),
            message: record.conclusion.detail(record),
            function: record.hello.as_ref().map(Function::from),
            duration_ms: record.elapsed_ms,
            billing: record.billing,
            counts: record.counts(),
            test_counts: record.test_counts(),
            commands: record.commands.iter().map(Command::from).collect(),
            remaining: record.remaining(),
            warnings: &record.warnings,
            warnings_left_out: record.warnings_left_out,
        }
    }
}

impl<'a> From<&'a Hello> for Function<'a> {
    fn from(hello: &'a Hello) -> Self {
        Self {
            run_id: &hello.run_id,
            function_name: &hello.function_name,
            function_version: &hello.function_version,
            runner_version: &hello.runner_version,
            package_digest: &hello.package_digest,
            request_id: &hello.request_id,
        }
    }
}

impl<'a> From<&'a CommandRecord> for Command<'a> {
    fn from(command: &'a CommandRecord) -> Self {
        let end = command.finished.as_ref().map(|finished| End {
            ending: &finished.ending,
            duration_ms: finished.duration_ms,
            stdout_bytes: finished.stdout_bytes,
            stderr_bytes: finished.stderr_bytes,
            missing: finished.missing,
            peak_rss_kib: finished.peak_rss_kib,
            cpu_ms: finished.cpu_ms,
        });
        Self {
            command: command.command,
            name: &command.name,
            outcome: command.outcome(),
            end,
            message: command.message(),
            test_counts: command.test_counts(),
            tests: command.tests.kept().iter().map(Test::from).collect(),
            tests_left_out: command.tests_left_out(),
            unfinished_tests: command.interrupted_tests().map(|test| test.name).collect(),
        }
    }
}

impl<'a> From<&'a TestRecord> for Test<'a> {
    fn from(test: &'a TestRecord) -> Self {
        Self {
            name: &test.name,
            outcome: test.outcome,
            duration_ms: test.duration_ms,
            message: test.message.as_deref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use lamex_protocol::event::VerdictOutcome;

    use super::*;
    use crate::report::fixture::Script;
    use crate::report::human::Verbosity;
    use crate::report::reporter::{OutputFormat, Settings};

    #[test]
    fn json_has_stdout_for_itself() {
        let json = Settings { output: OutputFormat::Json, ..Settings::default() };
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
        let json =
            Settings { output: OutputFormat::Json, verbosity: Verbosity::Quiet, ..Settings::default() };
        assert_snapshot!(Script::default().show(json).text(), @r#"
        {
          "lamex_result": 1,
          "outcome": "infrastructure_failure",
          "exit_code": 4,
          "message": "the answer does not begin as a lamex runner's does (this is not a test result)",
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
}
