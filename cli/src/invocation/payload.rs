//! The bytes of a request.

use lamex_aws::Transport;
use lamex_protocol::request::Request;

/// What a streamed answer may have on AWS (200 MB), and a buffered one (6 MB), with room for their framing.
const STREAM_LIMIT_BYTES: u64 = 200_000_000;
const BUFFERED_LIMIT_BYTES: u64 = 6_000_000;

/// What no streamed answer from AWS has: a tenth more than the runner is told to keep to.
pub(super) const STREAM_TOO_LONG_BYTES: u64 = STREAM_LIMIT_BYTES / 10 * 11;

/// The request's bytes, with the limit that AWS sets to an answer of this kind.
pub(super) fn encode_for_aws(request: &Request, transport: Transport) -> Vec<u8> {
    let limit = match transport {
        Transport::Stream => STREAM_LIMIT_BYTES,
        Transport::Buffered => BUFFERED_LIMIT_BYTES,
    };
    encode(&Request { response_limit_bytes: Some(limit), ..request.clone() })
}

/// The request's bytes.
pub(super) fn encode(request: &Request) -> Vec<u8> {
    // Strings and numbers, which JSON can always hold.
    serde_json::to_vec(request).unwrap_or_default()
}
