//! The folders of a project that may hold tests.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

/// What is vendored or data, whatever the language.
const PASSED_OVER: [&str; 3] = ["node_modules", TEST_DATA, "vendor"];
const TEST_DATA: &str = "testdata";
/// What is generated, unless it is a package of Go, where these are names like any other.
const GENERATED: [&str; 3] = ["build", "dist", "target"];

#[derive(Debug, Error, Diagnostic)]
pub enum WalkError {
    #[error("cannot read {}", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// A folder with the names of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Folder {
    /// Relative to the folder where the search began, with `/`; empty for that one itself.
    pub(super) path: String,
    pub(super) files: Vec<String>,
}

impl Folder {
    pub(super) fn has(&self, file: &str) -> bool {
        self.files.iter().any(|name| name == file)
    }
}

/// All folders below, in the order of their paths. Hidden ones, those that cannot be read, and those whose names could
/// not stand in a line of YAML are left out; links are not followed. Beside them, the folders that may hold tests of others
/// or generated ones, and were passed over.
///
/// # Errors
/// The folder itself cannot be read.
pub(super) fn walk(root: &Path) -> Result<(Vec<Folder>, Vec<String>), WalkError> {
    let unreadable = |source| WalkError::Unreadable { path: root.to_owned(), source };
    let mut folders = Vec::new();
    let mut passed_over = Vec::new();
    let mut waiting = vec![String::new()];
    while let Some(path) = waiting.pop() {
        let (files, below) = match list(&root.join(&path)) {
            Ok(found) => found,
            Err(source) if path.is_empty() => return Err(unreadable(source)),
            Err(_) => continue,
        };
        for below in below.into_iter().map(|name| join(&path, &name)) {
            match may_hold_tests(root, &below) {
                true => waiting.push(below),
                // What tests read is taken up where they name it.
                false if below.rsplit('/').next() != Some(TEST_DATA) => passed_over.push(below),
                false => {}
            }
        }
        folders.push(Folder { path, files });
    }
    folders.sort_by(|one, other| one.path.cmp(&other.path));
    passed_over.sort();
    Ok((folders, passed_over))
}

/// The names of the files and of the folders in a folder.
fn list(folder: &Path) -> io::Result<(Vec<String>, Vec<String>)> {
    let mut files = Vec::new();
    let mut folders = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Some(name) = entry.file_name().to_str().filter(|name| is_plain(name)).map(str::to_owned) else {
            continue;
        };
        let kind = entry.file_type()?;
        if kind.is_file() {
            files.push(name);
        } else if kind.is_dir() && !name.starts_with(['.', '_']) {
            folders.push(name);
        }
    }
    files.sort();
    Ok((files, folders))
}

fn may_hold_tests(root: &Path, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_of_go = || {
        let (files, _) = list(&root.join(path)).unwrap_or_default();
        files.iter().any(|file| file.ends_with(".go"))
    };
    !PASSED_OVER.contains(&name) && (!GENERATED.contains(&name) || is_of_go())
}

/// Whether the name keeps its meaning in a comment, in a shell's quotes and in a workflow of GitHub, where
/// `${{` begins an expression.
pub(super) fn is_plain(name: &str) -> bool {
    !name
        .chars()
        .any(|character| character.is_control() || matches!(character, '\u{85}' | '\u{2028}' | '\u{2029}'))
        && !name.contains("${{")
}

/// The path of something in a folder.
pub(super) fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// The path as seen from one of the folders above it.
pub(super) fn below<'a>(path: &'a str, above: &str) -> Option<&'a str> {
    if above.is_empty() || path == above {
        return Some(path.strip_prefix(above).unwrap_or(path));
    }
    path.strip_prefix(above)?.strip_prefix('/')
}

/// The nearest of the folders that is above the path or is the path itself.
pub(super) fn nearest<'a>(path: &str, folders: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    folders.filter(|folder| below(path, folder).is_some()).max_by_key(|folder| folder.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_relative_to_a_folder() {
        assert_eq!(below("a/b", ""), Some("a/b"));
        assert_eq!(below("a/b", "a"), Some("b"));
        assert_eq!(below("a", "a"), Some(""));
        assert_eq!(below("", ""), Some(""));
        assert_eq!(below("ab", "a"), None);
        assert_eq!(nearest("a/b/c", ["", "a", "a/b", "a/bc"].into_iter()), Some("a/b"));
        assert_eq!(nearest("x", ["a"].into_iter()), None);
    }

    #[test]
    fn names_that_would_end_a_comment_or_begin_an_expression_are_left_out() {
        let root = tempfile::tempdir().unwrap();
        for name in ["plain", "with space", "line\nbreak", "${{ x }}", ".git", "_old", "vendor", "testdata"] {
            fs::create_dir(root.path().join(name)).unwrap();
        }
        let (folders, passed_over) = walk(root.path()).unwrap();
        assert_eq!(passed_over, ["vendor"]);
        let paths: Vec<_> = folders.iter().map(|folder| folder.path.as_str()).collect();
        assert_eq!(paths, ["", "plain", "with space"]);
    }

    #[test]
    fn links_are_not_followed() {
        let root = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(root.path(), root.path().join("again")).unwrap();
        assert_eq!(walk(root.path()).unwrap().0.len(), 1);
    }
}
