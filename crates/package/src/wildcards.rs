//! Names of files with `*`, `?` and `[…]` in them, as a shell has them.

use std::fs;
use std::io;
use std::path::Path;

use glob::Pattern;

/// A pattern that cannot be.
#[derive(Debug)]
pub(super) enum PatternProblem {
    /// `[` without its `]`.
    Unclosed,
    /// `**`, which shells do not agree about.
    Recursive,
    /// A folder cannot be read.
    Unreadable(io::Error),
}

/// Whether anything in the path stands for other names.
pub(super) fn has_wildcards(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

/// A pattern for one name: a path without slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamePattern(Pattern);

impl NamePattern {
    pub(super) fn parse(text: &str) -> Result<Self, PatternProblem> {
        if text.contains("**") {
            return Err(PatternProblem::Recursive);
        }
        // Shells know both signs, the library one.
        Pattern::new(&text.replace("[^", "[!")).map(Self).map_err(|_| PatternProblem::Unclosed)
    }

    /// Whether the name is one of those that it stands for. A dot at the beginning must be written out, as in a shell.
    pub(super) fn matches(&self, name: &str) -> bool {
        let is_hidden = name.starts_with('.') && !self.0.as_str().starts_with('.');
        !is_hidden && self.0.matches(name)
    }
}

/// Every file that the pattern stands for, relative to the folder as the pattern is, in the order of their paths. Folders
/// are passed over; symbolic links are what they lead to.
///
/// # Errors
/// The pattern is invalid, or a folder cannot be read.
pub(super) fn files(folder: &Path, pattern: &str) -> Result<Vec<String>, PatternProblem> {
    let mut found = vec![String::new()];
    let names: Vec<&str> = pattern.split('/').filter(|name| !name.is_empty() && *name != ".").collect();
    for (index, name) in names.iter().enumerate() {
        let is_last = index + 1 == names.len();
        let name_pattern = if has_wildcards(name) { Some(NamePattern::parse(name)?) } else { None };
        let mut next = Vec::new();
        for above in &found {
            let names = match &name_pattern {
                None => vec![(*name).to_owned()],
                Some(pattern) => list(&folder.join(above), pattern).map_err(PatternProblem::Unreadable)?,
            };
            next.extend(names.into_iter().map(|name| format!("{above}{name}")).filter_map(|path| {
                let metadata = fs::metadata(folder.join(&path)).ok()?;
                match is_last {
                    true => metadata.is_file().then_some(path),
                    false => metadata.is_dir().then(|| format!("{path}/")),
                }
            }));
        }
        found = next;
    }
    found.sort();
    Ok(found)
}

fn list(folder: &Path, pattern: &NamePattern) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        // What is no UTF-8 cannot be meant by a pattern of text.
        names.extend(entry?.file_name().into_string().ok().filter(|name| pattern.matches(name)));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        NamePattern::parse(pattern).unwrap().matches(name)
    }

    #[test]
    fn names_as_a_shell_has_them() {
        for (pattern, name) in [
            ("*", "a"),
            ("*.test", "a.test"),
            ("*.test", "a.b.test"),
            ("a*b*c", "aXbYbZc"),
            ("a*", "a"),
            ("?.test", "é.test"),
            ("[a-c]x", "bx"),
            ("[!a-c]x", "dx"),
            ("[]]x", "]x"),
            ("[^]]x", "ax"),
            ("[a-]x", "-x"),
            (".*", ".env"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [
            ("*.test", "a.tests"),
            ("*.test", ".test"),
            ("*", ".env"),
            ("?", ""),
            ("?", ".e"),
            ("a*b", "ab/"),
            ("[a-c]x", "dx"),
            ("[!a-c]x", "ax"),
            ("a?", "a"),
        ] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
        for text in ["a[b", "[]"] {
            assert!(matches!(NamePattern::parse(text), Err(PatternProblem::Unclosed)), "{text}");
        }
        assert!(matches!(NamePattern::parse("**"), Err(PatternProblem::Recursive)));
    }

    #[test]
    fn files_in_order_and_no_folders() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["build/b.test", "build/a.test", "build/.c.test", "other/a.test", "build/d.test/x"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let files = |pattern: &str| files(folder.path(), pattern).unwrap();
        assert_eq!(files("./build//*.test"), ["build/a.test", "build/b.test"]);
        assert_eq!(files("*/a.test"), ["build/a.test", "other/a.test"]);
        assert_eq!(files("*/[ab].test"), ["build/a.test", "build/b.test", "other/a.test"]);
        assert_eq!(files("build/*.none"), [""; 0]);
        assert_eq!(files("build/*/y"), [""; 0]);
        assert_eq!(files("none/*"), [""; 0]);
    }
}
