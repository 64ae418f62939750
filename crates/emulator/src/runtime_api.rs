//! The Runtime API of one execution environment (version 2018-06-01).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use crate::clock;
use crate::function::{Function, LATEST};
use crate::function_error::{FunctionError, MAX_BUFFERED_RESPONSE_BYTES};
use crate::http::{self, AbortOnDrop, BoxError};
use crate::invocation::Invocation;
use crate::log::{EnvironmentLog, LogReader};
use crate::runtime_state::{Asked, RuntimeRefusal, RuntimeState};
use crate::service_error::set;

const PREFIX: &str = "/2018-06-01/runtime/";

/// An invocation on its way to the runtime.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) invocation: Arc<Invocation>,
    /// Told when the runtime gets it; closed when it must not get it any more.
    pub(crate) delivered: oneshot::Sender<Instant>,
}

/// What the runtime sends.
#[derive(Debug)]
pub(crate) struct Post {
    pub(crate) content: Content,
    /// What to answer. Dropped: the runtime's connection is closed.
    pub(crate) reply: oneshot::Sender<Reply>,
}

#[derive(Debug)]
pub(crate) enum Content {
    Response { is_streaming: bool, body: Incoming },
    Error(FunctionError),
    InitError(FunctionError),
}

#[derive(Debug)]
pub(crate) enum Reply {
    Accepted,
    TooLarge { limit: u64 },
}

#[derive(Debug)]
pub(crate) struct RuntimeApi {
    pub(crate) function: Arc<Function>,
    pub(crate) log: Arc<EnvironmentLog>,
    pub(crate) log_reader: LogReader,
    pub(crate) state: Arc<watch::Sender<RuntimeState>>,
    pub(crate) deliveries: tokio::sync::Mutex<mpsc::Receiver<Delivery>>,
    /// The last invocation that the runtime got, and its deadline.
    pub(crate) delivered: Mutex<Option<(Arc<Invocation>, SystemTime)>>,
    pub(crate) posts: mpsc::Sender<Post>,
    /// Counts the requests for an invocation.
    pub(crate) asks: watch::Sender<u64>,
}

pub(crate) fn serve(listener: TcpListener, port: u16, api: RuntimeApi) -> AbortOnDrop {
    let api = Arc::new(api);
    http::serve(listener, move |request| {
        let api = Arc::clone(&api);
        async move {
            match http::foreign(&request, port) {
                Some(reason) => Ok(render(StatusCode::FORBIDDEN, "Forbidden", &reason)),
                None => api.answer(request).await,
            }
        }
    })
}

impl RuntimeApi {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, BoxError> {
        let path = request.uri().path().to_owned();
        let Some(resource) = path.strip_prefix(PREFIX) else {
            return Ok(unknown());
        };
        let segments: Vec<&str> = resource.split('/').collect();
        match (request.method(), segments.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next().await,
            (&Method::POST, ["invocation", request_id, "response"]) => {
                self.response(request_id, request).await
            }
            (&Method::POST, ["invocation", request_id, "error"]) => {
                if let Err(refusal) = self.state(|state| state.respond(request_id)) {
                    return Ok(refused(refusal));
                }
                let error = read_error(request).await?;
                self.post(Content::Error(error)).await
            }
            (&Method::POST, ["init", "error"]) => {
                if let Err(refusal) = self.state(RuntimeState::fail_init) {
                    return Ok(refused(refusal));
                }
                let error = read_error(request).await?;
                self.post(Content::InitError(error)).await
            }
            _ => Ok(unknown()),
        }
    }

    async fn next(&self) -> Result<Response<Full<Bytes>>, BoxError> {
        match self.state(RuntimeState::ask) {
            Ok(Asked::ForNext) => {}
            Ok(Asked::Again) => {
                let delivered = self.delivered.lock().unwrap_or_else(PoisonError::into_inner);
                let Some((invocation, deadline)) = delivered.as_ref() else { return Ok(unknown()) };
                return Ok(handed_out(invocation, *deadline));
            }
            Err(refusal) => return Ok(refused(refusal)),
        }
        self.asks.send_modify(|count| *count += 1);
        // What was printed so far is not the next invocation's.
        self.log_reader.flush().await;
        let mut deliveries = self.deliveries.lock().await;
        let Some(delivery) = deliveries.recv().await else {
            // The runtime is about to be killed, and need not complain of a lost connection first.
            return std::future::pending().await;
        };
        let invocation = &delivery.invocation;
        let deadline = SystemTime::now() + self.function.config.timeout;
        *self.delivered.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((Arc::clone(invocation), deadline));
        self.state.send_modify(|state| state.deliver(&invocation.request_id));
        self.log.platform(&format!("START RequestId: {} Version: {LATEST}", invocation.request_id));
        // From here on the invocation is this runtime's. If it was given up before, nobody may run it: it may be
        // another one's already.
        if delivery.delivered.send(Instant::now()).is_err() {
            return std::future::pending().await;
        }
        Ok(handed_out(invocation, deadline))
    }

    async fn response(
        &self,
        request_id: &str,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, BoxError> {
        let mode = request
            .headers()
            .get("lambda-runtime-function-response-mode")
            .map(|value| value.as_bytes().to_ascii_lowercase());
        let is_streaming = match mode.as_deref() {
            None | Some(b"buffered") => false,
            Some(b"streaming") => true,
            Some(_) => {
                let message = "Invalid response mode header";
                return Ok(render(StatusCode::BAD_REQUEST, "Runtime.InvalidResponseModeHeader", message));
            }
        };
        if let Err(refusal) = self.state(|state| state.respond(request_id)) {
            return Ok(refused(refusal));
        }
        let body = request.into_body();
        self.post(Content::Response { is_streaming, body }).await
    }

    async fn post(&self, content: Content) -> Result<Response<Full<Bytes>>, BoxError> {
        let (reply, replied) = oneshot::channel();
        self.posts.send(Post { content, reply }).await.map_err(|_| "the environment ends")?;
        match replied.await? {
            Reply::Accepted => {
                let mut response = json_response(&json!({ "status": "OK" }));
                *response.status_mut() = StatusCode::ACCEPTED;
                Ok(response)
            }
            Reply::TooLarge { limit } => {
                let message = format!("Exceeded maximum allowed payload size ({limit} bytes).");
                Ok(render(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge", &message))
            }
        }
    }

    fn state<T>(
        &self,
        change: impl FnOnce(&mut RuntimeState) -> Result<T, RuntimeRefusal>,
    ) -> Result<T, RuntimeRefusal> {
        let mut result = Err(RuntimeRefusal::InvalidStateTransition);
        self.state.send_modify(|state| result = change(state));
        result
    }
}

fn handed_out(invocation: &Invocation, deadline: SystemTime) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(invocation.payload.clone()));
    let headers = response.headers_mut();
    set(headers, "content-type", "application/json");
    set(headers, "lambda-runtime-aws-request-id", &invocation.request_id);
    set(headers, "lambda-runtime-deadline-ms", &clock::unix_ms(deadline).to_string());
    set(headers, "lambda-runtime-invoked-function-arn", &invocation.arn);
    set(headers, "lambda-runtime-trace-id", &invocation.trace_id);
    if let Some(context) = &invocation.client_context {
        set(headers, "lambda-runtime-client-context", context);
    }
    response
}

async fn read_error(request: Request<Incoming>) -> Result<FunctionError, BoxError> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_BUFFERED_RESPONSE_BYTES).collect().await?;
    let header = head.headers.get("lambda-runtime-function-error-type");
    let error_type = header.and_then(|value| value.to_str().ok());
    Ok(FunctionError::posted(error_type, body.to_bytes()))
}

fn refused(refusal: RuntimeRefusal) -> Response<Full<Bytes>> {
    match refusal {
        RuntimeRefusal::InvalidRequestId => {
            render(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID")
        }
        RuntimeRefusal::InvalidStateTransition => {
            render(StatusCode::FORBIDDEN, "InvalidStateTransition", "State transition is not allowed")
        }
    }
}

fn unknown() -> Response<Full<Bytes>> {
    render(StatusCode::NOT_FOUND, "NotFound", "No such resource of the Runtime API")
}

fn render(status: StatusCode, error_type: &str, message: &str) -> Response<Full<Bytes>> {
    let mut response = json_response(&json!({ "errorType": error_type, "errorMessage": message }));
    *response.status_mut() = status;
    response
}

fn json_response(body: &serde_json::Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(format!("{body}\n"))));
    set(response.headers_mut(), "content-type", "application/json");
    response
}
