//! How a command looks in the report for people.

use std::fmt::Write as _;

use lamex_protocol::event::{CommandOutcome, Ending};

use crate::colors::Styles;
use crate::command_record::CommandRecord;
use crate::text::{counted, duration, escaped, parts, shortened};

/// How much is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// `-q`: failures, their output at the end, and the verdict.
    Quiet,
    #[default]
    Normal,
    /// `-v`: also signs of life, arguments and what each command used.
    Verbose,
}

/// Under which a command's details stand.
pub(crate) const INDENT: &str = "             ";

/// The most failed tests that are named below one status line.
const MAX_TESTS_NAMED: usize = 50;

/// How much of what a framework says of a failed test stands below its name.
const MESSAGE_LINES: usize = 10;
const MESSAGE_LINE_BYTES: usize = 300;

/// What decides how everything looks.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Look {
    pub(crate) styles: Styles,
    pub(crate) verbosity: Verbosity,
}

impl Look {
    /// The status line of a command and what belongs to it.
    pub(crate) fn status(self, command: &CommandRecord) -> String {
        let Styles { name, fail, .. } = self.styles;
        let (word, style) = self.word(command);
        let time =
            command.finished.as_ref().map_or_else(|| "[         ]".to_owned(), |it| duration(it.duration_ms));
        let mut block = format!("{style}{word:>12}{style:#} {time} {name}{}{name:#}", escaped(&command.name));
        let tests = command.test_counts();
        if tests.total() > 0 {
            let counts = [(tests.passed, "passed"), (tests.failed, "failed"), (tests.skipped, "skipped")];
            let _ = write!(block, ": {}: {}", counted(tests.total(), "test"), parts(&counts));
        }
        block.push('\n');
        if let Some(message) = command.message() {
            let _ = writeln!(block, "{INDENT}{}", escaped(&message));
        }
        for test in command.tests.failed().take(MAX_TESTS_NAMED) {
            let time = test.duration_ms.map(|it| format!(" {}", duration(it))).unwrap_or_default();
            let _ = writeln!(block, "{INDENT}{fail}failed{fail:#}{time} {}", escaped(&test.name));
            add_message(&mut block, test.message.as_deref().unwrap_or_default());
        }
        let named = command.tests.failed().take(MAX_TESTS_NAMED).count() as u64;
        let unnamed = tests.failed.saturating_sub(named);
        if unnamed > 0 {
            let _ = writeln!(block, "{INDENT}{fail}failed{fail:#} {unnamed} more");
        }
        for test in command.interrupted_tests().take(MAX_TESTS_NAMED) {
            let _ = writeln!(block, "{INDENT}{fail}unfinished{fail:#} {}", escaped(test.name));
            add_message(&mut block, test.message);
        }
        if let Some(missing) = missing(command) {
            let _ = writeln!(block, "{INDENT}{missing}");
        }
        if self.verbosity == Verbosity::Verbose {
            block.push_str(&usage(command));
        }
        block
    }

    fn word(self, command: &CommandRecord) -> (&'static str, anstyle::Style) {
        let Styles { pass, fail, skip, .. } = self.styles;
        let Some(finished) = &command.finished else {
            return ("LOST", fail);
        };
        match (finished.outcome, &finished.ending) {
            (CommandOutcome::Passed, _) => ("PASS", pass),
            (CommandOutcome::Skipped, _) => ("SKIP", skip),
            (CommandOutcome::Failed, Ending::TimedOut { .. } | Ending::DeadlineReached) => ("TIMEOUT", fail),
            (CommandOutcome::Failed, Ending::Signaled { .. }) => ("ABORT", fail),
            (CommandOutcome::Failed, _) => ("FAIL", fail),
            (CommandOutcome::Unknown, _) => ("UNKNOWN", fail),
        }
    }
}

/// What the framework says of a test, below its name.
fn add_message(block: &mut String, message: &str) {
    let mut lines = message.lines().filter(|line| !line.trim().is_empty());
    for line in lines.by_ref().take(MESSAGE_LINES) {
        let _ = writeln!(block, "{INDENT}  {}", escaped(&shortened(line, MESSAGE_LINE_BYTES)));
    }
    let more = lines.count() as u64;
    if more > 0 {
        let _ = writeln!(block, "{INDENT}  and {}", counted(more, "more line"));
    }
}

/// What of the command's output and tests never arrived.
pub(crate) fn missing(command: &CommandRecord) -> Option<String> {
    let missing = command.missing();
    let bytes = missing.stdout_bytes.saturating_add(missing.stderr_bytes);
    let mut absent = Vec::new();
    if bytes > 0 {
        absent.push(format!(
            "{} of its output (stdout {}, stderr {})",
            counted(bytes, "byte"),
            missing.stdout_bytes,
            missing.stderr_bytes
        ));
    }
    if missing.test_events > 0 {
        absent.push(counted(missing.test_events, "test event"));
    }
    (!absent.is_empty()).then(|| format!("never arrived: {}", absent.join(" and ")))
}

fn usage(command: &CommandRecord) -> String {
    let Some(finished) = &command.finished else {
        return String::new();
    };
    format!(
        "{INDENT}peak memory {}.{} MiB, processor time {} ms, stdout {}, stderr {}\n",
        finished.peak_rss_kib / 1024,
        finished.peak_rss_kib % 1024 * 10 / 1024,
        finished.cpu_ms,
        counted(finished.stdout_bytes, "byte"),
        counted(finished.stderr_bytes, "byte"),
    )
}
