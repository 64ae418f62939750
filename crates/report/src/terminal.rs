//! What state a command's output leaves a terminal in, and the sequences that undo it: a test must not swallow,
//! hide or repaint what lamex-ctl says after it.
//!
//! Nothing is written where the output held no sequence, or only colours that it reset itself, so that logs stay
//! as they are. It does not matter whether a terminal is there: CI systems show logs in colours too.

use std::collections::BTreeMap;

const ESC: u8 = 0x1b;

/// How much of a sequence is looked at; a longer one is as unknown as any.
const KEPT_BYTES: usize = 64;

/// Private modes (`CSI ? n h` and `l`) that hide, move or freeze what is written later, or make the terminal
/// send input, and whether they are set in a terminal that nobody touched.
const PRIVATE_MODES: [(u16, bool); 21] = [
    // Before the others, which may be kept for each screen.
    (1049, false),
    (1047, false),
    (47, false),
    (1, false),
    (5, false),
    (6, false),
    (7, true),
    (9, false),
    (25, true),
    (69, false),
    (1000, false),
    (1001, false),
    (1002, false),
    (1003, false),
    (1004, false),
    (1005, false),
    (1006, false),
    (1015, false),
    (1016, false),
    (2004, false),
    (2026, false),
];

/// Others: insertion, and line feeds that also return.
const MODES: [u16; 2] = [4, 20];

/// What was done to the terminal since it was last restored.
#[derive(Debug, Default)]
pub(super) struct Terminal {
    state: State,
    /// Continuation bytes that a UTF-8 character still lacks, and whether it began with 0xc2.
    continuation: u8,
    may_be_control: bool,
    /// Colours or such are on.
    is_styled: bool,
    /// A sequence came that does more than to colour, or one that is not understood.
    is_touched: bool,
    /// Modes that differ from what they were, by whether they are private.
    modes: BTreeMap<(bool, u16), bool>,
    has_moved: bool,
    has_region: bool,
    has_palette: bool,
    has_link: bool,
    has_charset: bool,
    has_encoding: bool,
}

/// Where the output has stopped within a sequence.
#[derive(Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    /// Behind `ESC` and these intermediate bytes.
    Escape(Vec<u8>),
    /// Behind `ESC [`.
    Control(Vec<u8>),
    /// In a string such as a title, which takes everything until it is ended.
    String(Vec<u8>),
}

impl Terminal {
    /// Takes note of what was written.
    pub(super) fn feed(&mut self, bytes: &[u8]) {
        let is_plain = |byte: &u8| byte.is_ascii() && *byte != ESC && *byte != 0x0e;
        if self.state == State::Text && self.continuation == 0 && bytes.iter().all(is_plain) {
            return;
        }
        for &byte in bytes {
            self.byte(byte);
        }
    }

    /// Whether later lines may be affected.
    pub(super) fn is_affected(&self) -> bool {
        self.is_styled || self.is_touched || self.is_mid_sequence()
    }

    /// Whether the output stopped within a sequence, which has then taken the end of the line too.
    pub(super) fn is_mid_sequence(&self) -> bool {
        self.state != State::Text
    }

    /// What undoes it, before anything else is written; nothing where nothing was done. With `new_line` that
    /// begins a line.
    pub(super) fn restore(&mut self, new_line: bool) -> String {
        if !self.is_affected() {
            return if new_line { "\n".to_owned() } else { String::new() };
        }
        // Ends a string, and any other sequence as well. Colours alone need no such thing.
        let mut undo = String::new();
        if self.is_touched || self.is_mid_sequence() {
            undo.push_str("\x1b\\");
        }
        let private = PRIVATE_MODES.map(|(mode, is_set)| (true, mode, is_set));
        for (is_private, mode, is_set) in private.into_iter().chain(MODES.map(|mode| (false, mode, false))) {
            if self.modes.get(&(is_private, mode)).is_some_and(|&now| now != is_set) {
                let prefix = if is_private { "?" } else { "" };
                let end = if is_set { 'h' } else { 'l' };
                undo.push_str(&format!("\x1b[{prefix}{mode}{end}"));
            }
        }
        for (is_needed, sequence) in [
            // The cursor goes home when the region is given up, and is put back.
            (self.has_region, "\x1b7\x1b[r\x1b8"),
            (self.has_palette, "\x1b]104\x1b\\\x1b]110\x1b\\\x1b]111\x1b\\\x1b]112\x1b\\"),
            (self.has_link, "\x1b]8;;\x1b\\"),
            (self.has_encoding, "\x1b%G"),
            (self.has_charset, "\x1b(B\x1b)B\x0f"),
            (true, "\x1b[0m"),
            (new_line, "\n"),
            // What stands where the next lines are written.
            (self.has_moved, "\x1b[J"),
        ] {
            if is_needed {
                undo.push_str(sequence);
            }
        }
        *self = Self::default();
        undo
    }

    fn byte(&mut self, byte: u8) {
        let is_control = self.is_eight_bit_control(byte);
        match (&mut self.state, byte) {
            // From anywhere, also from within a string.
            (_, ESC) => self.state = State::Escape(Vec::new()),
            // Cancel and substitute end a sequence.
            (State::Text, 0x18 | 0x1a) => {}
            (_, 0x18 | 0x1a) => {
                self.is_touched = true;
                self.state = State::Text;
            }
            (State::Text, 0x0e) => {
                self.is_touched = true;
                self.has_charset = true;
            }
            (State::Text, _) if is_control => self.eight_bit_control(byte),
            (State::Text, _) => {}
            (State::Escape(between), 0x20..=0x2f) if between.len() < KEPT_BYTES => between.push(byte),
            (State::Escape(between), _) => {
                let between = std::mem::take(between);
                self.escape(&between, byte);
            }
            // A control character within is carried out, the sequence goes on.
            (State::Control(_), 0..=0x1f) => self.is_touched = true,
            (State::Control(parameters), 0x20..=0x3f) => {
                if parameters.len() < KEPT_BYTES {
                    parameters.push(byte);
                }
            }
            (State::Control(parameters), _) => {
                let parameters = std::mem::take(parameters);
                self.state = State::Text;
                self.control(&parameters, byte);
            }
            (State::String(begun), 0x07) => {
                let begun = std::mem::take(begun);
                self.state = State::Text;
                self.string(&begun);
            }
            (State::String(begun), _) => {
                if begun.len() < KEPT_BYTES {
                    begun.push(byte);
                    let begun = begun.clone();
                    self.string(&begun);
                }
            }
        }
    }

    /// Whether the byte is a control character above 0x7f: for itself, or as the second one of its UTF-8.
    fn is_eight_bit_control(&mut self, byte: u8) -> bool {
        let is_control = matches!(byte, 0x80..=0x9f) && (self.continuation == 0 || self.may_be_control);
        self.may_be_control = byte == 0xc2 && self.continuation == 0;
        self.continuation = match byte {
            0x80..=0xbf => self.continuation.saturating_sub(1),
            0xc2..=0xdf => 1,
            0xe0..=0xef => 2,
            0xf0..=0xf4 => 3,
            _ => 0,
        };
        is_control
    }

    /// Some terminals take these for the sequences that begin with `ESC`, others do not.
    fn eight_bit_control(&mut self, byte: u8) {
        self.is_touched = true;
        match byte {
            0x9b => self.state = State::Control(Vec::new()),
            0x8d | 0x84 | 0x85 => self.has_moved = true,
            0x8e | 0x8f => self.has_charset = true,
            _ => {}
        }
    }

    fn escape(&mut self, between: &[u8], last: u8) {
        self.state = match (between, last) {
            ([], b'[') => State::Control(Vec::new()),
            ([], b']' | b'P' | b'X' | b'^' | b'_' | b'k') => State::String(Vec::new()),
            _ => State::Text,
        };
        if self.state != (State::Control(Vec::new())) {
            self.is_touched = true;
        }
        match (between, last) {
            ([], b'M' | b'D' | b'E' | b'8' | b'c') => self.has_moved = true,
            ([], b'n' | b'o' | b'N' | b'O' | b'|' | b'}' | b'~')
            | ([b'(' | b')' | b'*' | b'+' | b'-' | b'.' | b'/', ..], _) => self.has_charset = true,
            ([b'%', ..], _) => self.has_encoding = true,
            _ => {}
        }
    }

    fn control(&mut self, parameters: &[u8], last: u8) {
        if last == b'm' && parameters.iter().all(|byte| byte.is_ascii_digit() || b";:".contains(byte)) {
            self.is_styled = !matches!(parameters, b"" | b"0" | b"00");
            return;
        }
        self.is_touched = true;
        match last {
            b'h' | b'l' => self.set_modes(parameters, last == b'h'),
            b'r' => {
                self.has_region = true;
                self.has_moved = true;
            }
            b'A'..=b'B' | b'E'..=b'F' | b'H' | b'L'..=b'M' | b'S'..=b'T' | b'd'..=b'f' | b'u' => {
                self.has_moved = true;
            }
            _ => {}
        }
    }

    fn set_modes(&mut self, parameters: &[u8], is_set: bool) {
        let (is_private, numbers) = match parameters.strip_prefix(b"?") {
            Some(numbers) => (true, numbers),
            None => (false, parameters),
        };
        for number in numbers.split(|&byte| byte == b';') {
            let number = std::str::from_utf8(number).ok().and_then(|number| number.parse().ok());
            let Some(mode) = number else { continue };
            let is_known = if is_private {
                PRIVATE_MODES.iter().any(|&(known, _)| known == mode)
            } else {
                MODES.contains(&mode)
            };
            if is_known {
                self.modes.insert((is_private, mode), is_set);
            }
        }
    }

    /// What a string does that begins so.
    fn string(&mut self, begun: &[u8]) {
        let begins = |prefixes: &[&[u8]]| prefixes.iter().any(|prefix| begun.starts_with(prefix));
        self.has_palette |= begins(&[b"4;", b"10;", b"11;", b"12;"]);
        self.has_link |= begins(&[b"8;"]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn undone(output: &[u8]) -> String {
        let mut whole = Terminal::default();
        whole.feed(output);
        let undo = whole.restore(false);
        assert_eq!(whole.restore(false), "", "it is done once");
        let mut pieces = Terminal::default();
        for byte in output {
            pieces.feed(&[*byte]);
        }
        assert_eq!(pieces.restore(false), undo);
        undo
    }

    #[test]
    fn what_changes_nothing_is_answered_with_nothing() {
        let colored = b"\x1b[1;31mred\x1b[0m and \x1b[32mgreen\x1b[m\n";
        for output in
            [&b"plain\ttext\r\n"[..], "\u{e4}\u{20ac}\u{1f600}\u{a0}".as_bytes(), colored, b"\xff\xfe\0\x16"]
        {
            assert_eq!(undone(output), "", "{}", output.escape_ascii());
        }
    }

    #[test]
    fn whatever_is_left_is_undone() {
        let table: [(&[u8], &str); 19] = [
            (b"\x1b[31mred", "\x1b[0m"),
            (b"\x1b[38;5;0mblack", "\x1b[0m"),
            (b"\x1b]0;a title without an end", "\x1b\\\x1b[0m"),
            (b"\x1bPq a picture", "\x1b\\\x1b[0m"),
            (b"\x1b[3", "\x1b\\\x1b[0m"),
            (b"\x1b", "\x1b\\\x1b[0m"),
            (b"\x1b[?1049h\x1b[?25lgone", "\x1b\\\x1b[?1049l\x1b[?25h\x1b[0m"),
            (b"\x1b[?25l\x1b[?25h", "\x1b\\\x1b[0m"),
            (b"\x1b[?7;2026;1000h\x1b[?7l", "\x1b\\\x1b[?7h\x1b[?1000l\x1b[?2026l\x1b[0m"),
            (b"\x1b[4hinsert", "\x1b\\\x1b[4l\x1b[0m"),
            (b"\x1b[1;5r", "\x1b\\\x1b7\x1b[r\x1b8\x1b[0m\x1b[J"),
            (b"\x1b[2A", "\x1b\\\x1b[0m\x1b[J"),
            (b"\x1b(0lqk\x0e", "\x1b\\\x1b(B\x1b)B\x0f\x1b[0m"),
            (b"\x0e", "\x1b\\\x1b(B\x1b)B\x0f\x1b[0m"),
            (b"\x1b]11;#000\x07", "\x1b\\\x1b]104\x1b\\\x1b]110\x1b\\\x1b]111\x1b\\\x1b]112\x1b\\\x1b[0m"),
            (b"\x1b]8;;https://x\x1b\\", "\x1b\\\x1b]8;;\x1b\\\x1b[0m"),
            (b"\x1b%@", "\x1b\\\x1b%G\x1b[0m"),
            ("\u{9b}?25l".as_bytes(), "\x1b\\\x1b[?25h\x1b[0m"),
            (b"\x9dtitle", "\x1b\\\x1b[0m"),
        ];
        for (output, expected) in table {
            assert_eq!(undone(output), expected, "{}", output.escape_ascii());
        }
    }

    #[test]
    fn a_line_begins_behind_what_was_open() {
        let mut terminal = Terminal::default();
        assert_eq!(terminal.restore(true), "\n");
        terminal.feed(b"\x1b]0;title\n");
        assert!(terminal.is_mid_sequence());
        assert_eq!(terminal.restore(true), "\x1b\\\x1b[0m\n");
    }

    proptest! {
        #[test]
        fn any_bytes_are_undone_alike_in_pieces_of_any_size(
            output in proptest::collection::vec(
                prop_oneof![Just(ESC), Just(b'['), Just(b']'), Just(b'?'), Just(b'h'), Just(b'm'), any::<u8>()],
                0..60,
            ),
        ) {
            let undo = undone(&output);
            let has_sequence = output.iter().any(|&byte| byte == ESC || byte == 0x0e || byte >= 0x80);
            prop_assert!(has_sequence || undo.is_empty());
        }
    }
}
