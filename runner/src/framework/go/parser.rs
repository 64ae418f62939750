//! Go's `testing` package, read as `go tool test2json` reads it, with one difference: see `GoParser::mid_line`.

use lamex_protocol::event::{TestCounts, TestOutcome};
use memchr::memmem;

use super::messages::GoMessages;
use super::report::{Report, is_benchmark, is_measurement};
use crate::framework::event::{TestEvent, report_whole};
use crate::framework::evidence::Tally;
use crate::framework::lines::Line;
use crate::framework::parser::OutputParser;
use crate::framework::running::{Running, reported};

/// Begins every line of the framework's own under `-test.v=test2json`.
pub(super) const MARKER: u8 = 0x16;

/// Lines that begin so are the framework's.
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

/// What Go says when a run selected nothing: on stderr, or on stdout under `-test.v=test2json`.
const NO_TESTS: &[u8] = b"testing: warning: no tests to run";

#[derive(Debug, Default)]
pub(super) struct GoParser {
    running: Running,
    /// The output has lines that only `-test.v` prints, so that every test is announced.
    is_verbose: bool,
    /// The program was told to mark its lines: from the first one on, nothing without a mark counts.
    is_framed: bool,
    /// A marker was seen on the last line of the framework's own: lines without one are not its own.
    needs_marker: bool,
    was_marked: bool,
    /// How deep the next result may be indented: results of subtests follow their parent's.
    depth: usize,
    end: End,
    first_failed: Option<String>,
    messages: GoMessages,
    /// Since the last `PASS` or `FAIL`.
    since: Since,
    /// Tests and benchmarks that passed, in runs that were not warned of.
    passed: u64,
    skipped: u64,
    benchmarks: u64,
    /// How many `PASS` or `FAIL` there were, and how many warnings on stderr that no test was selected.
    ends: u64,
    stderr_warnings: u64,
}

#[derive(Debug, Default)]
struct Since {
    /// Tests without subtests, and benchmarks: a test that has some is no more than they are. Go counts so too.
    passed: u64,
    skipped: u64,
    /// The benchmark that was announced last.
    benchmark: Option<Vec<u8>>,
    /// Go said that it selected no test.
    was_warned: bool,
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

impl OutputParser for GoParser {
    fn line(&mut self, line: Line<'_>, on_test: &mut dyn FnMut(TestEvent)) {
        let is_marked = line.head.first() == Some(&MARKER);
        let text = line.whole().map(|text| if is_marked { &text[1..] } else { text });
        let is_own = match text {
            // Whoever prints these lines ends them too.
            Some(text) if line.is_ended && (is_marked || !self.needs_marker) => {
                self.framework_line(text, is_marked, on_test)
            }
            _ => false,
        };
        if is_own {
            self.needs_marker = self.is_framed || is_marked;
            self.was_marked |= is_marked;
        } else if !self.mid_line(line, on_test) {
            self.other_output(line, on_test);
        }
    }

    fn stderr_line(&mut self, line: Line<'_>) {
        // A framed program says it on stdout; what comes on stderr is another's.
        if !self.is_framed && line.is_ended && line.whole() == Some(NO_TESTS) {
            self.stderr_warnings += 1;
        }
        self.messages.stderr_line(line);
    }

    fn conclude(&mut self, exit_code_zero: bool, on_test: &mut dyn FnMut(TestEvent)) {
        if !exit_code_zero {
            let running = self.running.contains(self.messages.current()).then(|| self.messages.current());
            let running = running.map(str::to_owned);
            self.messages.conclude(running.as_deref(), on_test);
        }
    }

    fn objection(&self) -> Option<String> {
        if let Some(objection) = self.running.objection() {
            return Some(objection);
        }
        if let Some(test) = &self.first_failed {
            return Some(format!("its test `{test}` failed"));
        }
        match self.end {
            End::Pass => None,
            End::NotReached if self.is_framed => Some(
                "its output does not end in the `PASS` that Go's testing package prints and marks".to_owned(),
            ),
            End::NotReached => Some("its output has no line `PASS` at the end".to_owned()),
            End::PassAndMore => Some(
                "its output goes on after `PASS`, which proves an end only with the argument -test.v"
                    .to_owned(),
            ),
            End::Fail => Some("its output ends in `FAIL`".to_owned()),
        }
    }

    fn tally(&self) -> Tally {
        if self.passed == 0 && self.skipped > 0 {
            return Tally::AllSkipped(None);
        }
        // Which run of several a warning on stderr belongs to is not known.
        let all_warned = self.ends > 0 && self.stderr_warnings >= self.ends;
        if all_warned || (self.is_verbose && self.passed == 0) {
            return Tally::Nothing(None);
        }
        Tally::Some
    }

    fn counts(&self, reported: TestCounts) -> Option<TestCounts> {
        // A benchmark's end is not reported.
        let passed = reported.passed + self.benchmarks;
        let is_known = self.is_verbose || matches!(self.tally(), Tally::Nothing(_));
        is_known.then_some(TestCounts { passed, ..reported })
    }

    fn was_marked(&self) -> bool {
        self.was_marked
    }

    fn marker(&self) -> Option<u8> {
        Some(MARKER)
    }

    fn advice(&self) -> &'static str {
        "A Go test binary that passes ends every test and then prints `PASS`; \
         a call of os.Exit in a test, or in TestMain before m.Run, is the usual reason. \
         For a program that does not print what Go's testing package does, set `framework: exit-code`."
    }
}

impl GoParser {
    /// For a program that was told to mark its lines.
    pub(super) fn framed() -> Self {
        Self { is_framed: true, is_verbose: true, needs_marker: true, ..Self::default() }
    }

    /// Whether the line is the framework's own; if so, takes it in.
    fn framework_line(&mut self, text: &[u8], is_marked: bool, on_test: &mut dyn FnMut(TestEvent)) -> bool {
        match text.first() {
            Some(b'P' | b'F') => self.final_line(text),
            Some(b'=') => self.update(text, on_test),
            Some(b'-' | b' ') => self.report(text, is_marked, on_test),
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
        self.ends += 1;
        self.messages.switch(String::new());
        let since = std::mem::take(&mut self.since);
        if !since.was_warned {
            self.passed += since.passed;
            self.skipped += since.skipped;
        }
        true
    }

    fn update(&mut self, text: &[u8], on_test: &mut dyn FnMut(TestEvent)) -> bool {
        let Some(update) = UPDATES.iter().find(|update| text.starts_with(update)) else {
            return false;
        };
        self.is_verbose = true;
        self.depth = 0;
        let name = text[update.len()..].trim_ascii();
        // Some have more behind the name, which holds no blanks.
        let name = name.split(|&byte| byte == b' ').next().unwrap_or_default();
        let test = reported(name);
        self.messages.switch(test.clone());
        if *update != UPDATES[0] {
            return true;
        }
        self.end = End::NotReached;
        if is_benchmark(name) {
            // Benchmarks are announced, but their end is not.
            self.announce_benchmark(name);
        } else if !name.is_empty() {
            self.running.start_below(&test);
            on_test(TestEvent::Started { test });
        }
        true
    }

    fn announce_benchmark(&mut self, name: &[u8]) {
        let is_below =
            |parent: &Vec<u8>| name.strip_prefix(&parent[..]).is_some_and(|rest| rest.starts_with(b"/"));
        if !self.since.benchmark.as_ref().is_some_and(is_below) {
            self.since.passed += 1;
            self.benchmarks += 1;
        }
        self.since.benchmark = Some(name.to_vec());
    }

    fn report(&mut self, text: &[u8], is_marked: bool, on_test: &mut dyn FnMut(TestEvent)) -> bool {
        let mut unindented = text;
        while let Some(rest) = unindented.strip_prefix(b"    ") {
            unindented = rest;
        }
        let indent = (text.len() - unindented.len()) / 4;
        let Some(report) = Report::parse(unindented) else {
            return false;
        };
        // Deeper than expected: a log that quotes a result.
        if indent > self.depth || !self.take(report, indent, is_marked, on_test) {
            return false;
        }
        self.depth = indent + 1;
        true
    }

    /// A result behind output that did not end its line (`dots...--- PASS: TestX (0.01s)`). test2json misses
    /// it, and then has a test without an end; a passing test must not fail for a missing newline. It is
    /// believed only of a test that runs.
    fn mid_line(&mut self, line: Line<'_>, on_test: &mut dyn FnMut(TestEvent)) -> bool {
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
        if !self.running.contains(&reported(report.name)) || !self.take(report, 0, false, on_test) {
            return false;
        }
        self.depth = 1;
        true
    }

    /// Whether the result can be the framework's; if so, reports it.
    fn take(
        &mut self,
        report: Report<'_>,
        depth: usize,
        is_marked: bool,
        on_test: &mut dyn FnMut(TestEvent),
    ) -> bool {
        let Some(outcome) = report.outcome else {
            return true;
        };
        let test = reported(report.name);
        let ran = self.running.finish(&test);
        let is_benchmark = is_benchmark(report.name);
        // Without -test.v only failures are printed, and no starts; of benchmarks never a start. And a marked
        // failure is one, also of a test that printed its own `PASS` before.
        let is_unannounced =
            ((!self.is_verbose || is_marked) && outcome == TestOutcome::Failed) || is_benchmark;
        if ran.is_none() && !is_unannounced {
            return false;
        }
        if outcome == TestOutcome::Failed && self.first_failed.is_none() {
            self.first_failed = Some(test.clone());
        }
        if is_benchmark {
            self.benchmark_did_not_pass(report.name, outcome);
        } else if ran.is_some_and(|ran| !ran.has_subtests) {
            self.since.passed += u64::from(outcome == TestOutcome::Passed);
            self.since.skipped += u64::from(outcome == TestOutcome::Skipped);
        } else {
            self.since.skipped += u64::from(outcome == TestOutcome::Skipped);
        }
        if ran.is_some() {
            on_test(TestEvent::Finished { test: test.clone(), outcome, duration_ms: report.duration_ms });
        } else {
            report_whole(test.clone(), outcome, report.duration_ms, on_test);
        }
        self.messages.finished(&test, outcome, depth, on_test);
        true
    }

    fn benchmark_did_not_pass(&mut self, name: &[u8], outcome: TestOutcome) {
        if self.since.benchmark.take_if(|announced| *announced == name).is_some() {
            self.since.passed -= 1;
            self.benchmarks -= 1;
        }
        self.since.skipped += u64::from(outcome == TestOutcome::Skipped);
    }

    fn other_output(&mut self, line: Line<'_>, on_test: &mut dyn FnMut(TestEvent)) {
        if self.running.is_empty() {
            self.since.was_warned |= line.is_ended && line.whole() == Some(NO_TESTS);
            // Marked output announces benchmarks; other output has their results alone.
            if !self.needs_marker && is_measurement(line.head) {
                self.since.passed += 1;
                self.benchmarks += 1;
            }
        }
        self.messages.output(line, on_test);
        if self.end == End::Pass
            && !self.is_verbose
            && !line.is_blank()
            && !line.head.starts_with(b"coverage: ")
        {
            self.end = End::PassAndMore;
        }
    }
}
