//! Leaves a framework's marks out of what people read, and tells whose output is whose by them.
//!
//! Under `-test.v=test2json` Go begins each line of its own with the byte 0x16, wherever the tests' output has
//! stopped, and says with lines `=== NAME  TestX` whose output follows. Since Go 1.27 the bytes 0x0f and 0x0e
//! stand around errors in a test's log, and 0x1b before each of the four where the test itself logged it.

use crate::event::Framing;

/// Begins a line of the framework's own.
const MARK: u8 = 0x16;

const ERROR_BEGIN: u8 = 0x0f;
const ERROR_END: u8 = 0x0e;
const ESCAPE: u8 = 0x1b;

/// Says whose output follows, and nothing that people need.
const NAME: &[u8] = b"=== NAME  ";

/// What marked lines begin with. A mark before anything else is a byte that a test wrote.
const WORDS: [&[u8]; 15] = [
    NAME,
    b"=== RUN   ",
    b"=== PAUSE ",
    b"=== CONT  ",
    b"=== PASS  ",
    b"=== FAIL  ",
    b"=== SKIP  ",
    b"=== ATTR  ",
    b"=== ARTIFACTS ",
    b"--- PASS: ",
    b"--- FAIL: ",
    b"--- SKIP: ",
    b"--- BENCH: ",
    b"PASS\n",
    b"FAIL\n",
];

/// How much of a marked line is held back until it ends; a longer one is shown as it comes.
const HELD_BYTES: usize = 1 << 10;

/// A part of what comes through.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// What people read.
    Text(&'a [u8]),
    /// The test that wrote the text from here on; without a name, nobody knows.
    Test(&'a [u8]),
}

/// Takes an output in pieces of any size.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// A mark and what came behind it, until it is clear what it marks.
    held: Vec<u8>,
    /// The text so far ends within a line.
    is_mid_line: bool,
    /// The last byte was an escape, and what it escapes has not come yet.
    is_escaped: bool,
}

impl Filter {
    /// A filter for a stdout with this framing; `None` if all of it is for people, or marked in a way that
    /// only a newer runner knows.
    #[must_use]
    pub fn for_framing(framing: Option<Framing>) -> Option<Self> {
        match framing {
            Some(Framing::Test2json) => Some(Self::default()),
            Some(Framing::Unknown) | None => None,
        }
    }

    pub fn feed(&mut self, mut bytes: &[u8], on_piece: &mut dyn FnMut(Piece<'_>)) {
        while let Some((&first, rest)) = bytes.split_first() {
            if std::mem::take(&mut self.is_escaped) {
                if is_special(first) {
                    self.text(&[first], on_piece);
                    bytes = rest;
                } else {
                    // A sequence for the terminal.
                    self.text(&[ESCAPE], on_piece);
                }
                continue;
            }
            if !self.held.is_empty() && first != MARK {
                self.held.push(first);
                bytes = rest;
                match kind_of(&self.held[1..]) {
                    Kind::Undecided => {}
                    Kind::Line => self.line(on_piece),
                    Kind::Text => self.release_held(on_piece),
                }
                continue;
            }
            self.release_held(on_piece);
            let special = bytes.iter().position(|&byte| is_special(byte)).unwrap_or(bytes.len());
            let (text, rest) = bytes.split_at(special);
            self.text(text, on_piece);
            let Some((&special, rest)) = rest.split_first() else { return };
            bytes = rest;
            match special {
                MARK => self.held.push(MARK),
                ESCAPE => self.is_escaped = true,
                _ => {}
            }
        }
    }

    /// Hands on what is held back: nothing followed for a while, or nothing will.
    pub fn release(&mut self, on_piece: &mut dyn FnMut(Piece<'_>)) {
        self.release_held(on_piece);
        if std::mem::take(&mut self.is_escaped) {
            self.text(&[ESCAPE], on_piece);
        }
    }

    /// What people read of these bytes.
    #[must_use]
    pub fn readable(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut readable = Vec::with_capacity(bytes.len());
        self.feed(bytes, &mut |piece| readable.extend_from_slice(text_of(&piece)));
        readable
    }

    /// What people read of what is held back.
    #[must_use]
    pub fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        self.release(&mut |piece| rest.extend_from_slice(text_of(&piece)));
        rest
    }

    fn release_held(&mut self, on_piece: &mut dyn FnMut(Piece<'_>)) {
        let held = std::mem::take(&mut self.held);
        // Within a line it is no framework's mark, and a test may have written it.
        let shown = if self.is_mid_line { &held[..] } else { held.get(1..).unwrap_or_default() };
        self.text(shown, on_piece);
    }

    fn text(&mut self, text: &[u8], on_piece: &mut dyn FnMut(Piece<'_>)) {
        if let Some(&last) = text.last() {
            self.is_mid_line = last != b'\n';
            on_piece(Piece::Text(text));
        }
    }

    /// A whole line of the framework's own, which begins a line whatever stands before it.
    fn line(&mut self, on_piece: &mut dyn FnMut(Piece<'_>)) {
        let held = std::mem::take(&mut self.held);
        if self.is_mid_line {
            self.text(b"\n", on_piece);
        }
        on_piece(Piece::Test(b""));
        if !held[1..].starts_with(NAME) {
            self.text(&held[1..], on_piece);
        }
        on_piece(Piece::Test(test_after(&held[1..])));
    }
}

fn is_special(byte: u8) -> bool {
    matches!(byte, MARK | ERROR_BEGIN | ERROR_END | ESCAPE)
}

fn text_of<'a>(piece: &Piece<'a>) -> &'a [u8] {
    match piece {
        Piece::Text(text) => text,
        Piece::Test(_) => b"",
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Undecided,
    /// A line of the framework's own, with its end.
    Line,
    Text,
}

/// What the bytes behind a mark are.
fn kind_of(marked: &[u8]) -> Kind {
    // Results of subtests are indented.
    let text = marked.trim_ascii_start();
    let is_line = WORDS.iter().any(|word| text.starts_with(word));
    if is_line && marked.ends_with(b"\n") {
        return Kind::Line;
    }
    let may_be_line = is_line || WORDS.iter().any(|word| word.starts_with(text));
    if may_be_line && marked.len() < HELD_BYTES && !marked.ends_with(b"\n") {
        return Kind::Undecided;
    }
    Kind::Text
}

/// The test whose output follows this line.
fn test_after(line: &[u8]) -> &[u8] {
    let text = line.trim_ascii();
    let named = ["=== NAME ", "=== RUN ", "=== CONT ", "--- PASS: ", "--- FAIL: ", "--- SKIP: "];
    let name = named.iter().find_map(|word| text.strip_prefix(word.as_bytes())).unwrap_or_default();
    // Names hold no blanks.
    name.trim_ascii_start().split(u8::is_ascii_whitespace).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What comes through, `<Test>` before what a test wrote, when fed in pieces of this size.
    fn through(input: &[u8], piece_bytes: usize) -> String {
        let (mut filter, mut shown) = (Filter::default(), Vec::new());
        let mut on_piece = |piece: Piece<'_>| match piece {
            Piece::Text(text) => shown.extend_from_slice(text),
            Piece::Test(b"") => {}
            Piece::Test(name) => shown.extend_from_slice(&[b"<", name, b">"].concat()),
        };
        for piece in input.chunks(piece_bytes) {
            filter.feed(piece, &mut on_piece);
        }
        filter.release(&mut on_piece);
        String::from_utf8_lossy(&shown).into_owned()
    }

    #[test]
    fn marks_are_left_out_and_say_whose_output_follows() {
        let table: [(&[u8], &str); 20] = [
            (b"plain\n", "plain\n"),
            (
                b"\x16=== RUN   TestA\n    a_test.go:3: log\n",
                "=== RUN   TestA\n<TestA>    a_test.go:3: log\n",
            ),
            (b"\x16=== NAME  TestA\nlog\n\x16=== NAME  TestB\nmore\n", "<TestA>log\n<TestB>more\n"),
            (b"\x16=== NAME  \nlog\n", "log\n"),
            (b"\x16=== PAUSE TestA\nlog\n", "=== PAUSE TestA\nlog\n"),
            (b"\x16=== CONT  TestA\n", "=== CONT  TestA\n<TestA>"),
            (b"\x16--- FAIL: TestA (0.01s)\nlog\n", "--- FAIL: TestA (0.01s)\n<TestA>log\n"),
            (b"\x16    --- PASS: TestA/b (0.01s)\n", "    --- PASS: TestA/b (0.01s)\n<TestA/b>"),
            (b"\x16PASS\n", "PASS\n"),
            // Where a test did not end its line, the framework's begins one all the same.
            (b"dots...\x16--- PASS: TestA (0.01s)\n", "dots...\n--- PASS: TestA (0.01s)\n<TestA>"),
            (b"dots...\x16=== NAME  TestA\nlog\n", "dots...\n<TestA>log\n"),
            // What a test wrote itself.
            (b"a\x16b\n", "a\x16b\n"),
            (b"a\x16\x16\x16b\x16", "a\x16\x16\x16b\x16"),
            (b"\x16own\n\x16\n", "own\n\n"),
            (b"a\x16=== NAMED\n", "a\x16=== NAMED\n"),
            // Errors in a log, and what a test logged itself.
            (b"\x0f    a_test.go:1: bad\x0e\n", "    a_test.go:1: bad\n"),
            (b"    \x1b\x16\x1b\x1b[31m\x1b\x0f\n", "    \x16\x1b[31m\x0f\n"),
            (b"\x1b[31mred\x1b", "\x1b[31mred\x1b"),
            (b"\x1b\x16PASS\n", "\x16PASS\n"),
            (b"=== NAME  TestA\n", "=== NAME  TestA\n"),
        ];
        for (input, expected) in table {
            for piece_bytes in [1, 2, 3, 7, 1000] {
                assert_eq!(through(input, piece_bytes), expected, "{}", input.escape_ascii());
            }
        }
    }

    #[test]
    fn a_line_that_does_not_end_is_held_back_only_so_far() {
        let long = [&b"\x16=== NAME  "[..], &[b'x'; 2 * HELD_BYTES]].concat();
        let mut filter = Filter::default();
        let mut shown = 0;
        filter.feed(&long, &mut |piece| match piece {
            Piece::Text(text) => shown += text.len(),
            Piece::Test(name) => panic!("{name:?}"),
        });
        assert_eq!(shown, long.len() - 1);
        assert_eq!(through(b"\x16=== NAME  TestA", 4), "=== NAME  TestA");
        assert_eq!(through(b"a\x16--- PA", 1), "a\x16--- PA");
    }

    proptest! {
        #[test]
        fn nothing_but_marks_and_their_names_is_lost(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just(b"\x16".to_vec()),
                    Just(b"\n".to_vec()),
                    Just(b"=== NAME  X\n".to_vec()),
                    Just(b"--- PASS: X (0s)\n".to_vec()),
                    Just(b"    ".to_vec()),
                    proptest::collection::vec(any::<u8>(), 0..5),
                ],
                0..20,
            ),
            piece_bytes in 1_usize..20,
        ) {
            let input = parts.concat();
            let whole = through(&input, usize::MAX);
            prop_assert_eq!(&through(&input, piece_bytes), &whole);
            if !input.iter().any(|&byte| is_special(byte)) {
                prop_assert_eq!(whole, String::from_utf8_lossy(&input));
            }
        }
    }
}
