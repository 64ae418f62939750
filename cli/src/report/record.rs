//! A run as folded from its events: what every report is made from.

use std::borrow::Cow;
use std::collections::HashMap;

use lamex_protocol::event::{
    Body, CommandFinished, CommandOutcome, CommandStarted, Counts, Event, Hello, Output, Remaining, Stream,
    TestCounts, Verdict, Warning,
};
use lamex_protocol::framing::{Filter, Piece};

use crate::report::billing::Billing;
use crate::report::command_record::CommandRecord;
use crate::report::conclusion::Conclusion;
use crate::report::excerpt::Excerpt;
use crate::report::output_room::OutputRoom;
use crate::report::test_room::TestRoom;
use crate::report::tests_record::Tests;
use crate::report::text::shortened;

/// What is kept of each of a command's two streams for JUnit: its beginning and its end.
pub const STREAM_HEAD_BYTES: usize = 256 << 10;
pub const STREAM_TAIL_BYTES: usize = 768 << 10;

/// The most warnings that are kept; all are counted.
const MAX_WARNINGS: usize = 1_000;

/// What is kept of the message of a warning, and of a command's end.
const MESSAGE_BYTES: usize = 2 << 10;

/// Which output the record keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// How much of the end of a command's output, both streams as they came, the failure recap may show.
    pub recent_bytes: usize,
    /// Whether each stream and each failed test's output is kept too, for JUnit.
    pub streams: bool,
}

/// Everything known of a run. Its memory is bounded, whatever the run prints.
#[derive(Debug)]
pub struct RunRecord {
    /// `None` until the runner answered.
    pub hello: Option<Hello>,
    /// In the order of their first events.
    pub commands: Vec<CommandRecord>,
    /// Also what the stream held that this version does not know.
    pub warnings: Vec<Warning>,
    pub warnings_left_out: u64,
    pub verdict: Option<Verdict>,
    /// What a deployed function's log said of the invocation.
    pub billing: Option<Billing>,
    /// From the beginning of each invocation to its last event, summed up.
    pub elapsed_ms: u64,
    /// [`Conclusion::unfinished`] until the run has ended.
    pub conclusion: Conclusion,
    elapsed_before_ms: u64,
    keep: Keep,
    places: HashMap<u64, usize>,
    test_room: TestRoom,
    output_room: OutputRoom,
}

impl RunRecord {
    #[must_use]
    pub fn new(keep: Keep) -> Self {
        Self {
            hello: None,
            commands: Vec::new(),
            warnings: Vec::new(),
            warnings_left_out: 0,
            verdict: None,
            billing: None,
            elapsed_ms: 0,
            conclusion: Conclusion::unfinished(),
            elapsed_before_ms: 0,
            keep,
            places: HashMap::new(),
            test_room: TestRoom::OF_A_RUN,
            output_room: OutputRoom::default(),
        }
    }

    /// The latest record of the command.
    #[must_use]
    pub fn command(&self, command: u64) -> Option<&CommandRecord> {
        self.places.get(&command).map(|&place| &self.commands[place])
    }

    /// The command that started last and has not ended.
    #[must_use]
    pub fn running(&self) -> Option<&CommandRecord> {
        self.commands.iter().rev().find(|command| command.finished.is_none())
    }

    /// The selected commands that never started, as the verdict names them.
    #[must_use]
    pub fn remaining(&self) -> &[Remaining] {
        self.verdict.as_ref().map_or(&[], |verdict| verdict.remaining.as_slice())
    }

    /// Counted from the events, not taken from the verdict; `not_run` is what the verdict names.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts { not_run: self.remaining().len() as u64, ..Counts::default() };
        for command in &self.commands {
            match command.outcome() {
                Some(CommandOutcome::Passed) => counts.passed += 1,
                Some(CommandOutcome::Failed) => counts.failed += 1,
                Some(CommandOutcome::Skipped) => counts.skipped += 1,
                None => {}
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

    /// Takes in the next event.
    pub fn fold(&mut self, event: &Event) {
        match &event.body {
            Body::Hello(hello) => {
                self.hello = Some(hello.clone());
                // Another invocation goes on with what an earlier one left.
                self.elapsed_before_ms = self.elapsed_ms;
                self.verdict = None;
            }
            Body::CommandStarted(started) => {
                self.start_command(started);
            }
            Body::TestStarted(test) => {
                if let Some(place) = self.places.get(&test.command) {
                    self.commands[*place].tests.start(&test.test, &mut self.test_room);
                }
            }
            Body::TestMessage(test) => {
                if let Some(place) = self.places.get(&test.command) {
                    self.commands[*place].tests.message(&test.test, &test.message, &mut self.test_room);
                }
            }
            Body::Output(output) => {
                let bytes = output.bytes().unwrap_or_default();
                self.fold_output(event.at_ms, output, &bytes);
            }
            Body::TestFinished(test) => {
                if let Some(place) = self.places.get(&test.command) {
                    self.commands[*place].tests.finish(test, &mut self.test_room);
                }
            }
            Body::CommandFinished(finished) => self.finish_command(finished),
            Body::Warning(warning) => self.warn(warning.clone()),
            Body::Verdict(verdict) => self.verdict = Some(verdict.clone()),
            Body::CommandListed(_)
            | Body::HostProbed(_)
            | Body::TargetProbed(_)
            | Body::Heartbeat
            | Body::Unknown => {}
        }
        self.advance(event.at_ms);
    }

    fn advance(&mut self, at_ms: u64) {
        self.elapsed_ms = self.elapsed_before_ms.saturating_add(at_ms);
    }

    /// What [`RunRecord::fold`] does with an `output` event whose bytes are decoded already. Returns what of
    /// them people read.
    pub(super) fn fold_output<'a>(&mut self, at_ms: u64, output: &Output, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        self.advance(at_ms);
        let Some(&place) = self.places.get(&output.command) else {
            return Cow::Borrowed(bytes);
        };
        let shown = match output.stream {
            Stream::Stdout if self.commands[place].filter.is_some() => {
                Cow::Owned(self.filtered(place, |filter, on_piece| filter.feed(bytes, on_piece)))
            }
            _ => {
                if self.keep.streams {
                    self.commands[place].tests.output(bytes, &mut self.test_room);
                }
                Cow::Borrowed(bytes)
            }
        };
        self.keep_output(place, output.stream, &shown);
        shown
    }

    /// What of the command's output was held back as a possible mark and comes no more: people read it too.
    pub(super) fn release(&mut self, command: u64) -> Vec<u8> {
        let Some(&place) = self.places.get(&command) else {
            return Vec::new();
        };
        let shown = self.filtered(place, |filter, on_piece| filter.release(on_piece));
        self.keep_output(place, Stream::Stdout, &shown);
        shown
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

    /// Something in the stream that this version does not know.
    pub fn fold_unknown(&mut self, what: &str) {
        self.warn(Warning { command: None, message: unknown_message(what) });
    }

    fn warn(&mut self, warning: Warning) {
        if self.warnings.len() < MAX_WARNINGS {
            let message = shortened(&warning.message, MESSAGE_BYTES).into_owned();
            self.warnings.push(Warning { message, ..warning });
        } else {
            self.warnings_left_out += 1;
        }
    }

    fn start_command(&mut self, started: &CommandStarted) {
        let place = self.add_command(started.command, &started.name);
        self.commands[place].filter = Filter::for_framing(started.framing);
    }

    fn add_command(&mut self, command: u64, name: &str) -> usize {
        let stream = if self.keep.streams {
            Excerpt::new(STREAM_HEAD_BYTES, STREAM_TAIL_BYTES)
        } else {
            Excerpt::default()
        };
        let place = self.commands.len();
        self.commands.push(CommandRecord {
            command,
            name: name.to_owned(),
            finished: None,
            tests: Tests::default(),
            stdout: stream.clone(),
            stderr: stream,
            recent: Excerpt::new(0, self.keep.recent_bytes),
            filter: None,
        });
        self.places.insert(command, place);
        place
    }

    fn finish_command(&mut self, finished: &CommandFinished) {
        self.release(finished.command);
        let running = self
            .places
            .get(&finished.command)
            .copied()
            .filter(|&place| self.commands[place].finished.is_none());
        // A command that never started has no `command_started` event.
        let place = running.unwrap_or_else(|| self.add_command(finished.command, &finished.name));
        let command = &mut self.commands[place];
        let message = finished.message.as_deref().map(|it| shortened(it, MESSAGE_BYTES).into_owned());
        command.finished = Some(CommandFinished { message, ..finished.clone() });
        command.tests.end(&mut self.test_room);
        self.output_room.end(&mut self.commands, place);
    }
}

/// What a report says of something that a newer runner sent.
pub(super) fn unknown_message(what: &str) -> String {
    format!("the runner sent {what}, which this lamex-ctl does not know and ignores")
}

#[cfg(test)]
mod tests {
    use lamex_protocol::reader::{Judgement, StreamEnd, Untrusted};

    use super::*;
    use crate::exit::Exit;
    use crate::report::fixture::{KEEP, Script};

    #[test]
    fn a_record_without_an_end_is_no_pass() {
        let mut script = Script::new(1);
        script.start(0, "orders").pass();
        let record = script.record(StreamEnd::Complete);
        let expected = Judgement::Untrusted(Untrusted::NoVerdict(StreamEnd::Complete));
        assert_eq!(record.conclusion, Conclusion::Judged(expected));
        assert_eq!(Conclusion::unfinished().exit(), Exit::Infrastructure);
    }

    #[test]
    fn five_thousand_commands_and_their_output_take_bounded_memory() {
        let mut script = Script::new(1);
        let finished: CommandFinished = {
            script.start(0, "x").fail();
            let Some(Body::CommandFinished(finished)) = script.events.pop().map(|event| event.body) else {
                panic!("no end");
            };
            finished
        };
        let mut record = RunRecord::new(KEEP);
        let chunk = vec![b'x'; 60 << 10];
        for command in 0..5_000 {
            let mut one = Script::new(1);
            one.start(command, "x").out(&chunk);
            for event in &one.events[1..] {
                record.fold(event);
            }
            let outcome = if command % 2 == 0 { CommandOutcome::Passed } else { CommandOutcome::Failed };
            record.fold(&Event {
                seq: 0,
                at_ms: 0,
                body: Body::CommandFinished(CommandFinished { command, outcome, ..finished.clone() }),
            });
        }
        let kept: usize = record
            .commands
            .iter()
            .map(|it| it.stdout.kept_bytes() + it.stderr.kept_bytes() + it.recent.kept_bytes())
            .sum();
        assert!(kept <= (16 << 20) + (8 << 20), "{kept} bytes are kept");
        assert_eq!(record.commands[1].stdout.kept_bytes(), chunk.len());
        assert_eq!(record.commands[4998].stdout.left_out_bytes(), chunk.len() as u64);
        assert_eq!(record.commands[1].recent.kept_bytes(), 4096);
        assert_eq!(record.commands[4999].recent.left_out_bytes(), chunk.len() as u64);
    }
}
