//! What a caller asks of the runner.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::VERSION;
use crate::probe::ProbeRequest;

/// The payload of a protocol invocation: a JSON object with a `lamex` key.
///
/// Unknown fields are refused, not ignored: a runner that skipped a selector which it does not know
/// would run more than its caller asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The protocol's major version, see [`VERSION`].
    pub lamex: u32,
    /// The caller's own name for this run; `hello` must carry it back.
    pub run_id: String,
    pub op: Op,
    /// Which commands of the plan; empty selects all.
    #[serde(default, skip_serializing_if = "Selection::is_empty")]
    pub select: Selection,
    /// Values of parameters that the selected commands declare.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
    /// Stop at the first command that fails. Absent: as the plan says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fail_fast: Option<bool>,
    /// Timeout of every command in milliseconds, in place of the plan's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command_timeout_ms: Option<u64>,
    /// The caller's consent to destructive commands; the function's own is needed too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_destructive: bool,
    /// How many bytes the encoded answer may have; what does not fit is left out and counted.
    /// Absent: no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_limit_bytes: Option<u64>,
    /// What to look at, for [`Op::Probe`] alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<ProbeRequest>,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Run the selected commands.
    Run,
    /// Say which commands the package holds.
    List,
    /// Look at the network and the host from inside, and run nothing.
    Probe,
}

/// Commands by name, tag or place in the plan (from 0); a command matches when any of them does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<usize>,
}

impl Selection {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.tags.is_empty() && self.indexes.is_empty()
    }
}

/// What a payload is.
#[derive(Debug, Clone, PartialEq)]
pub enum Payload {
    /// From lamex-ctl or another caller that speaks the protocol.
    Protocol(Box<Request>),
    /// A protocol request that must be refused, and why. `run_id` is the caller's where it can be read.
    Malformed { run_id: String, reason: String },
    /// Anything else: `{}`, `null`, a scheduled event, no JSON at all.
    Plain,
}

/// Tells a protocol request from a plain payload. Any object with a `lamex` key means the protocol, so
/// that a caller's mistake is refused and never taken for "run everything".
#[must_use]
pub fn classify(payload: &[u8]) -> Payload {
    let Ok(Value::Object(object)) = serde_json::from_slice::<Value>(payload) else {
        return Payload::Plain;
    };
    let Some(version) = object.get("lamex") else {
        return Payload::Plain;
    };
    let run_id = object.get("run_id").and_then(Value::as_str).unwrap_or_default().to_owned();
    if version.as_u64() != Some(u64::from(VERSION)) {
        let reason = format!(
            "this runner speaks protocol version {VERSION}, the request asks for version {version}: \
             use the lamex-ctl that the package was made with, or deploy a package with a newer runner"
        );
        return Payload::Malformed { run_id, reason };
    }
    // From the bytes, not from the parsed value, which keeps only the last of two equal keys.
    match serde_json::from_slice::<Request>(payload) {
        Ok(request) => Payload::Protocol(Box::new(request)),
        Err(error) => Payload::Malformed { run_id, reason: format!("malformed request: {error}") },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(payload: &str) -> String {
        match classify(payload.as_bytes()) {
            Payload::Malformed { reason, .. } => reason,
            other => panic!("{payload} gave {other:?}"),
        }
    }

    #[test]
    fn everything_without_a_lamex_key_is_plain() {
        for payload in
            ["", "{}", "null", "[]", "17", "not json", r#"{"source":"aws.events"}"#, r#"["lamex"]"#]
        {
            assert_eq!(classify(payload.as_bytes()), Payload::Plain, "{payload}");
        }
    }

    #[test]
    fn a_lamex_key_is_a_protocol_request_and_refused_when_malformed() {
        let good = r#"{"lamex":1,"run_id":"r","op":"run"}"#;
        assert!(matches!(classify(good.as_bytes()), Payload::Protocol(_)));
        assert!(reason(r#"{"lamex":1}"#).contains("missing field `run_id`"));
        assert!(reason(r#"{"lamex":1,"run_id":"r","op":"erase"}"#).contains("unknown variant `erase`"));
        assert!(reason(r#"{"lamex":1,"run_id":"r","op":"run","shard":1}"#).contains("unknown field `shard`"));
        assert!(reason(r#"{"lamex":1,"run_id":"r","run_id":"s","op":"run"}"#).contains("duplicate field"));
        for version in ["2", "0", "\"1\"", "null", "1.5"] {
            assert!(reason(&format!(r#"{{"lamex":{version},"run_id":"r"}}"#)).contains("protocol version"));
        }
    }

    #[test]
    fn a_malformed_request_keeps_its_run_id() {
        let payload = br#"{"lamex":9,"run_id":"mine"}"#;
        assert!(matches!(classify(payload), Payload::Malformed { run_id, .. } if run_id == "mine"));
    }
}
