//! What the runner says, in order: one [`Event`] a line of JSON.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::plan::{Phase, is_default};
use crate::probe::{HostProbed, TargetProbed};

/// One line of the stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Place in the stream, from 0, without gaps.
    pub seq: u64,
    /// Milliseconds since the invocation began.
    pub at_ms: u64,
    #[serde(flatten)]
    pub body: Body,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Body {
    Hello(Hello),
    CommandListed(CommandListed),
    /// In answer to the `probe` request, once.
    HostProbed(HostProbed),
    /// In answer to the `probe` request, once for each target.
    TargetProbed(Box<TargetProbed>),
    CommandStarted(CommandStarted),
    TestStarted(TestStarted),
    Output(Output),
    TestFinished(TestFinished),
    TestMessage(TestMessage),
    CommandFinished(CommandFinished),
    /// Nothing happened for a while; the runner is alive.
    Heartbeat,
    Warning(Warning),
    Verdict(Verdict),
    /// A type that a newer runner knows.
    #[serde(other)]
    Unknown,
}

/// The longest name in an event, in bytes: of a command, of a test, of what ran them. A stream with a longer
/// one is damaged.
pub const MAX_NAME_BYTES: usize = 500;

/// Always the first event.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// The protocol's major version.
    pub lamex: u32,
    /// The request's.
    pub run_id: String,
    /// `AWS_LAMBDA_FUNCTION_NAME`.
    pub function_name: String,
    /// `AWS_LAMBDA_FUNCTION_VERSION`: a number, or `$LATEST`.
    pub function_version: String,
    pub runner_version: String,
    /// `sha256:` and the hex digest of the plan file, which itself carries the digest of every other file
    /// of the package when lamex-ctl made it.
    pub package_digest: String,
    /// The Lambda service's id of this invocation, as in the function's log.
    pub request_id: String,
    /// How many commands the request selected.
    pub selected: u64,
}

/// One command of the package, in answer to the `list` request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CommandListed {
    pub command: u64,
    pub name: String,
    pub tags: Vec<String>,
    pub destructive: bool,
    /// Names of the declared parameters.
    pub parameters: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CommandStarted {
    /// Place of the command in the plan, from 0.
    pub command: u64,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// What stdout carries beside what the tests print; reports for people leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framing: Option<Framing>,
    /// Which attempt of the run this is, from 1; absent where the request said nothing of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
}

/// Marks in a command's stdout that are for a reader of tests, not for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Framing {
    /// Go's `-test.v=test2json`: the byte 0x16 begins each line of the framework's own, and lines
    /// `=== NAME  TestX` say whose output follows.
    Test2json,
    /// One that a newer runner knows.
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TestStarted {
    pub command: u64,
    pub test: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestOutcome {
    Passed,
    Failed,
    Skipped,
    /// One that a newer runner knows. It is no pass.
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestFinished {
    pub command: u64,
    pub test: String,
    pub outcome: TestOutcome,
    /// As the framework printed it, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
}

/// What the framework says of a test in its own words: why it failed, or was skipped. It comes at any time
/// while the command runs, also after the test's end, where a framework tells reasons in a summary. Several
/// of the same test belong together, one line each.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TestMessage {
    pub command: u64,
    pub test: String,
    /// At most [`MAX_TEST_MESSAGE_BYTES`] of text.
    pub message: String,
}

/// The longest `message` of a [`TestMessage`], in bytes.
pub const MAX_TEST_MESSAGE_BYTES: usize = 4 << 10;

/// How many tests of a command ended, and how, as its framework counts them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TestCounts {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl TestCounts {
    #[must_use]
    pub fn total(self) -> u64 {
        self.passed.saturating_add(self.failed).saturating_add(self.skipped)
    }

    /// Counts one test more. An unknown outcome is no pass, and nobody chose to skip the test.
    pub fn add(&mut self, outcome: TestOutcome) {
        match outcome {
            TestOutcome::Passed => self.passed += 1,
            TestOutcome::Failed | TestOutcome::Unknown => self.failed += 1,
            TestOutcome::Skipped => self.skipped += 1,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    Stdout,
    Stderr,
}

/// What a command wrote: `text`, or `base64` where the bytes are not UTF-8; exactly one of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    pub command: u64,
    pub stream: Stream,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

impl Output {
    #[must_use]
    pub fn new(command: u64, stream: Stream, bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self { command, stream, text: Some(text.to_owned()), base64: None },
            Err(_) => Self { command, stream, text: None, base64: Some(STANDARD.encode(bytes)) },
        }
    }

    /// The bytes that the command wrote, or `None` if the event has neither or both of its fields, or
    /// its base64 is none.
    #[must_use]
    pub fn bytes(&self) -> Option<Cow<'_, [u8]>> {
        match (&self.text, &self.base64) {
            (Some(text), None) => Some(Cow::Borrowed(text.as_bytes())),
            (None, Some(base64)) => STANDARD.decode(base64).ok().map(Cow::Owned),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommandOutcome {
    Passed,
    Failed,
    /// Left out on purpose, such as a destructive command where the function does not allow them; or every
    /// test of it was skipped.
    Skipped,
    /// One that a newer runner knows. It is no pass.
    #[serde(other)]
    Unknown,
}

/// How a command ended. `message` of [`CommandFinished`] says it in plain words.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Ending {
    Exited {
        code: i32,
    },
    Signaled {
        signal: i32,
        core_dumped: bool,
    },
    /// Its own timeout ended it.
    TimedOut {
        after_ms: u64,
    },
    /// The function's deadline ended it.
    DeadlineReached,
    /// No process was started: not found, not executable, wrong architecture, a variable missing, …
    NotStarted,
    /// Left out on purpose.
    Skipped,
    /// A kind that a newer runner knows.
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CommandFinished {
    pub command: u64,
    pub name: String,
    /// As in [`CommandStarted`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// Absent: a test. Where tests were selected, one of them has to pass, and not the setup alone.
    #[serde(default, skip_serializing_if = "is_default")]
    pub phase: Phase,
    pub outcome: CommandOutcome,
    pub ending: Ending,
    /// Why the command did not pass, in one or two sentences.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    pub duration_ms: u64,
    /// The command's tests. Absent where its output does not tell them: another framework than the runner
    /// reads, no process, or a framework that was not asked to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tests: Option<TestCounts>,
    /// What the command wrote in all, sent or not.
    pub stdout_bytes: u64,
    pub stderr_bytes: u64,
    #[serde(default, skip_serializing_if = "Missing::is_nothing")]
    pub missing: Missing,
    /// The largest resident set of the command's processes, in KiB.
    pub peak_rss_kib: u64,
    /// Processor time of the command's processes, user and system, in milliseconds.
    pub cpu_ms: u64,
}

/// What of a command's output is not in the stream, because a limit or the deadline came first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Missing {
    pub stdout_bytes: u64,
    pub stderr_bytes: u64,
    /// How many `test_started`, `test_finished` and `test_message` events were left out.
    #[serde(default)]
    pub test_events: u64,
}

impl Missing {
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Something that the caller should know and that does not change the verdict.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Warning {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<u64>,
    pub message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerdictOutcome {
    /// At least one command ran, and none failed or is left.
    Passed,
    /// A command failed.
    Failed,
    /// Nothing failed, but some commands never ran.
    Incomplete,
    /// Nothing ran, because there was nothing to run.
    Empty,
    /// The runner would not: a guard, or a malformed request.
    Refused,
    /// The runner itself failed.
    Broken,
    /// One that a newer runner knows. It is no pass.
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
    pub not_run: u64,
}

impl Counts {
    /// Counts one command more. An unknown outcome is no pass.
    pub fn add(&mut self, outcome: CommandOutcome) {
        match outcome {
            CommandOutcome::Passed => self.passed += 1,
            CommandOutcome::Failed | CommandOutcome::Unknown => self.failed += 1,
            CommandOutcome::Skipped => self.skipped += 1,
        }
    }

    /// The verdict on these commands: the runner says it, and the reader checks it. `has_passed` is whether a command
    /// passed that makes a run a pass: where tests were selected, setup and teardown alone do not.
    #[must_use]
    pub fn outcome(self, has_passed: bool) -> VerdictOutcome {
        match self {
            Self { failed: 1.., .. } => VerdictOutcome::Failed,
            Self { not_run: 1.., .. } => VerdictOutcome::Incomplete,
            Self { passed: 1.., .. } if has_passed => VerdictOutcome::Passed,
            Self { .. } => VerdictOutcome::Empty,
        }
    }
}

/// A command that was selected and never started.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remaining {
    pub command: u64,
    pub name: String,
}

/// Always the last event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    pub outcome: VerdictOutcome,
    pub counts: Counts,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remaining: Vec<Remaining>,
    /// How many events came before this one.
    pub events: u64,
    /// Why, where the counts do not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Appends the event as one line. Appends nothing when it cannot be encoded, which no event here can cause.
///
/// # Errors
/// Those of `serde_json`.
pub fn write_line(event: &Event, line: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    let start = line.len();
    let result = serde_json::to_writer(&mut *line, event);
    match result {
        Ok(()) => line.push(b'\n'),
        Err(_) => line.truncate(start),
    }
    result
}

/// Appends an `output` event as one line, as [`write_line`] does, without a copy of the bytes.
///
/// # Errors
/// Those of `serde_json`.
pub fn write_output_line(
    seq: u64,
    at_ms: u64,
    command: u64,
    stream: Stream,
    bytes: &[u8],
    line: &mut Vec<u8>,
) -> Result<(), serde_json::Error> {
    #[derive(Serialize)]
    struct Line<'a> {
        seq: u64,
        at_ms: u64,
        r#type: &'static str,
        command: u64,
        stream: Stream,
        #[serde(skip_serializing_if = "Option::is_none")]
        text: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        base64: Option<String>,
    }
    let (text, base64) = match std::str::from_utf8(bytes) {
        Ok(text) => (Some(text), None),
        Err(_) => (None, Some(STANDARD.encode(bytes))),
    };
    serde_json::to_writer(&mut *line, &Line { seq, at_ms, r#type: "output", command, stream, text, base64 })?;
    line.push(b'\n');
    Ok(())
}
