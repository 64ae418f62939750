//! What Rust's test harness and the standard library say of tests that failed.

use std::collections::HashMap;

use crate::framework::event::TestEvent;
use crate::framework::lines::Line;
use crate::framework::running::reported;
use crate::framework::text::{Text, message};

/// The names that are kept of tests that failed, in bytes.
const MAX_FAILED_BYTES: usize = 1 << 20;
/// How many panics on stderr are kept, each of at most the size of a message.
const MAX_PANICS: usize = 64;

const LIST_HEADING: &[u8] = b"failures:";

#[derive(Debug, Default)]
pub(super) struct LibtestMessages {
    /// Tests that failed, each with whether it was told why.
    failed: HashMap<String, bool>,
    failed_bytes: usize,
    /// `---- NAME stdout ----`, and what follows it in the recap.
    section: Option<Section>,
    /// What threads wrote to stderr when they panicked, each with the thread's name.
    panics: Vec<(String, Text)>,
    /// The last one goes on.
    is_in_panic: bool,
}

#[derive(Debug)]
struct Section {
    test: String,
    text: Text,
    /// The last line is one that may begin the list of names at the end.
    ends_in_heading: bool,
}

impl LibtestMessages {
    pub(super) fn failed(&mut self, test: &str) {
        if self.failed_bytes + test.len() <= MAX_FAILED_BYTES
            && self.failed.insert(test.to_owned(), false).is_none()
        {
            self.failed_bytes += test.len();
        }
    }

    /// A line between the last test and the summary.
    pub(super) fn recap_line(&mut self, line: Line<'_>, on_test: &mut dyn FnMut(TestEvent)) {
        if let Some(name) = line.whole().and_then(section_name) {
            let test = reported(name);
            if self.is_untold(&test) {
                self.end_section(on_test);
                self.section = Some(Section { test, text: Text::default(), ends_in_heading: false });
                return;
            }
        }
        let Some(section) = &mut self.section else { return };
        // The list begins so; a test may print the same, but then no name follows.
        if section.ends_in_heading {
            let name = line.whole().and_then(|text| text.strip_prefix(b"    ")).map(reported);
            if name.is_some_and(|name| self.failed.contains_key(&name)) {
                section.text.truncate(section.text.len().saturating_sub(LIST_HEADING.len()));
                self.end_section(on_test);
                return;
            }
        }
        section.ends_in_heading = line.whole() == Some(LIST_HEADING);
        section.text.push(line.head);
    }

    /// Tells what the recap quoted last.
    pub(super) fn end_section(&mut self, on_test: &mut dyn FnMut(TestEvent)) {
        let Some(Section { test, text, .. }) = self.section.take() else { return };
        if let Some(message) = own_words(text.as_str()) {
            self.tell(test, message, on_test);
        }
    }

    /// A line of stderr: with --nocapture, panics are told there.
    pub(super) fn stderr_line(&mut self, line: Line<'_>) {
        if let Some(thread) = panicked_thread(line.head) {
            self.is_in_panic = self.panics.len() < MAX_PANICS;
            if self.is_in_panic {
                self.panics.push((reported(thread), Text::default()));
            }
        } else if line.is_blank() || is_note(line.head) {
            self.is_in_panic = false;
        }
        if let (true, Some((_, text))) = (self.is_in_panic, self.panics.last_mut())
            && !text.is_full()
        {
            text.push(line.head);
        }
    }

    /// Tells the panics of tests that nothing was told of.
    pub(super) fn conclude(&mut self, on_test: &mut dyn FnMut(TestEvent)) {
        self.end_section(on_test);
        for (thread, mut text) in std::mem::take(&mut self.panics) {
            // A harness that runs one test at a time may do so on the main thread.
            let only = if self.failed.len() == 1 { self.failed.keys().next().cloned() } else { None };
            let test = if thread == "main" { only } else { Some(thread) };
            if let Some(test) = test.filter(|test| self.is_untold(test))
                && let Some(message) = text.take()
            {
                self.tell(test, message, on_test);
            }
        }
    }

    fn is_untold(&self, test: &str) -> bool {
        self.failed.get(test) == Some(&false)
    }

    fn tell(&mut self, test: String, message: String, on_test: &mut dyn FnMut(TestEvent)) {
        if let Some(is_told) = self.failed.get_mut(&test) {
            *is_told = true;
        }
        on_test(TestEvent::Message { test, message });
    }
}

/// The NAME of `---- NAME stdout ----`.
fn section_name(text: &[u8]) -> Option<&[u8]> {
    text.strip_prefix(b"---- ")?.strip_suffix(b" stdout ----")
}

/// The NAME of `thread 'NAME' panicked at`, with or without the thread's number.
fn panicked_thread(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_prefix(b"thread '")?;
    let (name, rest) = text.split_at(memchr::memchr(b'\'', text)?);
    memchr::memmem::find(rest, b" panicked at ").map(|_| name)
}

fn is_note(text: &[u8]) -> bool {
    text.starts_with(b"note: run with `RUST_BACKTRACE")
}

/// Of a test's quoted output, from the last panic on; all of it where there is none, as of a test that returned
/// an error.
fn own_words(text: &str) -> Option<String> {
    let mut starts = std::iter::once(0).chain(text.match_indices('\n').map(|(newline, _)| newline + 1));
    let panic = starts.rfind(|&start| panicked_thread(line_at(text, start)).is_some());
    let words = &text[panic.unwrap_or(0)..];
    let lines: Vec<&str> = words.lines().filter(|line| !is_note(line.as_bytes())).collect();
    message(&lines.join("\n"))
}

fn line_at(text: &str, start: usize) -> &[u8] {
    text[start..].lines().next().unwrap_or_default().as_bytes()
}
