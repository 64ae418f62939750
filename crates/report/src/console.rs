//! What people see of a run: the report, lamex-ctl's own remarks, and a line that moves on a terminal.

use std::io::{self, Write as _};

use indicatif::ProgressDrawTarget;
use lamex_protocol::event::{Body, Event};
use lamex_protocol::reader::Item;
use lamex_run::{RunEvent, RunEventKind};

use crate::colors::Styles;
use crate::human::Human;
use crate::look::Verbosity;
use crate::progress::Progress;
use crate::record::{RunRecord, unknown_message};
use crate::sink::{Sink, SinkError, Update};
use crate::text::{counted, escaped};
use crate::writers::{ReportStream, Writers};

/// What to show, and where.
#[derive(Debug, Default)]
pub struct ConsoleOptions {
    pub report_stream: ReportStream,
    pub verbosity: Verbosity,
    /// Whether the report is coloured: what [`crate::colors::ColorChoice`] resolves to for its stream.
    pub report_colors: bool,
    /// Whether remarks, on stderr, are.
    pub diagnostics_colors: bool,
    /// Where the progress line is drawn, see [`crate::progress::draw_target`].
    pub progress: Option<ProgressDrawTarget>,
    /// Arguments of the plan's commands, for `-v`; empty where the caller does not know them.
    pub argv: Vec<Vec<String>>,
}

/// The sink for people.
pub struct Console {
    human: Human,
    report_stream: ReportStream,
    verbosity: Verbosity,
    writers: Writers,
    diagnostics: Styles,
    progress: Option<Progress>,
}

impl Console {
    #[must_use]
    pub fn new(options: ConsoleOptions, writers: Writers) -> Self {
        let styles = Styles::new(options.report_colors);
        Self {
            human: Human::new(styles, options.verbosity, options.argv),
            report_stream: options.report_stream,
            verbosity: options.verbosity,
            writers,
            diagnostics: Styles::new(options.diagnostics_colors),
            progress: options.progress.map(Progress::new),
        }
    }

    fn show(&mut self, event: &RunEvent, update: &Update<'_>) -> io::Result<()> {
        match &event.kind {
            RunEventKind::Item(Item::Event(item)) => self.item(event.invocation, item, update),
            RunEventKind::Item(Item::Unknown(what)) => self.remark(&unknown_message(what)),
            RunEventKind::Retrying { delay, reason } => {
                let seconds = delay.as_secs_f32();
                self.remark(&format!("the function has not started, trying again in {seconds} s: {reason}"))
            }
            RunEventKind::Buffering { reason } => self
                .remark(&format!("response streaming is unavailable; using a buffered response ({reason})")),
            RunEventKind::Warning(message) => self.remark(message),
            RunEventKind::LogTail(text) => self.log_tail(text),
            RunEventKind::Abandoned | RunEventKind::Ended(_) => self.settle(),
            RunEventKind::Started | RunEventKind::Received(_) | RunEventKind::Billed(_) => Ok(()),
        }
    }

    fn item(&mut self, invocation: u32, event: &Event, update: &Update<'_>) -> io::Result<()> {
        let record = update.record;
        // Under `-q` events write nothing, and the progress line can stay.
        if self.verbosity > Verbosity::Quiet {
            self.hide_progress()?;
        }
        let out = self.writers.report(self.report_stream);
        self.human.output(&update.shown, record, out)?;
        if matches!(event.body, Body::Output(_)) {
            return Ok(());
        }
        self.update_progress(record);
        let out = self.writers.report(self.report_stream);
        self.human.event(invocation, event, record, out)?;
        match &event.body {
            // One line for all that are only counted.
            Body::Warning(_) if record.warnings_left_out > 1 => Ok(()),
            Body::Warning(_) if record.warnings_left_out == 1 => {
                self.remark("further warnings are counted but not shown")
            }
            Body::Warning(warning) => {
                let place = warning.command.and_then(|command| record.place(invocation, command));
                let message = match place {
                    Some(place) => format!("{}: {}", record.commands[place].name, warning.message),
                    None => warning.message.clone(),
                };
                self.remark(&message)
            }
            Body::Heartbeat if self.verbosity == Verbosity::Verbose => {
                let at = event.at_ms / 1000;
                let name = record.running().map_or("", |place| &record.commands[place].name);
                let line = format!("the runner is alive after {at} s: {}\n", escaped(name));
                self.writers.stderr.write_all(line.as_bytes())
            }
            _ => Ok(()),
        }
    }

    /// Writes a remark of lamex-ctl's own to stderr.
    fn remark(&mut self, message: &str) -> io::Result<()> {
        self.settle()?;
        let skip = self.diagnostics.skip;
        let line = format!("{skip}warning{skip:#}: {}\n", escaped(message));
        self.writers.stderr.write_all(line.as_bytes())
    }

    fn log_tail(&mut self, text: &str) -> io::Result<()> {
        self.remark("the end of the function's log")?;
        for line in text.lines() {
            writeln!(self.writers.stderr, "  | {}", escaped(line))?;
        }
        Ok(())
    }

    /// Makes the terminal fit for what others write to it.
    fn settle(&mut self) -> io::Result<()> {
        self.hide_progress()?;
        self.human.restore_terminal(self.writers.report(self.report_stream))
    }

    fn update_progress(&mut self, record: &RunRecord) {
        let Some(progress) = &mut self.progress else {
            return;
        };
        let ended = record.commands.iter().filter(|command| command.finished.is_some()).count();
        let selected = record.hello().map_or(0, |hello| hello.selected);
        let name = record.running().map_or("", |place| &record.commands[place].name);
        progress.say(format!("{ended} of {} ended  {}", counted(selected, "command"), escaped(name)));
    }

    fn hide_progress(&mut self) -> io::Result<()> {
        self.progress.as_mut().map_or(Ok(()), Progress::hide)
    }
}

impl Sink for Console {
    fn on_event(&mut self, event: &RunEvent, update: &Update<'_>) -> Result<(), SinkError> {
        self.show(event, update).map_err(SinkError::Report)
    }

    /// Draws the progress line anew, unless the output has stopped inside a line.
    fn tick(&mut self) {
        if self.human.is_between_lines()
            && let Some(progress) = &mut self.progress
        {
            progress.tick();
        }
    }

    fn warn(&mut self, message: &str) -> Result<(), SinkError> {
        self.remark(message).map_err(SinkError::Report)
    }

    fn finish(&mut self, record: &RunRecord) -> Result<(), SinkError> {
        self.hide_progress().map_err(SinkError::Report)?;
        let out = self.writers.report(self.report_stream);
        self.human.finish(record, out).map_err(SinkError::Report)
    }
}
