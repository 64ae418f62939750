//! What lamex knows of GoogleTest.

use lamex_protocol::event::Framing;

use super::parser::GtestParser;
use super::selector::GtestSelector;
use crate::framework::flags::flag;
use crate::framework::parser::OutputParser;
use crate::framework::selector::TestSelector;
use crate::framework::test_framework::TestFramework;

pub(in crate::framework) struct GoogleTest;

impl TestFramework for GoogleTest {
    fn parser(&self, _framing: Option<Framing>) -> Option<Box<dyn OutputParser>> {
        Some(Box::<GtestParser>::default())
    }

    fn chooses(&self, words: &[String]) -> Option<String> {
        let filter = flag(words, &["gtest_filter"], &[])?;
        Some(format!("perhaps `{filter}` matches none"))
    }

    fn other_task(&self, words: &[String]) -> Option<String> {
        flag(words, &["gtest_list_tests", "help", "h", "?", "gtest_help"], &[])
    }

    fn selector(&self) -> Option<&dyn TestSelector> {
        Some(&GtestSelector)
    }
}
