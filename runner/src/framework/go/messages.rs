//! What Go's `testing` package logs of a test, and the panic that ended the process.

use std::borrow::Cow;

use lamex_protocol::event::TestOutcome;

use crate::framework::event::TestEvent;
use crate::framework::lines::Line;
use crate::framework::text::{Text, Texts, bounded, message};

/// Beginning and end of an error in the log, since Go 1.27, and what takes such a byte its meaning.
const ERROR_BEGIN: u8 = 0x0f;
const ERROR_END: u8 = 0x0e;
const ESCAPE: u8 = 0x1b;
const MARKER: u8 = 0x16;

/// The lines that follow a panic's own are looked at for the place in a test; this many.
const STACK_LINES: usize = 60;

#[derive(Debug, Default)]
pub(super) struct GoMessages {
    /// Whose output follows.
    current: String,
    logs: Texts,
    /// The test that was reported as failed last, and how deep its log lines are indented that follow.
    after: Option<(String, usize)>,
    after_bytes: usize,
    /// The innermost test of those that failed last: a panic ends all that it unwinds.
    last_failed: String,
    panic: Text,
    panic_progress: PanicProgress,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum PanicProgress {
    #[default]
    None,
    Words,
    Stack(usize),
    Done,
}

impl GoMessages {
    /// A line of the framework's own says whose output follows.
    pub(super) fn switch(&mut self, test: String) {
        self.current = test;
        self.after = None;
        self.last_failed.clear();
    }

    /// Output that is not the framework's own line.
    pub(super) fn output(&mut self, line: Line<'_>, on_test: &mut dyn FnMut(TestEvent)) {
        let text = unmarked(line.head);
        if let Some((test, indent)) = &self.after {
            let is_log = text.len() > *indent && text[..*indent].iter().all(|&byte| byte == b' ');
            if is_log && self.after_bytes < lamex_protocol::event::MAX_TEST_MESSAGE_BYTES {
                self.after_bytes += text.len();
                let message = String::from_utf8_lossy(&text[*indent..]).trim_end().to_owned();
                on_test(TestEvent::Message { test: test.clone(), message: bounded(message) });
                return;
            }
            self.after = None;
        }
        // What a test logs is indented; what it prints is not.
        if text.starts_with(b"    ") && !self.current.is_empty() {
            self.logs.push(&self.current, &text);
        }
    }

    /// The test ended: says why it failed or was skipped.
    pub(super) fn finished(
        &mut self,
        test: &str,
        outcome: TestOutcome,
        depth: usize,
        on_test: &mut dyn FnMut(TestEvent),
    ) {
        let log = self.logs.take(test);
        test.clone_into(&mut self.current);
        self.after = None;
        let text = match outcome {
            TestOutcome::Passed | TestOutcome::Unknown => None,
            TestOutcome::Failed => {
                self.after = Some((test.to_owned(), 4 * (depth + 1)));
                self.after_bytes = 0;
                let is_below = |inner: &str| {
                    inner.strip_prefix(test).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                };
                if !is_below(&self.last_failed) {
                    test.clone_into(&mut self.last_failed);
                }
                log.and_then(|log| message(log.as_str()))
            }
            TestOutcome::Skipped => log.and_then(|log| message(last_entry(log.as_str()))),
        };
        if let Some(message) = text {
            on_test(TestEvent::Message { test: test.to_owned(), message });
        }
    }

    /// A line of stderr, where the runtime writes why it gave up.
    pub(super) fn stderr_line(&mut self, line: Line<'_>) {
        let begins = line.head.starts_with(b"panic: ") || line.head.starts_with(b"fatal error: ");
        match self.panic_progress {
            PanicProgress::None if begins => {
                self.panic.push(line.head);
                self.panic_progress = PanicProgress::Words;
            }
            PanicProgress::Words if line.is_blank() => self.panic_progress = PanicProgress::Stack(0),
            PanicProgress::Words if !self.panic.is_full() => self.panic.push(line.head),
            PanicProgress::Stack(lines) => {
                let is_in_test = memchr::memmem::find(line.head, b"_test.go:").is_some();
                if is_in_test {
                    self.panic.push(line.head);
                }
                let is_over = is_in_test || lines == STACK_LINES;
                self.panic_progress =
                    if is_over { PanicProgress::Done } else { PanicProgress::Stack(lines + 1) };
            }
            _ => {}
        }
    }

    /// Tells a panic that the process did not survive, of the test that it happened in.
    pub(super) fn conclude(&mut self, running: Option<&str>, on_test: &mut dyn FnMut(TestEvent)) {
        let test = match running {
            Some(test) => test.to_owned(),
            None => std::mem::take(&mut self.last_failed),
        };
        if !test.is_empty()
            && let Some(message) = self.panic.take()
        {
            on_test(TestEvent::Message { test, message });
        }
    }

    pub(super) fn current(&self) -> &str {
        &self.current
    }
}

/// The last entry of a log; its further lines are indented deeper than its first.
fn last_entry(log: &str) -> &str {
    let mut starts = std::iter::once(0).chain(log.match_indices('\n').map(|(newline, _)| newline + 1));
    let is_first = |start: &usize| log[*start..].starts_with("    ") && !log[*start..].starts_with("     ");
    starts.rfind(is_first).map_or(log, |start| &log[start..])
}

/// The line without the marks that are for a reader of tests.
fn unmarked(line: &[u8]) -> Cow<'_, [u8]> {
    let is_mark = |byte: u8| matches!(byte, ERROR_BEGIN | ERROR_END | ESCAPE | MARKER);
    if !line.iter().any(|&byte| is_mark(byte)) {
        return line.into();
    }
    let mut plain = Vec::with_capacity(line.len());
    let mut bytes = line.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            ERROR_BEGIN | ERROR_END => {}
            ESCAPE => plain.push(bytes.next_if(|&next| is_mark(next)).unwrap_or(ESCAPE)),
            other => plain.push(other),
        }
    }
    plain.into()
}
