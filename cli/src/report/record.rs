//! A run as folded from its events: what every report is made from.

use std::collections::{HashMap, VecDeque};

use lamex_protocol::event::{
    Body, CommandFinished, CommandOutcome, Counts, Event, Hello, Output, Remaining, Stream, TestCounts,
    Verdict, Warning,
};

use crate::report::billing::Billing;
use crate::report::command_record::CommandRecord;
use crate::report::conclusion::Conclusion;
use crate::report::excerpt::Excerpt;
use crate::report::tests_record::{TestRoom, Tests};

/// What is kept of each of a command's two streams for JUnit: its beginning and its end.
pub const STREAM_HEAD_BYTES: usize = 256 << 10;
pub const STREAM_TAIL_BYTES: usize = 768 << 10;

/// What all commands' streams together may take; beyond it, whole commands' output is forgotten.
const ALL_STREAMS_BYTES: usize = 32 << 20;

const ROOM_FOR_TESTS: TestRoom =
    TestRoom { unfailed_tests: 100_000, failed_tests: 100_000, output_bytes: 16 << 20 };

/// The most warnings that are kept; all are counted.
const MAX_WARNINGS: usize = 1_000;

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
    streams_bytes: usize,
    /// Places of ended commands whose streams are kept.
    unfailed_kept: VecDeque<usize>,
    failed_kept: Vec<usize>,
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
            test_room: TestRoom {
                output_bytes: if keep.streams { ROOM_FOR_TESTS.output_bytes } else { 0 },
                ..ROOM_FOR_TESTS
            },
            streams_bytes: 0,
            unfailed_kept: VecDeque::new(),
            failed_kept: Vec::new(),
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
        self.commands.iter().map(|command| command.tests.counts()).fold(
            TestCounts::default(),
            |sum, counts| TestCounts {
                passed: sum.passed + counts.passed,
                failed: sum.failed + counts.failed,
                skipped: sum.skipped + counts.skipped,
            },
        )
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
                self.add_command(started.command, &started.name);
            }
            Body::TestStarted(test) => {
                if let Some(place) = self.places.get(&test.command) {
                    self.commands[*place].tests.start(&test.test, &self.test_room);
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
            | Body::TestMessage(_)
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

    /// What [`RunRecord::fold`] does with an `output` event whose bytes are decoded already.
    pub(super) fn fold_output(&mut self, at_ms: u64, output: &Output, bytes: &[u8]) {
        self.advance(at_ms);
        let Some(&place) = self.places.get(&output.command) else {
            return;
        };
        let command = &mut self.commands[place];
        command.recent.push(bytes);
        match output.stream {
            Stream::Stdout => command.stdout.push(bytes),
            Stream::Stderr => command.stderr.push(bytes),
        }
        if self.keep.streams {
            command.tests.output(bytes);
        }
    }

    /// Something in the stream that this version does not know.
    pub fn fold_unknown(&mut self, what: &str) {
        self.warn(Warning { command: None, message: unknown_message(what) });
    }

    fn warn(&mut self, warning: Warning) {
        if self.warnings.len() < MAX_WARNINGS {
            self.warnings.push(warning);
        } else {
            self.warnings_left_out += 1;
        }
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
        });
        self.places.insert(command, place);
        place
    }

    fn finish_command(&mut self, finished: &CommandFinished) {
        let running = self
            .places
            .get(&finished.command)
            .copied()
            .filter(|&place| self.commands[place].finished.is_none());
        // A command that never started has no `command_started` event.
        let place = running.unwrap_or_else(|| self.add_command(finished.command, &finished.name));
        let command = &mut self.commands[place];
        command.finished = Some(finished.clone());
        self.streams_bytes += command.streams_bytes();
        if finished.outcome == CommandOutcome::Failed {
            self.failed_kept.push(place);
        } else {
            command.recent.forget();
            self.unfailed_kept.push_back(place);
        }
        self.forget_what_exceeds();
    }

    /// Passed commands' output goes first, the oldest before the others; of failed ones, the first are
    /// those worth keeping.
    fn forget_what_exceeds(&mut self) {
        while self.streams_bytes > ALL_STREAMS_BYTES {
            let Some(place) = self.unfailed_kept.pop_front().or_else(|| self.failed_kept.pop()) else {
                return;
            };
            let command = &mut self.commands[place];
            self.streams_bytes -= command.streams_bytes();
            command.stdout.forget();
            command.stderr.forget();
        }
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
        assert!(kept <= (32 << 20) + 2_500 * 4096, "{kept} bytes are kept");
        assert_eq!(record.commands[1].stdout.kept_bytes(), chunk.len());
        assert_eq!(record.commands[4998].stdout.left_out_bytes(), chunk.len() as u64);
        assert_eq!(record.commands[4999].recent.kept_bytes(), 4096);
    }
}
