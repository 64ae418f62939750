//! From spool entries to the lines of the event stream. Numbers the events, keeps the answer below its
//! limit, and counts what it leaves out.

use lamex_protocol::event::{Body, Event, Stream, Verdict, write_line, write_output_line};

use crate::entry::{Entry, What};
use crate::missing::{self, Shortfall};

/// Room kept for hello, heartbeats and the verdict without its names.
const FIXED_RESERVE_BYTES: u64 = 32 << 10;

/// Room kept for each selected command's closing events: a start, an end with its message, a warning and a
/// line in the verdict, without the command's name in them.
const COMMAND_RESERVE_BYTES: u64 = 1_800;

/// The longest message of a command's end or of a warning, in bytes of JSON; the reserve counts on it.
pub const MAX_MESSAGE_BYTES: usize = 500;

#[derive(Debug)]
pub struct Encoder {
    next_seq: u64,
    written_bytes: u64,
    limit_bytes: u64,
    /// How many of the remaining bytes are not for output.
    reserve_bytes: u64,
    /// What was left out of the running command's output.
    missing: Shortfall,
    /// The limit was met in the running command's output: what follows is left out too, for a text with
    /// holes in it reads as one without.
    is_cut: bool,
}

impl Encoder {
    /// An encoder whose answer has at most `limit_bytes`.
    #[must_use]
    pub fn new(limit_bytes: Option<u64>) -> Self {
        Self {
            next_seq: 0,
            written_bytes: 0,
            limit_bytes: limit_bytes.unwrap_or(u64::MAX),
            reserve_bytes: FIXED_RESERVE_BYTES,
            missing: Shortfall::default(),
            is_cut: false,
        }
    }

    /// Keeps room for the closing events of these commands.
    pub fn reserve_for<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        self.reserve_bytes += names.map(reserve_of).sum::<u64>();
    }

    /// Whether the answer goes to a Lambda that limits its size, and its rate.
    #[must_use]
    pub fn is_limited(&self) -> bool {
        self.limit_bytes != u64::MAX
    }

    /// Appends what the entry becomes: one line, or none.
    pub fn encode(&mut self, entry: Entry, lines: &mut Vec<u8>) {
        match entry.what {
            What::Output { command, stream, bytes } => {
                self.output(entry.at_ms, command, stream, &bytes, lines)
            }
            What::Event(body @ (Body::TestStarted(_) | Body::TestFinished(_) | Body::TestMessage(_))) => {
                self.test_event(entry.at_ms, body, lines);
            }
            What::Lost(missing) => self.missing.add(missing),
            What::Event(body) => {
                let body = self.complete(body);
                self.line(entry.at_ms, body, lines);
            }
        }
    }

    fn output(&mut self, at_ms: u64, command: u64, stream: Stream, bytes: &[u8], lines: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let start = lines.len();
        let fits = !self.is_cut
            && bytes.len() as u64 <= self.room_bytes()
            && write_output_line(self.next_seq, at_ms, command, stream, bytes, lines).is_ok()
            && (lines.len() - start) as u64 <= self.room_bytes();
        if fits {
            self.count(lines.len() - start);
            return;
        }
        lines.truncate(start);
        self.is_cut = true;
        self.missing.add(missing::output(stream, bytes.len()));
    }

    fn test_event(&mut self, at_ms: u64, body: Body, lines: &mut Vec<u8>) {
        let start = lines.len();
        let event = Event { seq: self.next_seq, at_ms, body };
        if write_line(&event, lines).is_ok() && (lines.len() - start) as u64 <= self.room_bytes() {
            self.count(lines.len() - start);
        } else {
            lines.truncate(start);
            self.missing.add(missing::test_event());
        }
    }

    /// Adds what only the encoder knows.
    fn complete(&mut self, body: Body) -> Body {
        match body {
            Body::CommandFinished(mut finished) => {
                self.missing.settle(&mut finished);
                self.is_cut = false;
                self.reserve_bytes = self.reserve_bytes.saturating_sub(reserve_of(&finished.name));
                Body::CommandFinished(finished)
            }
            Body::Verdict(verdict) => Body::Verdict(Verdict { events: self.next_seq, ..verdict }),
            other => other,
        }
    }

    fn line(&mut self, at_ms: u64, body: Body, lines: &mut Vec<u8>) {
        let start = lines.len();
        if write_line(&Event { seq: self.next_seq, at_ms, body }, lines).is_ok() {
            self.count(lines.len() - start);
        }
    }

    /// How much output the answer can still carry.
    #[must_use]
    pub fn room_bytes(&self) -> u64 {
        self.limit_bytes.saturating_sub(self.reserve_bytes).saturating_sub(self.written_bytes)
    }

    fn count(&mut self, line_bytes: usize) {
        self.next_seq += 1;
        self.written_bytes += line_bytes as u64;
    }
}

fn reserve_of(name: &str) -> u64 {
    COMMAND_RESERVE_BYTES + 3 * name.len() as u64
}

/// Shortens a message to what the reserve allows once it is JSON, at a character.
#[must_use]
pub fn bounded(mut message: String) -> String {
    let mut length = 0;
    let mut end = 0;
    for (place, character) in message.char_indices() {
        length += encoded_bytes(character);
        if length > MAX_MESSAGE_BYTES {
            message.truncate(end);
            message.push('…');
            return message;
        }
        if length <= MAX_MESSAGE_BYTES - '…'.len_utf8() {
            end = place + character.len_utf8();
        }
    }
    message
}

/// How long a character is within a JSON string.
fn encoded_bytes(character: char) -> usize {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        other => other.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_bounded_by_their_length_in_json() {
        for (unit, count) in [("x", 500), ("é", 250), ("\"", 250), ("\u{1}", 83), ("…", 166)] {
            let fits = unit.repeat(count);
            assert_eq!(bounded(fits.clone()), fits);
            let cut = bounded(unit.repeat(count + 1));
            assert!(cut.ends_with('…') && cut.chars().count() <= count, "{unit:?}");
            let encoded = serde_json::to_string(&cut).unwrap_or_default();
            assert!(encoded.len() - 2 <= MAX_MESSAGE_BYTES, "{unit:?}: {}", encoded.len());
        }
    }
}
