//! The Test Anything Protocol, versions 12 to 14. Indented lines are subtests and diagnostics: the test line
//! that follows a subtest speaks for it.

use lamex_protocol::event::TestOutcome;

use super::lines::Line;
use super::names::reported;
use super::reader::{TestEvent, report_whole};

/// The most tests of one stream.
const MAX_TESTS: u64 = 1_000_000;

#[derive(Debug, Default)]
pub(super) struct Tap {
    plan: Option<u64>,
    count: u64,
    /// A bit for each test number that came.
    seen: Vec<u64>,
    highest: u64,
    plan_came_last: bool,
    first_failed: Option<String>,
    /// The first thing that makes the stream no valid TAP, or its `Bail out!`.
    fault: Option<String>,
}

impl Tap {
    pub(super) fn line(&mut self, line: Line<'_>, on_test: &mut impl FnMut(TestEvent)) {
        let head = line.head;
        match head.first() {
            Some(b'o' | b'n') => {
                if let Some(point) = TestPoint::parse(head) {
                    self.test(point, on_test);
                }
            }
            Some(b'1') => {
                if let Some(plan) = line.whole().and_then(parse_plan) {
                    self.take_plan(plan);
                }
            }
            // At any depth: a subtest that gives up ends its parents too.
            Some(b'B' | b'b' | b' ' | b'\t') => {
                let text = head.trim_ascii_start();
                if text.len() >= 9 && text[..9].eq_ignore_ascii_case(b"Bail out!") {
                    let reason = reported(text[9..].trim_ascii());
                    let colon = if reason.is_empty() { "" } else { ": " };
                    self.object(format!("its output says `Bail out!`{colon}{reason}"));
                }
            }
            _ => {}
        }
    }

    /// What the output leaves unproven, as a clause.
    pub(super) fn objection(&self) -> Option<String> {
        if let Some(fault) = &self.fault {
            return Some(fault.clone());
        }
        if let Some(test) = &self.first_failed {
            return Some(format!("its test `{test}` failed"));
        }
        match self.plan {
            None => Some("its output has no plan".to_owned()),
            Some(plan) if plan != self.count => {
                Some(format!("its plan announces {plan} tests, {} came", self.count))
            }
            Some(plan) if self.highest > plan => {
                Some(format!("its plan announces {plan} tests, and number {} came", self.highest))
            }
            Some(_) => None,
        }
    }

    fn object(&mut self, fault: String) {
        self.fault.get_or_insert(fault);
    }

    fn take_plan(&mut self, plan: u64) {
        if self.plan.is_some() {
            self.object("its output has two plans".to_owned());
            return;
        }
        self.plan = Some(plan);
        self.plan_came_last = self.count > 0;
    }

    fn test(&mut self, point: TestPoint<'_>, on_test: &mut impl FnMut(TestEvent)) {
        self.count += 1;
        let number = point.number.unwrap_or(self.count);
        if self.plan_came_last {
            self.object(format!("its test {number} comes after a plan that came last"));
        }
        if number == 0 || number > MAX_TESTS {
            self.object(format!("its test number {number} is not between 1 and {MAX_TESTS}"));
        } else if !self.mark(number) {
            self.object(format!("its test {number} came twice"));
        }
        let test = if point.description.is_empty() {
            format!("test {number}")
        } else {
            reported(&point.description)
        };
        let outcome = match (point.is_ok, point.directive) {
            (true, None | Some(Directive::Todo)) => TestOutcome::Passed,
            (_, Some(Directive::Skip)) | (false, Some(Directive::Todo)) => TestOutcome::Skipped,
            (false, None) => TestOutcome::Failed,
        };
        if outcome == TestOutcome::Failed && self.first_failed.is_none() {
            self.first_failed = Some(test.clone());
        }
        report_whole(test, outcome, None, on_test);
    }

    /// Whether the number is new.
    fn mark(&mut self, number: u64) -> bool {
        self.highest = self.highest.max(number);
        let (word, bit) = ((number / 64) as usize, 1 << (number % 64));
        if self.seen.len() <= word {
            self.seen.resize(word + 1, 0);
        }
        let is_new = self.seen[word] & bit == 0;
        self.seen[word] |= bit;
        is_new
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Directive {
    Skip,
    Todo,
}

/// `not ok 2 - description # TODO reason`.
#[derive(Debug)]
struct TestPoint<'a> {
    is_ok: bool,
    number: Option<u64>,
    /// Without the directive, and without the backslashes that escape `#` and `\`.
    description: std::borrow::Cow<'a, [u8]>,
    directive: Option<Directive>,
}

impl<'a> TestPoint<'a> {
    fn parse(text: &'a [u8]) -> Option<Self> {
        let (is_ok, rest) = match text.strip_prefix(b"not ") {
            Some(rest) => (false, rest),
            None => (true, text),
        };
        let rest = rest.strip_prefix(b"ok")?;
        if rest.first().is_some_and(|next| !next.is_ascii_whitespace()) {
            return None;
        }
        let rest = rest.trim_ascii();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let is_number = digits > 0 && rest.get(digits).is_none_or(u8::is_ascii_whitespace);
        let (number, rest) = if is_number {
            let number = std::str::from_utf8(&rest[..digits]).ok()?;
            // One too large for the type is out of every plan's range as well.
            (Some(number.parse().unwrap_or(u64::MAX)), rest[digits..].trim_ascii_start())
        } else {
            (None, rest)
        };
        let rest = match rest.strip_prefix(b"-") {
            Some(after) if after.first().is_none_or(u8::is_ascii_whitespace) => after.trim_ascii_start(),
            _ => rest,
        };
        let (description, directive) = split_directive(rest);
        Some(Self { is_ok, number, description: unescaped(description), directive })
    }
}

fn split_directive(text: &[u8]) -> (&[u8], Option<Directive>) {
    for at in memchr::memchr_iter(b'#', text) {
        let before = &text[..at];
        // `\#` is an escaped one, and so none with a blank before it.
        if before.last().is_none_or(u8::is_ascii_whitespace)
            && let Some(directive) = parse_directive(text[at + 1..].trim_ascii_start())
        {
            return (before.trim_ascii_end(), Some(directive));
        }
    }
    (text, None)
}

fn parse_directive(text: &[u8]) -> Option<Directive> {
    let (word, rest) = text.split_at_checked(4)?;
    // A word that only begins so (`# todo-list`, `# skipped_rows`) is part of the description.
    if rest.first().is_some_and(|&next| !next.is_ascii_whitespace() && next != b':') {
        return None;
    }
    if word.eq_ignore_ascii_case(b"SKIP") {
        Some(Directive::Skip)
    } else if word.eq_ignore_ascii_case(b"TODO") {
        Some(Directive::Todo)
    } else {
        None
    }
}

fn unescaped(text: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    if !text.contains(&b'\\') {
        return text.into();
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        let escaped = (byte == b'\\').then(|| bytes.next_if(|&next| next == b'#' || next == b'\\'));
        plain.push(escaped.flatten().unwrap_or(byte));
    }
    plain.into()
}

/// The N of `1..N`, with or without a comment.
fn parse_plan(text: &[u8]) -> Option<u64> {
    let rest = text.strip_prefix(b"1..")?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = rest.split_at(digits);
    let rest = rest.trim_ascii();
    if !rest.is_empty() && rest[0] != b'#' {
        return None;
    }
    std::str::from_utf8(number).ok()?.parse().ok()
}
