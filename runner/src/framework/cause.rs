//! Why a suite ran no test, as far as its command line tells. Words of the command line are shown as the plan has
//! them, so that no value of a variable gets into a message.

use lamex_protocol::plan::Framework;

/// The part of the command line that chooses tests, and what it does, as a clause.
#[must_use]
pub fn selection(framework: Framework, argv: &[String]) -> Option<String> {
    let words = argv.get(1..).unwrap_or_default();
    match framework {
        Framework::Go => go(words),
        Framework::Libtest => libtest(words),
        Framework::Gtest => {
            let filter = flag(words, &["gtest_filter"])?;
            Some(format!("perhaps `{filter}` matches none"))
        }
        Framework::Tap | Framework::ExitCode => None,
    }
}

/// The argument with which the program does something else than to run tests.
#[must_use]
pub fn other_task(framework: Framework, argv: &[String]) -> Option<String> {
    const GO: [&str; 5] = ["test.list", "help", "h", "test.help", "test.h"];
    const LIBTEST: [&str; 3] = ["list", "help", "h"];
    const GTEST: [&str; 5] = ["gtest_list_tests", "help", "h", "?", "gtest_help"];
    let names: &[&str] = match framework {
        Framework::Go => &GO,
        Framework::Libtest => &LIBTEST,
        Framework::Gtest => &GTEST,
        Framework::Tap | Framework::ExitCode => return None,
    };
    let found = flag(argv.get(1..).unwrap_or_default(), names)?;
    Some(format!("`{found}` runs no tests"))
}

fn go(words: &[String]) -> Option<String> {
    if let Some(count) = flag(words, &["test.count"]).filter(|count| is_zero(count)) {
        return Some(format!("`{count}` runs no test"));
    }
    let chosen: Vec<String> = [["test.run"], ["test.skip"], ["test.bench"]]
        .iter()
        .filter_map(|name| flag(words, name))
        .map(|flag| format!("`{flag}`"))
        .collect();
    (!chosen.is_empty()).then(|| format!("perhaps {} selects none", chosen.join(" with ")))
}

fn is_zero(flag: &str) -> bool {
    flag.rsplit(['=', ' '])
        .next()
        .is_some_and(|value| !value.is_empty() && value.bytes().all(|byte| byte == b'0'))
}

fn libtest(words: &[String]) -> Option<String> {
    const WITH_VALUE: [&str; 6] =
        ["--test-threads", "--skip", "--format", "--color", "--logfile", "--shuffle-seed"];
    let mut chosen = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--skip" {
            let value = words.next().map(String::as_str).unwrap_or_default();
            chosen.push(format!("`--skip {value}`"));
        } else if WITH_VALUE.contains(&word.as_str()) {
            words.next();
        } else if !word.starts_with('-')
            || ["--exact", "--ignored", "--bench", "--test"].contains(&word.as_str())
            || word.starts_with("--skip=")
        {
            chosen.push(format!("`{word}`"));
        }
    }
    (!chosen.is_empty()).then(|| format!("perhaps {} selects none", chosen.join(" with ")))
}

/// The last flag of one of these names as it is written, with its value behind `=` or in the next word.
fn flag(words: &[String], names: &[&str]) -> Option<String> {
    let flags = words.iter().position(|word| word == "--").map_or(words, |end| &words[..end]);
    flags.iter().enumerate().rev().find_map(|(index, word)| {
        let bare = word.strip_prefix("--").or_else(|| word.strip_prefix('-'))?;
        let name = bare.split('=').next()?;
        if !names.contains(&name) {
            return None;
        }
        let takes_value =
            matches!(name, "test.run" | "test.skip" | "test.bench" | "test.count" | "test.list");
        let value = if takes_value && !bare.contains('=') { flags.get(index + 1) } else { None };
        Some(value.map_or_else(|| word.clone(), |value| format!("{word} {value}")))
    })
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
