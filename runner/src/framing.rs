//! Leaves out of a command's stdout what is there for readers of tests alone.
//!
//! Under `-test.v=test2json` Go puts the byte 0x16 before each line of the framework's own, also behind output
//! that did not end its line, and adds lines `=== NAME` that say whose output follows. Since Go 1.27 the bytes
//! 0x0f and 0x0e stand around errors in a test's log, and 0x1b before each of the four where the test itself
//! logged it.

use lamex_protocol::event::Framing;

const MARKER: u8 = 0x16;
const ERROR_BEGIN: u8 = 0x0f;
const ERROR_END: u8 = 0x0e;
const ESCAPE: u8 = 0x1b;
const NAME: &[u8] = b"=== NAME";

/// One command's stdout on its way to people, in pieces of any size.
#[derive(Debug)]
pub struct Unframed {
    state: State,
    is_mid_line: bool,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Text,
    /// Behind a marker, and so many bytes of `=== NAME`.
    Marked(usize),
    /// In a line that is left out.
    Name,
    Escaped,
}

impl Unframed {
    /// `None` where the stdout is all for people, or marked in a way that only a newer runner knows.
    #[must_use]
    pub fn of(framing: Option<Framing>) -> Option<Self> {
        match framing {
            Some(Framing::Test2json) => Some(Self { state: State::Text, is_mid_line: false }),
            Some(Framing::Unknown) | None => None,
        }
    }

    #[must_use]
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut text = Vec::with_capacity(bytes.len());
        for &byte in bytes {
            self.byte(byte, &mut text);
        }
        text
    }

    /// What was held back, when nothing follows.
    #[must_use]
    pub fn finish(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        match std::mem::replace(&mut self.state, State::Text) {
            State::Marked(matched) => self.begin_line(matched, &mut text),
            State::Escaped => self.put(ESCAPE, &mut text),
            State::Text | State::Name => {}
        }
        text
    }

    fn byte(&mut self, byte: u8, text: &mut Vec<u8>) {
        match self.state {
            State::Text => self.text(byte, text),
            State::Marked(matched) if byte == NAME[matched] => {
                self.state = if matched + 1 == NAME.len() { State::Name } else { State::Marked(matched + 1) };
            }
            State::Marked(matched) => {
                self.begin_line(matched, text);
                self.text(byte, text);
            }
            State::Name if byte == b'\n' => self.state = State::Text,
            State::Name => {}
            State::Escaped if matches!(byte, MARKER | ERROR_BEGIN | ERROR_END | ESCAPE) => {
                self.state = State::Text;
                self.put(byte, text);
            }
            State::Escaped => {
                self.put(ESCAPE, text);
                self.text(byte, text);
            }
        }
    }

    fn text(&mut self, byte: u8, text: &mut Vec<u8>) {
        self.state = State::Text;
        match byte {
            MARKER => self.state = State::Marked(0),
            ESCAPE => self.state = State::Escaped,
            ERROR_BEGIN | ERROR_END => {}
            other => self.put(other, text),
        }
    }

    /// A line of the framework's own, which begins with this much of `=== NAME`.
    fn begin_line(&mut self, matched: usize, text: &mut Vec<u8>) {
        if self.is_mid_line {
            self.put(b'\n', text);
        }
        for &byte in &NAME[..matched] {
            self.put(byte, text);
        }
    }

    fn put(&mut self, byte: u8, text: &mut Vec<u8>) {
        self.is_mid_line = byte != b'\n';
        text.push(byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_name_lines_are_left_out_however_the_output_comes() {
        let cases: [(&[u8], &[u8]); 9] = [
            (
                b"\x16=== RUN   TestA\nhello\n\x16--- PASS: TestA\n",
                b"=== RUN   TestA\nhello\n--- PASS: TestA\n",
            ),
            (b"no newline\x16--- PASS: TestA\n", b"no newline\n--- PASS: TestA\n"),
            (b"half \x16=== NAME  TestB\nline\n", b"half line\n"),
            (b"\x16=== NAME  \n\x16PASS\n", b"PASS\n"),
            (b"\x0f    a_test.go:1: bad\x0e\n", b"    a_test.go:1: bad\n"),
            (b"    \x1b\x16\x1b\x1b[31m\x1b\x0f\n", b"    \x16\x1b[31m\x0f\n"),
            (b"\x1b[31mred\x1b", b"\x1b[31mred\x1b"),
            (b"a\x16=== N", b"a\n=== N"),
            (b"\x16\x16=== NAME", b""),
        ];
        for (input, expected) in cases {
            for piece in 1..=input.len() {
                let mut unframed = Unframed::of(Some(Framing::Test2json)).unwrap();
                let mut found: Vec<u8> = input.chunks(piece).flat_map(|piece| unframed.feed(piece)).collect();
                found.extend(unframed.finish());
                assert_eq!(String::from_utf8_lossy(&found), String::from_utf8_lossy(expected), "{piece}");
            }
        }
    }
}
