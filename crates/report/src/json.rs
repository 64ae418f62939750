//! The result of a run as one document for machines (`--output json`).
//!
//! Stable within one `lamex_result`: fields and words are only ever added.

use std::io::{self, BufWriter, Write};

use lamex_protocol::event::{
    CommandOutcome, Counts, Ending, Hello, Missing, Remaining, TestCounts, TestOutcome, Warning,
};
use lamex_run::{Billing, RunEvent};
use serde::Serialize;

use crate::command_record::CommandRecord;
use crate::record::RunRecord;
use crate::sink::{Sink, SinkError, Update};
use crate::tests_record::TestRecord;
use crate::verdict_line;

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

/// Writes the document when the run is over.
pub struct JsonDocument {
    out: Box<dyn Write + Send>,
}

impl JsonDocument {
    #[must_use]
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        Self { out }
    }
}

impl Sink for JsonDocument {
    fn on_event(&mut self, _event: &RunEvent, _update: &Update<'_>) -> Result<(), SinkError> {
        Ok(())
    }

    fn finish(&mut self, record: &RunRecord) -> Result<(), SinkError> {
        write(record, &mut self.out).map_err(SinkError::Report)
    }
}

fn write(record: &RunRecord, out: &mut dyn Write) -> io::Result<()> {
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
            message: verdict_line::detail(record),
            function: record.hello().map(Function::from),
            duration_ms: record.elapsed_ms,
            billing: record.billing(),
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
