//! A command's output on its way into the spool: cut at characters, counted, and read for tests.

use lamex_protocol::event::{Body, Stream, TestFinished, TestMessage, TestStarted};

use crate::framework::{Findings, Reader, TestEvent};
use crate::spool::Sender;

/// How much of the end of stderr is kept, to look for the dynamic linker's last words.
const STDERR_TAIL_BYTES: usize = 2 << 10;

pub struct Output<'a> {
    command: u64,
    sender: &'a Sender,
    stdout: Characters,
    stderr: Characters,
    stderr_tail: Vec<u8>,
    tests: Reader,
    pub totals: Totals,
}

/// How many bytes the command wrote.
#[derive(Debug, Clone, Copy, Default)]
pub struct Totals {
    pub stdout_bytes: u64,
    pub stderr_bytes: u64,
}

impl<'a> Output<'a> {
    #[must_use]
    pub fn new(command: u64, tests: Reader, sender: &'a Sender) -> Self {
        Self {
            command,
            sender,
            stdout: Characters::default(),
            stderr: Characters::default(),
            stderr_tail: Vec::new(),
            tests,
            totals: Totals::default(),
        }
    }

    /// Takes what was read from a pipe.
    pub fn feed(&mut self, stream: Stream, bytes: &[u8]) {
        let (command, sender) = (self.command, self.sender);
        match stream {
            Stream::Stdout => {
                self.totals.stdout_bytes += bytes.len() as u64;
                self.stdout.feed(bytes, |piece| sender.output(command, stream, piece));
                self.tests.feed(bytes, &mut |event| sender.event(body_of(command, event)));
            }
            Stream::Stderr => {
                self.totals.stderr_bytes += bytes.len() as u64;
                self.stderr.feed(bytes, |piece| sender.output(command, stream, piece));
                self.tests.feed_stderr(bytes);
                self.keep_tail(bytes);
            }
        }
    }

    /// Sends what was held back, and says what the framework's output tells of the tests.
    #[must_use]
    pub fn finish(mut self, exit_code_zero: bool) -> (Totals, Findings) {
        let (command, sender) = (self.command, self.sender);
        self.stdout.flush(|piece| sender.output(command, Stream::Stdout, piece));
        self.stderr.flush(|piece| sender.output(command, Stream::Stderr, piece));
        let findings = self.tests.finish(exit_code_zero, &mut |event| sender.event(body_of(command, event)));
        (self.totals, findings)
    }

    /// The last lines of stderr.
    #[must_use]
    pub fn stderr_tail(&self) -> String {
        String::from_utf8_lossy(&self.stderr_tail).into_owned()
    }

    fn keep_tail(&mut self, bytes: &[u8]) {
        let kept = &bytes[bytes.len().saturating_sub(STDERR_TAIL_BYTES)..];
        let surplus = (self.stderr_tail.len() + kept.len()).saturating_sub(STDERR_TAIL_BYTES);
        self.stderr_tail.drain(..surplus.min(self.stderr_tail.len()));
        self.stderr_tail.extend_from_slice(kept);
    }
}

fn body_of(command: u64, event: TestEvent) -> Body {
    match event {
        TestEvent::Started { test } => Body::TestStarted(TestStarted { command, test }),
        TestEvent::Finished { test, outcome, duration_ms } => {
            Body::TestFinished(TestFinished { command, test, outcome, duration_ms })
        }
        TestEvent::Message { test, message } => Body::TestMessage(TestMessage { command, test, message }),
    }
}

/// Cuts a byte stream only between characters, so that text stays text wherever a read happens to end.
#[derive(Debug, Default)]
struct Characters {
    /// The beginning of a character, at most three bytes.
    held: Vec<u8>,
}

impl Characters {
    fn feed(&mut self, bytes: &[u8], mut on_piece: impl FnMut(&[u8])) {
        let joined;
        let mut bytes = bytes;
        if !self.held.is_empty() {
            joined = [std::mem::take(&mut self.held).as_slice(), bytes].concat();
            bytes = &joined;
        }
        let (whole, begun) = bytes.split_at(bytes.len() - begun_character(bytes));
        self.held = begun.to_vec();
        if !whole.is_empty() {
            on_piece(whole);
        }
    }

    fn flush(&mut self, mut on_piece: impl FnMut(&[u8])) {
        if !self.held.is_empty() {
            on_piece(&std::mem::take(&mut self.held));
        }
    }
}

/// How many bytes at the end may be the beginning of a character.
fn begun_character(bytes: &[u8]) -> usize {
    let last = bytes.iter().rev().take(3).enumerate();
    for (distance, &byte) in last {
        let length = match byte {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            0x80..=0xbf => continue,
            _ => return 0,
        };
        return if length > distance + 1 { distance + 1 } else { 0 };
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_split_of_text_stays_text_and_no_byte_is_lost() {
        let text = "aä€😀\n".repeat(3).into_bytes();
        let binary = [b"\xff\xc3".as_slice(), "ä".as_bytes(), b"\xf0\x9f", b"x\xe2\x82"].concat();
        for (bytes, is_text) in [(&text, true), (&binary, false)] {
            for first in 0..=bytes.len() {
                for second in first..=bytes.len() {
                    let mut characters = Characters::default();
                    let mut pieces: Vec<Vec<u8>> = Vec::new();
                    for part in [&bytes[..first], &bytes[first..second], &bytes[second..]] {
                        characters.feed(part, |piece| pieces.push(piece.to_vec()));
                    }
                    characters.flush(|piece| pieces.push(piece.to_vec()));
                    assert_eq!(&pieces.concat(), bytes);
                    assert!(!is_text || pieces.iter().all(|piece| std::str::from_utf8(piece).is_ok()));
                }
            }
        }
    }
}
