//! The reader of a command's stdout, whichever its framework.

use lamex_protocol::event::{TestCounts, TestOutcome};
use lamex_protocol::plan::Framework;

use super::go::{Go, MARKER};
use super::gtest::Gtest;
use super::libtest::Libtest;
use super::lines::{Line, Lines};
use super::tap::Tap;

/// What became of a test. Every `Finished` follows a `Started` of the same test; a test that the process
/// did not survive has no `Finished`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestEvent {
    Started {
        test: String,
    },
    Finished {
        test: String,
        outcome: TestOutcome,
        /// As the framework printed it.
        duration_ms: Option<u64>,
    },
    /// Why the test failed or was skipped, in the framework's words; also after its end. It has at most
    /// [`lamex_protocol::event::MAX_TEST_MESSAGE_BYTES`].
    Message {
        test: String,
        message: String,
    },
}

/// Whether the framework's output bears out an exit code of 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conclusion {
    Agrees,
    /// It does not, and the command must not count as passed. The sentence says what is missing and what
    /// to do.
    Contradicts(String),
    /// The framework came to its end and ran no test; with what its output says of the reason.
    NothingRan(Option<String>),
    /// Every test was skipped; with the reason where one stands for all.
    AllSkipped(Option<String>),
}

/// What the whole output says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Findings {
    pub conclusion: Conclusion,
    /// `None` where the output does not tell.
    pub tests: Option<TestCounts>,
    /// Lines of the framework's own were marked, as those of Go under `-test.v=test2json`.
    pub was_marked: bool,
}

/// How much of a suite ran that came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tally {
    /// At least one test passed, or the output does not tell.
    Some,
    Nothing(Option<String>),
    AllSkipped(Option<String>),
}

/// Reads output as it comes, in pieces of any size, in bounded memory.
#[derive(Debug)]
pub struct Reader {
    lines: Lines,
    stderr_lines: Lines,
    parser: Parser,
    /// Tests whose end was told.
    told: TestCounts,
}

#[derive(Debug)]
enum Parser {
    ExitCode,
    Go(Box<Go>),
    Libtest(Box<Libtest>),
    Gtest(Gtest),
    Tap(Tap),
}

impl Reader {
    #[must_use]
    pub fn new(framework: Framework) -> Self {
        let (lines, parser) = match framework {
            Framework::ExitCode => (Lines::default(), Parser::ExitCode),
            Framework::Go => (Lines::with_marker(MARKER), Parser::Go(Box::default())),
            Framework::Libtest => (Lines::default(), Parser::Libtest(Box::default())),
            Framework::Gtest => (Lines::default(), Parser::Gtest(Gtest::default())),
            Framework::Tap => (Lines::default(), Parser::Tap(Tap::default())),
        };
        Self { lines, stderr_lines: Lines::default(), parser, told: TestCounts::default() }
    }

    /// For a Go test binary that was given `-test.v=test2json`: only lines that it marked count.
    #[must_use]
    pub fn of_marked_go() -> Self {
        Self { parser: Parser::Go(Box::new(Go::framed())), ..Self::new(Framework::Go) }
    }

    /// Takes the next bytes of stdout.
    pub fn feed(&mut self, bytes: &[u8], on_test: &mut impl FnMut(TestEvent)) {
        let on_test = &mut counting(&mut self.told, on_test);
        match &mut self.parser {
            Parser::ExitCode => {}
            Parser::Libtest(libtest) => {
                self.lines.feed(bytes, |line| libtest.line(line, on_test));
                libtest.beginning(self.lines.beginning(), on_test);
            }
            parser => self.lines.feed(bytes, |line| parser.line(line, on_test)),
        }
    }

    /// Takes the next bytes of stderr.
    pub fn feed_stderr(&mut self, bytes: &[u8]) {
        match &mut self.parser {
            Parser::Go(go) => self.stderr_lines.feed(bytes, |line| go.stderr_line(line)),
            Parser::Libtest(libtest) => self.stderr_lines.feed(bytes, |line| libtest.stderr_line(line)),
            Parser::ExitCode | Parser::Gtest(_) | Parser::Tap(_) => {}
        }
    }

    /// Concludes, after the last byte. An exit code other than 0 is a failure whatever the output says.
    #[must_use]
    pub fn finish(mut self, exit_code_zero: bool, on_test: &mut impl FnMut(TestEvent)) -> Findings {
        if let Some(line) = self.lines.last() {
            self.parser.line(line, &mut counting(&mut self.told, on_test));
        }
        match &mut self.parser {
            Parser::Go(go) => go.conclude(exit_code_zero, on_test),
            Parser::Libtest(libtest) => libtest.conclude(on_test),
            Parser::Tap(tap) => tap.conclude(on_test),
            Parser::ExitCode | Parser::Gtest(_) => {}
        }
        let (objection, tally, tests) = match &self.parser {
            Parser::ExitCode => (None, Tally::Some, None),
            Parser::Go(go) => (go.objection(), go.tally(), go.counts(self.told)),
            Parser::Libtest(libtest) => (libtest.objection(), libtest.tally(), libtest.counts(self.told)),
            Parser::Gtest(gtest) => (gtest.objection(), gtest.tally(), gtest.counts(self.told)),
            Parser::Tap(tap) => (tap.objection(), tap.tally(), Some(self.told)),
        };
        let conclusion = match (exit_code_zero, objection, tally) {
            (false, ..) | (true, None, Tally::Some) => Conclusion::Agrees,
            (true, Some(objection), _) => Conclusion::Contradicts(format!(
                "it exited with 0, but {objection}. {}",
                self.parser.advice()
            )),
            (true, None, Tally::Nothing(reason)) => Conclusion::NothingRan(reason),
            (true, None, Tally::AllSkipped(reason)) => Conclusion::AllSkipped(reason),
        };
        let was_marked = matches!(&self.parser, Parser::Go(go) if go.was_marked());
        Findings { conclusion, tests, was_marked }
    }
}

/// Counts the tests that end.
fn counting(told: &mut TestCounts, on_test: &mut impl FnMut(TestEvent)) -> impl FnMut(TestEvent) {
    |event| {
        if let TestEvent::Finished { outcome, .. } = &event {
            told.add(*outcome);
        }
        on_test(event);
    }
}

impl Parser {
    fn line(&mut self, line: Line<'_>, on_test: &mut impl FnMut(TestEvent)) {
        match self {
            Self::ExitCode => {}
            Self::Go(go) => go.line(line, on_test),
            Self::Libtest(libtest) => libtest.line(line, on_test),
            Self::Gtest(gtest) => gtest.line(line, on_test),
            Self::Tap(tap) => tap.line(line, on_test),
        }
    }

    fn advice(&self) -> &'static str {
        match self {
            Self::ExitCode => "",
            Self::Go(_) => {
                "A Go test binary that passes ends every test and then prints `PASS`; \
                 a call of os.Exit in a test, or in TestMain before m.Run, is the usual reason. \
                 For a program that does not print what Go's testing package does, set `framework: exit-code`."
            }
            Self::Libtest(_) => {
                "Rust's test harness prints `test result: ok.` for every `running N tests`; \
                 a call of std::process::exit in a test is the usual reason. \
                 For a program that does not print that (also with --format json), set `framework: exit-code`."
            }
            Self::Gtest(_) => {
                "A GoogleTest binary that passes prints `[==========] N tests ran.` and then `[  PASSED  ]`; \
                 a call of exit in a test is the usual reason. \
                 For a program that does not print that, set `framework: exit-code`."
            }
            Self::Tap(_) => {
                "TAP needs a plan (`1..N`), N test lines, and no `not ok` without TODO or SKIP. \
                 For a program that does not print TAP, set `framework: exit-code`."
            }
        }
    }
}

/// Tells of a test that was first heard of when it ended.
pub(super) fn report_whole(
    test: String,
    outcome: TestOutcome,
    duration_ms: Option<u64>,
    on_test: &mut impl FnMut(TestEvent),
) {
    on_test(TestEvent::Started { test: test.clone() });
    on_test(TestEvent::Finished { test, outcome, duration_ms });
}

/// Decimal seconds, such as `1.25`, in milliseconds.
pub(super) fn seconds_to_ms(text: &[u8]) -> Option<u64> {
    let seconds: f64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    // A year; also keeps out NaN and infinity.
    let is_duration = (0.0..=31_536_000.0).contains(&seconds);
    is_duration.then(|| (seconds * 1000.0).round() as u64)
}
