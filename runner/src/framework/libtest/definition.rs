//! What lamex knows of Rust's test harness.

use lamex_protocol::event::Framing;

use super::filters::filters;
use super::parser::LibtestParser;
use super::selector::LibtestSelector;
use crate::framework::flags::flag;
use crate::framework::parser::OutputParser;
use crate::framework::selector::TestSelector;
use crate::framework::test_framework::TestFramework;

pub(in crate::framework) struct Libtest;

impl TestFramework for Libtest {
    fn parser(&self, _framing: Option<Framing>) -> Option<Box<dyn OutputParser>> {
        Some(Box::<LibtestParser>::default())
    }

    fn chooses(&self, words: &[String]) -> Option<String> {
        let chosen: Vec<String> = filters(words).iter().map(|word| format!("`{word}`")).collect();
        (!chosen.is_empty()).then(|| format!("perhaps {} selects none", chosen.join(" with ")))
    }

    fn other_task(&self, words: &[String]) -> Option<String> {
        flag(words, &["list", "help", "h"], &[])
    }

    fn selector(&self) -> Option<&dyn TestSelector> {
        Some(&LibtestSelector)
    }
}
