//! GoogleTest, in its usual and its brief format.

use lamex_protocol::event::{TestCounts, TestOutcome};
use memchr::memmem;

use crate::framework::event::{TestEvent, report_whole};
use crate::framework::evidence::Tally;
use crate::framework::lines::Line;
use crate::framework::parser::OutputParser;
use crate::framework::running::{Running, reported};
use crate::framework::text::{Text, message};

const RUN: &[u8] = b"[ RUN      ] ";
const OK: &[u8] = b"[       OK ] ";
const FAILED: &[u8] = b"[  FAILED  ] ";
const SKIPPED: &[u8] = b"[  SKIPPED ] ";
const PASSED: &[u8] = b"[  PASSED  ] ";
const FRAME: &[u8] = b"[==========] ";

#[derive(Debug, Default)]
pub(super) struct GtestParser {
    running: Running,
    /// This iteration announces its tests: `--gtest_brief` does not.
    announces: bool,
    progress: Progress,
    first_failed: Option<String>,
    /// The recap named something that failed, such as a suite's set-up.
    recap_failed: bool,
    /// An iteration announced its tests.
    announced: bool,
    /// As the summaries of all iterations count them.
    summary: TestCounts,
    ran: u64,
    has_summary: bool,
    /// `YOU HAVE N DISABLED TESTS`.
    disabled: Option<u64>,
    /// What was printed of the running test since its first failure.
    words: Text,
}

/// Of one iteration; `--gtest_repeat` makes several.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Progress {
    #[default]
    Testing,
    /// `[==========] N tests from M test suites ran.`
    Ran,
    /// Then `[  PASSED  ] N tests.`, and the recap of what was skipped or failed.
    Recap,
}

impl OutputParser for GtestParser {
    fn line(&mut self, line: Line<'_>, on_test: &mut dyn FnMut(TestEvent)) {
        let head = line.head;
        if head.starts_with(b"[") {
            if self.framework_line(line, on_test) {
                return;
            }
        } else if head.starts_with(b"Repeating all tests (iteration ") && self.running.is_empty() {
            self.begin_iteration();
        } else if self.progress == Progress::Recap
            && let Some(count) = head.strip_prefix(b"  YOU HAVE ").and_then(number)
        {
            self.disabled = Some(count);
        }
        if !self.mid_line(line, on_test) {
            self.keep_words(line);
        }
    }

    fn objection(&self) -> Option<String> {
        if let Some(objection) = self.running.objection() {
            return Some(objection);
        }
        if let Some(test) = &self.first_failed {
            return Some(format!("its test `{test}` failed"));
        }
        if self.recap_failed {
            return Some("its summary names a failure".to_owned());
        }
        (self.progress != Progress::Recap)
            .then(|| "its output does not end in GoogleTest's summary".to_owned())
    }

    fn tally(&self) -> Tally {
        match self.summary {
            TestCounts { passed: 1.., .. } => Tally::Some,
            TestCounts { skipped: 1.., .. } => Tally::AllSkipped(None),
            _ => Tally::Nothing(self.disabled.map(|count| format!("{count} of its tests are disabled"))),
        }
    }

    fn counts(&self, reported: TestCounts) -> Option<TestCounts> {
        if self.announced {
            Some(reported)
        } else if self.has_summary {
            // A brief summary does not count failures.
            let TestCounts { passed, skipped, .. } = self.summary;
            Some(TestCounts { failed: self.ran.saturating_sub(passed + skipped), ..self.summary })
        } else {
            (reported.total() > 0).then_some(reported)
        }
    }

    fn advice(&self) -> &'static str {
        "A GoogleTest binary that passes prints `[==========] N tests ran.` and then `[  PASSED  ]`; \
         a call of exit in a test is the usual reason. \
         For a program that does not print that, set `framework: exit-code`."
    }
}

impl GtestParser {
    /// From the first failure on: GoogleTest begins each with `FILE:LINE: Failure`, and a skip likewise.
    fn keep_words(&mut self, line: Line<'_>) {
        // A brief GoogleTest does not say which test it skipped.
        let begins =
            || line.tail.ends_with(b": Failure") || (self.announces && line.tail.ends_with(b": Skipped"));
        let has_begun = self.words.len() > 0;
        if self.progress != Progress::Recap && (has_begun || begins()) && !self.words.is_full() {
            self.words.push(line.head);
        }
    }

    /// Whether the line is the framework's own; if so, takes it in.
    fn framework_line(&mut self, line: Line<'_>, on_test: &mut dyn FnMut(TestEvent)) -> bool {
        let head = line.head;
        if let Some(name) = head.strip_prefix(RUN) {
            self.start(name, on_test)
        } else if let Some(text) = head.strip_prefix(FRAME) {
            self.frame(text)
        } else if let Some(count) = head.strip_prefix(PASSED)
            && self.progress == Progress::Ran
        {
            self.progress = Progress::Recap;
            self.has_summary = true;
            self.summary.passed += number(count).unwrap_or(0);
            true
        } else if self.progress == Progress::Recap {
            self.recap(head);
            true
        } else {
            // The value of a parameter can hold line breaks: then the duration is on a later line.
            let result = Outcome::parse(head);
            result.is_some_and(|result| self.finish(result, duration_ms(line.tail), on_test))
        }
    }

    /// `[  SKIPPED ] 1 test, listed below:`, then a line for each; with --gtest_brief the first alone.
    fn recap(&mut self, head: &[u8]) {
        self.recap_failed |= head.starts_with(FAILED);
        let count_of =
            |prefix: &[u8]| head.strip_prefix(prefix).filter(|rest| is_count(rest)).and_then(number);
        self.summary.skipped += count_of(SKIPPED).unwrap_or(0);
        self.summary.failed += count_of(FAILED).unwrap_or(0);
    }

    fn start(&mut self, name: &[u8], on_test: &mut dyn FnMut(TestEvent)) -> bool {
        let name = name.trim_ascii();
        if name.is_empty() {
            return false;
        }
        self.announces = true;
        self.announced = true;
        self.words.clear();
        self.progress = Progress::Testing;
        let test = reported(name);
        self.running.start(&test);
        on_test(TestEvent::Started { test });
        true
    }

    fn frame(&mut self, text: &[u8]) -> bool {
        // While a test runs, it is the test that printed it.
        if !self.running.is_empty() {
            return false;
        }
        if text.starts_with(b"Running ") {
            self.begin_iteration();
        } else if memmem::find(text, b" ran.").is_some() {
            self.progress = Progress::Ran;
            self.ran += number(text).unwrap_or(0);
        }
        true
    }

    fn begin_iteration(&mut self) {
        self.announces = false;
        self.progress = Progress::Testing;
    }

    /// A result behind output that did not end its line; believed only of a test that runs.
    fn mid_line(&mut self, line: Line<'_>, on_test: &mut dyn FnMut(TestEvent)) -> bool {
        if self.running.is_empty() || !line.tail.ends_with(b" ms)") {
            return false;
        }
        let start =
            [OK, FAILED, SKIPPED].into_iter().filter_map(|prefix| memmem::rfind(line.tail, prefix)).max();
        if let Some(outcome) = start.and_then(|start| Outcome::parse(&line.tail[start..]))
            && self.running.contains(&reported(outcome.name))
        {
            return self.finish(outcome, duration_ms(line.tail), on_test);
        }
        false
    }

    /// Whether the result can be the framework's; if so, reports it.
    fn finish(
        &mut self,
        Outcome { outcome, name }: Outcome<'_>,
        duration_ms: Option<u64>,
        on_test: &mut dyn FnMut(TestEvent),
    ) -> bool {
        let test = reported(name);
        let was_running = self.running.finish(&test).is_some();
        let is_unannounced = !self.announces && outcome == TestOutcome::Failed && duration_ms.is_some();
        if !was_running && !is_unannounced {
            return false;
        }
        if outcome == TestOutcome::Failed && self.first_failed.is_none() {
            self.first_failed = Some(test.clone());
        }
        if was_running {
            on_test(TestEvent::Finished { test: test.clone(), outcome, duration_ms });
        } else {
            report_whole(test.clone(), outcome, duration_ms, on_test);
        }
        let words = match (self.words.take(), outcome) {
            (Some(words), TestOutcome::Failed) => Some(words),
            // Behind `FILE:LINE: Skipped`.
            (Some(words), TestOutcome::Skipped) => {
                words.split_once('\n').and_then(|(_, reason)| message(reason))
            }
            _ => None,
        };
        if let Some(message) = words {
            on_test(TestEvent::Message { test, message });
        }
        true
    }
}

/// The number that the text begins with.
fn number(text: &[u8]) -> Option<u64> {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&text[..digits]).ok()?.parse().ok()
}

/// `2 tests, listed below:`, which the name of a test is not.
fn is_count(text: &[u8]) -> bool {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    digits > 0 && text[digits..].starts_with(b" test")
}

/// `[  FAILED  ] Orders/Suite.Name/0, where GetParam() = 1 (12 ms)`.
#[derive(Debug, Clone, Copy)]
struct Outcome<'a> {
    outcome: TestOutcome,
    name: &'a [u8],
}

impl<'a> Outcome<'a> {
    fn parse(text: &'a [u8]) -> Option<Self> {
        let (outcome, rest) =
            [(TestOutcome::Passed, OK), (TestOutcome::Failed, FAILED), (TestOutcome::Skipped, SKIPPED)]
                .into_iter()
                .find_map(|(outcome, prefix)| Some((outcome, text.strip_prefix(prefix)?)))?;
        let ends = [&b", where "[..], b" ("].into_iter();
        let end = ends.filter_map(|end| memmem::find(rest, end)).min()?;
        let name = rest[..end].trim_ascii();
        (!name.is_empty()).then_some(Self { outcome, name })
    }
}

/// The N of `(N ms)` at the end.
fn duration_ms(text: &[u8]) -> Option<u64> {
    let text = text.strip_suffix(b" ms)")?;
    let start = memchr::memrchr(b'(', text)? + 1;
    std::str::from_utf8(&text[start..]).ok()?.parse().ok()
}
