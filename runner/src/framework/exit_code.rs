//! A program of no framework: its exit code alone says whether it passed.

use lamex_protocol::event::Framing;

use super::parser::OutputParser;
use super::test_framework::TestFramework;

pub(super) struct ExitCode;

impl TestFramework for ExitCode {
    fn parser(&self, _framing: Option<Framing>) -> Option<Box<dyn OutputParser>> {
        None
    }
}
