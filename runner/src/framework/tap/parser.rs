//! The Test Anything Protocol, versions 12 to 14. Indented lines are subtests and diagnostics: the test line
//! that follows a subtest speaks for it.

use lamex_protocol::event::{TestCounts, TestOutcome};

use super::lines::{Directive, Plan, TestPoint, parse_plan};
use crate::framework::event::{TestEvent, report_whole};
use crate::framework::evidence::Tally;
use crate::framework::lines::Line;
use crate::framework::parser::OutputParser;
use crate::framework::running::reported;
use crate::framework::text::{Text, message};

/// The most tests of one stream.
const MAX_TESTS: u64 = 1_000_000;

#[derive(Debug, Default)]
pub(super) struct TapParser {
    plan: Option<u64>,
    count: u64,
    /// A bit for each test number that came.
    seen: Vec<u64>,
    highest: u64,
    plan_came_last: bool,
    first_failed: Option<String>,
    /// The first thing that makes the stream no valid TAP, or its `Bail out!`.
    fault: Option<String>,
    /// `1..0 # SKIP reason`: why the stream has no tests.
    skip_all: Option<String>,
    /// Tests that passed and are not marked TODO.
    passed: u64,
    /// Tests that are marked SKIP.
    skipped: u64,
    /// The failed test that the diagnostics belong to that follow.
    diagnosed: Option<String>,
    diagnostics: Text,
}

impl OutputParser for TapParser {
    fn line(&mut self, line: Line<'_>, on_test: &mut dyn FnMut(TestEvent)) {
        let head = line.head;
        match head.first() {
            Some(b'o' | b'n') => {
                if let Some(point) = TestPoint::parse(head) {
                    self.report_diagnostics(on_test);
                    self.test(point, on_test);
                    return;
                }
            }
            Some(b'1') => {
                if let Some(plan) = line.whole().and_then(parse_plan) {
                    self.take_plan(plan);
                }
            }
            // At any depth: a subtest that gives up ends its parents too.
            Some(b'B' | b'b' | b' ' | b'\t') => {
                let text = head.trim_ascii_start();
                if text.len() >= 9 && text[..9].eq_ignore_ascii_case(b"Bail out!") {
                    let reason = reported(text[9..].trim_ascii());
                    let colon = if reason.is_empty() { "" } else { ": " };
                    self.object(format!("its output says `Bail out!`{colon}{reason}"));
                }
            }
            _ => {}
        }
        if self.diagnosed.is_some()
            && let Some(words) = diagnostic(head)
        {
            self.diagnostics.push(words);
        }
    }

    fn conclude(&mut self, _exit_code_zero: bool, on_test: &mut dyn FnMut(TestEvent)) {
        self.report_diagnostics(on_test);
    }

    fn objection(&self) -> Option<String> {
        if let Some(fault) = &self.fault {
            return Some(fault.clone());
        }
        if let Some(test) = &self.first_failed {
            return Some(format!("its test `{test}` failed"));
        }
        let Some(plan) = self.plan else {
            return Some("its output has no plan".to_owned());
        };
        let found = if plan != self.count {
            self.count.to_string()
        } else if self.highest > plan {
            format!("number {}", self.highest)
        } else {
            return None;
        };
        let plural = if plan == 1 { "" } else { "s" };
        Some(format!("its plan announces {plan} test{plural}, but its output has {found}"))
    }

    fn tally(&self) -> Tally {
        if self.passed > 0 {
            Tally::Some
        } else if self.skip_all.is_some() || self.skipped > 0 {
            Tally::AllSkipped(self.skip_all.clone().filter(|reason| !reason.is_empty()))
        } else if self.count > 0 {
            Tally::Nothing(Some("every test is marked TODO".to_owned()))
        } else {
            Tally::Nothing(Some("its plan is `1..0`, without `# SKIP` and a reason".to_owned()))
        }
    }

    fn counts(&self, reported: TestCounts) -> Option<TestCounts> {
        Some(reported)
    }

    fn advice(&self) -> &'static str {
        "TAP needs a plan (`1..N`), N test lines, and no `not ok` without TODO or SKIP. \
         For a program that does not print TAP, set `framework: exit-code`."
    }
}

impl TapParser {
    /// Reports what was said of the last test that failed.
    fn report_diagnostics(&mut self, on_test: &mut dyn FnMut(TestEvent)) {
        if let Some(test) = self.diagnosed.take()
            && let Some(message) = self.diagnostics.take()
        {
            on_test(TestEvent::Message { test, message });
        }
    }

    fn object(&mut self, fault: String) {
        self.fault.get_or_insert(fault);
    }

    fn take_plan(&mut self, plan: Plan<'_>) {
        if self.plan.is_some() {
            self.object("its output has two plans".to_owned());
            return;
        }
        self.plan = Some(plan.count);
        self.skip_all = plan.skip.filter(|_| plan.count == 0).map(reported);
        self.plan_came_last = self.count > 0;
    }

    fn test(&mut self, point: TestPoint<'_>, on_test: &mut dyn FnMut(TestEvent)) {
        self.count += 1;
        let number = point.number.unwrap_or(self.count);
        if self.plan_came_last {
            self.object(format!("its test {number} follows a plan at the end"));
        }
        if number == 0 || number > MAX_TESTS {
            self.object(format!("its test number {number} is not between 1 and {MAX_TESTS}"));
        } else if !self.mark(number) {
            self.object(format!("its output has test {number} twice"));
        }
        let test = if point.description.is_empty() {
            format!("test {number}")
        } else {
            reported(&point.description)
        };
        let outcome = match (point.is_ok, point.directive) {
            (true, None | Some(Directive::Todo)) => TestOutcome::Passed,
            (_, Some(Directive::Skip)) | (false, Some(Directive::Todo)) => TestOutcome::Skipped,
            (false, None) => TestOutcome::Failed,
        };
        match (outcome, point.directive) {
            (TestOutcome::Passed, None) => self.passed += 1,
            (_, Some(Directive::Skip)) => self.skipped += 1,
            _ => {}
        }
        if outcome == TestOutcome::Failed {
            self.first_failed.get_or_insert_with(|| test.clone());
            self.diagnosed = Some(test.clone());
        }
        report_whole(test.clone(), outcome, None, on_test);
        if let Some(message) = message(&String::from_utf8_lossy(point.reason)) {
            on_test(TestEvent::Message { test, message });
        }
    }

    /// Whether the number is new.
    fn mark(&mut self, number: u64) -> bool {
        self.highest = self.highest.max(number);
        let (word, bit) = ((number / 64) as usize, 1 << (number % 64));
        if self.seen.len() <= word {
            self.seen.resize(word + 1, 0);
        }
        let is_new = self.seen[word] & bit == 0;
        self.seen[word] |= bit;
        is_new
    }
}

/// A line that says more of a test: `# words`, or one of an indented block between `---` and `...`. Subtests are
/// indented too; what they print is their parent's affair as well.
fn diagnostic(line: &[u8]) -> Option<&[u8]> {
    if let Some(words) = line.strip_prefix(b"#") {
        return Some(words.strip_prefix(b" ").unwrap_or(words));
    }
    let words = line.trim_ascii();
    let is_indented = line.first().is_some_and(|byte| matches!(byte, b' ' | b'\t'));
    (is_indented && words != b"---" && words != b"...").then_some(line)
}
