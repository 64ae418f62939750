//! Output as text that XML 1.0 can hold.

use std::fmt::Write as _;

use crate::excerpt::Excerpt;
use crate::text::is_unsafe;

/// The bytes as text: escape sequences of terminals taken out, what is not UTF-8 replaced, and control
/// characters written out (`\x00`). `quick_junit` would take those out itself, but also every tab, and
/// after an escape sequence that never ends, everything.
pub(super) fn text(bytes: &[u8]) -> String {
    let source = String::from_utf8_lossy(bytes);
    let mut result = String::with_capacity(source.len());
    let mut rest = source.as_ref();
    while let Some(character) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("\x1b[").and_then(after_control_sequence) {
            rest = after;
            continue;
        }
        rest = &rest[character.len_utf8()..];
        match character {
            '\n' => result.push('\n'),
            '\t' => result.push_str("    "),
            // Of CR LF the line feed is enough; alone it begins a line anew, as progress bars do.
            '\r' if rest.starts_with('\n') => {}
            '\r' => result.push('\n'),
            '\u{fffe}' | '\u{ffff}' => result.push(char::REPLACEMENT_CHARACTER),
            control if control.is_control() => {
                let _ = write!(result, "\\x{:02x}", u32::from(control));
            }
            plain => result.push(plain),
        }
    }
    result
}

/// A name as text on one line.
pub(super) fn name(name: &str) -> String {
    message(name).replace('\n', "\\n")
}

/// A message as text, in which also what reorders characters is written out (`\u{202e}`): it stands beside other
/// texts on a page.
pub(super) fn message(message: &str) -> String {
    let mut result = String::with_capacity(message.len());
    for character in text(message.as_bytes()).chars() {
        if is_unsafe(character) && character != '\n' {
            result.extend(character.escape_unicode());
        } else {
            result.push(character);
        }
    }
    result
}

/// What follows a sequence such as `31m`, which takes parameters and ends in one letter.
fn after_control_sequence(rest: &str) -> Option<&str> {
    let end = rest.find(|character| !matches!(character, ' '..='?'))?;
    matches!(rest.as_bytes()[end], b'@'..=b'~').then(|| &rest[end + 1..])
}

/// The text of an excerpt, with a line that says what it leaves out.
pub(super) fn excerpt(excerpt: &Excerpt) -> String {
    let mut result = text(excerpt.head());
    let left_out = excerpt.left_out_bytes();
    if left_out > 0 {
        if !result.is_empty() && !result.ends_with('\n') {
            result.push('\n');
        }
        let _ = writeln!(result, "[lamex: {left_out} bytes are omitted here; the live log has them]");
    }
    result.push_str(&text(&excerpt.tail()));
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_readable_stays_readable() {
        let table: [(&[u8], &str); 9] = [
            (b"a\x1b[1;31mred\x1b[0m b", "ared b"),
            (b"\x1b]0;title without an end", "\\x1b]0;title without an end"),
            (b"\x1b[12", "\\x1b[12"),
            (b"\x1b[3\xc3\xa4", "\\x1b[3ä"),
            (b"a\tb\r\nc\rd", "a    b\nc\nd"),
            (b"nul \x00 bell \x07 del \x7f", "nul \\x00 bell \\x07 del \\x7f"),
            (b"bad \xff\xfe", "bad \u{fffd}\u{fffd}"),
            ("c1 \u{9b} no character \u{ffff}".as_bytes(), "c1 \\x9b no character \u{fffd}"),
            (b"]]> & <x>", "]]> & <x>"),
        ];
        for (bytes, expected) in table {
            assert_eq!(text(bytes), expected);
        }
    }

    #[test]
    fn names_cannot_reorder_a_page() {
        let hostile = "a\u{202e}b\u{2066}c\x1b[31m\0\r\nd";
        assert_eq!(message(hostile), "a\\u{202e}b\\u{2066}c\\x00\nd");
        assert_eq!(name(hostile), "a\\u{202e}b\\u{2066}c\\x00\\nd");
    }

    #[test]
    fn an_excerpt_says_what_it_leaves_out() {
        let mut both_ends = Excerpt::new(4, 4);
        both_ends.push(b"0123456789\n");
        assert_eq!(
            excerpt(&both_ends),
            "0123\n[lamex: 3 bytes are omitted here; the live log has them]\n789\n"
        );
    }
}
