//! Why a suite ran no test, as far as its command line tells. Words of the command line are shown as the plan has
//! them, so that no value of a variable gets into a message.

use lamex_protocol::plan::Framework;

use super::known::known;

/// The part of the command line that chooses tests, and what it does, as a clause.
#[must_use]
pub fn selection(framework: Framework, argv: &[String]) -> Option<String> {
    known(framework).chooses(argv.get(1..).unwrap_or_default())
}

/// The argument with which the program does something other than run tests, as a clause.
#[must_use]
pub fn other_task(framework: Framework, argv: &[String]) -> Option<String> {
    let found = known(framework).other_task(argv.get(1..).unwrap_or_default())?;
    Some(format!("`{found}` runs no tests"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argv(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn what_chooses_tests() {
        use Framework::{Go, Gtest, Libtest, Tap};
        let cases = [
            (Go, "./x -test.run=^Nope$", Some("perhaps `-test.run=^Nope$` selects none")),
            (
                Go,
                "./x -test.run ${WHICH} --test.skip=B",
                Some("perhaps `-test.run ${WHICH}` with `--test.skip=B` selects none"),
            ),
            (Go, "./x -test.run=A -test.count=0", Some("`-test.count=0` runs no test")),
            (Go, "./x -test.count 00", Some("`-test.count 00` runs no test")),
            (Go, "./x -test.count=10 -- -test.run=A", None),
            (
                Libtest,
                "./x --test-threads 1 orders --exact",
                Some("perhaps `orders` with `--exact` selects none"),
            ),
            (Libtest, "./x --skip a --ignored", Some("perhaps `--skip a` with `--ignored` selects none")),
            (Libtest, "./x --test-threads=1", None),
            (Gtest, "./x --gtest_filter=-*", Some("perhaps `--gtest_filter=-*` matches none")),
            (Tap, "./x --gtest_filter=-*", None),
        ];
        for (framework, line, expected) in cases {
            assert_eq!(selection(framework, &argv(line)).as_deref(), expected, "{line}");
        }
    }

    #[test]
    fn other_tasks() {
        use Framework::{Go, Gtest, Libtest};
        let cases = [
            (Go, "./x -test.list .", Some("`-test.list .` runs no tests")),
            (Go, "./x -help", Some("`-help` runs no tests")),
            (Go, "./x -test.run=A", None),
            (Libtest, "./x --list", Some("`--list` runs no tests")),
            (Gtest, "./x --gtest_list_tests", Some("`--gtest_list_tests` runs no tests")),
        ];
        for (framework, line, expected) in cases {
            assert_eq!(other_task(framework, &argv(line)).as_deref(), expected, "{line}");
        }
    }
}
