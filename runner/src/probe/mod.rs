//! What the runner sees of the network and of its own host, in answer to the `probe` request. Nothing of the
//! package runs, and nothing is changed.
//!
//! `request -> admit -> survey: host, and for each target: lookup -> connections and answer, or datagrams -> events`
//!
//! None of this is set up before a probe is asked for, so that no cold start pays for it.

pub mod admit;
pub mod certificate;
pub mod connect;
pub mod datagram;
pub mod first_bytes;
pub mod forbidden;
pub mod grpc;
pub mod host;
pub mod http;
pub mod limits;
pub mod log_line;
pub mod lookup;
pub mod name_server;
pub mod name_service;
pub mod survey;
pub mod target;
pub mod tls;
