//! The reader of a command's stdout, whichever its framework.

use lamex_protocol::event::TestOutcome;
use lamex_protocol::plan::Framework;

use super::go::Go;
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
}

/// Whether the framework's output bears out an exit code of 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conclusion {
    Agrees,
    /// It does not, and the command must not count as passed. The sentence says what is missing and what
    /// to do.
    Contradicts(String),
}

/// Reads stdout as it comes, in pieces of any size, in bounded memory.
#[derive(Debug)]
pub struct Reader {
    lines: Lines,
    parser: Parser,
}

#[derive(Debug)]
enum Parser {
    ExitCode,
    Go(Go),
    Libtest(Libtest),
    Gtest(Gtest),
    Tap(Tap),
}

impl Reader {
    #[must_use]
    pub fn new(framework: Framework) -> Self {
        let (lines, parser) = match framework {
            Framework::ExitCode => (Lines::default(), Parser::ExitCode),
            Framework::Go => (Lines::with_marker(super::go::MARKER), Parser::Go(Go::default())),
            Framework::Libtest => (Lines::default(), Parser::Libtest(Libtest::default())),
            Framework::Gtest => (Lines::default(), Parser::Gtest(Gtest::default())),
            Framework::Tap => (Lines::default(), Parser::Tap(Tap::default())),
        };
        Self { lines, parser }
    }

    /// Takes the next bytes of stdout.
    pub fn feed(&mut self, bytes: &[u8], on_test: &mut impl FnMut(TestEvent)) {
        match &mut self.parser {
            Parser::ExitCode => {}
            Parser::Go(go) => self.lines.feed(bytes, |line| go.line(line, on_test)),
            Parser::Libtest(libtest) => {
                self.lines.feed(bytes, |line| libtest.line(line, on_test));
                libtest.beginning(self.lines.beginning(), on_test);
            }
            Parser::Gtest(gtest) => self.lines.feed(bytes, |line| gtest.line(line, on_test)),
            Parser::Tap(tap) => self.lines.feed(bytes, |line| tap.line(line, on_test)),
        }
    }

    /// Concludes, after the last byte. An exit code other than 0 is a failure whatever the output says.
    #[must_use]
    pub fn finish(mut self, exit_code_zero: bool, on_test: &mut impl FnMut(TestEvent)) -> Conclusion {
        if let Some(line) = self.lines.last() {
            self.parser.line(line, on_test);
        }
        let objection = match &self.parser {
            Parser::ExitCode => None,
            Parser::Go(go) => go.objection(),
            Parser::Libtest(libtest) => libtest.objection(),
            Parser::Gtest(gtest) => gtest.objection(),
            Parser::Tap(tap) => tap.objection(),
        };
        match objection {
            Some(objection) if exit_code_zero => Conclusion::Contradicts(format!(
                "it exited with 0, but {objection}. {}",
                self.parser.advice()
            )),
            _ => Conclusion::Agrees,
        }
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
                 a call of os.Exit in a test is the usual reason. \
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
