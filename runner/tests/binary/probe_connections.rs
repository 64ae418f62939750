//! Connections of a probe, to real listeners.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use lamex_protocol::probe::ConnectionOutcome;
use serde_json::Value;

use crate::support::dns::{Behaviour, DnsServer};
use crate::support::listeners::{Closed, Full, Server, has_ipv6};
use crate::support::probing::{AMPLE_MS, SHORT_MS, ask, probed, start, target};

#[test]
fn open_refused_and_dropped_connections_are_told_apart() {
    let dns = DnsServer::start([]);
    let open = Server::silent("127.0.0.1:0");
    let (full, closed) = (Full::start(), Closed::bind());
    let mut targets = vec![
        target("open", "127.0.0.1", open.port(), "tcp"),
        target("refused", "127.0.0.1", closed.address.port(), "tcp"),
        target("dropped", "127.0.0.1", full.address.port(), "tcp"),
    ];
    let open_v6 = has_ipv6().then(|| Server::silent("[::1]:0"));
    if let Some(server) = &open_v6 {
        targets.push(target("open-v6", "::1", server.port(), "tcp"));
    }
    let runner = start(&dns);
    let transcript = ask(&runner, &targets, SHORT_MS);
    let connection = |name: &str| {
        let probed = probed(&transcript, name);
        assert!(probed.lookup.is_none() && probed.refused.is_none() && probed.incomplete.is_none());
        assert!(probed.answer.is_none() && probed.connections.len() == 1, "{probed:?}");
        &probed.connections[0]
    };
    assert_eq!(connection("open").outcome, ConnectionOutcome::Connected);
    assert_eq!((connection("open").address.as_str(), &connection("open").message), ("127.0.0.1", &None));
    assert_eq!(connection("refused").outcome, ConnectionOutcome::Refused);
    assert!(connection("refused").message.as_ref().unwrap().contains("refused"));
    assert_eq!(connection("dropped").outcome, ConnectionOutcome::TimedOut);
    assert!(connection("dropped").message.as_ref().unwrap().contains("within 4000 ms"));
    if open_v6.is_some() {
        assert_eq!(connection("open-v6").outcome, ConnectionOutcome::Connected);
        assert_eq!(connection("open-v6").address, "::1");
    }
    let log = runner.log_with("lamex: NOTHING RUN");
    assert!(log.contains("lamex: PROBE open: 127.0.0.1 connected\n"), "{log}");
    assert!(log.contains("lamex: PROBE refused: 127.0.0.1 refused ("), "{log}");
}

#[test]
fn every_address_of_a_name_is_tried_in_the_order_of_the_lookup() {
    // The whole of 127.0.0.0/8 is this host.
    let server = Server::start("127.0.0.3:0", |mut stream| {
        let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.1 204 No Content\r\n\r\n");
    });
    let addresses: [[u8; 4]; 3] = [[127, 0, 0, 2], [127, 0, 0, 3], [169, 254, 0, 1]];
    let dns = DnsServer::start([("db.test", Behaviour::Addresses(addresses.map(Into::into).to_vec()))]);
    let transcript = ask(&start(&dns), &[target("db", "db.test", server.port(), "http")], AMPLE_MS);
    let found = probed(&transcript, "db");
    assert_eq!(found.lookup.as_ref().unwrap().addresses, ["127.0.0.2", "127.0.0.3", "169.254.0.1"]);
    let tried: Vec<_> = found.connections.iter().map(|one| (one.address.as_str(), one.outcome)).collect();
    let expected = [
        ("127.0.0.2", ConnectionOutcome::Refused),
        ("127.0.0.3", ConnectionOutcome::Connected),
        ("169.254.0.1", ConnectionOutcome::Forbidden),
    ];
    assert_eq!(tried, expected);
    assert!(found.refused.is_none() && found.answer.is_some(), "{found:?}");
    assert_eq!(server.connections(), 1);
}

#[test]
fn of_many_addresses_the_first_are_tried() {
    let server = Server::silent("127.0.0.1:0");
    let many = (1..=40).map(|last| [127, 0, 1, last].into()).collect();
    let dns = DnsServer::start([("many.test", Behaviour::Addresses(many))]);
    let transcript = ask(&start(&dns), &[target("many", "many.test", server.port(), "tcp")], AMPLE_MS);
    let found = probed(&transcript, "many");
    let addresses = &found.lookup.as_ref().unwrap().addresses;
    let tried: Vec<&String> = found.connections.iter().map(|connection| &connection.address).collect();
    assert_eq!((addresses.len(), tried), (40, addresses.iter().take(16).collect()));
}

#[test]
fn what_cannot_be_reached_is_told_as_the_system_tells_it() {
    // Addresses for documentation: no machine has a route of its own to them, many have none at all.
    let candidates = ["192.0.2.1", "2001:db8::1"];
    let unreachable = |address: &&str| {
        let address = SocketAddr::new(address.parse().unwrap(), 9);
        TcpStream::connect_timeout(&address, Duration::from_millis(500)).is_err_and(|error| {
            matches!(
                error.kind(),
                ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable | ErrorKind::AddrNotAvailable
            )
        })
    };
    let targets: Vec<Value> = candidates
        .iter()
        .filter(|address| unreachable(address))
        .map(|host| target(host, host, 9, "tcp"))
        .collect();
    let transcript = ask(&start(&DnsServer::start([])), &targets, SHORT_MS);
    for target in &targets {
        let found = probed(&transcript, target["name"].as_str().unwrap());
        assert_eq!(found.connections[0].outcome, ConnectionOutcome::Unreachable, "{found:?}");
    }
}
