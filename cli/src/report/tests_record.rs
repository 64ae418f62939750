//! What a run keeps of the tests inside one command.

use lamex_protocol::event::{TestCounts, TestFinished, TestOutcome};

use crate::report::excerpt::Excerpt;

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
    /// What the command wrote while this failed test alone was running.
    pub output: Option<Excerpt>,
}

/// What is left of the run's room for tests: 300 MB of output can name millions of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TestRoom {
    /// Apart from the failed ones, so that those are never crowded out.
    pub unfailed_tests: usize,
    pub failed_tests: usize,
    /// For the failed tests' own output.
    pub output_bytes: usize,
}

/// The tests of one command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tests {
    counts: TestCounts,
    kept: Vec<TestRecord>,
    running: Vec<Running>,
    /// More tests were running at once than are followed.
    crowded: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Running {
    name: String,
    output: Excerpt,
}

impl Tests {
    #[must_use]
    pub fn counts(&self) -> TestCounts {
        self.counts
    }

    /// The tests that ended, in that order, as far as there was room.
    #[must_use]
    pub fn kept(&self) -> &[TestRecord] {
        &self.kept
    }

    /// How many tests were counted and not kept.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.counts.total() - self.kept.len() as u64
    }

    pub fn failed(&self) -> impl Iterator<Item = &TestRecord> {
        self.kept.iter().filter(|test| test.outcome == TestOutcome::Failed)
    }

    /// Tests that started and whose end was not reported: what ran when the command died.
    pub fn unfinished(&self) -> impl Iterator<Item = &str> {
        self.running.iter().map(|test| test.name.as_str())
    }

    pub(super) fn start(&mut self, name: &str, room: &TestRoom) {
        if self.running.len() == MAX_RUNNING {
            self.crowded = true;
            return;
        }
        let output = if room.output_bytes == 0 {
            Excerpt::default()
        } else {
            Excerpt::new(OUTPUT_HEAD_BYTES, OUTPUT_TAIL_BYTES)
        };
        self.running.push(Running { name: name.to_owned(), output });
    }

    /// Output belongs to a test when no other one is running, but for those that it is a part of
    /// (`TestOrders/refund` of `TestOrders`).
    pub(super) fn output(&mut self, bytes: &[u8]) {
        if self.crowded {
            return;
        }
        if let Some((last, others)) = self.running.split_last_mut()
            && others.iter().all(|other| is_part_of(&last.name, &other.name))
        {
            last.output.push(bytes);
        }
    }

    pub(super) fn finish(&mut self, finished: &TestFinished, room: &mut TestRoom) {
        self.counts.add(finished.outcome);
        let place = self.running.iter().rposition(|running| running.name == finished.test);
        let output = place.map(|place| self.running.remove(place).output);
        let failed = finished.outcome == TestOutcome::Failed;
        let tests_left = if failed { &mut room.failed_tests } else { &mut room.unfailed_tests };
        if *tests_left == 0 {
            return;
        }
        *tests_left -= 1;
        let output = output
            .filter(|output| failed && output.kept_bytes() > 0 && output.kept_bytes() <= room.output_bytes);
        room.output_bytes -= output.as_ref().map_or(0, Excerpt::kept_bytes);
        self.kept.push(TestRecord {
            name: finished.test.clone(),
            outcome: finished.outcome,
            duration_ms: finished.duration_ms,
            output,
        });
    }
}

fn is_part_of(test: &str, whole: &str) -> bool {
    test.strip_prefix(whole).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: TestRoom = TestRoom { unfailed_tests: 2, failed_tests: 2, output_bytes: 10 };

    fn finished(test: &str, outcome: TestOutcome) -> TestFinished {
        TestFinished { command: 0, test: test.to_owned(), outcome, duration_ms: None }
    }

    fn own_output(tests: &Tests, name: &str) -> Option<Vec<u8>> {
        let test = tests.kept().iter().find(|test| test.name == name)?;
        test.output.as_ref().map(|output| output.head().to_vec())
    }

    #[test]
    fn output_is_a_tests_own_only_while_it_runs_alone() {
        let (mut tests, mut room) = (Tests::default(), ROOM);
        tests.output(b"x");
        tests.start("A", &ROOM);
        tests.output(b"A");
        tests.start("A/b", &ROOM);
        tests.output(b"b");
        tests.start("C", &ROOM);
        tests.output(b"?");
        for test in ["C", "A/b"] {
            tests.finish(&finished(test, TestOutcome::Failed), &mut room);
        }
        assert_eq!(own_output(&tests, "A/b").unwrap(), b"b");
        assert_eq!(own_output(&tests, "C"), None);
        assert_eq!(tests.unfinished().collect::<Vec<_>>(), ["A"]);
    }

    #[test]
    fn what_finds_no_room_is_counted() {
        let (mut tests, mut room) = (Tests::default(), ROOM);
        for name in ["1", "2", "3"] {
            tests.finish(&finished(name, TestOutcome::Passed), &mut room);
        }
        for name in ["4", "5"] {
            tests.start(name, &ROOM);
            tests.output(b"seven b");
            tests.finish(&finished(name, TestOutcome::Failed), &mut room);
        }
        assert_eq!((tests.counts().total(), tests.left_out()), (5, 1));
        assert_eq!(own_output(&tests, "4").unwrap(), b"seven b");
        assert_eq!(own_output(&tests, "5"), None);
    }

    #[test]
    fn a_crowd_of_tests_takes_no_more_room() {
        let mut tests = Tests::default();
        for number in 0..=MAX_RUNNING {
            tests.start(&number.to_string(), &ROOM);
        }
        tests.output(b"whose?");
        assert_eq!(tests.unfinished().count(), MAX_RUNNING);
        assert!(tests.running.iter().all(|test| test.output.total_bytes() == 0));
    }
}
