//! What the runner saw of the network and of its own host, in answer to the `probe` request.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// How many targets one request may have.
pub const MAX_TARGETS: usize = 200;

/// What [`ProbeRequest::timeout_ms`] is brought to when it lies outside, in milliseconds.
pub const TIMEOUT_MS: RangeInclusive<u64> = 100..=30_000;

/// What to look at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeRequest {
    pub targets: Vec<ProbeTarget>,
    /// How long each step of each target may take, in milliseconds: the lookup, each connection, the answer.
    /// The function's deadline cuts it short. See [`TIMEOUT_MS`].
    pub timeout_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbeTarget {
    /// The caller's name for it, which comes back; no two targets have the same.
    pub name: String,
    /// A host name or an address, an IPv6 address without brackets.
    pub host: String,
    /// Not 0.
    pub port: u16,
    pub check: ProbeCheck,
}

/// How far a probe goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProbeCheck {
    /// A connection.
    Tcp,
    /// A TLS handshake, with the certificate checked against the host's trusted roots.
    Tls,
    /// `GET /` over plain HTTP/1.1: any status counts as an answer.
    Http,
    /// `grpc.health.v1.Health/Check` over plain HTTP/2.
    Grpc,
    /// The same over TLS. No health request is sent if the certificate is not trusted: the answer is then that of
    /// [`ProbeCheck::Tls`].
    GrpcTls,
    /// A datagram: a DNS query to port 53, an empty one to others.
    Udp,
}

/// The host that the commands run on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostProbed {
    /// The names of the variables that a command sees, sorted. Values never leave the function.
    pub variables: Vec<String>,
    /// The host's clock, in milliseconds since 1970.
    pub clock_unix_ms: u64,
    pub tmp: TmpProbe,
    /// The DNS servers that the host is set up to ask, each with its port where that is not 53.
    pub name_servers: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TmpProbe {
    pub total_bytes: u64,
    pub free_bytes: u64,
    /// Why a file could not be written there; absent when it could.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// One target, as it is seen from inside the function.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetProbed {
    pub name: String,
    /// Why the runner would not look: all that the host stands for are addresses such as loopback and
    /// link-local ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Why there is less here than was asked for: the function's deadline came first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incomplete: Option<String>,
    /// Absent where the host is an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lookup: Option<Lookup>,
    /// One for each address, in the order of the lookup's; of many addresses the first 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub connections: Vec<Connection>,
    /// The same, of a target that is sent datagrams and makes no connection.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub datagrams: Vec<Datagram>,
    /// What came over the first connection that was made, where more than a connection was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookup {
    pub outcome: LookupOutcome,
    /// IPv4 and IPv6 addresses as text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
    pub duration_ms: u64,
    /// What else is to be said, such as the server's error, or under which name of the search list the host
    /// was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookupOutcome {
    Resolved,
    /// The server said that there is no such name (NXDOMAIN).
    NoSuchName,
    /// The name exists and has no address.
    NoAddress,
    /// No server answered in time.
    TimedOut,
    /// A server answered with an error (SERVFAIL, REFUSED), or could not be asked.
    Failed,
    /// An outcome that a newer runner knows.
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Without the port.
    pub address: String,
    pub outcome: ConnectionOutcome,
    pub duration_ms: u64,
    /// The system's error, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionOutcome {
    Connected,
    /// The host answered that nothing listens there.
    Refused,
    /// Nothing came back: the packets are dropped on the way, or by the host.
    TimedOut,
    /// There is no route, or a router said so.
    Unreachable,
    /// A loopback or link-local address, which the runner would not talk to.
    Forbidden,
    Failed,
    /// An outcome that a newer runner knows.
    #[serde(other)]
    Unknown,
}

/// A datagram to one address, and what came back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Datagram {
    /// Without the port.
    pub address: String,
    pub outcome: DatagramOutcome,
    /// Until the answer came, or was no longer waited for.
    pub duration_ms: u64,
    /// What a DNS server answered, or the system's error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// What is known of a datagram that was sent. Without an answer, nobody can tell whether it arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatagramOutcome {
    /// It was sent, and an answer came.
    Answered,
    /// It was sent, and no answer came. Many services never answer.
    NoAnswer,
    /// It was sent, and the host answered that nothing listens there (ICMP port unreachable).
    Refused,
    /// There is no route, or a router said so.
    Unreachable,
    /// A loopback or link-local address, to which the runner sends nothing.
    Forbidden,
    /// It could not be sent.
    Failed,
    /// An outcome that a newer runner knows.
    #[serde(other)]
    Unknown,
}

/// What came over a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Answer {
    Tls(TlsAnswer),
    Http {
        status: u16,
    },
    Grpc {
        health: GrpcHealth,
        /// What the server said beside, such as the gRPC status that it answered with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        /// The handshake before it; absent over plain HTTP/2.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tls: Option<Box<TlsAnswer>>,
    },
    /// Nothing that the protocol allows came back.
    Failed {
        /// Nothing, or not enough, came back in time.
        timed_out: bool,
        message: String,
    },
    /// A kind that a newer runner knows.
    #[serde(other)]
    Unknown,
}

/// A handshake that was completed, whether its certificate is trusted or not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsAnswer {
    /// `TLSv1.3`
    pub version: String,
    /// Why the certificate is not to be trusted; absent when it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<CertificateProblem>,
    /// What the TLS library said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The DNS names and addresses that the certificate is for; of many the first 32.
    pub names: Vec<String>,
    /// In seconds since 1970.
    pub not_before_unix_s: i64,
    pub not_after_unix_s: i64,
    /// Its distinguished name, such as `O=Amazon, CN=Amazon RSA 2048 M02`.
    pub issuer: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CertificateProblem {
    Expired,
    NotYetValid,
    /// It is for other names.
    WrongName,
    /// No chain to a trusted root.
    UnknownIssuer,
    Other,
    /// A problem that a newer runner knows.
    #[serde(other)]
    Unknown,
}

/// What the health service said of the whole server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrpcHealth {
    Serving,
    NotServing,
    /// The server speaks gRPC and has no health service.
    Unimplemented,
    /// Any other status.
    #[serde(other)]
    Unknown,
}
