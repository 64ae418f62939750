//! The report for people, as it grows: the tests' output as it comes, and a line per command.

use std::fmt::Write as _;
use std::io::{self, Write};

use lamex_protocol::event::{Body, CommandOutcome, Ending, Event, Hello};

use crate::report::colors::Styles;
use crate::report::command_record::CommandRecord;
use crate::report::record::RunRecord;
use crate::report::summary;
use crate::report::terminal::Terminal;
use crate::report::text::{counted, duration, escaped, parts, shortened};

/// How much is told.
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
pub(super) const INDENT: &str = "             ";

/// The most failed tests that are named below one status line.
const MAX_TESTS_NAMED: usize = 50;

/// How much of what a framework says of a failed test stands below its name.
const MESSAGE_LINES: usize = 10;
const MESSAGE_LINE_BYTES: usize = 300;

/// Writes the report for people. Keeps no output; what it repeats comes from the [`RunRecord`].
#[derive(Debug)]
pub struct Human {
    pub(super) styles: Styles,
    pub(super) verbosity: Verbosity,
    /// Arguments of the plan's commands, for `-v`; may be empty.
    argv: Vec<Vec<String>>,
    /// The command whose output follows, so that it need not be announced again.
    announced: Option<u64>,
    /// The command that was written about last.
    pub(super) last_shown: Option<u64>,
    is_mid_line: bool,
    /// What the output has done to the terminal that shows it.
    terminal: Terminal,
}

impl Human {
    #[must_use]
    pub fn new(styles: Styles, verbosity: Verbosity, argv: Vec<Vec<String>>) -> Self {
        Self {
            styles,
            verbosity,
            argv,
            announced: None,
            last_shown: None,
            is_mid_line: false,
            terminal: Terminal::default(),
        }
    }

    /// Whether another line can be written without a trace in the output.
    #[must_use]
    pub fn is_between_lines(&self) -> bool {
        !self.is_mid_line && !self.terminal.is_affected()
    }

    /// Undoes what the output has done to the terminal, before something else is written to it.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn restore_terminal(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.is_mid_line |= self.terminal.is_mid_sequence();
        out.write_all(self.terminal.restore(false).as_bytes())
    }

    /// Writes what the event adds, with one write; `record` has taken it in already. Output events are
    /// [`Human::output`]'s.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn event(&mut self, event: &Event, record: &RunRecord, out: &mut dyn Write) -> io::Result<()> {
        if self.verbosity == Verbosity::Quiet {
            return Ok(());
        }
        match &event.body {
            Body::Hello(hello) => {
                let header = self.header(hello);
                self.lines(&header, out)
            }
            Body::CommandStarted(started) if self.verbosity == Verbosity::Verbose => {
                self.announce(started.command, &started.name, out)
            }
            // Silent commands have no line for their beginning, until they take long.
            Body::Heartbeat => match record.running() {
                Some(running) if self.announced != Some(running.command) => {
                    self.announce(running.command, &running.name, out)
                }
                _ => Ok(()),
            },
            Body::CommandFinished(finished) => {
                self.announced = None;
                self.last_shown = Some(finished.command);
                match record.command(finished.command) {
                    Some(command) => {
                        let block = self.status(command);
                        self.lines(&block, out)
                    }
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// Writes a command's output as it is, with one write.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn output(
        &mut self,
        command: u64,
        bytes: &[u8],
        record: &RunRecord,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let Some(&last) = bytes.last() else {
            return Ok(());
        };
        if self.verbosity == Verbosity::Quiet {
            return Ok(());
        }
        if self.announced != Some(command)
            && let Some(running) = record.command(command)
        {
            self.announce(command, &running.name, out)?;
        }
        out.write_all(bytes)?;
        self.is_mid_line = last != b'\n';
        self.terminal.feed(bytes);
        self.last_shown = Some(command);
        out.flush()
    }

    /// Writes the end of the report: failures again, totals, what never ran, and the verdict.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(&mut self, record: &RunRecord, out: &mut dyn Write) -> io::Result<()> {
        let begin = self.begin_line();
        out.write_all(begin.as_bytes())?;
        out.write_all(&summary::of(self, record))?;
        out.flush()
    }

    fn header(&self, hello: &Hello) -> String {
        let Styles { pass, name, .. } = self.styles;
        let digest = hello.package_digest.trim_start_matches("sha256:");
        let short: String = digest.chars().take(12).collect();
        format!(
            "{pass}{:>12}{pass:#} {} on {name}{}{name:#}, version {} (package {}, run {})\n",
            "Starting",
            counted(hello.selected, "command"),
            escaped(&hello.function_name),
            escaped(&hello.function_version),
            escaped(&short),
            escaped(&hello.run_id),
        )
    }

    fn announce(&mut self, command: u64, name: &str, out: &mut dyn Write) -> io::Result<()> {
        let styles = self.styles;
        let mut line = format!(
            "{0}{1:>12}{0:#} [         ] {2}{3}{2:#}",
            styles.pass,
            "START",
            styles.name,
            escaped(name)
        );
        if self.verbosity == Verbosity::Verbose {
            let place = usize::try_from(command).unwrap_or(usize::MAX);
            for argument in self.argv.get(place).into_iter().flatten() {
                let _ = write!(line, " {}", quoted(argument));
            }
        }
        line.push('\n');
        self.announced = Some(command);
        self.last_shown = Some(command);
        self.lines(&line, out)
    }

    /// The status line of a command and what belongs to it.
    pub(super) fn status(&self, command: &CommandRecord) -> String {
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

    fn word(&self, command: &CommandRecord) -> (&'static str, anstyle::Style) {
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
        }
    }

    fn lines(&mut self, lines: &str, out: &mut dyn Write) -> io::Result<()> {
        let begin = self.begin_line();
        out.write_all([begin.as_str(), lines].concat().as_bytes())?;
        out.flush()
    }

    /// What makes a line of lamex's own stand for itself, whatever the output has left behind.
    fn begin_line(&mut self) -> String {
        let is_mid_line = std::mem::take(&mut self.is_mid_line) || self.terminal.is_mid_sequence();
        self.terminal.restore(is_mid_line)
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
pub(super) fn missing(command: &CommandRecord) -> Option<String> {
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

/// An argument as a shell would take it.
fn quoted(argument: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./=:,+@%".contains(&byte);
    if !argument.is_empty() && argument.bytes().all(is_plain) {
        argument.to_owned()
    } else {
        escaped(&format!("'{}'", argument.replace('\'', r"'\''")))
    }
}
