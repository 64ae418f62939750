//! The report for people, as it grows: the tests' output as it comes, and a line per command.

use std::fmt::Write as _;
use std::io::{self, Write};

use lamex_protocol::event::{Body, Event, Hello};

use crate::colors::Styles;
use crate::command_record::CommandRecord;
use crate::look::{Look, Verbosity};
use crate::record::{RunRecord, Shown};
use crate::summary;
use crate::terminal::Terminal;
use crate::text::{counted, escaped};

/// Writes the report for people. Keeps no output; what it repeats comes from the [`RunRecord`].
#[derive(Debug)]
pub struct Human {
    look: Look,
    /// Arguments of the plan's commands, for `-v`; may be empty.
    argv: Vec<Vec<String>>,
    /// The place in the record of the command whose output follows, so that it need not be announced again.
    announced: Option<usize>,
    /// The place of the command that was written about last.
    last_shown: Option<usize>,
    is_mid_line: bool,
    /// What the output has done to the terminal that shows it.
    terminal: Terminal,
}

impl Human {
    #[must_use]
    pub fn new(styles: Styles, verbosity: Verbosity, argv: Vec<Vec<String>>) -> Self {
        Self {
            look: Look { styles, verbosity },
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

    /// Writes what the event adds, with one write; `record` has taken it in already, and its output has been
    /// written by [`Human::output`].
    ///
    /// # Errors
    /// Those of the writer.
    pub fn event(
        &mut self,
        invocation: u32,
        event: &Event,
        record: &RunRecord,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        if self.look.verbosity == Verbosity::Quiet {
            return Ok(());
        }
        match &event.body {
            Body::Hello(hello) => {
                let header = self.header(hello);
                self.lines(&header, out)
            }
            Body::CommandStarted(started) if self.look.verbosity == Verbosity::Verbose => {
                let place = record.place(invocation, started.command);
                place.map_or(Ok(()), |place| self.announce(place, &record.commands[place], out))
            }
            // Silent commands have no line for their beginning, until they take long.
            Body::Heartbeat => match record.running() {
                Some(place) if self.announced != Some(place) => {
                    self.announce(place, &record.commands[place], out)
                }
                _ => Ok(()),
            },
            Body::CommandFinished(finished) => {
                self.announced = None;
                let Some(place) = record.place(invocation, finished.command) else { return Ok(()) };
                self.last_shown = Some(place);
                let block = self.look.status(&record.commands[place]);
                self.lines(&block, out)
            }
            _ => Ok(()),
        }
    }

    /// Writes a command's output as it is, with one write.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn output(&mut self, shown: &Shown<'_>, record: &RunRecord, out: &mut dyn Write) -> io::Result<()> {
        let Some(&last) = shown.bytes.last() else {
            return Ok(());
        };
        if self.look.verbosity == Verbosity::Quiet {
            return Ok(());
        }
        if self.announced != shown.place
            && let Some(place) = shown.place
        {
            self.announce(place, &record.commands[place], out)?;
        }
        out.write_all(&shown.bytes)?;
        self.is_mid_line = last != b'\n';
        self.terminal.feed(&shown.bytes);
        self.last_shown = shown.place;
        out.flush()
    }

    /// Writes the end of the report: failures again, totals, what never ran, and the verdict.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn finish(&mut self, record: &RunRecord, out: &mut dyn Write) -> io::Result<()> {
        let begin = self.begin_line();
        out.write_all(begin.as_bytes())?;
        out.write_all(&summary::text(self.look, self.last_shown, record))?;
        out.flush()
    }

    fn header(&self, hello: &Hello) -> String {
        let Styles { pass, name, .. } = self.look.styles;
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

    fn announce(&mut self, place: usize, command: &CommandRecord, out: &mut dyn Write) -> io::Result<()> {
        let styles = self.look.styles;
        let mut line = format!(
            "{0}{1:>12}{0:#} [         ] {2}{3}{2:#}",
            styles.pass,
            "START",
            styles.name,
            escaped(&command.name)
        );
        if self.look.verbosity == Verbosity::Verbose {
            let in_plan = usize::try_from(command.command).unwrap_or(usize::MAX);
            for argument in self.argv.get(in_plan).into_iter().flatten() {
                let _ = write!(line, " {}", quoted(argument));
            }
        }
        line.push('\n');
        self.announced = Some(place);
        self.last_shown = Some(place);
        self.lines(&line, out)
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

/// An argument as a shell would take it.
fn quoted(argument: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./=:,+@%".contains(&byte);
    if !argument.is_empty() && argument.bytes().all(is_plain) {
        argument.to_owned()
    } else {
        escaped(&format!("'{}'", argument.replace('\'', r"'\''")))
    }
}
