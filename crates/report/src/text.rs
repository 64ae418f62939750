//! Small pieces of text that every report writes alike.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with its control characters, and those that reorder or break lines, made visible. Names come
/// from the tests' output, which could otherwise paint a report over.
pub(super) fn escaped(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unsafe(character) {
            result.extend(character.escape_default());
        } else {
            result.push(character);
        }
    }
    result
}

/// Whether the character does something else than to be shown. The two that join letters or keep them apart
/// (U+200C and U+200D) are parts of words and emoji.
pub(super) fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The beginning of the text, at most this many bytes, cut at a character.
pub(super) fn cut(text: &str, limit_bytes: usize) -> &str {
    &text[..text.floor_char_boundary(limit_bytes)]
}

/// The text, or its beginning and a sign that more was there.
pub(super) fn shortened(text: &str, limit_bytes: usize) -> Cow<'_, str> {
    if text.len() <= limit_bytes {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}…", cut(text, limit_bytes.saturating_sub('…'.len_utf8()))))
}

/// `1 command`, `2 commands`.
pub fn counted(count: u64, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// Seconds, aligned as in every status line: `[   0.123s]`.
pub(super) fn duration(duration_ms: u64) -> String {
    format!("[{:>4}.{:03}s]", duration_ms / 1000, duration_ms % 1000)
}

/// `5 passed, 1 failed` of the parts that are not zero; the first is always there.
pub(super) fn parts(parts: &[(u64, &str)]) -> String {
    let mut result = String::new();
    for (index, (count, word)) in parts.iter().enumerate() {
        if index == 0 || *count > 0 {
            let separator = if result.is_empty() { "" } else { ", " };
            let _ = write!(result, "{separator}{count} {word}");
        }
    }
    result
}

/// The last lines, at most this many.
pub(super) fn last_lines(bytes: &[u8], count: usize) -> &[u8] {
    let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let cut = body.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n').nth(count.saturating_sub(1));
    cut.map_or(bytes, |(newline, _)| &bytes[newline + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_paint_over_a_report() {
        assert_eq!(escaped("a\x1b[2J\rb\u{202e}ä/ü"), "a\\u{1b}[2J\\rb\\u{202e}ä/ü");
        for unsafe_one in
            "\0\n\u{7f}\u{9b}\u{202a}\u{202b}\u{202c}\u{202d}\u{2066}\u{2067}\u{2068}\u{2069}\u{feff}".chars()
        {
            let shown = escaped(&unsafe_one.to_string());
            assert!(shown.is_ascii() && shown.starts_with('\\'), "{shown}");
        }
        let words = "नमस्ते שלום مرحبا 👩\u{200d}🚀 می\u{200c}خواهم";
        assert_eq!(escaped(words), words);
    }

    #[test]
    fn text_is_cut_at_a_character() {
        assert_eq!((cut("äöü", 3), cut("äöü", 6), cut("ä", 0)), ("ä", "äöü", ""));
        assert_eq!(shortened("äöü", 6), "äöü");
        assert_eq!(shortened("äöüx", 6), "ä…");
    }

    #[test]
    fn durations_keep_their_milliseconds() {
        assert_eq!(duration(0), "[   0.000s]");
        assert_eq!(duration(61_001), "[  61.001s]");
        assert_eq!(duration(12_345_678), "[12345.678s]");
    }

    #[test]
    fn the_first_part_is_always_named() {
        assert_eq!(parts(&[(0, "passed"), (0, "failed"), (2, "skipped")]), "0 passed, 2 skipped");
    }

    #[test]
    fn last_lines_with_and_without_a_newline_at_the_end() {
        assert_eq!(last_lines(b"a\nb\nc\n", 2), b"b\nc\n");
        assert_eq!(last_lines(b"a\nb\nc", 2), b"b\nc");
        assert_eq!(last_lines(b"a\nb", 2), b"a\nb");
        assert_eq!(last_lines(b"\n\n\n", 1), b"\n");
        assert_eq!(last_lines(b"", 3), b"");
    }
}
