//! From spool entries to the lines of the event stream. Numbers the events, keeps the answer below its
//! limit, and counts what it leaves out.

use lamex_protocol::event::{Body, Event, Missing, Stream, Verdict, write_line, write_output_line};

use crate::spool::{Entry, What};

/// Room kept for hello, heartbeats and the verdict without its names.
const FIXED_RESERVE_BYTES: u64 = 32 << 10;

/// Room kept for each selected command's closing events: a start, an end with its message, a warning and a
/// line in the verdict, without the command's name in them.
const COMMAND_RESERVE_BYTES: u64 = 1_800;

/// The longest message of a command's end or of a warning, in bytes; the reserve counts on it.
pub const MAX_MESSAGE_BYTES: usize = 500;

#[derive(Debug)]
pub struct Encoder {
    next_seq: u64,
    written_bytes: u64,
    limit_bytes: u64,
    /// How many of the remaining bytes are not for output.
    reserve_bytes: u64,
    /// What was left out of the running command's output.
    missing: Missing,
    discards_output: bool,
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
            missing: Missing::default(),
            discards_output: false,
        }
    }

    /// Keeps room for the closing events of these commands.
    pub fn reserve_for<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        self.reserve_bytes += names.map(reserve_of).sum::<u64>();
    }

    /// From now on output is only counted: there is no time left to send it.
    pub fn discard_output(&mut self) {
        self.discards_output = true;
    }

    /// Appends what the entry becomes: one line, or none.
    pub fn encode(&mut self, entry: Entry, lines: &mut Vec<u8>) {
        match entry.what {
            What::Output { command, stream, bytes } => {
                self.output(entry.at_ms, command, stream, &bytes, lines)
            }
            What::Event(body @ (Body::TestStarted(_) | Body::TestFinished(_))) => {
                self.test_event(entry.at_ms, body, lines);
            }
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
        let fits = !self.discards_output
            && bytes.len() as u64 <= self.room_bytes()
            && write_output_line(self.next_seq, at_ms, command, stream, bytes, lines).is_ok()
            && (lines.len() - start) as u64 <= self.room_bytes();
        if fits {
            self.count(lines.len() - start);
            return;
        }
        lines.truncate(start);
        match stream {
            Stream::Stdout => self.missing.stdout_bytes += bytes.len() as u64,
            Stream::Stderr => self.missing.stderr_bytes += bytes.len() as u64,
        }
    }

    fn test_event(&mut self, at_ms: u64, body: Body, lines: &mut Vec<u8>) {
        let start = lines.len();
        let event = Event { seq: self.next_seq, at_ms, body };
        if write_line(&event, lines).is_ok() && (lines.len() - start) as u64 <= self.room_bytes() {
            self.count(lines.len() - start);
        } else {
            lines.truncate(start);
            self.missing.test_events += 1;
        }
    }

    /// Adds what only the encoder knows.
    fn complete(&mut self, body: Body) -> Body {
        match body {
            Body::CommandFinished(mut finished) => {
                let left_out = std::mem::take(&mut self.missing);
                finished.missing.stdout_bytes += left_out.stdout_bytes;
                finished.missing.stderr_bytes += left_out.stderr_bytes;
                finished.missing.test_events += left_out.test_events;
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

    fn room_bytes(&self) -> u64 {
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

/// Shortens a message to what the reserve allows, at a character.
#[must_use]
pub fn bounded(mut message: String) -> String {
    if message.len() > MAX_MESSAGE_BYTES {
        let mut end = MAX_MESSAGE_BYTES - "…".len();
        while !message.is_char_boundary(end) {
            end -= 1;
        }
        message.truncate(end);
        message.push('…');
    }
    message
}
