//! Names of files with `*`, `?` and `[…]` in them, as a shell has them.

use std::fs;
use std::io;
use std::path::Path;

/// A pattern that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PatternProblem {
    /// `[` without its `]`.
    Unclosed,
    /// `**`, which shells do not agree about.
    Recursive,
}

/// Whether anything in the path stands for other names.
pub(super) fn has_wildcards(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

/// A pattern for one name: a path without slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamePattern(Vec<Token>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Literal(char),
    /// `?`
    Any,
    /// `*`
    Run,
    /// `[a-z]`, `[!a-z]`
    Class {
        is_negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl NamePattern {
    pub(super) fn parse(text: &str) -> Result<Self, PatternProblem> {
        let mut tokens = Vec::new();
        let mut rest = text.chars();
        while let Some(character) = rest.next() {
            let token = match character {
                '*' if tokens.last() == Some(&Token::Run) => return Err(PatternProblem::Recursive),
                '*' => Token::Run,
                '?' => Token::Any,
                '[' => {
                    let (token, after) = class(rest.as_str()).ok_or(PatternProblem::Unclosed)?;
                    rest = after.chars();
                    token
                }
                character => Token::Literal(character),
            };
            tokens.push(token);
        }
        Ok(Self(tokens))
    }

    /// Whether the name is one of those that it stands for. A dot at the beginning must be written out.
    pub(super) fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        if name.first() == Some(&'.') && self.0.first() != Some(&Token::Literal('.')) {
            return false;
        }
        // Where the last `*` stands, and how much of the name it takes so far.
        let (mut token, mut place) = (0, 0);
        let mut run: Option<(usize, usize)> = None;
        while place < name.len() {
            if self.0.get(token) == Some(&Token::Run) {
                run = Some((token, place));
                token += 1;
            } else if self.0.get(token).is_some_and(|token| token.takes(name[place])) {
                token += 1;
                place += 1;
            } else if let Some((at, taken)) = run {
                run = Some((at, taken + 1));
                (token, place) = (at + 1, taken + 1);
            } else {
                return false;
            }
        }
        self.0[token..].iter().all(|token| *token == Token::Run)
    }
}

impl Token {
    fn takes(&self, character: char) -> bool {
        match self {
            Self::Literal(literal) => *literal == character,
            Self::Any => true,
            Self::Run => false,
            Self::Class { is_negated, ranges } => {
                ranges.iter().any(|(from, to)| (*from..=*to).contains(&character)) != *is_negated
            }
        }
    }
}

/// What stands between the brackets, and what comes after them. A `]` at the beginning is one of the characters.
fn class(text: &str) -> Option<(Token, &str)> {
    let without_sign = text.strip_prefix(['!', '^']);
    let inner = without_sign.unwrap_or(text);
    let first_bytes = inner.chars().next()?.len_utf8();
    let end = first_bytes + inner[first_bytes..].find(']')?;
    let characters: Vec<char> = inner[..end].chars().collect();
    let mut ranges = Vec::new();
    let mut place = 0;
    while let Some(&from) = characters.get(place) {
        match characters.get(place + 1..place + 3) {
            Some(&['-', to]) => {
                ranges.push((from, to));
                place += 3;
            }
            _ => {
                ranges.push((from, from));
                place += 1;
            }
        }
    }
    Some((Token::Class { is_negated: without_sign.is_some(), ranges }, &inner[end + 1..]))
}

/// Every file that the pattern stands for, relative to the folder as the pattern is, in the order of their paths. Folders
/// are passed over; symbolic links are what they lead to.
///
/// # Errors
/// The pattern is invalid. The inner error is that of a folder that cannot be read.
pub(super) fn files(folder: &Path, pattern: &str) -> Result<io::Result<Vec<String>>, PatternProblem> {
    let mut found = vec![String::new()];
    let names: Vec<&str> = pattern.split('/').filter(|name| !name.is_empty() && *name != ".").collect();
    for (index, name) in names.iter().enumerate() {
        let is_last = index + 1 == names.len();
        let name_pattern = if has_wildcards(name) { Some(NamePattern::parse(name)?) } else { None };
        let mut next = Vec::new();
        for above in &found {
            let names = match &name_pattern {
                None => vec![(*name).to_owned()],
                Some(pattern) => match list(&folder.join(above), pattern) {
                    Ok(names) => names,
                    Err(error) => return Ok(Err(error)),
                },
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
    Ok(Ok(found))
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
            ("*", ""),
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
            assert!(name.is_empty() || !matches(pattern, name), "{pattern} {name}");
        }
        assert_eq!(NamePattern::parse("a[b"), Err(PatternProblem::Unclosed));
        assert_eq!(NamePattern::parse("[]"), Err(PatternProblem::Unclosed));
        assert_eq!(NamePattern::parse("**"), Err(PatternProblem::Recursive));
    }

    #[test]
    fn files_in_order_and_no_folders() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["build/b.test", "build/a.test", "build/.c.test", "other/a.test", "build/d.test/x"] {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let files = |pattern: &str| files(folder.path(), pattern).unwrap().unwrap();
        assert_eq!(files("./build//*.test"), ["build/a.test", "build/b.test"]);
        assert_eq!(files("*/a.test"), ["build/a.test", "other/a.test"]);
        assert_eq!(files("*/[ab].test"), ["build/a.test", "build/b.test", "other/a.test"]);
        assert_eq!(files("build/*.none"), [""; 0]);
        assert_eq!(files("build/*/y"), [""; 0]);
        assert_eq!(files("none/*"), [""; 0]);
    }
}
