//! Go's `testing` package, read as `go tool test2json` reads it, with one difference: see `Go::mid_line`.

use lamex_protocol::event::TestOutcome;
use memchr::memmem;

use super::lines::Line;
use super::names::{Running, reported};
use super::reader::{TestEvent, report_whole, seconds_to_ms};

/// Begins every line of the framework's own under `-test.v=test2json`.
pub(super) const MARKER: u8 = 0x16;

/// Lines that begin so are the framework's; all but the first tell nothing that is needed here.
const UPDATES: [&[u8]; 9] = [
    b"=== RUN   ",
    b"=== PAUSE ",
    b"=== CONT  ",
    b"=== NAME  ",
    b"=== PASS  ",
    b"=== FAIL  ",
    b"=== SKIP  ",
    b"=== ATTR  ",
    b"=== ARTIFACTS ",
];

#[derive(Debug, Default)]
pub(super) struct Go {
    running: Running,
    /// The output has lines that only `-test.v` prints, so that every test is announced.
    is_verbose: bool,
    /// A marker was seen on the last line of the framework's own: lines without one are not its own.
    needs_marker: bool,
    /// How deep the next result may be indented: results of subtests follow their parent's.
    depth: usize,
    end: End,
    first_failed: Option<String>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum End {
    #[default]
    NotReached,
    Pass,
    /// Something else was printed after `PASS`, and without `-test.v` nothing tells what.
    PassAndMore,
    Fail,
}

impl Go {
    pub(super) fn line(&mut self, line: Line<'_>, on_test: &mut impl FnMut(TestEvent)) {
        let is_marked = line.head.first() == Some(&MARKER);
        let text = line.whole().map(|text| if is_marked { &text[1..] } else { text });
        let is_own = match text {
            // Whoever prints these lines ends them too.
            Some(text) if line.is_ended && (is_marked || !self.needs_marker) => {
                self.framework_line(text, on_test)
            }
            _ => false,
        };
        if is_own {
            self.needs_marker = is_marked;
        } else if !self.mid_line(line, on_test) {
            self.other_output(line);
        }
    }

    /// What the output leaves unproven, as a clause.
    pub(super) fn objection(&self) -> Option<String> {
        if let Some(objection) = self.running.objection() {
            return Some(objection);
        }
        if let Some(test) = &self.first_failed {
            return Some(format!("its test `{test}` failed"));
        }
        match self.end {
            End::Pass => None,
            End::NotReached => Some("its output has no line `PASS` at the end".to_owned()),
            End::PassAndMore => Some(
                "its output goes on after `PASS`, which proves an end only with the argument -test.v"
                    .to_owned(),
            ),
            End::Fail => Some("its output ends in `FAIL`".to_owned()),
        }
    }

    /// Whether the line is the framework's own; if so, takes it in.
    fn framework_line(&mut self, text: &[u8], on_test: &mut impl FnMut(TestEvent)) -> bool {
        match text.first() {
            Some(b'P' | b'F') => self.final_line(text),
            Some(b'=') => self.update(text, on_test),
            Some(b'-' | b' ') => self.report(text, on_test),
            _ => false,
        }
    }

    fn final_line(&mut self, text: &[u8]) -> bool {
        let end = match text {
            b"PASS" => End::Pass,
            b"FAIL" => End::Fail,
            _ => return false,
        };
        // While a test runs, it is the test that printed it.
        if !self.running.is_empty() {
            return false;
        }
        self.end = end;
        self.depth = 0;
        true
    }

    fn update(&mut self, text: &[u8], on_test: &mut impl FnMut(TestEvent)) -> bool {
        if !UPDATES.iter().any(|update| text.starts_with(update)) {
            return false;
        }
        self.is_verbose = true;
        self.depth = 0;
        let Some(name) = text.strip_prefix(UPDATES[0]).map(<[u8]>::trim_ascii) else {
            return true;
        };
        self.end = End::NotReached;
        // Benchmarks are announced, but their end is not.
        if !name.is_empty() && !is_benchmark(name) {
            let test = reported(name);
            self.running.start(&test);
            on_test(TestEvent::Started { test });
        }
        true
    }

    fn report(&mut self, text: &[u8], on_test: &mut impl FnMut(TestEvent)) -> bool {
        let mut unindented = text;
        while let Some(rest) = unindented.strip_prefix(b"    ") {
            unindented = rest;
        }
        let indent = (text.len() - unindented.len()) / 4;
        let Some(report) = Report::parse(unindented) else {
            return false;
        };
        // Deeper than expected: a log that quotes a result.
        if indent > self.depth || !self.take(report, on_test) {
            return false;
        }
        self.depth = indent + 1;
        true
    }

    /// A result behind output that did not end its line (`dots...--- PASS: TestX (0.01s)`). test2json misses
    /// it, and then has a test without an end; a passing test must not fail for a missing newline. It is
    /// believed only of a test that runs.
    fn mid_line(&mut self, line: Line<'_>, on_test: &mut impl FnMut(TestEvent)) -> bool {
        if self.needs_marker || !self.is_verbose || !line.is_ended || !line.tail.ends_with(b"s)") {
            return false;
        }
        let Some(at) = memmem::rfind(line.tail, b"--- ") else {
            return false;
        };
        // Behind nothing but blanks it is a quotation, not a result.
        if line.is_whole && line.tail[..at].trim_ascii().is_empty() {
            return false;
        }
        let Some(report) = Report::parse(&line.tail[at..]) else {
            return false;
        };
        if !self.running.contains(&reported(report.name)) || !self.take(report, on_test) {
            return false;
        }
        self.depth = 1;
        true
    }

    /// Whether the result can be the framework's; if so, reports it.
    fn take(&mut self, report: Report<'_>, on_test: &mut impl FnMut(TestEvent)) -> bool {
        let Some(outcome) = report.outcome else {
            return true;
        };
        let test = reported(report.name);
        let was_running = self.running.finish(&test);
        // Without -test.v only failures are printed, and no starts; of benchmarks never a start.
        let is_unannounced =
            (!self.is_verbose && outcome == TestOutcome::Failed) || is_benchmark(report.name);
        if !was_running && !is_unannounced {
            return false;
        }
        if outcome == TestOutcome::Failed && self.first_failed.is_none() {
            self.first_failed = Some(test.clone());
        }
        if was_running {
            on_test(TestEvent::Finished { test, outcome, duration_ms: report.duration_ms });
        } else {
            report_whole(test, outcome, report.duration_ms, on_test);
        }
        true
    }

    fn other_output(&mut self, line: Line<'_>) {
        if self.end == End::Pass
            && !self.is_verbose
            && !line.is_blank()
            && !line.head.starts_with(b"coverage: ")
        {
            self.end = End::PassAndMore;
        }
    }
}

/// `--- PASS: TestX/sub (0.01s)`.
#[derive(Debug, Clone, Copy)]
struct Report<'a> {
    name: &'a [u8],
    /// `None` for the log of a benchmark.
    outcome: Option<TestOutcome>,
    duration_ms: Option<u64>,
}

impl<'a> Report<'a> {
    fn parse(text: &'a [u8]) -> Option<Self> {
        let text = text.strip_prefix(b"--- ")?;
        let (word, rest) = text.split_at(memmem::find(text, b": ")?);
        let outcome = match word {
            b"PASS" => Some(TestOutcome::Passed),
            b"FAIL" => Some(TestOutcome::Failed),
            b"SKIP" => Some(TestOutcome::Skipped),
            b"BENCH" => None,
            _ => return None,
        };
        let rest = &rest[2..];
        // Names hold no blanks: the testing package replaces them.
        let (name, duration) = match memmem::find(rest, b" (") {
            Some(end) => (&rest[..end], rest[end + 2..].strip_suffix(b"s)")),
            None => (rest, None),
        };
        let name = name.trim_ascii();
        (!name.is_empty()).then(|| Self { name, outcome, duration_ms: duration.and_then(seconds_to_ms) })
    }
}

/// As `testing` and test2json tell one: `Benchmark`, not followed by a lower-case letter.
fn is_benchmark(name: &[u8]) -> bool {
    name.strip_prefix(b"Benchmark").is_some_and(|rest| {
        let first = rest.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
        !first.is_some_and(char::is_lowercase)
    })
}
