//! What lamex knows of Go's `testing` package.

use lamex_protocol::event::Framing;

use super::parser::GoParser;
use super::selector::GoSelector;
use crate::framework::flags::flag;
use crate::framework::parser::OutputParser;
use crate::framework::selector::TestSelector;
use crate::framework::test_framework::TestFramework;

pub(in crate::framework) struct GoTesting;

impl TestFramework for GoTesting {
    fn parser(&self, framing: Option<Framing>) -> Option<Box<dyn OutputParser>> {
        Some(Box::new(if framing.is_some() { GoParser::framed() } else { GoParser::default() }))
    }

    fn chooses(&self, words: &[String]) -> Option<String> {
        let flag = |name: &str| flag(words, &[name], &[name]);
        if let Some(count) = flag("test.count").filter(|count| is_zero(count)) {
            return Some(format!("`{count}` runs no test"));
        }
        let chosen: Vec<String> = ["test.run", "test.skip", "test.bench"]
            .into_iter()
            .filter_map(flag)
            .map(|flag| format!("`{flag}`"))
            .collect();
        (!chosen.is_empty()).then(|| format!("perhaps {} selects none", chosen.join(" with ")))
    }

    fn other_task(&self, words: &[String]) -> Option<String> {
        flag(words, &["test.list", "help", "h", "test.help", "test.h"], &["test.list"])
    }

    fn selector(&self) -> Option<&dyn TestSelector> {
        Some(&GoSelector)
    }
}

fn is_zero(flag: &str) -> bool {
    flag.rsplit(['=', ' '])
        .next()
        .is_some_and(|value| !value.is_empty() && value.bytes().all(|byte| byte == b'0'))
}
