//! Runs written by hand, sent through the real encoder and reader.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use lamex_protocol::event::{
    Body, CommandFinished, CommandOutcome, CommandStarted, Counts, Ending, Event, Framing, Hello, Missing,
    Output, Remaining, Stream, TestCounts, TestFinished, TestMessage, TestOutcome, TestStarted, Verdict,
    VerdictOutcome, Warning, write_line,
};
use lamex_protocol::reader::{Expectation, Item, Judgement, Reader, StreamEnd};
use lamex_report::console::{Console, ConsoleOptions};
use lamex_report::json::JsonDocument;
use lamex_report::record::{Keep, RunRecord};
use lamex_report::reporter::Reporter;
use lamex_report::sink::Sink;
use lamex_report::writers::{ReportStream, Writers};
use lamex_run::{Conclusion, Exit, RunEvent, RunEventKind};

pub(super) const KEEP: Keep = Keep { recent_bytes: 4096, streams: true };

/// The events of a run; each step takes 250 ms.
#[derive(Default)]
pub(super) struct Script {
    pub(super) events: Vec<Event>,
    running: Option<(u64, String)>,
    written: (u64, u64),
    counts: Counts,
}

/// What a run looked like.
pub(super) struct Shown {
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    pub(super) exit: Exit,
}

impl Script {
    pub(super) fn new(selected: u64) -> Self {
        let mut script = Self::default();
        script.push(Body::Hello(Hello {
            lamex: 1,
            run_id: "run-1".to_owned(),
            function_name: "system-tests".to_owned(),
            function_version: "7".to_owned(),
            runner_version: "0.1.0".to_owned(),
            package_digest: "sha256:0123456789abcdef".to_owned(),
            request_id: "request-1".to_owned(),
            selected,
        }));
        script
    }

    pub(super) fn push(&mut self, body: Body) -> &mut Self {
        let seq = self.events.len() as u64;
        self.events.push(Event { seq, at_ms: seq * 250, body });
        self
    }

    fn command(&self) -> u64 {
        self.running.as_ref().map_or(0, |(command, _)| *command)
    }

    pub(super) fn start(&mut self, command: u64, name: &str) -> &mut Self {
        self.start_with(command, name, None)
    }

    /// A command whose stdout has the marks of `-test.v=test2json`.
    pub(super) fn start_framed(&mut self, command: u64, name: &str) -> &mut Self {
        self.start_with(command, name, Some(Framing::Test2json))
    }

    fn start_with(&mut self, command: u64, name: &str, framing: Option<Framing>) -> &mut Self {
        self.running = Some((command, name.to_owned()));
        self.written = (0, 0);
        self.push(Body::CommandStarted(CommandStarted {
            attempt: None,
            command,
            name: name.to_owned(),
            timeout_ms: None,
            framing,
        }))
    }

    pub(super) fn out(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.written.0 += bytes.as_ref().len() as u64;
        let output = Output::new(self.command(), Stream::Stdout, bytes.as_ref());
        self.push(Body::Output(output))
    }

    pub(super) fn err(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.written.1 += bytes.as_ref().len() as u64;
        let output = Output::new(self.command(), Stream::Stderr, bytes.as_ref());
        self.push(Body::Output(output))
    }

    pub(super) fn test_start(&mut self, test: &str) -> &mut Self {
        self.push(Body::TestStarted(TestStarted { command: self.command(), test: test.to_owned() }))
    }

    pub(super) fn test_end(&mut self, test: &str, outcome: TestOutcome) -> &mut Self {
        self.push(Body::TestFinished(TestFinished {
            command: self.command(),
            test: test.to_owned(),
            outcome,
            duration_ms: Some(10),
        }))
    }

    pub(super) fn test_message(&mut self, test: &str, message: &str) -> &mut Self {
        self.push(Body::TestMessage(TestMessage {
            command: self.command(),
            test: test.to_owned(),
            message: message.to_owned(),
        }))
    }

    pub(super) fn warning(&mut self, message: &str) -> &mut Self {
        self.push(Body::Warning(Warning { command: Some(self.command()), message: message.to_owned() }))
    }

    pub(super) fn pass(&mut self) -> &mut Self {
        self.end(CommandOutcome::Passed, Ending::Exited { code: 0 }, "")
    }

    pub(super) fn fail(&mut self) -> &mut Self {
        let message = "it exited with code 1";
        self.end(CommandOutcome::Failed, Ending::Exited { code: 1 }, message)
    }

    pub(super) fn skip(&mut self, command: u64, name: &str, message: &str) -> &mut Self {
        self.running = Some((command, name.to_owned()));
        self.written = (0, 0);
        self.end(CommandOutcome::Skipped, Ending::Skipped, message)
    }

    /// It exited with 0, and no test of it ran or all were skipped.
    pub(super) fn no_test(&mut self, skipped: u64, message: &str) -> &mut Self {
        self.end(CommandOutcome::Skipped, Ending::Exited { code: 0 }, message);
        if let Some(Event { body: Body::CommandFinished(finished), .. }) = self.events.last_mut() {
            finished.tests = Some(TestCounts { skipped, ..TestCounts::default() });
        }
        self
    }

    pub(super) fn end(&mut self, outcome: CommandOutcome, ending: Ending, message: &str) -> &mut Self {
        self.end_with_missing(outcome, ending, message, Missing::default())
    }

    pub(super) fn end_with_missing(
        &mut self,
        outcome: CommandOutcome,
        ending: Ending,
        message: &str,
        missing: Missing,
    ) -> &mut Self {
        self.counts.add(outcome);
        let (command, name) = self.running.take().unwrap();
        self.push(Body::CommandFinished(CommandFinished {
            attempt: None,
            command,
            name,
            phase: lamex_protocol::plan::Phase::Test,
            outcome,
            ending,
            message: (!message.is_empty()).then(|| message.to_owned()),
            duration_ms: 123,
            tests: None,
            stdout_bytes: self.written.0 + missing.stdout_bytes,
            stderr_bytes: self.written.1 + missing.stderr_bytes,
            missing,
            peak_rss_kib: 2_600,
            cpu_ms: 45,
        }))
    }

    pub(super) fn verdict(&mut self, outcome: VerdictOutcome, remaining: &[(u64, &str)]) -> &mut Self {
        let verdict = Verdict {
            outcome,
            counts: Counts { not_run: remaining.len() as u64, ..self.counts },
            remaining: remaining
                .iter()
                .map(|(command, name)| Remaining { command: *command, name: (*name).to_owned() })
                .collect(),
            events: self.events.len() as u64,
            message: None,
        };
        self.push(Body::Verdict(verdict))
    }

    /// Reads the run as lamex-ctl does, and reports it.
    pub(super) fn show(&self, options: ConsoleOptions) -> Shown {
        self.show_until(options, StreamEnd::Complete, Conclusion::Judged)
    }

    pub(super) fn show_until(
        &self,
        options: ConsoleOptions,
        end: StreamEnd,
        conclude: impl FnOnce(Judgement) -> Conclusion,
    ) -> Shown {
        let (stdout, stderr) = (Shared::default(), Shared::default());
        let writers = Writers { stdout: Box::new(stdout.clone()), stderr: Box::new(stderr.clone()) };
        let keep = Keep::for_reports(options.verbosity, false);
        let has_document = options.report_stream == ReportStream::Stderr;
        let mut sinks: Vec<Box<dyn Sink>> = vec![Box::new(Console::new(options, writers))];
        if has_document {
            sinks.push(Box::new(JsonDocument::new(Box::new(stdout.clone()))));
        }
        let mut reporter = Reporter::new(keep, sinks);
        let judgement = self.read(end, |item| reporter.on_event(&of_item(item)).unwrap());
        let conclusion = conclude(judgement);
        let exit = conclusion.exit();
        reporter.finish(conclusion).unwrap();
        Shown { stdout: stdout.bytes(), stderr: stderr.bytes(), exit }
    }

    /// The run as a record alone.
    pub(super) fn record(&self, end: StreamEnd) -> RunRecord {
        let mut record = RunRecord::new(KEEP);
        let judgement = self.read(end, |item| {
            record.fold(&of_item(item));
        });
        record.conclusion = Conclusion::Judged(judgement);
        record
    }

    fn read(&self, end: StreamEnd, on_item: impl FnMut(Item)) -> Judgement {
        let mut bytes = Vec::new();
        for event in &self.events {
            write_line(event, &mut bytes).unwrap();
        }
        let mut reader = Reader::new(Expectation { run_id: "run-1".to_owned(), ..Expectation::default() });
        reader.feed(&bytes, on_item);
        reader.finish(end)
    }
}

/// As the only invocation of a run has it.
pub(super) fn of_item(item: Item) -> RunEvent {
    RunEvent { invocation: 0, kind: RunEventKind::Item(item) }
}

impl Shown {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

/// A writer whose bytes can be looked at afterwards.
#[derive(Clone, Default)]
pub(super) struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    pub(super) fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
