//! The Lambda API. AWS SDK types stop here.

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::retry::RetryConfig;
use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::config::{Credentials, Region, StalledStreamProtectionConfig};
use aws_sdk_lambda::error::DisplayErrorContext;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::primitives::event_stream::EventReceiver;
use aws_sdk_lambda::types::error::InvokeWithResponseStreamResponseEventError;
use aws_sdk_lambda::types::{InvokeWithResponseStreamResponseEvent, LogType};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lamex_protocol::reader::StreamEnd;

/// One function, reached through one endpoint.
#[derive(Debug, Clone)]
pub(crate) struct Function {
    client: Client,
    name: String,
}

/// A piece of an answer.
#[derive(Debug)]
pub(crate) enum Part {
    Bytes(Vec<u8>),
    End(End),
}

/// How an answer ended.
#[derive(Debug)]
pub(crate) struct End {
    pub(crate) stream: StreamEnd,
    /// The end of the function's log, where the service sent it.
    pub(crate) log_tail: Option<String>,
}

/// An answer on its way.
pub(crate) struct Answer {
    events: EventReceiver<InvokeWithResponseStreamResponseEvent, InvokeWithResponseStreamResponseEventError>,
}

impl Function {
    /// A function of the Lambda on this machine.
    pub(crate) fn local(endpoint: &str, name: &str) -> Self {
        let config = aws_sdk_lambda::Config::builder()
            .endpoint_url(endpoint)
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "lamex-local"))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            // Whatever repeats a request may run a test twice.
            .retry_config(RetryConfig::disabled())
            // A test may take as long as the function may, and be silent while it does; heartbeats tell
            // whether it lives.
            .timeout_config(TimeoutConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        Self { client: Client::from_conf(config), name: name.to_owned() }
    }

    /// Invokes the function once.
    ///
    /// # Errors
    /// The service did not begin to answer: what it said, with its causes.
    pub(crate) async fn invoke(&self, payload: Vec<u8>) -> Result<Answer, String> {
        let request =
            self.client.invoke_with_response_stream().function_name(&self.name).log_type(LogType::Tail);
        match request.payload(Blob::new(payload)).send().await {
            Ok(output) => Ok(Answer { events: output.event_stream }),
            Err(error) => Err(DisplayErrorContext(error).to_string()),
        }
    }
}

impl Answer {
    /// The next part; nothing comes after an end.
    pub(crate) async fn next(&mut self) -> Part {
        loop {
            match self.events.recv().await {
                Ok(Some(InvokeWithResponseStreamResponseEvent::PayloadChunk(chunk))) => {
                    if let Some(payload) = chunk.payload {
                        return Part::Bytes(payload.into_inner());
                    }
                }
                Ok(Some(InvokeWithResponseStreamResponseEvent::InvokeComplete(complete))) => {
                    let log_tail = complete.log_result.and_then(|tail| STANDARD.decode(tail).ok());
                    let stream = match complete.error_code {
                        None => StreamEnd::Complete,
                        Some(code) => StreamEnd::FunctionError {
                            code,
                            details: complete.error_details.unwrap_or_default(),
                        },
                    };
                    let log_tail = log_tail.map(|tail| String::from_utf8_lossy(&tail).into_owned());
                    return Part::End(End { stream, log_tail });
                }
                // A kind of event that the SDK does not know yet.
                Ok(Some(_)) => {}
                Ok(None) => return Part::End(End::broken("the answer stopped in the middle".to_owned())),
                Err(error) => return Part::End(End::broken(DisplayErrorContext(error).to_string())),
            }
        }
    }
}

impl End {
    pub(crate) fn broken(reason: String) -> Self {
        Self { stream: StreamEnd::Broken(reason), log_tail: None }
    }
}
