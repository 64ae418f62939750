//! Splits a byte stream into lines and keeps no more of a line than its two ends.

/// How much of either end of a line is kept, in bytes. What frameworks print of their own is far shorter.
pub(super) const KEPT_BYTES: usize = 4096;

/// One line without its ending (LF or CRLF).
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// Its first bytes, at most [`KEPT_BYTES`].
    pub(super) head: &'a [u8],
    /// Its last bytes, at most [`KEPT_BYTES`]; equal to `head` when that is the whole line.
    pub(super) tail: &'a [u8],
    pub(super) is_whole: bool,
    /// Whether something ended the line: false for the last one of a stream that stops within it.
    pub(super) is_ended: bool,
}

impl<'a> Line<'a> {
    fn new(mut head: &'a [u8], mut tail: &'a [u8], is_whole: bool, is_ended: bool) -> Self {
        if is_ended {
            tail = tail.strip_suffix(b"\r").unwrap_or(tail);
            if is_whole {
                head = tail;
            }
        }
        Self { head, tail, is_whole, is_ended }
    }

    fn from_ended(text: &'a [u8]) -> Self {
        if text.len() <= KEPT_BYTES {
            Self::new(text, text, true, true)
        } else {
            let tail = &text[text.len() - KEPT_BYTES..];
            Self::new(&text[..KEPT_BYTES], tail, false, true)
        }
    }

    /// The line, if all of it was kept.
    pub(super) fn whole(&self) -> Option<&'a [u8]> {
        self.is_whole.then_some(self.head)
    }

    pub(super) fn is_blank(&self) -> bool {
        self.is_whole && self.head.trim_ascii().is_empty()
    }
}

/// Takes its meaning from the marker that follows.
const ESCAPE: u8 = 0x1b;

/// The line that is being read.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// A byte that begins a new line wherever it stands, unless it is escaped.
    marker: Option<u8>,
    /// What was read last ends in an escape that is not escaped itself.
    is_escaped: bool,
    head: Vec<u8>,
    /// Empty while `head` holds all of the line; then its last bytes, at least [`KEPT_BYTES`].
    tail: Vec<u8>,
}

impl Lines {
    pub(super) fn new(marker: Option<u8>) -> Self {
        Self { marker, ..Self::default() }
    }

    pub(super) fn feed(&mut self, mut bytes: &[u8], mut on_line: impl FnMut(Line<'_>)) {
        while let Some(end) = self.find_end(bytes) {
            let (text, rest) = bytes.split_at(end);
            self.is_escaped = false;
            bytes = rest.strip_prefix(b"\n").unwrap_or(rest);
            if self.head.is_empty() {
                on_line(Line::from_ended(text));
            } else {
                self.keep(text);
                on_line(self.current(true));
                self.head.clear();
                self.tail.clear();
            }
        }
        if self.marker.is_some() {
            self.is_escaped = self.ends_in_escape(bytes);
        }
        self.keep(bytes);
    }

    /// The beginning of the line that has not ended yet; empty between lines.
    pub(super) fn beginning(&self) -> &[u8] {
        &self.head
    }

    /// The line that the stream stopped in.
    pub(super) fn last(&self) -> Option<Line<'_>> {
        (!self.head.is_empty()).then(|| self.current(false))
    }

    fn find_end(&self, bytes: &[u8]) -> Option<usize> {
        let Some(marker) = self.marker else {
            return memchr::memchr(b'\n', bytes);
        };
        let begins_line = self.head.is_empty() && bytes.first() == Some(&marker);
        let skipped = usize::from(begins_line);
        memchr::memchr2_iter(b'\n', marker, &bytes[skipped..])
            .map(|end| end + skipped)
            .find(|&end| bytes[end] == b'\n' || !self.ends_in_escape(&bytes[..end]))
    }

    /// Whether what follows these bytes is escaped.
    fn ends_in_escape(&self, bytes: &[u8]) -> bool {
        let escapes = bytes.iter().rev().take_while(|&&byte| byte == ESCAPE).count();
        let reaches_back = escapes == bytes.len() && self.is_escaped;
        (escapes + usize::from(reaches_back)) % 2 == 1
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = KEPT_BYTES - self.head.len();
        if bytes.len() <= room {
            self.head.extend_from_slice(bytes);
            return;
        }
        let bytes = if self.tail.is_empty() {
            let (fits, more) = bytes.split_at(room);
            self.head.extend_from_slice(fits);
            self.tail.extend_from_slice(&self.head);
            more
        } else {
            bytes
        };
        if bytes.len() >= KEPT_BYTES {
            self.tail.clear();
            self.tail.extend_from_slice(&bytes[bytes.len() - KEPT_BYTES..]);
            return;
        }
        self.tail.extend_from_slice(bytes);
        // Twice the size, so that a line fed in small pieces is not moved for each of them.
        if self.tail.len() > 2 * KEPT_BYTES {
            self.tail.drain(..self.tail.len() - KEPT_BYTES);
        }
    }

    fn current(&self, is_ended: bool) -> Line<'_> {
        if self.tail.is_empty() {
            Line::new(&self.head, &self.head, true, is_ended)
        } else {
            let tail = &self.tail[self.tail.len() - KEPT_BYTES..];
            Line::new(&self.head, tail, false, is_ended)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line as head, tail and flags, when fed in pieces of this size.
    fn lines(input: &[u8], piece: usize, marker: Option<u8>) -> Vec<(Vec<u8>, Vec<u8>, bool, bool)> {
        let mut lines = Lines::new(marker);
        let mut found = Vec::new();
        let own = |line: Line<'_>| (line.head.to_vec(), line.tail.to_vec(), line.is_whole, line.is_ended);
        for piece in input.chunks(piece) {
            lines.feed(piece, |line| found.push(own(line)));
        }
        found.extend(lines.last().map(own));
        found
    }

    fn heads(input: &[u8], marker: Option<u8>) -> Vec<Vec<u8>> {
        lines(input, 3, marker).into_iter().map(|(head, ..)| head).collect()
    }

    #[test]
    fn ends_lines_at_lf_and_crlf() {
        assert_eq!(heads(b"a\r\n\nb\rc\n\r\nlast\r", None), [&b"a"[..], b"", b"b\rc", b"", b"last\r"]);
        assert!(!lines(b"cut", 1, None)[0].3);
        assert!(heads(b"", None).is_empty());
    }

    #[test]
    fn a_marker_begins_a_line_wherever_it_stands() {
        assert_eq!(
            heads(b"\x16one\nout\x16two\x16\x16three\n\x16", Some(0x16)),
            [&b"\x16one"[..], b"out", b"\x16two", b"\x16", b"\x16three", b"\x16"]
        );
    }

    #[test]
    fn an_escaped_marker_does_not() {
        let input = b"a\x1b\x16b\x1b\x1b\x16c\x1b\x1b\x1b\x16d\n\x16e\x1b\n\x16f";
        let expected = [&b"a\x1b\x16b\x1b\x1b"[..], b"\x16c\x1b\x1b\x1b\x16d", b"\x16e\x1b", b"\x16f"];
        for piece in 1..input.len() {
            let found: Vec<_> = lines(input, piece, Some(0x16)).into_iter().map(|(head, ..)| head).collect();
            assert_eq!(found, expected, "in pieces of {piece}");
        }
    }

    #[test]
    fn keeps_both_ends_of_a_long_line_however_it_comes() {
        for length in [1, 10, KEPT_BYTES - 1, KEPT_BYTES, KEPT_BYTES + 1, 3 * KEPT_BYTES + 7, 50_000] {
            let mut input: Vec<u8> = (0..length).map(|place| b'a' + (place % 23) as u8).collect();
            let text = input.clone();
            input.extend_from_slice(b"\nnext");
            let expected_head = &text[..length.min(KEPT_BYTES)];
            let expected_tail = &text[length.saturating_sub(KEPT_BYTES)..];
            for piece in [1, 7, 1000, KEPT_BYTES, KEPT_BYTES + 1, usize::MAX] {
                let found = lines(&input, piece, None);
                assert_eq!(found.len(), 2);
                assert_eq!(found[0].0, expected_head, "{length} in pieces of {piece}");
                assert_eq!(found[0].1, expected_tail, "{length} in pieces of {piece}");
                assert_eq!(found[0].2, length <= KEPT_BYTES);
                assert_eq!(found[1].0, b"next");
            }
        }
    }
}
