//! Where a character of a scalar's value stands in the file: quotes, escapes, folded lines and indentation lie
//! between the two.

use super::problem::Span;

/// The place of `len` bytes at `offset` of the value, which stands at `span` of the file; the whole scalar where
/// the two cannot be matched.
pub(super) fn inside(span: Span, value: &str, offset: usize, len: usize, text: &str) -> Span {
    let written = text.get(span.offset..span.offset + span.len).unwrap_or_default();
    let places = Places::new(written, value);
    let start = places.as_ref().and_then(|places| places.of_offset(offset));
    let end = places.as_ref().and_then(|places| places.of_offset(offset + len.max(1) - 1));
    match (start, end) {
        (Some(start), Some(last)) => {
            let last_len = written[last..].chars().next().map_or(1, char::len_utf8);
            Span { offset: span.offset + start, len: (last + last_len).max(start + 1) - start }
        }
        _ => span,
    }
}

/// For each byte of the value, the byte of the written text that it comes from.
struct Places(Vec<usize>);

impl Places {
    fn new(written: &str, value: &str) -> Option<Self> {
        let mut matcher = Matcher { written, at: 0, places: Vec::with_capacity(value.len()) };
        match written.as_bytes().first()? {
            b'"' => matcher.at = 1,
            b'\'' => matcher.at = 1,
            _ => {}
        }
        let quote = written.as_bytes().first().copied().filter(|quote| matches!(quote, b'"' | b'\''));
        for character in value.chars() {
            matcher.character(character, quote)?;
        }
        Some(Self(matcher.places))
    }

    fn of_offset(&self, offset: usize) -> Option<usize> {
        self.0.get(offset).copied()
    }
}

struct Matcher<'a> {
    written: &'a str,
    at: usize,
    places: Vec<usize>,
}

impl Matcher<'_> {
    fn rest(&self) -> &str {
        &self.written[self.at..]
    }

    /// Notes that the value's character is written in the next `len` bytes.
    fn take(&mut self, character: char, len: usize) {
        self.places.extend(std::iter::repeat_n(self.at, character.len_utf8()));
        self.at += len;
    }

    fn character(&mut self, character: char, quote: Option<u8>) -> Option<()> {
        loop {
            let next = self.rest().chars().next();
            match (quote, next) {
                (Some(b'"'), Some('\\')) => {
                    let escape = self.rest().chars().nth(1)?;
                    if escape == '\n' || escape == '\r' {
                        self.at += 1;
                        self.skip_blanks();
                        continue;
                    }
                    let digits = match escape {
                        'x' => 2,
                        'u' => 4,
                        'U' => 8,
                        _ => 0,
                    };
                    self.take(character, 1 + escape.len_utf8() + digits);
                    return Some(());
                }
                (Some(b'\''), Some('\'')) if character == '\'' => {
                    self.take(character, 2);
                    return Some(());
                }
                (_, Some(next)) if next == character => {
                    self.take(character, next.len_utf8());
                    return Some(());
                }
                // A line's end that was folded into a blank, or belongs to a break, with the indentation.
                (_, Some('\n' | '\r')) if matches!(character, ' ' | '\n') => {
                    let end = self.at;
                    self.skip_blanks();
                    self.places.push(end);
                    return Some(());
                }
                (_, Some(' ' | '\t' | '\n' | '\r')) => self.skip_blanks(),
                // The line end of a block that was not written, at the end of the file.
                (_, None) if character == '\n' => {
                    self.take(character, 0);
                    return Some(());
                }
                _ => return None,
            }
        }
    }

    fn skip_blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\n', '\r']).len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The part of the file that `wanted` of the value points at.
    fn pointed<'a>(written: &'a str, value: &str, wanted: &str) -> &'a str {
        let offset = value.find(wanted).unwrap();
        let text = format!("run: {written}");
        let span = Span { offset: 5, len: written.len() };
        let found = inside(span, value, offset, wanted.len(), &text);
        &written[found.offset - 5..found.offset - 5 + found.len]
    }

    #[test]
    fn places_are_found_in_every_style() {
        for (written, value) in [
            ("./ä && b", "./ä && b"),
            ("'it''s ä && b'", "it's ä && b"),
            (r#""\x2e/\u00e4\t\"q\" && b""#, "./ä\t\"q\" && b"),
            ("\"./a \\\n      -x && b\"", "./a -x && b"),
            ("\"./a\n      -x && b\"", "./a -x && b"),
            ("./a\n      -x\n      && b", "./a -x && b"),
            ("./a\n        -x\n      && b\n", "./a\n  -x\n&& b\n"),
            ("./a\n\n      && b", "./a\n&& b"),
            ("./a\r\n      -x && b", "./a -x && b"),
        ] {
            assert_eq!(pointed(written, value, "&&"), "&&", "{written}");
            assert_eq!(pointed(written, value, "b"), "b", "{written}");
        }
        assert_eq!(pointed(r#""./a \u0026& b""#, "./a && b", "&&"), r"\u0026&");
        assert_eq!(pointed("./a\n      -x", "./a\n-x", "\n-x"), "\n      -x");
    }

    #[test]
    fn what_cannot_be_matched_is_the_whole_scalar() {
        let span = Span { offset: 0, len: 3 };
        assert_eq!(inside(span, "other", 1, 1, "abc"), span);
        assert_eq!(inside(span, "abc", 7, 1, "abc"), span);
        assert_eq!(inside(Span { offset: 9, len: 3 }, "abc", 0, 1, "abc"), Span { offset: 9, len: 3 });
    }
}
