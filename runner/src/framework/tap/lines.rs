//! The lines of the Test Anything Protocol.

use std::borrow::Cow;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Directive {
    Skip,
    Todo,
}

/// `not ok 2 - description # TODO reason`.
#[derive(Debug)]
pub(super) struct TestPoint<'a> {
    pub(super) is_ok: bool,
    pub(super) number: Option<u64>,
    /// Without the directive, and without the backslashes that escape `#` and `\`.
    pub(super) description: Cow<'a, [u8]>,
    pub(super) directive: Option<Directive>,
    /// What stands behind the directive.
    pub(super) reason: &'a [u8],
}

impl<'a> TestPoint<'a> {
    pub(super) fn parse(text: &'a [u8]) -> Option<Self> {
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
        let (description, directive, reason) = split_directive(rest);
        Some(Self { is_ok, number, description: unescaped(description), directive, reason })
    }
}

fn split_directive(text: &[u8]) -> (&[u8], Option<Directive>, &[u8]) {
    for at in memchr::memchr_iter(b'#', text) {
        let before = &text[..at];
        // `\#` is an escaped one, and so none with a blank before it.
        if before.last().is_none_or(u8::is_ascii_whitespace)
            && let Some((directive, reason)) = parse_directive(text[at + 1..].trim_ascii_start())
        {
            return (before.trim_ascii_end(), Some(directive), reason);
        }
    }
    (text, None, b"")
}

fn parse_directive(text: &[u8]) -> Option<(Directive, &[u8])> {
    let (word, rest) = text.split_at_checked(4)?;
    // A word that only begins so (`# todo-list`, `# skipped_rows`) is part of the description.
    if rest.first().is_some_and(|&next| !next.is_ascii_whitespace() && next != b':') {
        return None;
    }
    let directive = if word.eq_ignore_ascii_case(b"SKIP") {
        Directive::Skip
    } else if word.eq_ignore_ascii_case(b"TODO") {
        Directive::Todo
    } else {
        return None;
    };
    Some((directive, rest.strip_prefix(b":").unwrap_or(rest).trim_ascii()))
}

fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
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

/// `1..N`, with or without a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plan<'a> {
    pub(super) count: u64,
    /// `# SKIP reason`, which is for a plan of no tests.
    pub(super) skip: Option<&'a [u8]>,
}

pub(super) fn parse_plan(text: &[u8]) -> Option<Plan<'_>> {
    let rest = text.strip_prefix(b"1..")?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = rest.split_at(digits);
    let rest = rest.trim_ascii();
    if !rest.is_empty() && rest[0] != b'#' {
        return None;
    }
    let count = std::str::from_utf8(number).ok()?.parse().ok()?;
    Some(Plan { count, skip: rest.get(1..).and_then(|comment| parse_skip_all(comment.trim_ascii())) })
}

/// `SKIP reason`; also `Skipped: reason`, as Perl's modules write it.
fn parse_skip_all(comment: &[u8]) -> Option<&[u8]> {
    let (word, rest) = comment.split_at_checked(4)?;
    let reason = rest.iter().position(u8::is_ascii_whitespace).map_or(&b""[..], |end| &rest[end..]);
    word.eq_ignore_ascii_case(b"SKIP").then(|| reason.trim_ascii())
}
