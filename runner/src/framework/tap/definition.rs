//! What lamex knows of programs that print TAP: no more than their output.

use lamex_protocol::event::Framing;

use super::parser::TapParser;
use crate::framework::parser::OutputParser;
use crate::framework::test_framework::TestFramework;

pub(in crate::framework) struct Tap;

impl TestFramework for Tap {
    fn parser(&self, _framing: Option<Framing>) -> Option<Box<dyn OutputParser>> {
        Some(Box::<TapParser>::default())
    }
}
