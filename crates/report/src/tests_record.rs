//! What a run keeps of the tests inside one command.

use std::collections::HashMap;

use lamex_protocol::event::{TestCounts, TestFinished, TestOutcome};

use crate::excerpt::Excerpt;
use crate::test_room::TestRoom;

/// The most tests that may run at once for their output to be told apart; beyond it none is attributed.
const MAX_RUNNING: usize = 1_024;

const OUTPUT_HEAD_BYTES: usize = 16 << 10;
const OUTPUT_TAIL_BYTES: usize = 48 << 10;

/// One test that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestRecord {
    pub name: String,
    pub outcome: TestOutcome,
    pub duration_ms: Option<u64>,
    /// Why it did not pass, in the framework's own words; may have several lines.
    pub message: Option<String>,
    /// What this failed test wrote, where that can be told.
    pub output: Option<Box<Excerpt>>,
}

/// The tests of one command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tests {
    counts: TestCounts,
    kept: Vec<TestRecord>,
    /// Places of kept tests that did not pass, for what is said of them after their end.
    places: HashMap<String, usize>,
    running: Vec<Running>,
    /// More tests were running at once than are followed.
    crowded: bool,
    /// The test that the framework named last as the one that writes.
    named: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Running {
    name: String,
    /// False where the output or a message named it before its start was reported.
    has_started: bool,
    message: String,
    output: Excerpt,
}

/// A test that started and whose end was not reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfinished<'a> {
    pub name: &'a str,
    /// What the framework said of it; empty where it said nothing.
    pub message: &'a str,
}

impl Tests {
    /// Counted from the events.
    #[must_use]
    pub fn counts(&self) -> TestCounts {
        self.counts
    }

    /// The tests that ended, in that order, as far as there was room.
    #[must_use]
    pub fn kept(&self) -> &[TestRecord] {
        &self.kept
    }

    pub fn failed(&self) -> impl Iterator<Item = &TestRecord> {
        self.kept.iter().filter(|test| test.outcome == TestOutcome::Failed)
    }

    /// Tests that started and whose end was not reported: what ran when the command died.
    pub fn unfinished(&self) -> impl Iterator<Item = Unfinished<'_>> {
        let started = self.running.iter().filter(|test| test.has_started);
        started.map(|test| Unfinished { name: &test.name, message: &test.message })
    }

    pub(super) fn start(&mut self, name: &str, room: &mut TestRoom) {
        match self.running(name, room) {
            // The same name may run twice at once (`-test.count`, parallel suites).
            Some(place) if self.running[place].has_started => {
                self.add_running(name, room);
            }
            Some(_) => {}
            None => self.crowded = true,
        }
        if let Some(place) = self.place_of(name) {
            // The one that started last stands last.
            let mut test = self.running.remove(place);
            test.has_started = true;
            self.running.push(test);
        }
    }

    /// Output without a sign of whose it is belongs to a test when no other one is running, but for those
    /// that it is a part of (`TestOrders/refund` of `TestOrders`).
    pub(super) fn output(&mut self, bytes: &[u8], room: &mut TestRoom) {
        if self.crowded {
            return;
        }
        let mut started = self.running.iter_mut().filter(|test| test.has_started).rev();
        let Some(last) = started.next() else { return };
        if started.all(|other| is_part_of(&last.name, &other.name)) {
            room.keep_output(&mut last.output, bytes);
        }
    }

    /// What follows is the output of this test; of an unknown one where the name is empty.
    pub(super) fn turn_to(&mut self, name: &[u8], room: &mut TestRoom) {
        let name = String::from_utf8_lossy(name);
        self.named = (!name.is_empty() && self.running(&name, room).is_some()).then(|| name.into_owned());
    }

    /// Output of the test that was named last.
    pub(super) fn named_output(&mut self, bytes: &[u8], room: &mut TestRoom) {
        let place = self.named.as_deref().and_then(|name| self.place_of(name));
        if let Some(place) = place {
            room.keep_output(&mut self.running[place].output, bytes);
        }
    }

    /// What the framework says of a test, before its end or after it.
    pub(super) fn message(&mut self, name: &str, message: &str, room: &mut TestRoom) {
        if self.place_of(name).is_none()
            && let Some(&place) = self.places.get(name)
        {
            let said = self.kept[place].message.get_or_insert_default();
            return room.add_message(said, message);
        }
        if let Some(place) = self.running(name, room) {
            room.add_message(&mut self.running[place].message, message);
        }
    }

    pub(super) fn finish(&mut self, finished: &TestFinished, room: &mut TestRoom) {
        self.counts.add(finished.outcome);
        let test = self.place_of(&finished.test).map(|place| self.remove_running(place, room));
        let (message, output) = test.map_or_else(Default::default, |test| (test.message, test.output));
        let failed = finished.outcome == TestOutcome::Failed;
        if !failed {
            room.output += output.kept_bytes();
        }
        let output = Some(output).filter(|output| failed && output.kept_bytes() > 0).map(Box::new);
        let record = TestRecord {
            name: finished.test.clone(),
            outcome: finished.outcome,
            duration_ms: finished.duration_ms,
            message: Some(message).filter(|message| !message.is_empty()),
            output,
        };
        let left = if failed { &mut room.failed } else { &mut room.unfailed };
        let Some(rest) = left.checked_sub(record.bytes()) else {
            return;
        };
        *left = rest;
        if finished.outcome != TestOutcome::Passed {
            self.places.insert(record.name.clone(), self.kept.len());
        }
        self.kept.push(record);
    }

    /// The command has ended: of tests that have not, the names and messages stay.
    pub(super) fn end(&mut self, room: &mut TestRoom) {
        self.named = None;
        for place in (0..self.running.len()).rev() {
            let output = std::mem::take(&mut self.running[place].output);
            room.output += output.kept_bytes();
            if !self.running[place].has_started {
                self.remove_running(place, room);
            }
        }
        self.kept.shrink_to_fit();
    }

    /// The place of a test that is running, which it is from now on; `None` if there is no room for it.
    fn running(&mut self, name: &str, room: &mut TestRoom) -> Option<usize> {
        self.place_of(name).or_else(|| self.add_running(name, room))
    }

    fn place_of(&self, name: &str) -> Option<usize> {
        self.running.iter().rposition(|running| running.name == name)
    }

    fn add_running(&mut self, name: &str, room: &mut TestRoom) -> Option<usize> {
        if self.running.len() >= MAX_RUNNING {
            return None;
        }
        room.running = room.running.checked_sub(running_bytes(name))?;
        self.running.push(Running {
            name: name.to_owned(),
            has_started: false,
            message: String::new(),
            output: Excerpt::new(OUTPUT_HEAD_BYTES, OUTPUT_TAIL_BYTES),
        });
        Some(self.running.len() - 1)
    }

    fn remove_running(&mut self, place: usize, room: &mut TestRoom) -> Running {
        let test = self.running.remove(place);
        room.running += running_bytes(&test.name);
        test
    }
}

impl TestRecord {
    /// What it takes, beside its message and output, which have room of their own.
    fn bytes(&self) -> usize {
        // A test that did not pass is found by its name as well.
        let copies = if self.outcome == TestOutcome::Passed { 1 } else { 2 };
        size_of::<Self>() + copies * (self.name.len() + 32)
    }
}

fn running_bytes(name: &str) -> usize {
    size_of::<Running>() + name.len()
}

fn is_part_of(test: &str, whole: &str) -> bool {
    test.strip_prefix(whole).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: TestRoom =
        TestRoom { unfailed: 10_000, failed: 10_000, running: 1 << 20, messages: 100, output: 10 };

    fn finished(test: &str, outcome: TestOutcome) -> TestFinished {
        TestFinished { command: 0, test: test.to_owned(), outcome, duration_ms: None }
    }

    fn record<'a>(tests: &'a Tests, name: &str) -> &'a TestRecord {
        tests.kept().iter().rfind(|test| test.name == name).unwrap()
    }

    fn own_output<'a>(tests: &'a Tests, name: &str) -> Option<&'a [u8]> {
        record(tests, name).output.as_ref().map(|output| output.head())
    }

    #[test]
    fn output_is_a_tests_own_only_while_it_runs_alone() {
        let (mut tests, mut room) = (Tests::default(), ROOM);
        tests.output(b"x", &mut room);
        tests.start("A", &mut room);
        tests.output(b"A", &mut room);
        tests.start("A/b", &mut room);
        tests.output(b"b", &mut room);
        tests.start("C", &mut room);
        tests.output(b"?", &mut room);
        for test in ["C", "A/b"] {
            tests.finish(&finished(test, TestOutcome::Failed), &mut room);
        }
        assert_eq!(own_output(&tests, "A/b").unwrap(), b"b");
        assert_eq!(own_output(&tests, "C"), None);
        assert_eq!(tests.unfinished().map(|test| test.name).collect::<Vec<_>>(), ["A"]);
    }

    #[test]
    fn output_is_the_test_s_that_the_framework_names() {
        let (mut tests, mut room) = (Tests::default(), ROOM);
        // Output comes before the events that were read from it.
        for (name, output) in [("A", "1"), ("B", "2"), ("", "?"), ("A", "3")] {
            tests.turn_to(name.as_bytes(), &mut room);
            tests.named_output(output.as_bytes(), &mut room);
        }
        assert_eq!(tests.unfinished().count(), 0);
        for name in ["A", "B"] {
            tests.start(name, &mut room);
        }
        tests.finish(&finished("B", TestOutcome::Passed), &mut room);
        tests.finish(&finished("A", TestOutcome::Failed), &mut room);
        tests.named_output(b"late", &mut room);
        assert_eq!(own_output(&tests, "A").unwrap(), b"13");
        assert_eq!(own_output(&tests, "B"), None);
        assert_eq!(room.output, ROOM.output - 2);
        tests.end(&mut room);
        assert_eq!(room.running, ROOM.running);
    }

    #[test]
    fn messages_come_before_and_after_the_end_of_their_test() {
        let (mut tests, mut room) = (Tests::default(), ROOM);
        tests.message("A", "before its start", &mut room);
        tests.start("A", &mut room);
        tests.message("A", "while it runs", &mut room);
        tests.finish(&finished("A", TestOutcome::Failed), &mut room);
        tests.message("A", "after its end", &mut room);
        tests.finish(&finished("B", TestOutcome::Skipped), &mut room);
        tests.message("B", "why", &mut room);
        tests.start("C", &mut room);
        tests.message("C", "running", &mut room);
        let expected = "before its start\nwhile it runs\nafter its end";
        assert_eq!(record(&tests, "A").message.as_deref(), Some(expected));
        assert_eq!(record(&tests, "B").message.as_deref(), Some("why"));
        // A second run of the same test has its own.
        tests.start("A", &mut room);
        tests.message("A", "again", &mut room);
        tests.finish(&finished("A", TestOutcome::Failed), &mut room);
        assert_eq!(record(&tests, "A").message.as_deref(), Some("again"));
        tests.end(&mut room);
        let unfinished: Vec<_> = tests.unfinished().collect();
        assert_eq!(unfinished, [Unfinished { name: "C", message: "running" }]);
    }

    #[test]
    fn what_finds_no_room_is_counted() {
        let one = TestRecord {
            name: "1".to_owned(),
            outcome: TestOutcome::Passed,
            duration_ms: None,
            message: None,
            output: None,
        };
        let room_for_two = 2 * one.bytes();
        let (mut tests, mut room) = (Tests::default(), TestRoom { unfailed: room_for_two, ..ROOM });
        for name in ["1", "2", "3"] {
            tests.finish(&finished(name, TestOutcome::Passed), &mut room);
        }
        for name in ["4", "5"] {
            tests.start(name, &mut room);
            tests.output(b"seven b", &mut room);
            tests.message(name, &"ä".repeat(40), &mut room);
            tests.finish(&finished(name, TestOutcome::Failed), &mut room);
        }
        assert_eq!((tests.counts().total(), tests.kept().len()), (5, 4));
        assert_eq!(own_output(&tests, "4").unwrap(), b"seven b");
        assert_eq!(own_output(&tests, "5"), None);
        assert_eq!(record(&tests, "4").message.as_deref(), Some("ä".repeat(40).as_str()));
        assert_eq!(record(&tests, "5").message.as_deref(), Some("ä".repeat(10).as_str()));
        for _ in 0..100 {
            tests.message("5", "more", &mut room);
        }
        assert_eq!((room.messages, room.output), (0, 3));
    }

    #[test]
    fn a_crowd_of_tests_takes_no_more_room() {
        let (mut tests, mut room) = (Tests::default(), TestRoom { output: 1 << 20, ..ROOM });
        for number in 0..=MAX_RUNNING {
            tests.start(&number.to_string(), &mut room);
        }
        tests.output(b"whose?", &mut room);
        assert_eq!(tests.unfinished().count(), MAX_RUNNING);
        assert!(tests.running.iter().all(|test| test.output.total_bytes() == 0));
        tests.turn_to(b"one more", &mut room);
        tests.named_output(b"whose?", &mut room);
        tests.turn_to(b"7", &mut room);
        tests.named_output(b"seven", &mut room);
        assert_eq!(room.output, (1 << 20) - 5);
    }
}
