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
    /// What the flag file must hold; `None` where none is needed.
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
/// The framework cannot, a name is none of a test, or the command line selects tests itself.
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
