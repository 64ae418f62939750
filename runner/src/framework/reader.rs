//! Drives a framework's parser over a command's output.

use lamex_protocol::event::{Framing, TestCounts};
use lamex_protocol::plan::Framework;

use super::event::TestEvent;
use super::evidence::{Evidence, Findings, Tally};
use super::known::known;
use super::lines::Lines;
use super::parser::OutputParser;

/// Reads output as it comes, in pieces of any size, in bounded memory.
#[derive(Debug)]
pub struct Reader {
    stdout: Lines,
    stderr: Lines,
    /// `None` if the output proves nothing and the exit code everything.
    parser: Option<Box<dyn OutputParser>>,
    /// Tests whose end was reported.
    reported: TestCounts,
}

impl Reader {
    /// With [`Framing::Test2json`], of a Go test binary that was given `-test.v=test2json`, only lines that it
    /// marked count.
    #[must_use]
    pub fn new(framework: Framework, framing: Option<Framing>) -> Self {
        let parser = known(framework).parser(framing);
        let marker = parser.as_ref().and_then(|parser| parser.marker());
        Self { stdout: Lines::new(marker), stderr: Lines::new(None), parser, reported: TestCounts::default() }
    }

    /// Takes the next bytes of stdout.
    pub fn feed(&mut self, bytes: &[u8], on_test: &mut dyn FnMut(TestEvent)) {
        if let Some(parser) = &mut self.parser {
            let on_test = &mut counting(&mut self.reported, on_test);
            self.stdout.feed(bytes, |line| parser.line(line, on_test));
            parser.beginning(self.stdout.beginning(), on_test);
        }
    }

    /// Takes the next bytes of stderr.
    pub fn feed_stderr(&mut self, bytes: &[u8]) {
        if let Some(parser) = &mut self.parser {
            self.stderr.feed(bytes, |line| parser.stderr_line(line));
        }
    }

    /// Concludes, after the last byte. An exit code other than 0 is a failure whatever the output says.
    #[must_use]
    pub fn finish(mut self, exit_code_zero: bool, on_test: &mut dyn FnMut(TestEvent)) -> Findings {
        let Some(mut parser) = self.parser else {
            return Findings { evidence: Evidence::Agrees, tests: None, was_marked: false };
        };
        if let Some(line) = self.stdout.last() {
            parser.line(line, &mut counting(&mut self.reported, on_test));
        }
        parser.conclude(exit_code_zero, on_test);
        let evidence = if exit_code_zero { evidence(&*parser) } else { Evidence::Agrees };
        Findings { evidence, tests: parser.counts(self.reported), was_marked: parser.was_marked() }
    }
}

/// What the output says of an exit code of 0.
fn evidence(parser: &dyn OutputParser) -> Evidence {
    match (parser.objection(), parser.tally()) {
        (Some(objection), _) => {
            Evidence::Contradicts(format!("it exited with 0, but {objection}. {}", parser.advice()))
        }
        (None, Tally::Some) => Evidence::Agrees,
        (None, Tally::Nothing(reason)) => Evidence::NothingRan(reason),
        (None, Tally::AllSkipped(reason)) => Evidence::AllSkipped(reason),
    }
}

/// Counts the tests that end.
fn counting(reported: &mut TestCounts, on_test: &mut dyn FnMut(TestEvent)) -> impl FnMut(TestEvent) {
    |event| {
        if let TestEvent::Finished { outcome, .. } = &event {
            reported.add(*outcome);
        }
        on_test(event);
    }
}
