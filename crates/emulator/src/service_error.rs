//! Errors of the Lambda service itself, in AWS's shapes.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{HeaderMap, Response, StatusCode};
use serde_json::json;
use thiserror::Error;

use crate::faults::Refusal;

/// What a request may have when the caller waits for the answer.
pub(crate) const MAX_REQUEST_BYTES: usize = 6 << 20;
/// The limit of a request that nobody waits for.
pub(crate) const MAX_EVENT_BYTES: usize = 1 << 20;

/// An invocation that never reached the function.
#[derive(Debug, Error)]
pub(crate) enum ServiceError {
    #[error("Function not found: {arn}")]
    ResourceNotFound { arn: String },
    #[error("Rate Exceeded.")]
    TooManyRequests,
    #[error("Request must be smaller than {limit} bytes for the {operation} operation")]
    RequestTooLarge { limit: usize, operation: &'static str },
    #[error("Could not parse request body into json: {0}")]
    InvalidRequestContent(String),
    #[error("{0}")]
    InvalidParameterValue(String),
    #[error("The service had an internal error, as the emulator was told to have.")]
    Service,
    /// Not AWS's: whoever can reach AWS may ask.
    #[error("{0}")]
    Foreign(String),
    #[error("Unable to determine service/operation name to be authorized")]
    UnknownOperation,
    /// Nobody answers any more: the connection is closed.
    #[error("the emulator has ended")]
    Abandoned,
}

impl From<Refusal> for ServiceError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Throttled => Self::TooManyRequests,
            Refusal::ServiceFailure => Self::Service,
        }
    }
}

impl ServiceError {
    fn code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::ResourceNotFound { .. } => (StatusCode::NOT_FOUND, "ResourceNotFoundException"),
            Self::TooManyRequests => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException"),
            Self::RequestTooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException"),
            Self::InvalidRequestContent(_) => (StatusCode::BAD_REQUEST, "InvalidRequestContentException"),
            Self::InvalidParameterValue(_) => (StatusCode::BAD_REQUEST, "InvalidParameterValueException"),
            Self::Service | Self::Abandoned => (StatusCode::INTERNAL_SERVER_ERROR, "ServiceException"),
            Self::UnknownOperation | Self::Foreign(_) => (StatusCode::FORBIDDEN, "AccessDeniedException"),
        }
    }

    pub(crate) fn response(&self, request_id: &str) -> Response<Full<Bytes>> {
        let (status, code) = self.code();
        let message = self.to_string();
        // AWS is of two minds about the capital letter.
        let body = match self {
            Self::ResourceNotFound { .. } => json!({ "Type": "User", "Message": message }),
            Self::Service => json!({ "Type": "Service", "Message": message }),
            Self::TooManyRequests => json!({
                "Type": "User",
                "message": message,
                "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded",
            }),
            _ => json!({ "Type": "User", "message": message }),
        };
        let mut response = Response::new(Full::new(Bytes::from(body.to_string())));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        set(headers, "content-type", "application/json");
        set(headers, "x-amzn-errortype", code);
        set(headers, "x-amzn-requestid", request_id);
        response
    }
}

/// Sets a header whose value is known to be one; an invalid value is left out.
pub(crate) fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = value.parse() {
        headers.insert(name, value);
    }
}
