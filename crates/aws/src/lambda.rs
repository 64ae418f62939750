//! Invoking a function.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::config::{BehaviorVersion, Builder, Credentials, Region, StalledStreamProtectionConfig};
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::primitives::event_stream::EventReceiver;
use aws_sdk_lambda::types::error::InvokeWithResponseStreamResponseEventError;
use aws_sdk_lambda::types::{InvokeWithResponseStreamResponseEvent, LogType};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lamex_protocol::reader::StreamEnd;

use super::{error, http};
use crate::Account;

/// What is kept of an error's words, and of the end of the log, which has 4 KiB.
const MAX_WORDS_BYTES: usize = 16 << 10;

/// One function, reached through one endpoint.
#[derive(Debug, Clone)]
pub struct Function {
    client: Client,
    name: String,
    /// The version or alias; none for the local Lambda, which has no versions.
    qualifier: Option<String>,
}

/// How an answer travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// `InvokeWithResponseStream`.
    Stream,
    /// `Invoke`: the same bytes, all at the end.
    Buffered,
}

/// A piece of an answer.
#[derive(Debug)]
pub enum Part {
    Bytes(Vec<u8>),
    End(End),
}

/// How an answer ended.
#[derive(Debug)]
pub struct End {
    pub stream: StreamEnd,
    /// The end of the function's log, where the service sent it.
    pub log_tail: Option<String>,
}

/// An answer on its way.
pub enum Answer {
    Stream(
        Box<EventReceiver<InvokeWithResponseStreamResponseEvent, InvokeWithResponseStreamResponseEventError>>,
    ),
    Whole {
        payload: Option<Vec<u8>>,
        end: Option<End>,
    },
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartError {
    /// The function provably never started: the request was not sent, or the service said so.
    NeverStarted(String),
    /// The endpoint does not know how to stream. The function never started.
    CannotStream(String),
    /// Anything else; the function may have started.
    Unknown(String),
}

impl Function {
    /// A function of the Lambda on this machine.
    pub fn local(endpoint: &str, name: &str) -> Self {
        let config = aws_sdk_lambda::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(endpoint)
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "lamex-local"))
            .http_client(http::client(Some(endpoint)));
        Self { client: once(config), name: name.to_owned(), qualifier: None }
    }

    /// A deployed function.
    pub fn deployed(account: &Account, name: &str, qualifier: &str) -> Self {
        let client = once(Builder::from(&account.sdk));
        Self { client, name: name.to_owned(), qualifier: Some(qualifier.to_owned()) }
    }

    /// Sends one invocation, once.
    ///
    /// # Errors
    /// No answer began; the error tells whether the function may have started.
    pub async fn invoke(&self, payload: Vec<u8>, transport: Transport) -> Result<Answer, StartError> {
        match transport {
            Transport::Stream => {
                let request = self.client.invoke_with_response_stream().function_name(&self.name);
                let request = request.set_qualifier(self.qualifier.clone()).log_type(LogType::Tail);
                let sent = request.payload(Blob::new(payload)).send().await;
                sent.map(|output| Answer::Stream(Box::new(output.event_stream))).map_err(start_error)
            }
            Transport::Buffered => {
                let request = self.client.invoke().function_name(&self.name);
                let request = request.set_qualifier(self.qualifier.clone()).log_type(LogType::Tail);
                let output = request.payload(Blob::new(payload)).send().await.map_err(start_error)?;
                let payload = unquoted(output.payload.map(Blob::into_inner).unwrap_or_default());
                let log_tail = decode_tail(output.log_result);
                Ok(match output.function_error {
                    None => Answer::whole(payload, End { stream: StreamEnd::Complete, log_tail }),
                    Some(code) => function_error(code, payload, log_tail),
                })
            }
        }
    }
}

/// A client that sends a request once and waits for as long as it takes.
fn once(config: Builder) -> Client {
    let config = config
        // Whatever repeats a request may run a test twice.
        .retry_config(RetryConfig::disabled())
        // A test may take as long as the function may, and be silent while it does; heartbeats tell whether
        // it lives.
        .timeout_config(TimeoutConfig::disabled())
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    Client::from_conf(config)
}

/// A text that something in between has returned as a JSON value, as emulators do; no event stream
/// begins with a quote.
fn unquoted(payload: Vec<u8>) -> Vec<u8> {
    if !payload.starts_with(b"\"") {
        return payload;
    }
    serde_json::from_slice::<String>(&payload).map_or(payload, String::into_bytes)
}

/// A failed function answers with an error document, or, where it streamed, with what it had sent.
fn function_error(code: String, payload: Vec<u8>, log_tail: Option<String>) -> Answer {
    #[derive(Default, serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Document {
        error_type: Option<String>,
        error_message: Option<String>,
    }
    let document = serde_json::from_slice::<Document>(&payload).unwrap_or_default();
    let (stream, payload) = match (document.error_type, document.error_message) {
        (None, None) => (failed(code, String::new()), payload),
        (error_type, message) => {
            (failed(error_type.unwrap_or(code), message.unwrap_or_default()), Vec::new())
        }
    };
    Answer::whole(payload, End { stream, log_tail })
}

/// The service's words, of which no more is kept than anybody reads.
fn failed(mut code: String, mut details: String) -> StreamEnd {
    code.truncate(code.floor_char_boundary(MAX_WORDS_BYTES));
    details.truncate(details.floor_char_boundary(MAX_WORDS_BYTES));
    StreamEnd::FunctionError { code, details }
}

fn start_error<E, R>(error: SdkError<E, R>) -> StartError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    /// The errors that AWS documents for an invocation which never reached the function.
    const NEVER_STARTED: [&str; 6] = [
        "TooManyRequestsException",
        "ENINotReadyException",
        "ResourceNotReadyException",
        "ResourceConflictException",
        "CodeArtifactUserPendingException",
        "EC2ThrottledException",
    ];
    let code = error.as_service_error().and_then(|error| error.code()).unwrap_or_default().to_owned();
    let never_sent = http::was_never_sent(&error);
    let text = error::text(&error);
    if never_sent || NEVER_STARTED.contains(&code.as_str()) {
        StartError::NeverStarted(text)
    } else if code == "UnknownOperationException" {
        StartError::CannotStream(text)
    } else {
        StartError::Unknown(text)
    }
}

fn decode_tail(tail: Option<String>) -> Option<String> {
    let bytes = STANDARD.decode(tail?).ok()?;
    let end = &bytes[bytes.len().saturating_sub(MAX_WORDS_BYTES)..];
    Some(String::from_utf8_lossy(end).into_owned())
}

impl Answer {
    fn whole(payload: Vec<u8>, end: End) -> Self {
        Self::Whole { payload: Some(payload), end: Some(end) }
    }

    /// The next part; nothing comes after an end.
    pub async fn next(&mut self) -> Part {
        match self {
            Self::Stream(events) => next_of_stream(events).await,
            Self::Whole { payload, end } => match payload.take() {
                Some(payload) => Part::Bytes(payload),
                None => Part::End(
                    end.take().unwrap_or_else(|| End::broken("the response was already read".to_owned())),
                ),
            },
        }
    }
}

async fn next_of_stream(
    events: &mut EventReceiver<
        InvokeWithResponseStreamResponseEvent,
        InvokeWithResponseStreamResponseEventError,
    >,
) -> Part {
    match events.recv().await {
        Ok(Some(InvokeWithResponseStreamResponseEvent::PayloadChunk(chunk))) => {
            Part::Bytes(chunk.payload.map(Blob::into_inner).unwrap_or_default())
        }
        Ok(Some(InvokeWithResponseStreamResponseEvent::InvokeComplete(complete))) => {
            let stream = match complete.error_code {
                None => StreamEnd::Complete,
                Some(code) => failed(code, complete.error_details.unwrap_or_default()),
            };
            Part::End(End { stream, log_tail: decode_tail(complete.log_result) })
        }
        // A kind of event that the SDK does not know yet. Without a pause here, many of them would leave the
        // caller no time to look at the clock.
        Ok(Some(_)) => Part::Bytes(Vec::new()),
        Ok(None) => Part::End(End::broken("the response was cut off".to_owned())),
        Err(error) => Part::End(End::broken(error::text(&error))),
    }
}

impl End {
    pub fn broken(reason: String) -> Self {
        Self { stream: StreamEnd::Broken(reason), log_tail: None }
    }
}
