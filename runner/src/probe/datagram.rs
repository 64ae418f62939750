//! One datagram, and what can be said of it when no answer comes: not much, since UDP services need not answer.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Instant;

use lamex_protocol::probe::{ConnectionOutcome, Datagram, DatagramOutcome};
use tokio::net::UdpSocket;
use tokio::time::timeout_at;

use crate::encoder::bounded;
use crate::probe::connect::outcome_of;
use crate::probe::forbidden::Rules;
use crate::probe::limits::Limits;
use crate::probe::name_server::RootQuery;

/// The port of DNS servers.
const DNS_PORT: u16 = 53;

/// How often it is sent, since a network may lose one.
const SENDINGS: u32 = 2;

/// What is sent.
#[derive(Debug, Clone)]
pub enum Payload {
    /// A question that every DNS server has an answer to, be it an error.
    Query(RootQuery),
    /// Nothing: what a service of another protocol would make of any bytes is not known.
    Empty,
}

impl Payload {
    /// What a service on this port most likely answers.
    #[must_use]
    pub fn for_port(port: u16) -> Self {
        match RootQuery::new() {
            Ok(query) if port == DNS_PORT => Self::Query(query),
            _ => Self::Empty,
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Query(query) => &query.message,
            Self::Empty => &[],
        }
    }
}

/// Sends it, unless the rules object, and waits for an answer.
pub async fn send(to: SocketAddr, payload: &Payload, rules: Rules, limits: Limits) -> Datagram {
    let began = Instant::now();
    let (outcome, message) = match rules.objection(to) {
        Some(objection) => (DatagramOutcome::Forbidden, Some(objection.to_owned())),
        None => match exchange(to, payload, limits).await {
            Ok(Some(answer)) => (DatagramOutcome::Answered, describe(payload, &answer)),
            Ok(None) => (DatagramOutcome::NoAnswer, Some(limits.out_of_time().message)),
            Err(error) => (datagram_outcome(&error), Some(error.to_string())),
        },
    };
    let duration_ms = began.elapsed().as_millis() as u64;
    Datagram { address: to.ip().to_string(), outcome, duration_ms, message: message.map(bounded) }
}

/// What came back from there, if anything did.
async fn exchange(to: SocketAddr, payload: &Payload, limits: Limits) -> io::Result<Option<Vec<u8>>> {
    let any: SocketAddr = match to {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any).await?;
    // Only a connected socket is told of ICMP errors, and hears nobody else.
    socket.connect(to).await?;
    let end = limits.step_end();
    let mut buffer = vec![0; usize::from(u16::MAX)];
    for left in (0..SENDINGS).rev() {
        socket.send(payload.bytes()).await?;
        let now = Instant::now();
        let until = now + end.saturating_duration_since(now) / (left + 1);
        if let Ok(received) = timeout_at(until.into(), socket.recv(&mut buffer)).await {
            buffer.truncate(received?);
            return Ok(Some(buffer));
        }
    }
    Ok(None)
}

fn describe(payload: &Payload, answer: &[u8]) -> Option<String> {
    match payload {
        Payload::Query(query) => Some(query.describe(answer)),
        Payload::Empty => None,
    }
}

fn datagram_outcome(error: &io::Error) -> DatagramOutcome {
    match outcome_of(error) {
        ConnectionOutcome::Refused => DatagramOutcome::Refused,
        ConnectionOutcome::Unreachable => DatagramOutcome::Unreachable,
        _ => DatagramOutcome::Failed,
    }
}
