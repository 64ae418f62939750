//! One TCP connection, and what it means if it fails.

use std::io;
use std::net::SocketAddr;
use std::time::Instant;

use lamex_protocol::probe::{Connection, ConnectionOutcome};
use tokio::net::TcpStream;

use crate::probe::forbidden::Rules;
use crate::probe::limits::Limits;

/// Connects, unless the rules object.
pub async fn connect(to: SocketAddr, rules: Rules, limits: Limits) -> (Connection, Option<TcpStream>) {
    let began = Instant::now();
    let (outcome, message, stream) = match rules.objection(to) {
        Some(objection) => (ConnectionOutcome::Forbidden, Some(objection.to_owned()), None),
        None => match limits.step(TcpStream::connect(to)).await {
            Ok(Ok(stream)) => (ConnectionOutcome::Connected, None, Some(stream)),
            Ok(Err(error)) => (outcome_of(&error), Some(error.to_string()), None),
            Err(out_of_time) => (ConnectionOutcome::TimedOut, Some(out_of_time.message), None),
        },
    };
    let duration_ms = began.elapsed().as_millis() as u64;
    (Connection { address: to.ip().to_string(), outcome, duration_ms, message }, stream)
}

/// What the system says of a host that cannot be talked to.
#[must_use]
pub fn outcome_of(error: &io::Error) -> ConnectionOutcome {
    /// The kernel has no IPv6.
    const EAFNOSUPPORT: i32 = 97;
    match error.kind() {
        io::ErrorKind::ConnectionRefused => ConnectionOutcome::Refused,
        // The system's own patience, where it is shorter than ours.
        io::ErrorKind::TimedOut => ConnectionOutcome::TimedOut,
        io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        // No address of this host's own to come from, as where IPv6 is switched off.
        | io::ErrorKind::AddrNotAvailable => ConnectionOutcome::Unreachable,
        _ if error.raw_os_error() == Some(EAFNOSUPPORT) => ConnectionOutcome::Unreachable,
        _ => ConnectionOutcome::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_errors_are_told_apart() {
        // Linux's numbers of ECONNREFUSED, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL, EPERM.
        let cases = [
            (111, ConnectionOutcome::Refused),
            (110, ConnectionOutcome::TimedOut),
            (113, ConnectionOutcome::Unreachable),
            (101, ConnectionOutcome::Unreachable),
            (99, ConnectionOutcome::Unreachable),
            (97, ConnectionOutcome::Unreachable),
            (1, ConnectionOutcome::Failed),
        ];
        for (number, outcome) in cases {
            assert_eq!(outcome_of(&io::Error::from_raw_os_error(number)), outcome, "{number}");
        }
    }
}
