//! What becomes of each item of a stream: folded into the record, and shown where the user wants it.

use std::io::{self, Write as _};

use clap::ValueEnum;
use indicatif::ProgressDrawTarget;
use lamex_protocol::event::{Body, Event};
use lamex_protocol::reader::Item;

use crate::report::billing::Billing;
use crate::report::colors::Styles;
use crate::report::conclusion::Conclusion;
use crate::report::human::{Human, Verbosity};
use crate::report::json;
use crate::report::progress::Progress;
use crate::report::record::{Keep, RunRecord, unknown_message};
use crate::report::text::{counted, escaped};
use crate::report::writers::Writers;

/// How much of the end of a failed command's output is repeated.
const RECENT_BYTES: usize = 4 << 10;

/// The same under `-q`, where it was not shown before.
const RECENT_QUIET_BYTES: usize = 16 << 10;

/// The value of `--output`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// The report for people on stdout, diagnostics on stderr.
    #[default]
    Human,
    /// One document for machines on stdout, everything else on stderr.
    Json,
}

/// How to report.
#[derive(Debug, Default)]
pub struct Settings {
    pub output: OutputFormat,
    pub verbosity: Verbosity,
    /// Whether the report for people is coloured: what [`crate::report::colors::ColorChoice`] resolves to
    /// for the stream that it goes to.
    pub report_colors: bool,
    /// Whether diagnostics, on stderr, are.
    pub diagnostics_colors: bool,
    /// Where the progress line is drawn, see [`crate::report::progress::draw_target`].
    pub progress: Option<ProgressDrawTarget>,
    /// Whether the record will be written as JUnit, which needs more of the output.
    pub junit: bool,
    /// Arguments of the plan's commands, for `-v`; empty where the caller does not know them.
    pub argv: Vec<Vec<String>>,
}

/// Reports on one run. Reads no clock and asks nothing back.
pub struct Reporter {
    record: RunRecord,
    human: Human,
    output: OutputFormat,
    verbosity: Verbosity,
    writers: Writers,
    diagnostics: Styles,
    progress: Option<Progress>,
}

impl Reporter {
    #[must_use]
    pub fn new(settings: Settings, writers: Writers) -> Self {
        let recent_bytes = match settings.verbosity {
            Verbosity::Quiet => RECENT_QUIET_BYTES,
            Verbosity::Normal | Verbosity::Verbose => RECENT_BYTES,
        };
        let keep = Keep { recent_bytes, streams: settings.junit };
        let styles = Styles::new(settings.report_colors);
        Self {
            record: RunRecord::new(keep),
            human: Human::new(styles, settings.verbosity, settings.argv),
            output: settings.output,
            verbosity: settings.verbosity,
            writers,
            diagnostics: Styles::new(settings.diagnostics_colors),
            progress: settings.progress.map(Progress::new),
        }
    }

    /// What has been folded so far.
    #[must_use]
    pub fn record(&self) -> &RunRecord {
        &self.record
    }

    /// Shows an item, at once.
    ///
    /// # Errors
    /// Those of the writers. A reader that has gone away (`lamex-ctl invoke | head`) is `BrokenPipe`: the
    /// caller stops the run then, calls [`Reporter::abandon`], and exits as without a verdict.
    pub fn on_item(&mut self, item: &Item) -> io::Result<()> {
        match item {
            Item::Event(event) => self.on_event(event),
            Item::Unknown(what) => {
                self.record.fold_unknown(what);
                self.diagnostic(&unknown_message(what))
            }
        }
    }

    /// Draws the progress line anew; to be called some ten times a second. Does nothing without one, or
    /// while the output has stopped inside a line.
    pub fn tick(&mut self) {
        if self.human.is_between_lines()
            && let Some(progress) = &mut self.progress
        {
            progress.tick();
        }
    }

    /// Notes what the invocation used, for the end of the report.
    pub fn billed(&mut self, billing: Billing) {
        self.record.billing = Some(billing);
    }

    /// Writes a diagnostic of lamex's own to stderr, such as one about a retry.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn diagnostic(&mut self, message: &str) -> io::Result<()> {
        self.settle()?;
        let skip = self.diagnostics.skip;
        let line = format!("{skip}warning{skip:#}: {}\n", escaped(message));
        self.writers.stderr.write_all(line.as_bytes())
    }

    /// Writes text from elsewhere to stderr, under a title.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn diagnostic_block(&mut self, title: &str, text: &str) -> io::Result<()> {
        self.diagnostic(title)?;
        for line in text.lines() {
            writeln!(self.writers.stderr, "  | {}", escaped(line))?;
        }
        Ok(())
    }

    /// Makes the terminal fit for what others write to it before the report ends.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn settle(&mut self) -> io::Result<()> {
        self.hide_progress()?;
        self.human.restore_terminal(self.writers.report(self.output))
    }

    /// Writes the end of the report, and the document where that is wanted.
    ///
    /// # Errors
    /// Those of the writers; what was to be told has not been told then, and the caller must not exit 0.
    pub fn finish(mut self, conclusion: Conclusion) -> io::Result<RunRecord> {
        self.hide_progress()?;
        self.record.conclusion = conclusion;
        let out = self.writers.report(self.output);
        self.human.finish(&self.record, out)?;
        if self.output == OutputFormat::Json {
            json::write(&self.record, &mut self.writers.stdout)?;
        }
        Ok(self.record)
    }

    /// Ends without writing, where a writer has failed.
    #[must_use]
    pub fn abandon(mut self, conclusion: Conclusion) -> RunRecord {
        self.record.conclusion = conclusion;
        self.record
    }

    fn on_event(&mut self, event: &Event) -> io::Result<()> {
        // Under `-q` events write nothing, and the progress line can stay.
        if self.verbosity > Verbosity::Quiet {
            self.hide_progress()?;
        }
        if let Body::Output(output) = &event.body {
            // Decoded once for both. Bytes that cannot be decoded are none to the reader too, which then
            // finds that the command's end does not account for them.
            let bytes = output.bytes().unwrap_or_default();
            let shown = self.record.fold_output(event.at_ms, output, &bytes);
            return self.human.output(output.command, &shown, &self.record, self.writers.report(self.output));
        }
        self.release_held(&event.body)?;
        self.record.fold(event);
        self.update_progress();
        let out = self.writers.report(self.output);
        self.human.event(event, &self.record, out)?;
        match &event.body {
            // One line for all that are only counted.
            Body::Warning(_) if self.record.warnings_left_out > 1 => Ok(()),
            Body::Warning(_) if self.record.warnings_left_out == 1 => {
                self.diagnostic("more warnings follow, which are counted and not shown")
            }
            Body::Warning(warning) => {
                let command = warning.command.and_then(|command| self.record.command(command));
                let message = match command {
                    Some(command) => format!("{}: {}", command.name, warning.message),
                    None => warning.message.clone(),
                };
                self.diagnostic(&message)
            }
            Body::Heartbeat if self.verbosity == Verbosity::Verbose => {
                let at = event.at_ms / 1000;
                let name = self.record.running().map_or("", |command| &command.name);
                let line = format!("the runner is alive after {at} s: {}\n", escaped(name));
                self.writers.stderr.write_all(line.as_bytes())
            }
            _ => Ok(()),
        }
    }

    /// Shows output that could have been the beginning of a framework's mark, where nothing followed for a
    /// while or nothing will.
    fn release_held(&mut self, body: &Body) -> io::Result<()> {
        let command = match body {
            Body::CommandFinished(finished) => Some(finished.command),
            Body::Heartbeat => self.record.running().map(|running| running.command),
            _ => None,
        };
        let Some(command) = command else { return Ok(()) };
        let held = self.record.release(command);
        self.human.output(command, &held, &self.record, self.writers.report(self.output))
    }

    fn update_progress(&mut self) {
        let Some(progress) = &mut self.progress else {
            return;
        };
        let ended = self.record.commands.iter().filter(|command| command.finished.is_some()).count();
        let selected = self.record.hello.as_ref().map_or(0, |hello| hello.selected);
        let name = self.record.running().map_or("", |command| &command.name);
        progress.say(format!("{ended} of {} ended  {}", counted(selected, "command"), escaped(name)));
    }

    fn hide_progress(&mut self) -> io::Result<()> {
        self.progress.as_mut().map_or(Ok(()), Progress::hide)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use indicatif::InMemoryTerm;
    use insta::assert_snapshot;

    use super::*;
    use crate::exit::Exit;
    use crate::report::fixture::{Script, Shared};

    #[test]
    fn a_reader_that_went_away_is_told_to_the_caller() {
        let (near, far) = UnixStream::pair().unwrap();
        drop(near);
        let writers = Writers { stdout: Box::new(far), stderr: Box::new(Shared::default()) };
        let mut reporter = Reporter::new(Settings::default(), writers);
        let hello = Item::Event(Script::new(1).events.remove(0));
        let error = reporter.on_item(&hello).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::BrokenPipe);
        let record = reporter.abandon(Conclusion::unfinished());
        assert_eq!(record.conclusion.exit(), Exit::Infrastructure);
    }

    #[test]
    fn what_a_newer_runner_sends_is_a_warning() {
        let (stdout, stderr) = (Shared::default(), Shared::default());
        let writers = Writers { stdout: Box::new(stdout.clone()), stderr: Box::new(stderr.clone()) };
        let mut reporter = Reporter::new(Settings::default(), writers);
        let unknown = Item::Unknown("event type `shard`".to_owned());
        reporter.on_item(&unknown).unwrap();
        assert_eq!(stdout.bytes(), b"");
        assert_snapshot!(String::from_utf8_lossy(&stderr.bytes()), @"warning: the runner sent event type `shard`, which this lamex-ctl does not know and ignores");
        assert_eq!(reporter.record().warnings.len(), 1);
    }

    #[test]
    fn the_progress_line_is_drawn_only_between_lines() {
        let terminal = InMemoryTerm::new(10, 60);
        let settings = Settings {
            progress: Some(ProgressDrawTarget::term_like(Box::new(terminal.clone()))),
            ..Settings::default()
        };
        let writers = Writers { stdout: Box::new(Shared::default()), stderr: Box::new(Shared::default()) };
        let mut reporter = Reporter::new(settings, writers);
        let mut script = Script::new(2);
        script.start(0, "orders").out("test a ... ").out("ok\n");
        let mut drawn = Vec::new();
        for event in script.events {
            reporter.on_item(&Item::Event(event)).unwrap();
            assert_eq!(terminal.contents(), "", "the line is gone before output is written");
            reporter.tick();
            drawn.push(terminal.contents().ends_with("0 of 2 commands ended  orders"));
        }
        assert_eq!(drawn, [false, true, false, true]);
        reporter.finish(Conclusion::unfinished()).unwrap();
        assert_eq!(terminal.contents(), "");
    }
}
