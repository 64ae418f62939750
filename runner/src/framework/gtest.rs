//! GoogleTest, in its usual and its brief format.

use lamex_protocol::event::TestOutcome;
use memchr::memmem;

use super::lines::Line;
use super::names::{Running, reported};
use super::reader::{TestEvent, report_whole};

const RUN: &[u8] = b"[ RUN      ] ";
const OK: &[u8] = b"[       OK ] ";
const FAILED: &[u8] = b"[  FAILED  ] ";
const SKIPPED: &[u8] = b"[  SKIPPED ] ";
const PASSED: &[u8] = b"[  PASSED  ] ";
const FRAME: &[u8] = b"[==========] ";

#[derive(Debug, Default)]
pub(super) struct Gtest {
    running: Running,
    /// This iteration announces its tests: `--gtest_brief` does not.
    announces: bool,
    progress: Progress,
    first_failed: Option<String>,
    /// The recap named something that failed, such as a suite's set-up.
    recap_failed: bool,
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

impl Gtest {
    pub(super) fn line(&mut self, line: Line<'_>, on_test: &mut impl FnMut(TestEvent)) {
        let head = line.head;
        if head.starts_with(b"[") {
            if self.framework_line(line, on_test) {
                return;
            }
        } else if head.starts_with(b"Repeating all tests (iteration ") && self.running.is_empty() {
            self.begin_iteration();
        }
        self.mid_line(line, on_test);
    }

    /// What the output leaves unproven, as a clause.
    pub(super) fn objection(&self) -> Option<String> {
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

    /// Whether the line is the framework's own; if so, takes it in.
    fn framework_line(&mut self, line: Line<'_>, on_test: &mut impl FnMut(TestEvent)) -> bool {
        let head = line.head;
        if let Some(name) = head.strip_prefix(RUN) {
            self.start(name, on_test)
        } else if let Some(text) = head.strip_prefix(FRAME) {
            self.frame(text)
        } else if head.starts_with(PASSED) && self.progress == Progress::Ran {
            self.progress = Progress::Recap;
            true
        } else if self.progress == Progress::Recap {
            self.recap_failed |= head.starts_with(FAILED);
            true
        } else {
            // The value of a parameter can hold line breaks: then the duration is on a later line.
            let result = Outcome::parse(head);
            result.is_some_and(|result| self.finish(result, duration_ms(line.tail), on_test))
        }
    }

    fn start(&mut self, name: &[u8], on_test: &mut impl FnMut(TestEvent)) -> bool {
        let name = name.trim_ascii();
        if name.is_empty() {
            return false;
        }
        self.announces = true;
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
        }
        true
    }

    fn begin_iteration(&mut self) {
        self.announces = false;
        self.progress = Progress::Testing;
    }

    /// A result behind output that did not end its line; believed only of a test that runs.
    fn mid_line(&mut self, line: Line<'_>, on_test: &mut impl FnMut(TestEvent)) {
        if self.running.is_empty() || !line.tail.ends_with(b" ms)") {
            return;
        }
        let start =
            [OK, FAILED, SKIPPED].into_iter().filter_map(|prefix| memmem::rfind(line.tail, prefix)).max();
        if let Some(outcome) = start.and_then(|start| Outcome::parse(&line.tail[start..]))
            && self.running.contains(&reported(outcome.name))
        {
            self.finish(outcome, duration_ms(line.tail), on_test);
        }
    }

    /// Whether the result can be the framework's; if so, reports it.
    fn finish(
        &mut self,
        Outcome { outcome, name }: Outcome<'_>,
        duration_ms: Option<u64>,
        on_test: &mut impl FnMut(TestEvent),
    ) -> bool {
        let test = reported(name);
        let was_running = self.running.finish(&test);
        let is_unannounced = !self.announces && outcome == TestOutcome::Failed && duration_ms.is_some();
        if !was_running && !is_unannounced {
            return false;
        }
        if outcome == TestOutcome::Failed && self.first_failed.is_none() {
            self.first_failed = Some(test.clone());
        }
        if was_running {
            on_test(TestEvent::Finished { test, outcome, duration_ms });
        } else {
            report_whole(test, outcome, duration_ms, on_test);
        }
        true
    }
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
