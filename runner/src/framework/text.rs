//! What frameworks say of tests, kept until it is known whether it is wanted, in bounded memory.

use std::collections::HashMap;

use lamex_protocol::event::MAX_TEST_MESSAGE_BYTES;

/// What is kept of all tests together: a thousand tests that run at once can each have a whole message.
const MAX_KEPT_BYTES: usize = 4 << 20;

/// Lines of one test, at most as many bytes as a message may have. The last ones stay.
#[derive(Debug, Default)]
pub(super) struct Text(String);

impl Text {
    pub(super) fn push(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(line.trim_end());
        self.shorten();
    }

    fn shorten(&mut self) {
        if self.0.len() <= MAX_TEST_MESSAGE_BYTES {
            return;
        }
        let start = self.0.ceil_char_boundary(self.0.len() - MAX_TEST_MESSAGE_BYTES);
        // At a line where there is one, so that no message begins within a word.
        let start = self.0[start..].find('\n').map_or(start, |newline| start + newline + 1);
        self.0.drain(..start);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= MAX_TEST_MESSAGE_BYTES
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn truncate(&mut self, length: usize) {
        self.0.truncate(self.0.floor_char_boundary(length));
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The lines as one message; `None` if they say nothing.
    pub(super) fn take(&mut self) -> Option<String> {
        message(&std::mem::take(&mut self.0))
    }
}

/// The text without blank lines around it and without the indentation that all of its lines share; `None` where
/// nothing is left.
pub(super) fn message(text: &str) -> Option<String> {
    let is_blank = |line: &&str| line.trim().is_empty();
    let mut lines: Vec<&str> = text.lines().skip_while(is_blank).collect();
    while lines.last().is_some_and(is_blank) {
        lines.pop();
    }
    let indent_of = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let indent = lines.iter().filter(|line| !is_blank(line)).map(|line| indent_of(line)).min()?;
    let lines: Vec<&str> = lines.iter().map(|line| line.get(indent..).unwrap_or_default()).collect();
    Some(bounded(lines.join("\n")))
}

/// No more of the text than a message may have.
pub(super) fn bounded(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(MAX_TEST_MESSAGE_BYTES));
    text
}

/// The lines of several tests.
#[derive(Debug, Default)]
pub(super) struct Texts {
    texts: HashMap<String, Text>,
    bytes: usize,
}

impl Texts {
    /// Adds a line, unless there is no room for it.
    pub(super) fn push(&mut self, test: &str, line: &[u8]) {
        let is_new = !self.texts.contains_key(test);
        let more_bytes = line.len() + if is_new { test.len() } else { 0 };
        if self.bytes + more_bytes > MAX_KEPT_BYTES {
            return;
        }
        if is_new {
            self.texts.insert(test.to_owned(), Text::default());
            self.bytes += test.len();
        }
        if let Some(text) = self.texts.get_mut(test) {
            let before = text.len();
            text.push(line);
            self.bytes = self.bytes - before + text.len();
        }
    }

    /// Takes a test's lines out.
    pub(super) fn take(&mut self, test: &str) -> Option<Text> {
        let text = self.texts.remove(test)?;
        self.bytes -= test.len() + text.len();
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_stay() {
        let mut text = Text::default();
        for number in 0..2_000 {
            text.push(format!("    line {number}ä").as_bytes());
            assert!(text.len() <= MAX_TEST_MESSAGE_BYTES);
        }
        let message = text.take().unwrap_or_default();
        assert!(message.starts_with("line ") && message.ends_with("\nline 1999ä"), "{message}");
        let mut text = Text::default();
        text.push("ä".repeat(5_000).as_bytes());
        assert!(text.len() <= MAX_TEST_MESSAGE_BYTES && text.len() > MAX_TEST_MESSAGE_BYTES - 4);
    }

    #[test]
    fn shared_indentation_and_blank_lines_go() {
        assert_eq!(message("\n    a\n\n      b\n  \n").as_deref(), Some("a\n\n  b"));
        assert_eq!(message(" \n\n"), None);
    }

    #[test]
    fn all_texts_together_are_bounded() {
        let mut texts = Texts::default();
        for number in 0..10_000 {
            texts.push(&format!("{number}"), &[b'x'; 2_000]);
            texts.push(&format!("{number}"), &[b'x'; 2_000]);
        }
        assert!(texts.bytes <= MAX_KEPT_BYTES && texts.texts.len() > 900);
        for number in 0..10_000 {
            texts.take(&format!("{number}"));
        }
        assert_eq!((texts.bytes, texts.texts.len()), (0, 0));
    }
}
