//! Rust's test harness, in its default (pretty) and its terse format.

use lamex_protocol::event::{TestCounts, TestOutcome};

use super::lines::{
    Ending, Summary, ignored_reason, parse_summary, result_at_end, running_count, split_test_line,
    whole_result,
};
use super::messages::LibtestMessages;
use crate::framework::event::TestEvent;
use crate::framework::evidence::Tally;
use crate::framework::lines::Line;
use crate::framework::parser::OutputParser;
use crate::framework::running::reported;
use crate::framework::text::message;

/// How many `running N tests` may be open at once: a test can run other test binaries, which print theirs.
const MAX_OPEN: usize = 64;

#[derive(Debug, Default)]
pub(super) struct LibtestParser {
    /// Each `running N tests` that has no `test result:` yet. Only the first is this process's own, and
    /// only its tests are reported: the harness does not nest, but its tests may run others or print such
    /// lines.
    open: Vec<Block>,
    too_many_open: bool,
    closed: u64,
    failed: bool,
    first_failed: Option<String>,
    /// The test whose result comes at the end of a later line, behind its own output: the harness prints
    /// `test NAME ... ` before it runs the test when it runs one at a time.
    pending: Option<Pending>,
    /// The line that is being read has announced its test already.
    announced: bool,
    /// Between the last test and `test result:` the output of tests is quoted.
    is_recap: bool,
    /// Of all that this process ran, as the summaries count them.
    summary: TestCounts,
    filtered_out: u64,
    messages: LibtestMessages,
}

#[derive(Debug)]
struct Block {
    /// The N of `running N tests`.
    count: u64,
    announced: u64,
}

#[derive(Debug)]
struct Pending {
    test: String,
    /// What the last line ended in, if that is a result. Only the next line of the harness tells a result
    /// from a test that printed `ok`.
    ending: Option<Ending>,
}

impl OutputParser for LibtestParser {
    fn line(&mut self, line: Line<'_>, on_test: &mut dyn FnMut(TestEvent)) {
        let was_announced = std::mem::take(&mut self.announced);
        if self.is_recap {
            self.messages.recap_line(line, on_test);
        }
        if line.is_blank() {
            return;
        }
        if was_announced || self.announce(line.head, on_test) {
            self.first_line_of_pending(line, on_test);
        } else if !self.framework_line(line, on_test) {
            self.output_of_pending(line);
        }
    }

    fn beginning(&mut self, text: &[u8], on_test: &mut dyn FnMut(TestEvent)) {
        if !self.announced {
            self.announced = self.announce(text, on_test);
        }
    }

    fn stderr_line(&mut self, line: Line<'_>) {
        self.messages.stderr_line(line);
    }

    fn conclude(&mut self, _exit_code_zero: bool, on_test: &mut dyn FnMut(TestEvent)) {
        self.messages.conclude(on_test);
    }

    fn objection(&self) -> Option<String> {
        if self.too_many_open {
            return Some(format!(
                "its output has more than {MAX_OPEN} lines `running N tests` without a result"
            ));
        }
        if let Some(Block { count, .. }) = self.open.first() {
            let plural = if *count == 1 { "" } else { "s" };
            let unended = match &self.pending {
                Some(pending) => format!(", its test `{}` never ended", pending.test),
                None => String::new(),
            };
            return Some(format!(
                "its line `running {count} test{plural}` is not followed by `test result: ok.` for as many tests{unended}"
            ));
        }
        if let Some(test) = &self.first_failed {
            return Some(format!("its test `{test}` failed"));
        }
        if self.failed {
            return Some("its output has a line `test result: FAILED`".to_owned());
        }
        (self.closed == 0).then(|| "its output has no line `running N tests`".to_owned())
    }

    fn tally(&self) -> Tally {
        match self.summary {
            TestCounts { passed: 1.., .. } => Tally::Some,
            TestCounts { skipped: 1.., .. } => Tally::AllSkipped(None),
            _ => Tally::Nothing(
                (self.filtered_out > 0)
                    .then(|| format!("{} of its tests were filtered out", self.filtered_out)),
            ),
        }
    }

    fn counts(&self, reported: TestCounts) -> Option<TestCounts> {
        if self.open.is_empty() && self.closed > 0 {
            return Some(self.summary);
        }
        // The last summary is missing.
        (reported.total() > 0).then_some(reported)
    }

    fn advice(&self) -> &'static str {
        "Rust's test harness prints `test result: ok.` for every `running N tests`; \
         a call of std::process::exit in a test is the usual reason. \
         For a program that does not print that (also with --format json), set `framework: exit-code`."
    }
}

impl LibtestParser {
    /// Whether the text begins the harness's line of a test; if so, announces that test.
    fn announce(&mut self, text: &[u8], on_test: &mut dyn FnMut(TestEvent)) -> bool {
        let ([block], false, true) = (&mut self.open[..], self.is_recap, is_idle(&self.pending)) else {
            return false;
        };
        let Some((name, _)) = split_test_line(text) else {
            return false;
        };
        block.announced += 1;
        self.finish_pending(on_test);
        let test = reported(name);
        on_test(TestEvent::Started { test: test.clone() });
        self.pending = Some(Pending { test, ending: None });
        true
    }

    /// Whether the line is one of the harness's others; if so, takes it in.
    fn framework_line(&mut self, line: Line<'_>, on_test: &mut dyn FnMut(TestEvent)) -> bool {
        let Some(text) = line.whole() else {
            return false;
        };
        if let Some(summary) = parse_summary(text) {
            return self.result(summary, on_test);
        }
        if let Some(count) = running_count(text) {
            self.open(count);
            // The pending test may have printed it.
            return self.pending.is_none();
        }
        if let (b"failures:" | b"successes:", [block]) = (text, &self.open[..])
            && is_idle(&self.pending)
            // The terse format announces no test.
            && (block.announced == block.count || block.announced == 0)
        {
            self.finish_pending(on_test);
            self.is_recap = true;
            return true;
        }
        false
    }

    fn open(&mut self, count: u64) {
        if self.is_recap {
            return;
        }
        if self.open.len() == MAX_OPEN {
            self.too_many_open = true;
        } else {
            self.open.push(Block { count, announced: 0 });
        }
    }

    /// Whether the result is one of an open block; what was opened within that block goes with it. A result
    /// for another number of tests is a quotation.
    fn result(&mut self, summary: Summary, on_test: &mut dyn FnMut(TestEvent)) -> bool {
        let count = summary.counts.total();
        let Some(depth) = self.open.iter().rposition(|block| block.count == count) else {
            return false;
        };
        let is_last = depth + 1 == self.open.len();
        self.open.truncate(depth);
        if depth > 0 {
            return false;
        }
        if is_last {
            self.finish_pending(on_test);
        } else {
            // What was printed since may have been taken for the test's result, or not.
            self.pending = None;
        }
        self.closed += 1;
        self.failed |= !summary.is_ok;
        self.is_recap = false;
        self.summary.passed += summary.counts.passed;
        self.summary.failed += summary.counts.failed;
        self.summary.skipped += summary.counts.skipped;
        self.filtered_out += summary.filtered_out;
        self.messages.end_section(on_test);
        true
    }

    fn first_line_of_pending(&mut self, line: Line<'_>, on_test: &mut dyn FnMut(TestEvent)) {
        // Exactly a result: the harness captured what the test printed, or the test printed nothing.
        let rest = line.whole().and_then(split_test_line).map(|(_, rest)| rest);
        match (rest.and_then(whole_result), &mut self.pending) {
            (Some(result), Some(pending)) => {
                pending.ending = Some(result);
                let reason = rest.and_then(ignored_reason);
                let reason = reason.and_then(|reason| message(&String::from_utf8_lossy(reason)));
                let test = reason.is_some().then(|| pending.test.clone());
                self.finish_pending(on_test);
                if let (Some(test), Some(message)) = (test, reason) {
                    on_test(TestEvent::Message { test, message });
                }
            }
            _ => self.output_of_pending(line),
        }
    }

    fn output_of_pending(&mut self, line: Line<'_>) {
        if let Some(pending) = &mut self.pending {
            pending.ending = if line.is_ended { result_at_end(line.tail) } else { None };
        }
    }

    fn finish_pending(&mut self, on_test: &mut dyn FnMut(TestEvent)) {
        let Some(Pending { test, ending }) = self.pending.take() else {
            return;
        };
        let Some((outcome, duration_ms)) = ending else {
            return;
        };
        if outcome == TestOutcome::Failed {
            self.first_failed.get_or_insert_with(|| test.clone());
            self.messages.failed(&test);
        }
        on_test(TestEvent::Finished { test, outcome, duration_ms });
    }
}

/// Whether the next line can be the harness's own: not while a test that has not ended prints.
fn is_idle(pending: &Option<Pending>) -> bool {
    pending.as_ref().is_none_or(|pending| pending.ending.is_some())
}
