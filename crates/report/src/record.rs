//! A run as folded from its events: what every report is made from.

use std::borrow::Cow;
use std::collections::HashMap;

use lamex_protocol::event::{
    Body, CommandFinished, CommandStarted, Counts, Event, Hello, Output, Remaining, Stream, TestCounts,
    Verdict, Warning,
};
use lamex_protocol::framing::{Filter, Piece};
use lamex_protocol::reader::Item;
use lamex_run::{Billing, Conclusion, RunEvent, RunEventKind};

use crate::command_record::CommandRecord;
use crate::excerpt::Excerpt;
use crate::output_room::OutputRoom;
use crate::test_room::TestRoom;
use crate::tests_record::Tests;
use crate::text::shortened;

/// What is kept of each of a command's two streams for JUnit: its beginning and its end.
pub const STREAM_HEAD_BYTES: usize = 256 << 10;
pub const STREAM_TAIL_BYTES: usize = 768 << 10;

/// The most warnings that are kept; all are counted.
const MAX_WARNINGS: usize = 1_000;

/// What is kept of the message of a warning, and of a command's end.
const MESSAGE_BYTES: usize = 2 << 10;

/// Which output the record keeps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Keep {
    /// How much of the end of a command's output, both streams as they came, the failure recap may show.
    pub recent_bytes: usize,
    /// Whether each stream and each failed test's output is kept too, for JUnit.
    pub streams: bool,
}

/// Everything known of a run. Its memory is bounded, whatever the run prints.
#[derive(Debug)]
pub struct RunRecord {
    /// In the order of their first events.
    pub invocations: Vec<InvocationRecord>,
    /// In the order of their first events; once for each attempt.
    pub commands: Vec<CommandRecord>,
    /// Also what the stream held that this version does not know.
    pub warnings: Vec<Warning>,
    pub warnings_left_out: u64,
    /// From the beginning of each invocation to its last event, summed up.
    pub elapsed_ms: u64,
    /// [`Conclusion::unfinished`] until the run has ended.
    pub conclusion: Conclusion,
    keep: Keep,
    places: HashMap<CommandKey, usize>,
    test_room: TestRoom,
    output_room: OutputRoom,
}

/// What is known of one invocation.
#[derive(Debug)]
pub struct InvocationRecord {
    /// Its place among those of the run, from 0.
    pub invocation: u32,
    /// `None` until the runner answered.
    pub hello: Option<Hello>,
    pub verdict: Option<Verdict>,
    /// What a deployed function's log said of it.
    pub billing: Option<Billing>,
    /// The run's time when it began.
    began_at_ms: u64,
}

/// What an event adds to a command's output: without the marks of its framework.
#[derive(Debug, Default)]
pub struct Shown<'a> {
    /// The command's place in [`RunRecord::commands`].
    pub place: Option<usize>,
    pub bytes: Cow<'a, [u8]>,
}

/// A command as an invocation numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct CommandKey {
    invocation: u32,
    command: u64,
}

impl RunRecord {
    #[must_use]
    pub fn new(keep: Keep) -> Self {
        Self {
            invocations: Vec::new(),
            commands: Vec::new(),
            warnings: Vec::new(),
            warnings_left_out: 0,
            elapsed_ms: 0,
            conclusion: Conclusion::unfinished(),
            keep,
            places: HashMap::new(),
            test_room: TestRoom::OF_A_RUN,
            output_room: OutputRoom::default(),
        }
    }

    /// What the first runner that answered said of itself: the same version and package answer for a whole run.
    #[must_use]
    pub fn hello(&self) -> Option<&Hello> {
        self.invocations.iter().find_map(|invocation| invocation.hello.as_ref())
    }

    /// What all invocations used together, where the function's log says so.
    #[must_use]
    pub fn billing(&self) -> Option<Billing> {
        self.invocations.iter().filter_map(|invocation| invocation.billing).reduce(Billing::plus)
    }

    /// The place of the command that started last and has not ended.
    #[must_use]
    pub fn running(&self) -> Option<usize> {
        self.commands.iter().rposition(|command| command.finished.is_none())
    }

    /// The selected commands that never started, as the latest verdict names them.
    #[must_use]
    pub fn remaining(&self) -> &[Remaining] {
        let verdict = self.invocations.last().and_then(|invocation| invocation.verdict.as_ref());
        verdict.map_or(&[], |verdict| verdict.remaining.as_slice())
    }

    /// Counted from the events, not taken from the verdict; `not_run` is what the verdict names.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { not_run: self.remaining().len() as u64, ..Counts::default() };
        for command in &self.commands {
            if let Some(outcome) = command.outcome() {
                counts.add(outcome);
            }
        }
        counts
    }

    /// Of all commands together.
    #[must_use]
    pub fn test_counts(&self) -> TestCounts {
        self.commands.iter().map(CommandRecord::test_counts).fold(TestCounts::default(), |sum, counts| {
            TestCounts {
                passed: sum.passed.saturating_add(counts.passed),
                failed: sum.failed.saturating_add(counts.failed),
                skipped: sum.skipped.saturating_add(counts.skipped),
            }
        })
    }

    /// Takes in the next event. Returns what it adds to a command's output for people; that comes before whatever
    /// else they are told of it.
    pub fn fold<'a>(&mut self, event: &'a RunEvent) -> Shown<'a> {
        let invocation = event.invocation;
        match &event.kind {
            RunEventKind::Item(Item::Event(event)) => return self.fold_item(invocation, event),
            RunEventKind::Item(Item::Unknown(what)) => {
                self.warn(Warning { command: None, message: unknown_message(what) });
            }
            RunEventKind::Billed(billing) => self.invocation(invocation).billing = Some(*billing),
            RunEventKind::Started
            | RunEventKind::Retrying { .. }
            | RunEventKind::Buffering { .. }
            | RunEventKind::Received(_)
            | RunEventKind::Warning(_)
            | RunEventKind::LogTail(_)
            | RunEventKind::Abandoned
            | RunEventKind::Ended(_) => {}
        }
        Shown::default()
    }

    /// The place of a command in [`RunRecord::commands`], in its latest attempt of this invocation.
    #[must_use]
    pub fn place(&self, invocation: u32, command: u64) -> Option<usize> {
        self.places.get(&CommandKey { invocation, command }).copied()
    }

    fn invocation(&mut self, invocation: u32) -> &mut InvocationRecord {
        let known = self.invocations.iter().position(|known| known.invocation == invocation);
        let place = known.unwrap_or_else(|| {
            let began_at_ms = self.elapsed_ms;
            self.invocations.push(InvocationRecord {
                invocation,
                hello: None,
                verdict: None,
                billing: None,
                began_at_ms,
            });
            self.invocations.len() - 1
        });
        &mut self.invocations[place]
    }

    fn fold_item<'a>(&mut self, invocation: u32, event: &'a Event) -> Shown<'a> {
        let began_at_ms = self.invocation(invocation).began_at_ms;
        self.elapsed_ms = self.elapsed_ms.max(began_at_ms.saturating_add(event.at_ms));
        match &event.body {
            Body::Hello(hello) => self.invocation(invocation).hello = Some(hello.clone()),
            Body::CommandStarted(started) => self.start_command(invocation, started),
            Body::TestStarted(test) => {
                if let Some(place) = self.place(invocation, test.command) {
                    self.commands[place].tests.start(&test.test, &mut self.test_room);
                }
            }
            Body::TestMessage(test) => {
                if let Some(place) = self.place(invocation, test.command) {
                    self.commands[place].tests.message(&test.test, &test.message, &mut self.test_room);
                }
            }
            Body::Output(output) => return self.fold_output(invocation, output),
            Body::TestFinished(test) => {
                if let Some(place) = self.place(invocation, test.command) {
                    self.commands[place].tests.finish(test, &mut self.test_room);
                }
            }
            Body::CommandFinished(finished) => return self.finish_command(invocation, finished),
            Body::Warning(warning) => self.warn(warning.clone()),
            Body::Verdict(verdict) => self.invocation(invocation).verdict = Some(verdict.clone()),
            Body::Heartbeat => {
                let running =
                    |command: &CommandRecord| command.invocation == invocation && command.finished.is_none();
                if let Some(place) = self.commands.iter().rposition(running) {
                    return self.release(place);
                }
            }
            Body::CommandListed(_) | Body::HostProbed(_) | Body::TargetProbed(_) | Body::Unknown => {}
        }
        Shown::default()
    }

    fn fold_output<'a>(&mut self, invocation: u32, output: &'a Output) -> Shown<'a> {
        // Bytes that cannot be decoded are none to the reader too, which then finds that the command's end does not
        // account for them.
        let bytes = output.bytes().unwrap_or_default();
        let Some(place) = self.place(invocation, output.command) else {
            return Shown { place: None, bytes };
        };
        let shown = match output.stream {
            Stream::Stdout if self.commands[place].filter.is_some() => {
                Cow::Owned(self.filtered(place, |filter, on_piece| filter.feed(&bytes, on_piece)))
            }
            _ => {
                if self.keep.streams {
                    self.commands[place].tests.output(&bytes, &mut self.test_room);
                }
                bytes
            }
        };
        self.keep_output(place, output.stream, &shown);
        Shown { place: Some(place), bytes: shown }
    }

    /// What of the command's output was held back as a possible mark, where nothing followed for a while or nothing
    /// will: people read it too.
    fn release<'a>(&mut self, place: usize) -> Shown<'a> {
        let shown = self.filtered(place, |filter, on_piece| filter.release(on_piece));
        self.keep_output(place, Stream::Stdout, &shown);
        Shown { place: Some(place), bytes: Cow::Owned(shown) }
    }

    /// The text that comes through the command's filter; to whom it belongs is noted.
    fn filtered(
        &mut self,
        place: usize,
        feed: impl FnOnce(&mut Filter, &mut dyn FnMut(Piece<'_>)),
    ) -> Vec<u8> {
        let CommandRecord { filter, tests, .. } = &mut self.commands[place];
        let mut shown = Vec::new();
        if let Some(filter) = filter {
            feed(filter, &mut |piece| match piece {
                Piece::Text(text) => {
                    shown.extend_from_slice(text);
                    if self.keep.streams {
                        tests.named_output(text, &mut self.test_room);
                    }
                }
                Piece::Test(name) if self.keep.streams => tests.turn_to(name, &mut self.test_room),
                Piece::Test(_) => {}
            });
        }
        shown
    }

    fn keep_output(&mut self, place: usize, stream: Stream, bytes: &[u8]) {
        self.output_room.keep(&mut self.commands, place, stream, bytes);
    }

    fn warn(&mut self, warning: Warning) {
        if self.warnings.len() < MAX_WARNINGS {
            let message = shortened(&warning.message, MESSAGE_BYTES).into_owned();
            self.warnings.push(Warning { message, ..warning });
        } else {
            self.warnings_left_out += 1;
        }
    }

    fn start_command(&mut self, invocation: u32, started: &CommandStarted) {
        let place = self.add_command(invocation, started.command, started.attempt, &started.name);
        self.commands[place].filter = Filter::for_framing(started.framing);
    }

    fn add_command(&mut self, invocation: u32, command: u64, attempt: Option<u32>, name: &str) -> usize {
        let stream = if self.keep.streams {
            Excerpt::new(STREAM_HEAD_BYTES, STREAM_TAIL_BYTES)
        } else {
            Excerpt::default()
        };
        let place = self.commands.len();
        self.commands.push(CommandRecord {
            invocation,
            command,
            attempt: attempt.unwrap_or(1),
            name: name.to_owned(),
            finished: None,
            tests: Tests::default(),
            stdout: stream.clone(),
            stderr: stream,
            recent: Excerpt::new(0, self.keep.recent_bytes),
            filter: None,
        });
        self.places.insert(CommandKey { invocation, command }, place);
        place
    }

    fn finish_command<'a>(&mut self, invocation: u32, finished: &CommandFinished) -> Shown<'a> {
        let running = self.place(invocation, finished.command);
        let running = running.filter(|&place| self.commands[place].finished.is_none());
        // A command that never started has no `command_started` event.
        let place = running.unwrap_or_else(|| {
            self.add_command(invocation, finished.command, finished.attempt, &finished.name)
        });
        let released = self.release(place);
        let command = &mut self.commands[place];
        let message = finished.message.as_deref().map(|it| shortened(it, MESSAGE_BYTES).into_owned());
        command.finished = Some(CommandFinished { message, ..finished.clone() });
        command.tests.end(&mut self.test_room);
        self.output_room.end(&mut self.commands, place);
        released
    }
}

/// What a report says of something that a newer runner sent.
pub(crate) fn unknown_message(what: &str) -> String {
    format!("the runner sent {what}, which this lamex-ctl does not know and ignores")
}
