//! Why an invocation failed, in the words of AWS.

use std::io;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hyper::HeaderMap;
use lamex_processes::Exit;
use serde_json::json;

/// A buffered answer may have 6 MiB and a little (AWS's figure).
pub(crate) const MAX_BUFFERED_RESPONSE_BYTES: usize = (6 << 20) + 100;

/// The error of a function, as its callers get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FunctionError {
    /// `ErrorCode` of a streamed answer.
    pub(crate) error_type: String,
    /// The payload of a buffered answer and `ErrorDetails` of a streamed one: a JSON object with
    /// `errorType` and `errorMessage`, or whatever the runtime has posted.
    pub(crate) body: Bytes,
}

impl FunctionError {
    fn new(error_type: &str, message: &str) -> Self {
        let body = json!({ "errorType": error_type, "errorMessage": message });
        Self { error_type: error_type.to_owned(), body: body.to_string().into() }
    }

    fn from_request(error_type: &str, request_id: &str, message: &str) -> Self {
        Self::new(error_type, &format!("RequestId: {request_id} Error: {message}"))
    }

    pub(crate) fn timed_out(request_id: &str, after: Duration) -> Self {
        Self::from_request("Sandbox.Timedout", request_id, &timed_out_message(after))
    }

    pub(crate) fn exited(request_id: &str, exit: Exit) -> Self {
        Self::from_request("Runtime.ExitError", request_id, &exit_message(exit))
    }

    pub(crate) fn truncated(request_id: &str) -> Self {
        let message = "Runtime truncated the response";
        Self::from_request("Runtime.TruncatedResponse", request_id, message)
    }

    pub(crate) fn too_large(bytes: u64, limit: u64) -> Self {
        let message = format!(
            "Response payload size ({bytes} bytes) exceeded maximum allowed payload size ({limit} bytes)."
        );
        Self::new("Function.ResponseSizeTooLarge", &message)
    }

    pub(crate) fn not_started(request_id: &str, bootstrap: &Path, error: &io::Error) -> Self {
        let path = bootstrap.display();
        let message = if error.kind() == io::ErrorKind::NotFound && !bootstrap.exists() {
            format!("Couldn't find valid bootstrap(s): [{path}]")
        } else {
            let text = error.to_string();
            let reason = text.split(" (os error").next().unwrap_or_default();
            format!("fork/exec {path}: {}", reason.to_lowercase())
        };
        Self::from_request("Runtime.InvalidEntrypoint", request_id, &message)
    }

    /// The emulator itself could not make an environment.
    pub(crate) fn sandbox(request_id: &str, error: &io::Error) -> Self {
        Self::from_request("Sandbox.Failure", request_id, &error.to_string())
    }

    /// What a runtime posted to an error endpoint. Of the header's types Lambda keeps those of its own form
    /// (`internal/lambda/fatalerror/fatalerror.go` of the Runtime Interface Emulator); the body stays as it is.
    pub(crate) fn posted(header: Option<&str>, body: Bytes) -> Self {
        let error_type = match header {
            Some(name) if is_kept(name) => name.to_owned(),
            Some(name) if name.starts_with("Function.") => "Function.Unknown".to_owned(),
            _ => "Runtime.Unknown".to_owned(),
        };
        if body.is_empty() {
            return Self::new(&error_type, "");
        }
        Self { error_type, body }
    }

    /// The error that a runtime reports behind a streamed response.
    pub(crate) fn from_trailers(trailers: &HeaderMap) -> Option<Self> {
        let text = |name: &str| trailers.get(name).and_then(|value| value.to_str().ok());
        let error_type = text("lambda-runtime-function-error-type").filter(|value| !value.is_empty())?;
        let encoded = text("lambda-runtime-function-error-body").unwrap_or_default();
        let body = STANDARD.decode(encoded).unwrap_or_else(|_| encoded.into());
        Some(Self::posted(Some(error_type), body.into()))
    }
}

/// Whether the name has `Runtime.` or `Function.`, a capital and another letter in it.
fn is_kept(name: &str) -> bool {
    ["Runtime.", "Function."].iter().any(|prefix| {
        name.match_indices(prefix).any(|(at, _)| {
            let rest = &name.as_bytes()[at + prefix.len()..];
            matches!(rest, [first, second, ..] if first.is_ascii_uppercase() && second.is_ascii_alphabetic())
        })
    })
}

pub(crate) fn timed_out_message(after: Duration) -> String {
    format!("Task timed out after {:.2} seconds", after.as_secs_f64())
}

pub(crate) fn exit_message(exit: Exit) -> String {
    match exit {
        Exit::Code(0) => "Runtime exited without providing a reason".to_owned(),
        Exit::Code(code) => format!("Runtime exited with error: exit status {code}"),
        Exit::Signal { number, core_dumped } => {
            let core = if core_dumped { " (core dumped)" } else { "" };
            format!("Runtime exited with error: signal: {}{core}", signal_name(number))
        }
    }
}

/// As Go prints signals, which is what AWS shows.
fn signal_name(number: i32) -> String {
    let names = [
        "hangup",
        "interrupt",
        "quit",
        "illegal instruction",
        "trace/breakpoint trap",
        "aborted",
        "bus error",
        "floating point exception",
        "killed",
        "user defined signal 1",
        "segmentation fault",
        "user defined signal 2",
        "broken pipe",
        "alarm clock",
        "terminated",
    ];
    usize::try_from(number - 1)
        .ok()
        .and_then(|index| names.get(index))
        .map_or_else(|| format!("signal {number}"), |name| (*name).to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn body(error: &FunctionError) -> Value {
        serde_json::from_slice(&error.body).unwrap()
    }

    #[test]
    fn platform_errors_read_as_on_aws() {
        let error = FunctionError::timed_out("id", Duration::from_millis(3_000));
        assert_eq!(error.error_type, "Sandbox.Timedout");
        assert_eq!(
            body(&error),
            json!({"errorType": "Sandbox.Timedout",
                   "errorMessage": "RequestId: id Error: Task timed out after 3.00 seconds"})
        );
        let message = |exit| body(&FunctionError::exited("id", exit))["errorMessage"].clone();
        let killed = Exit::Signal { number: 9, core_dumped: false };
        assert_eq!(message(killed), "RequestId: id Error: Runtime exited with error: signal: killed");
        assert_eq!(message(Exit::Code(1)), "RequestId: id Error: Runtime exited with error: exit status 1");
        assert_eq!(message(Exit::Code(0)), "RequestId: id Error: Runtime exited without providing a reason");
    }

    #[test]
    fn a_posted_error_is_handed_on_as_it_is() {
        let body_text = r#"{"errorType":"Oops","more":1}"#;
        for (header, kept) in [
            (None, "Runtime.Unknown"),
            (Some("Lamex.TestsFailed"), "Runtime.Unknown"),
            (Some("Runtime.bad"), "Runtime.Unknown"),
            (Some("Function.bad"), "Function.Unknown"),
            (Some("Function.TestsFailed"), "Function.TestsFailed"),
        ] {
            let posted = FunctionError::posted(header, body_text.into());
            assert_eq!((posted.error_type.as_str(), &posted.body[..]), (kept, body_text.as_bytes()));
        }
        let named = FunctionError::posted(Some("Function.Bad"), "text".into());
        assert_eq!((named.error_type.as_str(), &named.body[..]), ("Function.Bad", &b"text"[..]));
        let empty = FunctionError::posted(Some("Function.Bad"), Bytes::new());
        assert_eq!(body(&empty)["errorType"], "Function.Bad");
    }

    #[test]
    fn trailers_without_a_type_are_no_error() {
        let mut trailers = HeaderMap::new();
        assert_eq!(FunctionError::from_trailers(&trailers), None);
        trailers.insert("Lambda-Runtime-Function-Error-Type", "Runtime.Mid".parse().unwrap());
        trailers.insert("Lambda-Runtime-Function-Error-Body", "e30=".parse().unwrap());
        let error = FunctionError::from_trailers(&trailers).unwrap();
        assert_eq!((error.error_type.as_str(), &error.body[..]), ("Runtime.Mid", &b"{}"[..]));
    }
}
