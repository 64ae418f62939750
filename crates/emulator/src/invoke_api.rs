//! The Invoke API: `Invoke`, `InvokeWithResponseStream` and what a caller may ask about the function.

use std::sync::Arc;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, HeaderMap};
use hyper::{Method, Request, Response, StatusCode};
use serde::de::IgnoredAny;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::clock;
use crate::conduct::conduct;
use crate::event_stream::{AnswerBody, never};
use crate::faults::InvocationFaults;
use crate::fleet::{Fleet, Slot};
use crate::function::{FunctionReference, LATEST};
use crate::http::{self, AbortOnDrop, BoxError};
use crate::invocation::{Completion, Invocation};
use crate::response::{ClientEvent, Sink};
use crate::service_error::{MAX_EVENT_BYTES, MAX_REQUEST_BYTES, ServiceError, set};
use crate::sts;

/// Chunks on their way to the caller, of some 400 KiB at most each: enough to merge small ones and to keep both
/// sides busy, and few enough that a slow caller soon slows the runtime down.
const CHUNKS_UNDER_WAY: usize = 8;

/// A request that is too large is still read, up to here, so that its sender gets to read the answer.
const PATIENCE_BYTES: usize = 64 << 20;

type Answer = Response<BoxBody<Bytes, BoxError>>;

pub(crate) fn serve(listener: TcpListener, port: u16, fleet: Arc<Fleet>) -> AbortOnDrop {
    http::serve(listener, move |request| {
        let fleet = Arc::clone(&fleet);
        async move {
            let request_id = Uuid::new_v4().to_string();
            if let Some(reason) = http::foreign(&request, port) {
                return Ok(plain(ServiceError::Foreign(reason).response(&request_id)));
            }
            match answer(&fleet, request, &request_id).await {
                Err(error @ ServiceError::Abandoned) => Err(error.into()),
                Err(error) => Ok(plain(error.response(&request_id))),
                Ok(answer) => Ok(answer),
            }
        }
    })
}

async fn answer(
    fleet: &Arc<Fleet>,
    request: Request<Incoming>,
    request_id: &str,
) -> Result<Answer, ServiceError> {
    let path = request.uri().path().to_owned();
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    match (request.method(), segments.as_slice()) {
        (&Method::POST, ["2015-03-31", "functions", name, "invocations"]) => {
            let arn = find_function(fleet, name, request.uri().query())?;
            match header(request.headers(), "x-amz-invocation-type").unwrap_or("RequestResponse") {
                "RequestResponse" => {
                    let invocation =
                        read(request, request_id, arn, MAX_REQUEST_BYTES, "InvokeFunction").await?;
                    invoke(fleet, invocation).await
                }
                "Event" => {
                    let invocation =
                        read(request, request_id, arn, MAX_EVENT_BYTES, "InvokeFunction").await?;
                    invoke_event(fleet, invocation)
                }
                "DryRun" => Ok(nothing(StatusCode::NO_CONTENT, request_id)),
                other => Err(invalid_type(other)),
            }
        }
        (&Method::POST, ["2021-11-15", "functions", name, "response-streaming-invocations"]) => {
            let arn = find_function(fleet, name, request.uri().query())?;
            match header(request.headers(), "x-amz-invocation-type").unwrap_or("RequestResponse") {
                "RequestResponse" => {
                    let operation = "InvokeWithResponseStream";
                    let invocation = read(request, request_id, arn, MAX_REQUEST_BYTES, operation).await?;
                    invoke_with_response_stream(fleet, invocation).await
                }
                "DryRun" => Ok(nothing(StatusCode::NO_CONTENT, request_id)),
                other => Err(invalid_type(other)),
            }
        }
        (&Method::GET, ["2015-03-31", "functions", name]) => {
            find_function(fleet, name, request.uri().query())?;
            Ok(described(&json!({ "Configuration": configuration(fleet) }), request_id))
        }
        (&Method::GET, ["2015-03-31", "functions", name, "configuration"]) => {
            find_function(fleet, name, request.uri().query())?;
            Ok(described(&configuration(fleet), request_id))
        }
        (&Method::POST, [""]) => {
            let account_id = fleet.function().config.account_id.clone();
            sts::answer(&account_id, request, request_id).await.map(plain)
        }
        _ => Err(ServiceError::UnknownOperation),
    }
}

/// A request that was read and found good.
struct Asked {
    invocation: Arc<Invocation>,
    is_tail_wanted: bool,
}

async fn invoke(fleet: &Arc<Fleet>, asked: Asked) -> Result<Answer, ServiceError> {
    let (slot, faults) = fleet.admit()?;
    let (done, completed) = oneshot::channel();
    let client_faults = faults.clone();
    let conductor = Arc::clone(fleet);
    let invocation = Arc::clone(&asked.invocation);
    fleet.spawn(async move {
        let mut sink = Sink::Collect(Vec::new());
        let completion = run(&conductor, slot, &invocation, &mut sink, faults).await;
        // The caller may have gone away.
        let _ = done.send((completion, sink));
    });
    let Ok((completion, Sink::Collect(body))) = completed.await else {
        return Err(ServiceError::Abandoned);
    };
    tokio::time::sleep(client_faults.answer_delay).await;
    let body = match &completion.error {
        Some(error) => error.body.clone(),
        None => body.into(),
    };
    let length = body.len();
    let mut response = Response::new(AnswerBody::Whole { body, faults: Box::new(client_faults) }.boxed());
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, length.into());
    set(headers, "content-type", "application/json");
    set_common(headers, &asked.invocation);
    if completion.error.is_some() {
        set(headers, "x-amz-function-error", "Unhandled");
    }
    if asked.is_tail_wanted {
        set(headers, "x-amz-log-result", &STANDARD.encode(&completion.log_tail));
    }
    Ok(response)
}

async fn invoke_with_response_stream(fleet: &Arc<Fleet>, asked: Asked) -> Result<Answer, ServiceError> {
    let (slot, faults) = fleet.admit()?;
    let (client, mut events) = mpsc::channel(CHUNKS_UNDER_WAY);
    let client_faults = faults.clone();
    let conductor = Arc::clone(fleet);
    let invocation = Arc::clone(&asked.invocation);
    fleet.spawn(async move {
        let mut sink = Sink::Stream(client.clone());
        let completion = run(&conductor, slot, &invocation, &mut sink, faults).await;
        // The caller may have gone away, or be in no hurry: this task is all that waits.
        let _ = client.send(ClientEvent::Complete(Box::new(completion))).await;
    });
    // The answer begins when the function's does.
    let next = events.recv().await.ok_or(ServiceError::Abandoned)?;
    tokio::time::sleep(client_faults.answer_delay).await;
    let body = AnswerBody::Events {
        next: Some(next),
        events,
        is_tail_wanted: asked.is_tail_wanted,
        faults: Box::new(client_faults),
    };
    let mut response = Response::new(body.boxed());
    let headers = response.headers_mut();
    set(headers, "content-type", "application/vnd.amazon.eventstream");
    set_common(headers, &asked.invocation);
    Ok(response)
}

fn invoke_event(fleet: &Arc<Fleet>, asked: Asked) -> Result<Answer, ServiceError> {
    let (queued, faults) = fleet.queue()?;
    let conductor = Arc::clone(fleet);
    let invocation = Arc::clone(&asked.invocation);
    fleet.spawn(async move {
        if let Some(slot) = queued.slot().await {
            run(&conductor, slot, &invocation, &mut Sink::Discard, faults).await;
        }
    });
    Ok(nothing(StatusCode::ACCEPTED, &asked.invocation.request_id))
}

/// The slot is free again before the caller can know of the end, so that its next invocation finds it.
async fn run(
    fleet: &Arc<Fleet>,
    slot: Slot,
    invocation: &Arc<Invocation>,
    sink: &mut Sink,
    faults: InvocationFaults,
) -> Completion {
    let completion = conduct(fleet, invocation, sink, faults).await;
    drop(slot);
    completion
}

async fn read(
    request: Request<Incoming>,
    request_id: &str,
    arn: String,
    limit: usize,
    operation: &'static str,
) -> Result<Asked, ServiceError> {
    let (head, mut body) = request.into_parts();
    let mut payload = BytesMut::new();
    let mut received = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| ServiceError::InvalidRequestContent(error.to_string()))?;
        let Ok(data) = frame.into_data() else { continue };
        received += data.len();
        if received <= limit {
            payload.extend_from_slice(&data);
        } else if received > PATIENCE_BYTES {
            break;
        }
    }
    if received > limit {
        return Err(ServiceError::RequestTooLarge { limit, operation });
    }
    let payload = if payload.is_empty() { Bytes::from_static(b"{}") } else { payload.freeze() };
    serde_json::from_slice::<IgnoredAny>(&payload)
        .map_err(|error| ServiceError::InvalidRequestContent(error.to_string()))?;
    let client_context = header(&head.headers, "x-amz-client-context")
        .and_then(|encoded| STANDARD.decode(encoded).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok());
    let invocation = Invocation {
        request_id: request_id.to_owned(),
        payload,
        arn,
        trace_id: header(&head.headers, "x-amzn-trace-id").map_or_else(new_trace_id, str::to_owned),
        client_context,
    };
    Ok(Asked {
        invocation: Arc::new(invocation),
        is_tail_wanted: header(&head.headers, "x-amz-log-type") == Some("Tail"),
    })
}

fn new_trace_id() -> String {
    let seconds = clock::unix_ms(SystemTime::now()) / 1000;
    let random = Uuid::new_v4().simple().to_string();
    let parent = Uuid::new_v4().simple().to_string();
    format!("Root=1-{seconds:08x}-{};Parent={};Sampled=0", &random[..24], &parent[..16])
}

/// The ARN of the function that the path names, if it is the one that is here.
fn find_function(fleet: &Fleet, segment: &str, query: Option<&str>) -> Result<String, ServiceError> {
    let function = fleet.function();
    let decoded = percent_decoded(segment);
    let reference = FunctionReference::parse(&decoded);
    let from_query = query
        .into_iter()
        .flat_map(|query| query.split('&'))
        .find_map(|pair| pair.strip_prefix("Qualifier="))
        .map(percent_decoded);
    let qualifier = from_query.as_deref().or(reference.qualifier);
    let is_here = reference.name == function.config.name && qualifier.is_none_or(|name| name == LATEST);
    let suffix = qualifier.map(|name| format!(":{name}")).unwrap_or_default();
    if is_here {
        return Ok(function.arn.clone() + &suffix);
    }
    let config = &function.config;
    Err(ServiceError::ResourceNotFound {
        arn: format!(
            "arn:aws:lambda:{}:{}:function:{}{suffix}",
            config.region, config.account_id, reference.name
        ),
    })
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = (byte == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(escaped) = escaped {
            bytes.push(escaped);
            rest = &after[2..];
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn configuration(fleet: &Fleet) -> serde_json::Value {
    let function = fleet.function();
    let config = &function.config;
    json!({
        "FunctionName": config.name,
        "FunctionArn": function.arn,
        "Runtime": "provided.al2023",
        "Handler": config.handler,
        "Timeout": config.timeout.as_secs(),
        "MemorySize": config.memory_mb,
        "Version": LATEST,
        "PackageType": "Zip",
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "Environment": { "Variables": config.environment },
    })
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn invalid_type(invocation_type: &str) -> ServiceError {
    ServiceError::InvalidParameterValue(format!(
        "`{invocation_type}` is not an invocation type of this operation"
    ))
}

fn set_common(headers: &mut HeaderMap, invocation: &Invocation) {
    set(headers, "x-amzn-requestid", &invocation.request_id);
    set(headers, "x-amz-executed-version", LATEST);
    set(headers, "x-amzn-trace-id", &invocation.trace_id);
}

fn nothing(status: StatusCode, request_id: &str) -> Answer {
    let mut response = Response::new(Empty::new().map_err(never).boxed());
    *response.status_mut() = status;
    set(response.headers_mut(), "x-amzn-requestid", request_id);
    response
}

fn described(body: &serde_json::Value, request_id: &str) -> Answer {
    let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
    set(response.headers_mut(), "content-type", "application/json");
    set(response.headers_mut(), "x-amzn-requestid", request_id);
    plain(response)
}

fn plain(response: Response<Full<Bytes>>) -> Answer {
    response.map(|body| body.map_err(never).boxed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_segment_is_decoded() {
        assert_eq!(percent_decoded("a%3Ab%24LATEST"), "a:b$LATEST");
        assert_eq!(percent_decoded("50%"), "50%");
        assert_eq!(percent_decoded("%zz%c3%a4"), "%zzä");
    }
}
