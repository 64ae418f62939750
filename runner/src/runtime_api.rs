//! The Lambda Runtime API, as a client: next invocation, streamed and buffered answers, errors.
//!
//! AWS documents it in "Using the Lambda runtime API" and "Building a custom runtime". The published Rust
//! runtime puts an HTTP-integration prelude before a streamed body and mid-stream errors into the body, so
//! this is our own: a verdict rests on the body being exactly the event stream.

use std::io::ErrorKind;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::Body;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::ext::on_informational;
use hyper::header::{CONTENT_TYPE, EXPECT, HOST, HeaderName, USER_AGENT};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::json;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::sleep;

const API_VERSION: &str = "2018-06-01";
const ERROR_TYPE: HeaderName = HeaderName::from_static("lambda-runtime-function-error-type");
const RESPONSE_MODE: HeaderName = HeaderName::from_static("lambda-runtime-function-response-mode");

/// Between two attempts to reach a Runtime API that closes its connections, or when none can be made for now.
const RECONNECT: Duration = Duration::from_millis(200);

#[derive(Debug, Error)]
pub enum ApiError {
    #[error(
        "the connection to the Runtime API is lost ({0}), so nobody can receive the results: the commands were ended"
    )]
    Gone(std::io::Error),
    #[error("cannot reach the Runtime API: {0}")]
    Connect(std::io::Error),
    #[error("the Runtime API broke the connection: {0}")]
    Connection(hyper::Error),
    #[error("the Runtime API answered {status} to {path}: {body}")]
    Refused { path: String, status: u16, body: String },
    #[error("the Runtime API sent no usable {0} header")]
    Header(&'static str),
    #[error("cannot make a request: {0}")]
    Request(#[from] hyper::http::Error),
}

/// One invocation, as the service hands it out.
#[derive(Debug)]
pub struct Invocation {
    pub request_id: String,
    /// Milliseconds since the Unix epoch.
    pub deadline_ms: u64,
    /// For X-Ray; absent where the service traces nothing.
    pub trace_id: Option<String>,
    pub payload: Bytes,
}

type AnyBody = BoxBody<Bytes, std::convert::Infallible>;

pub struct RuntimeApi {
    /// `host:port`.
    authority: String,
    connection: Option<Connection>,
}

struct Connection {
    sender: SendRequest<AnyBody>,
    /// Ends when the connection is closed.
    driver: JoinHandle<()>,
}

impl RuntimeApi {
    #[must_use]
    pub fn new(authority: String) -> Self {
        Self { authority, connection: None }
    }

    /// Waits for the next invocation, for as long as it takes.
    ///
    /// # Errors
    /// The Runtime API is not there or answers nonsense; there is nothing to do but to end.
    pub async fn next(&mut self) -> Result<Invocation, ApiError> {
        let path = "/runtime/invocation/next";
        let request = self.request(Method::GET, path).body(Empty::new().boxed())?;
        let (headers, payload) = self.send(path, request).await?;
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        Ok(Invocation {
            request_id: text("lambda-runtime-aws-request-id")
                .ok_or(ApiError::Header("lambda-runtime-aws-request-id"))?
                .to_owned(),
            deadline_ms: text("lambda-runtime-deadline-ms")
                .and_then(|value| value.parse().ok())
                .ok_or(ApiError::Header("lambda-runtime-deadline-ms"))?,
            trace_id: text("lambda-runtime-trace-id").map(str::to_owned),
            payload,
        })
    }

    /// Answers with a stream. Calls `on_received` when the service says that it receives the body, which not every
    /// service does.
    ///
    /// # Errors
    /// The connection broke before the end of the body, or the service refused the answer.
    pub async fn respond_streaming<B>(
        &mut self,
        request_id: &str,
        body: B,
        on_received: impl Fn() + Send + Sync + 'static,
    ) -> Result<(), ApiError>
    where
        B: Body<Data = Bytes, Error = std::convert::Infallible> + Send + Sync + 'static,
    {
        let path = format!("/runtime/invocation/{request_id}/response");
        let mut request = self
            .request(Method::POST, &path)
            .header(RESPONSE_MODE, "streaming")
            .header(CONTENT_TYPE, "application/octet-stream")
            // Go's HTTP server, which AWS's Runtime API is made of, answers when the body is read for the first
            // time; that is behind the change of the invocation's state.
            .header(EXPECT, "100-continue")
            .body(body.boxed())?;
        on_informational(&mut request, move |response| {
            if response.status() == StatusCode::CONTINUE {
                on_received();
            }
        });
        self.send(&path, request).await.map(|_| ())
    }

    /// Answers with a whole document.
    ///
    /// # Errors
    /// As [`Self::respond_streaming`].
    pub async fn respond(&mut self, request_id: &str, document: Vec<u8>) -> Result<(), ApiError> {
        let path = format!("/runtime/invocation/{request_id}/response");
        let request = self
            .request(Method::POST, &path)
            .header(CONTENT_TYPE, "application/json")
            .body(full(document))?;
        self.send(&path, request).await.map(|_| ())
    }

    /// Fails the invocation with this document, which the caller sees as it is.
    ///
    /// # Errors
    /// As [`Self::respond_streaming`].
    pub async fn fail(
        &mut self,
        request_id: &str,
        error_type: &str,
        document: Vec<u8>,
    ) -> Result<(), ApiError> {
        self.post_error(&format!("/runtime/invocation/{request_id}/error"), error_type, document).await
    }

    /// Says that this environment cannot serve.
    ///
    /// # Errors
    /// As [`Self::respond_streaming`].
    pub async fn init_error(&mut self, error_type: &str, message: &str) -> Result<(), ApiError> {
        let document = json!({ "errorType": error_type, "errorMessage": message, "stackTrace": [] });
        self.post_error("/runtime/init/error", error_type, document.to_string().into_bytes()).await
    }

    async fn post_error(&mut self, path: &str, error_type: &str, document: Vec<u8>) -> Result<(), ApiError> {
        let request = self
            .request(Method::POST, path)
            .header(ERROR_TYPE, error_type)
            .header(CONTENT_TYPE, "application/json")
            .body(full(document))?;
        self.send(path, request).await.map(|_| ())
    }

    fn request(&self, method: Method, path: &str) -> hyper::http::request::Builder {
        Request::builder()
            .method(method)
            .uri(format!("/{API_VERSION}{path}"))
            .header(HOST, &self.authority)
            .header(USER_AGENT, concat!("lamex/", env!("CARGO_PKG_VERSION")))
    }

    async fn send(&mut self, path: &str, request: Request<AnyBody>) -> Result<(HeaderMap, Bytes), ApiError> {
        // Taken out for the time of the exchange: a connection that broke in the middle is not used again.
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let response = match connection.sender.try_send_request(request).await {
            Ok(response) => response,
            Err(mut error) => match error.take_message() {
                // The connection was closed before anything was sent on it, so that nothing is sent twice.
                Some(request) => {
                    connection = self.connect().await?;
                    connection.sender.send_request(request).await.map_err(ApiError::Connection)?
                }
                None => return Err(ApiError::Connection(error.into_error())),
            },
        };
        let (parts, body) = Response::into_parts(response);
        let body = body.collect().await.map_err(ApiError::Connection)?.to_bytes();
        if !parts.status.is_success() {
            let body = String::from_utf8_lossy(&body).into_owned();
            return Err(ApiError::Refused { path: path.to_owned(), status: parts.status.as_u16(), body });
        }
        self.connection = Some(connection);
        Ok((parts.headers, body))
    }

    /// Returns when the Runtime API is not there any more, which a closed connection alone does not prove. Only
    /// between two requests.
    pub async fn gone(&mut self) -> ApiError {
        loop {
            if let Some(connection) = &mut self.connection {
                // Nobody aborts it, and an end is an end.
                let _ = (&mut connection.driver).await;
                self.connection = None;
            }
            if let Some(gone) = self.is_gone().await {
                return gone;
            }
            sleep(RECONNECT).await;
        }
    }

    /// Whether nothing listens at the Runtime API's address. A connection that can be made is kept.
    pub async fn is_gone(&mut self) -> Option<ApiError> {
        match self.connect().await {
            Ok(connection) => self.connection = Some(connection),
            Err(ApiError::Connect(error)) if is_refusal(error.kind()) => return Some(ApiError::Gone(error)),
            // This side's own trouble, such as too many open files.
            Err(_) => {}
        }
        None
    }

    async fn connect(&self) -> Result<Connection, ApiError> {
        let stream = TcpStream::connect(&self.authority).await.map_err(ApiError::Connect)?;
        // A line of output must not wait for the acknowledgement of the one before.
        stream.set_nodelay(true).map_err(ApiError::Connect)?;
        let (sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(ApiError::Connection)?;
        // Errors of the connection reach the request that uses it.
        let driver = tokio::spawn(async move { drop(connection.await) });
        Ok(Connection { sender, driver })
    }
}

/// What a connection to this machine or to a sandbox's gateway fails with when nobody is there.
fn is_refusal(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionReset
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
    )
}

fn full(document: Vec<u8>) -> AnyBody {
    Full::new(Bytes::from(document)).boxed()
}
