//! From bytes to events: an incremental decoder that takes feeds of any size.

use thiserror::Error;

use crate::event::{Body, Event, MAX_NAME_BYTES};

/// The longest line, in bytes, that a reader accepts and a runner may write.
pub const MAX_LINE_BYTES: usize = 1 << 20;

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DecodeError {
    #[error("line {line} is longer than {MAX_LINE_BYTES} bytes")]
    LineTooLong { line: u64 },
    #[error("line {line} is not an event: {reason}")]
    NotAnEvent { line: u64, reason: String },
}

/// Splits a byte stream into lines and lines into events. After an error it decodes nothing more, for
/// whatever follows a damaged line proves nothing.
#[derive(Debug, Default)]
pub struct Decoder {
    /// The beginning of a line whose end has not come yet.
    partial: Vec<u8>,
    lines: u64,
    failed: bool,
}

impl Decoder {
    /// Decodes what the bytes complete, and hands each event to `on_event` with its line.
    ///
    /// # Errors
    /// The first damaged line; later calls decode nothing and return `Ok`.
    pub fn feed(
        &mut self,
        mut bytes: &[u8],
        mut on_event: impl FnMut(Event, &[u8]),
    ) -> Result<(), DecodeError> {
        if self.failed {
            return Ok(());
        }
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            let (head, rest) = bytes.split_at(end + 1);
            bytes = rest;
            if self.partial.is_empty() {
                on_event(self.decode(head)?, head);
            } else {
                let mut line = std::mem::take(&mut self.partial);
                line.extend_from_slice(head);
                on_event(self.decode(&line)?, &line);
                line.clear();
                self.partial = line;
            }
        }
        if self.partial.len() + bytes.len() > MAX_LINE_BYTES {
            self.failed = true;
            return Err(DecodeError::LineTooLong { line: self.lines + 1 });
        }
        self.partial.extend_from_slice(bytes);
        Ok(())
    }

    /// Whether the bytes so far end in the middle of a line.
    #[must_use]
    pub fn is_mid_line(&self) -> bool {
        !self.partial.is_empty()
    }

    fn decode(&mut self, line: &[u8]) -> Result<Event, DecodeError> {
        self.lines += 1;
        let result = if line.len() > MAX_LINE_BYTES {
            Err(DecodeError::LineTooLong { line: self.lines })
        } else {
            parse(line).map_err(|reason| DecodeError::NotAnEvent { line: self.lines, reason })
        };
        self.failed = result.is_err();
        result
    }
}

fn parse(line: &[u8]) -> Result<Event, String> {
    let event: Event = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    if let Body::Output(output) = &event.body {
        return match output.bytes() {
            Some(_) => Ok(event),
            None => Err("an output event needs either text or valid base64".to_owned()),
        };
    }
    match longest_name(&event.body) {
        length if length > MAX_NAME_BYTES => {
            Err(format!("a name of {length} bytes is longer than {MAX_NAME_BYTES} bytes"))
        }
        _ => Ok(event),
    }
}

/// The length of the longest name in an event, which a caller may keep until the run ends.
fn longest_name(body: &Body) -> usize {
    match body {
        Body::Hello(hello) => [
            &hello.run_id,
            &hello.function_name,
            &hello.function_version,
            &hello.runner_version,
            &hello.package_digest,
            &hello.request_id,
        ]
        .map(String::len)
        .into_iter()
        .max()
        .unwrap_or_default(),
        Body::CommandStarted(started) => started.name.len(),
        Body::CommandFinished(finished) => finished.name.len(),
        Body::CommandListed(listed) => listed.name.len(),
        Body::TestStarted(test) => test.test.len(),
        Body::TestFinished(test) => test.test.len(),
        Body::TestMessage(test) => test.test.len(),
        Body::Verdict(verdict) => {
            verdict.remaining.iter().map(|remaining| remaining.name.len()).max().unwrap_or_default()
        }
        Body::HostProbed(_)
        | Body::TargetProbed(_)
        | Body::Output(_)
        | Body::Heartbeat
        | Body::Warning(_)
        | Body::Unknown => 0,
    }
}

/// The fields of a line that this version does not know, for a warning. Looks only at control events:
/// `output` lines are many, and theirs is the one type that must be read fast.
#[must_use]
pub fn unknown_fields(event: &Event, line: &[u8]) -> Vec<String> {
    if matches!(event.body, Body::Output(_) | Body::Unknown) {
        return Vec::new();
    }
    let (Ok(serde_json::Value::Object(seen)), Ok(serde_json::Value::Object(known))) =
        (serde_json::from_slice(line), serde_json::to_value(event))
    else {
        return Vec::new();
    };
    // A known field that is null, false or empty may be left out when the event is written again.
    let is_blank = |value: &serde_json::Value| match value {
        serde_json::Value::Null => true,
        serde_json::Value::Array(items) => items.is_empty(),
        serde_json::Value::Object(fields) => fields.values().all(|field| field.as_u64() == Some(0)),
        _ => false,
    };
    seen.into_iter()
        .filter(|(name, value)| !known.contains_key(name) && !is_blank(value))
        .map(|(name, _)| name)
        .collect()
}
