//! What the function is invoked with, and how that ended.

use bytes::Bytes;

use crate::function_error::FunctionError;

#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) request_id: String,
    pub(crate) payload: Bytes,
    /// As the caller named the function.
    pub(crate) arn: String,
    pub(crate) trace_id: String,
    /// The client context's JSON.
    pub(crate) client_context: Option<String>,
}

/// How an invocation ended, but for the response itself.
#[derive(Debug)]
pub(crate) struct Completion {
    pub(crate) error: Option<FunctionError>,
    /// The last 4 KiB of its log.
    pub(crate) log_tail: Vec<u8>,
}
