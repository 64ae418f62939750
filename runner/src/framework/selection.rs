//! Command lines that list a program's tests, or run some of them. The program must be the test binary itself.

use std::collections::HashSet;

use lamex_protocol::event::MAX_NAME_BYTES;
use lamex_protocol::plan::Framework;
use thiserror::Error;

use super::known::known;
pub use super::selector::{ListedTest, Unreadable};
use super::selector::{TestSelector, not_a_name};

/// Beyond this size a selection goes into a file, where the framework reads one.
const MAX_INLINE_BYTES: usize = 64 << 10;
/// The longest argument that Linux passes to a program: 32 pages with the zero at the end.
const MAX_ARGUMENT_BYTES: usize = (128 << 10) - 1;

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SelectionError {
    #[error("single tests can be run with the frameworks go, gtest and libtest only")]
    NotSupported,
    #[error("the command line is empty")]
    NoProgram,
    #[error("the argument `{0}` selects, repeats or silences tests itself: remove it")]
    Conflict(String),
    #[error("no test is selected")]
    NoTests,
    #[error("`{0}` is not the name of a test that can be selected")]
    NotAName(String),
    #[error(
        "the selection is an argument of {bytes} bytes, and Linux passes {MAX_ARGUMENT_BYTES}: select fewer tests at once"
    )]
    TooLong { bytes: usize },
    #[error(
        "the program's list of tests cannot be read: {0}; print nothing else to stdout when tests are listed"
    )]
    Listing(Unreadable),
}

/// A command line that runs some tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    pub argv: Vec<String>,
    /// What the flag file must hold; `None` if none is needed.
    pub flag_file: Option<String>,
}

/// The command line that prints the program's tests.
///
/// # Errors
/// The framework has no such command line, or the one given selects tests itself.
pub fn list_arguments(framework: Framework, argv: &[String]) -> Result<Vec<String>, SelectionError> {
    let selector = selector(framework)?;
    let words = selector.list_words().iter().map(|&word| word.to_owned()).collect();
    behind_program(selector, argv, words)
}

/// The tests that the program printed, in its order, each once: two of the same name are run together.
///
/// # Errors
/// The listing has a line that is no test's.
pub fn read_listing(framework: Framework, stdout: &[u8]) -> Result<Vec<ListedTest>, SelectionError> {
    let selector = selector(framework)?;
    let listing = std::str::from_utf8(stdout)
        .map_err(|_| SelectionError::Listing(Unreadable("it is not UTF-8".to_owned())))?;
    let mut tests = selector.read_listing(listing).map_err(SelectionError::Listing)?;
    if let Some(test) = tests.iter().find(|test| !can_be_selected(selector, &test.name)) {
        return Err(SelectionError::Listing(not_a_name(&test.name)));
    }
    let mut names = HashSet::new();
    tests.retain(|test| names.insert(test.name.clone()));
    Ok(tests)
}

/// The command line that runs exactly these tests. Where they are too many for arguments, the caller writes what
/// `flag_file` of the result holds to `flag_file_path`.
///
/// # Errors
/// The framework cannot, a name is not that of a test, or the command line selects tests itself.
pub fn select_arguments(
    framework: Framework,
    argv: &[String],
    tests: &[&str],
    flag_file_path: &str,
) -> Result<Selection, SelectionError> {
    let selector = selector(framework)?;
    // Without a name, frameworks run everything.
    if tests.is_empty() {
        return Err(SelectionError::NoTests);
    }
    if let Some(name) = tests.iter().find(|name| !can_be_selected(selector, name)) {
        return Err(SelectionError::NotAName((*name).to_owned()));
    }
    let words = selector.select_words(tests);
    let bytes = words.iter().map(String::len).max().unwrap_or_default();
    let flag_file_word = selector.flag_file_word(flag_file_path).filter(|_| bytes > MAX_INLINE_BYTES);
    let (words, flag_file) = match flag_file_word {
        Some(word) => (vec![word], Some(words.join("\n") + "\n")),
        None if bytes > MAX_ARGUMENT_BYTES => return Err(SelectionError::TooLong { bytes }),
        None => (words, None),
    };
    Ok(Selection { argv: behind_program(selector, argv, words)?, flag_file })
}

fn selector(framework: Framework) -> Result<&'static dyn TestSelector, SelectionError> {
    known(framework).selector().ok_or(SelectionError::NotSupported)
}

/// A name that begins with a dash would be a flag; a longer one than events carry could not be told of.
fn can_be_selected(selector: &dyn TestSelector, name: &str) -> bool {
    let is_text = !name.is_empty() && !name.starts_with('-') && !name.contains(char::is_control);
    is_text && name.len() <= MAX_NAME_BYTES && selector.is_name(name)
}

fn behind_program(
    selector: &dyn TestSelector,
    argv: &[String],
    words: Vec<String>,
) -> Result<Vec<String>, SelectionError> {
    let (program, own) = argv.split_first().ok_or(SelectionError::NoProgram)?;
    if let Some(conflict) = selector.conflict(own) {
        return Err(SelectionError::Conflict(conflict));
    }
    Ok([program.clone()].into_iter().chain(words).chain(own.iter().cloned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Framework::{ExitCode, Go, Gtest, Libtest, Tap};

    fn argv(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    fn names(tests: &[ListedTest], is_disabled: bool) -> Vec<&str> {
        tests.iter().filter(|test| test.is_disabled == is_disabled).map(|test| test.name.as_str()).collect()
    }

    fn read(framework: Framework, listing: &str) -> Vec<ListedTest> {
        read_listing(framework, listing.as_bytes()).unwrap()
    }

    fn select(framework: Framework, line: &str, tests: &[&str]) -> Result<String, SelectionError> {
        let selection = select_arguments(framework, &argv(line), tests, "/tmp/flags")?;
        assert_eq!(selection.flag_file, None);
        Ok(selection.argv.join(" "))
    }

    #[test]
    fn go_lists_all_but_benchmarks() {
        let captures = [
            include_str!("../../tests/captures/go-list.txt"),
            include_str!("../../tests/captures/go-list-v.txt"),
            include_str!("../../tests/captures/go-list-json.txt"),
        ];
        let expected = "TestPlain TestTable TestParallel TestSkipped TestSkipsSubtests TestForges TestNoNewline \
                        TestPrintsMarkers TestFails TestPanics TestExits TestHangs TestFolder FuzzReverse \
                        Example_hello";
        for capture in captures {
            let tests = read(Go, capture);
            assert_eq!(names(&tests, false).join(" "), expected);
            assert!(names(&tests, true).is_empty());
        }
    }

    #[test]
    fn libtest_lists_ignored_tests_and_benchmarks_too() {
        let captured = include_str!("../../tests/captures/libtest-list.txt");
        let terse: String = captured.lines().take(9).flat_map(|line| [line, "\n"]).collect();
        let expected = "ignored ignored_with_reason may_exit may_fail nested::deep panics_as_it_should passes \
                        prints_ok_first prints_without_newline";
        for listing in [captured, &terse] {
            assert_eq!(names(&read(Libtest, listing), false).join(" "), expected);
        }
        let tests =
            read(Libtest, "src/lib.rs - add (line 3): test\nsums: benchmark\n\n1 test, 1 benchmark\n");
        assert_eq!(names(&tests, false), ["src/lib.rs - add (line 3)", "sums"]);
    }

    #[test]
    fn gtest_lists_suites_and_what_is_disabled() {
        let tests = read(Gtest, include_str!("../../tests/captures/gtest-list.txt"));
        let expected = "Orders.Passes Orders.NoNewline Orders.Skips Orders.Fails Orders.Exits Typed/0.Size \
                        Fixture.Inner All/Param.Value/0 All/Param.Value/1 Two/Lines.Broken/0";
        assert_eq!(names(&tests, false).join(" "), expected);
        assert_eq!(names(&tests, true), ["Orders.DISABLED_Later"]);
        let tests = read(Gtest, "DISABLED_A.\r\n  B\r\nX/DISABLED_C.\n  D/0  # GetParam() = 1\n");
        assert_eq!(names(&tests, true), ["DISABLED_A.B", "X/DISABLED_C.D/0"]);
    }

    #[test]
    fn a_name_that_is_listed_twice_is_one_test() {
        assert_eq!(names(&read(Go, "TestA\nTestB\nTestA\n"), false), ["TestA", "TestB"]);
    }

    #[test]
    fn a_line_that_may_hide_a_test_is_refused() {
        let long = format!("Test{}\n", "A".repeat(MAX_NAME_BYTES));
        let cases = [
            (Go, "setting up... TestA\n"),
            (Go, "Testing\n"),
            (Go, "TestA/b\n"),
            (Go, "Benchmarks begin\n"),
            (Go, long.as_str()),
            (Libtest, "hello\na: test\n"),
            (Libtest, "-a: test\n"),
            (Libtest, ": test\n"),
            (Libtest, "a: test\n\n2 tests, 0 benchmarks\n"),
            (Libtest, "a: test\n\n1 test, 0 benchmarks\nb: test\n"),
            (Gtest, "  Orphan\n"),
            (Gtest, "Suite.\nTest\n"),
            (Gtest, "Suite/std::string.\n  Test\n"),
            (Gtest, "loading Suite.\n  Test\n"),
            (Gtest, ".\n  Test\n"),
        ];
        for (framework, listing) in cases {
            let error = read_listing(framework, listing.as_bytes()).unwrap_err();
            assert!(matches!(error, SelectionError::Listing(_)), "{listing}: {error}");
        }
        assert_eq!(
            read_listing(Go, b"up and running\n").unwrap_err().to_string(),
            "the program's list of tests cannot be read: `up and running` is not the name of a test that can be \
             selected; print nothing else to stdout when tests are listed"
        );
        assert!(read_listing(Go, b"Test\xff\n").is_err());
    }

    #[test]
    fn arguments_go_directly_behind_the_program() {
        let list = |framework, line| list_arguments(framework, &argv(line)).map(|argv| argv.join(" "));
        assert_eq!(list(Go, "./x -addr db:1").unwrap(), "./x -test.list . -addr db:1");
        assert_eq!(list(Libtest, "./x --color never").unwrap(), "./x --list --format terse --color never");
        assert_eq!(list(Gtest, "./x y").unwrap(), "./x --gtest_list_tests y");
        assert_eq!(select(Go, "./x y", &["TestA", "FuzzB"]).unwrap(), "./x -test.run ^(TestA|FuzzB)$ y");
        assert_eq!(select(Libtest, "./x --ignored", &["a::b", "c"]).unwrap(), "./x --exact a::b c --ignored");
        assert_eq!(select(Gtest, "./x y", &["A.B", "C/0.D/1"]).unwrap(), "./x --gtest_filter=A.B:C/0.D/1 y");
    }

    #[test]
    fn what_is_no_name_is_refused() {
        let cases = [
            (Go, "-test.v"),
            (Go, "TestA|TestB"),
            (Go, "TestA/b"),
            (Go, "Testa"),
            (Go, "BenchmarkA"),
            (Go, ".*"),
            (Libtest, "--nocapture"),
            (Libtest, "a\nb"),
            (Libtest, " a"),
            (Libtest, ""),
            (Gtest, "A.B:C.D"),
            (Gtest, "A.*"),
            (Gtest, "A.B?"),
            (Gtest, "A.B-C"),
            (Gtest, "-A.B"),
            (Gtest, "A"),
        ];
        for (framework, name) in cases {
            let error = select(framework, "./x", &[name]).unwrap_err();
            assert_eq!(error, SelectionError::NotAName(name.to_owned()));
        }
    }

    #[test]
    fn what_would_run_more_or_fewer_tests_is_refused() {
        let conflicts = [
            (Go, "./x -v --test.run=A", "--test.run=A"),
            (Go, "./x -test.count 2", "-test.count"),
            (Libtest, "./x orders", "orders"),
            (Libtest, "./x --skip a", "--skip a"),
            (Libtest, "./x --ignored --exact", "--exact"),
            (Libtest, "./x -q", "-q"),
            (Gtest, "./x --gtest_repeat=2", "--gtest_repeat=2"),
        ];
        for (framework, line, flag) in conflicts {
            let expected = SelectionError::Conflict(flag.to_owned());
            let name = if framework == Gtest { "A.B" } else { "TestA" };
            assert_eq!(select(framework, line, &[name]).unwrap_err(), expected);
            assert_eq!(list_arguments(framework, &argv(line)).unwrap_err(), expected);
        }
        for framework in [Go, Libtest, Gtest] {
            assert_eq!(select(framework, "./x", &[]).unwrap_err(), SelectionError::NoTests);
            assert_eq!(list_arguments(framework, &[]).unwrap_err(), SelectionError::NoProgram);
        }
        for framework in [Tap, ExitCode] {
            assert_eq!(select(framework, "./x", &["a"]).unwrap_err(), SelectionError::NotSupported);
            assert_eq!(list_arguments(framework, &argv("./x")).unwrap_err(), SelectionError::NotSupported);
            assert_eq!(read_listing(framework, b"").unwrap_err(), SelectionError::NotSupported);
        }
    }

    #[test]
    fn many_tests_go_into_a_flag_file_or_are_too_many() {
        let gtest: Vec<String> = (0..10_000).map(|number| format!("Suite.Test{number:04}")).collect();
        let gtest: Vec<&str> = gtest.iter().map(String::as_str).collect();
        let selection = select_arguments(Gtest, &argv("./x y"), &gtest, "/tmp/flags").unwrap();
        assert_eq!(selection.argv, argv("./x --gtest_flagfile=/tmp/flags y"));
        let file = selection.flag_file.unwrap();
        assert_eq!(file, format!("--gtest_filter={}\n", gtest.join(":")));

        let go: Vec<String> = (0..10_000).map(|number| format!("TestNumber{number:04}")).collect();
        let go: Vec<&str> = go.iter().map(String::as_str).collect();
        let bytes = go.len() * "TestNumber0000|".len() + "^()$".len() - 1;
        assert_eq!(select(Go, "./x", &go), Err(SelectionError::TooLong { bytes }));
        assert!(select(Go, "./x", &go[..8_000]).is_ok());
        assert!(select(Libtest, "./x", &go).is_ok());
    }
}
