//! A command line as a POSIX shell would split it, without any expansion.

use thiserror::Error;

/// What is wrong with a command line, and where: byte offset into the text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WordsError {
    #[error("this {quote} quote is never closed")]
    UnclosedQuote { quote: &'static str, offset: usize },
    #[error("nothing follows this backslash")]
    TrailingBackslash { offset: usize },
}

impl WordsError {
    #[must_use]
    pub fn offset(&self) -> usize {
        match self {
            Self::UnclosedQuote { offset, .. } | Self::TrailingBackslash { offset } => *offset,
        }
    }
}

/// Splits at blanks (space, tab, newline) outside quotes. Quoting is that of POSIX: `'…'` is literal, in
/// `"…"` a backslash escapes `$`, a backquote, `"`, `\` and a newline, elsewhere it escapes any character
/// and joins lines. `$`, `*`, `|`, `;` and their like are ordinary characters: no shell is involved.
///
/// # Errors
/// An unclosed quote or a backslash at the end.
pub fn split(text: &str) -> Result<Vec<String>, WordsError> {
    let mut words = Vec::new();
    // `None` between words, so that `''` makes an empty one.
    let mut word: Option<String> = None;
    let mut characters = text.char_indices();
    while let Some((offset, character)) = characters.next() {
        match character {
            ' ' | '\t' | '\n' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next() {
                        Some((_, '\'')) => break,
                        Some((_, quoted)) => word.push(quoted),
                        None => {
                            return Err(WordsError::UnclosedQuote { quote: "single", offset });
                        }
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                double_quoted(&mut characters, word, offset)?;
            }
            '\\' => match characters.next() {
                Some((_, '\n')) => {}
                Some((_, escaped)) => word.get_or_insert_default().push(escaped),
                None => return Err(WordsError::TrailingBackslash { offset }),
            },
            plain => word.get_or_insert_default().push(plain),
        }
    }
    words.extend(word);
    Ok(words)
}

fn double_quoted(
    characters: &mut std::str::CharIndices<'_>,
    word: &mut String,
    offset: usize,
) -> Result<(), WordsError> {
    let unclosed = WordsError::UnclosedQuote { quote: "double", offset };
    loop {
        match characters.next().ok_or_else(|| unclosed.clone())?.1 {
            '"' => return Ok(()),
            '\\' => match characters.next().ok_or_else(|| unclosed.clone())?.1 {
                escaped @ ('$' | '`' | '"' | '\\') => word.push(escaped),
                '\n' => {}
                other => word.extend(['\\', other]),
            },
            quoted => word.push(quoted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_as_a_posix_shell_does() {
        let cases: [(&str, &[&str]); 14] = [
            ("", &[]),
            ("  \t ", &[]),
            ("a b\tc", &["a", "b", "c"]),
            ("a 'b c' d", &["a", "b c", "d"]),
            (r#"a "b 'c' d""#, &["a", "b 'c' d"]),
            ("'' \"\"", &["", ""]),
            (r"a\ b", &["a b"]),
            (r#""\$HOME \x \" \\ \`""#, &[r#"$HOME \x " \ `"#]),
            (r"'\n'", &[r"\n"]),
            ("a'b'\"c\"d", &["abcd"]),
            ("a\\\nb", &["ab"]),
            ("$HOME *.go | ; && #x", &["$HOME", "*.go", "|", ";", "&&", "#x"]),
            ("-run '^TestÄ$'", &["-run", "^TestÄ$"]),
            ("'two\nlines'", &["two\nlines"]),
        ];
        for (line, words) in cases {
            assert_eq!(split(line).unwrap(), words, "{line}");
        }
    }

    #[test]
    fn says_where_a_quote_is_left_open() {
        assert_eq!(split("a 'b").unwrap_err(), WordsError::UnclosedQuote { quote: "single", offset: 2 });
        assert_eq!(split(r#"ä "b\""#).unwrap_err(), WordsError::UnclosedQuote { quote: "double", offset: 3 });
        assert_eq!(split(r#""a\"#).unwrap_err().offset(), 0);
        assert_eq!(split(r"a\").unwrap_err(), WordsError::TrailingBackslash { offset: 1 });
    }
}
