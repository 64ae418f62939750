//! What a probe says of UDP services, which need not answer: real sockets on loopback.

use std::net::{SocketAddr, UdpSocket};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use lamex_protocol::probe::{Datagram, DatagramOutcome};
use lamex_runner::probe::datagram::{Payload, send};
use lamex_runner::probe::forbidden::Rules;
use lamex_runner::probe::limits::Limits;
use serde_json::Value;
use simple_dns::RCODE;

use crate::support::dns::{Behaviour, DnsServer};
use crate::support::probing::{AMPLE_MS, SHORT_MS, ask, probed, start, start_with, target};

/// Answers the first datagram, and gives it back.
fn answering(socket: UdpSocket) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut heard = [0; 100];
        let (length, from) = socket.recv_from(&mut heard).unwrap();
        socket.send_to(b"pong", from).unwrap();
        heard[..length].to_vec()
    })
}

fn bind(address: &str) -> (UdpSocket, u16) {
    let socket = UdpSocket::bind(address).unwrap();
    let port = socket.local_addr().unwrap().port();
    (socket, port)
}

#[test]
fn an_answer_silence_and_a_closed_port_are_told_apart() {
    let (answering_socket, answering_port) = bind("127.0.0.1:0");
    let service = answering(answering_socket);
    let (_silent, silent_port) = bind("127.0.0.1:0");
    // A socket that talks to somebody else keeps the port, and nobody is in there for others.
    let (taken, closed_port) = bind("127.0.0.1:0");
    taken.connect("127.0.0.1:9").unwrap();
    let targets = [
        target("answering", "127.0.0.1", answering_port, "udp"),
        target("silent", "127.0.0.1", silent_port, "udp"),
        target("closed", "127.0.0.1", closed_port, "udp"),
        target("credentials", "169.254.169.254", 123, "udp"),
    ];
    let runner = start(&DnsServer::start([]));
    let transcript = ask(&runner, &targets, SHORT_MS);
    let datagram = |name: &str| {
        let found = probed(&transcript, name);
        assert!(found.connections.is_empty() && found.answer.is_none(), "{found:?}");
        assert_eq!(found.datagrams.len(), 1, "{found:?}");
        &found.datagrams[0]
    };
    assert_eq!(datagram("answering").outcome, DatagramOutcome::Answered);
    assert_eq!(datagram("answering").message, None);
    assert_eq!(service.join().unwrap(), b"", "what a service makes of bytes is not known");
    assert_eq!(datagram("silent").outcome, DatagramOutcome::NoAnswer);
    assert!(datagram("silent").message.as_ref().unwrap().contains("within 4000 ms"));
    assert_eq!(datagram("closed").outcome, DatagramOutcome::Refused);
    assert_eq!(datagram("credentials").outcome, DatagramOutcome::Forbidden);
    assert!(probed(&transcript, "credentials").refused.as_ref().unwrap().contains("link-local"));
    let log = runner.log_with("lamex: NOTHING RUN");
    for line in [
        "lamex: PROBE answering: 127.0.0.1 sent; an answer came\n",
        "lamex: PROBE silent: 127.0.0.1 sent; no answer came (",
        "lamex: PROBE closed: 127.0.0.1 sent; refused (ICMP port unreachable) (",
    ] {
        assert!(log.contains(line), "{line}: {log}");
    }
}

#[test]
fn loopback_is_for_tests_alone() {
    let (_socket, port) = bind("127.0.0.1:0");
    let runner = start_with(&DnsServer::start([]), vec![("LAMEX_PROBE_LOOPBACK", "false".to_owned())]);
    let transcript = ask(&runner, &[target("here", "127.0.0.1", port, "udp")], AMPLE_MS);
    let found = probed(&transcript, "here");
    assert_eq!(found.datagrams[0].outcome, DatagramOutcome::Forbidden, "{found:?}");
    assert!(found.refused.as_ref().unwrap().contains("loopback"), "{found:?}");
}

#[test]
fn every_address_of_a_name_is_sent_to_in_the_order_of_the_lookup() {
    let (socket, port) = bind("127.0.0.3:0");
    let service = answering(socket);
    let addresses: [[u8; 4]; 2] = [[127, 0, 0, 2], [127, 0, 0, 3]];
    let dns = DnsServer::start([("stats.test", Behaviour::Addresses(addresses.map(Into::into).to_vec()))]);
    let targets: [Value; 1] = [target("stats", "stats.test", port, "udp")];
    let transcript = ask(&start(&dns), &targets, AMPLE_MS);
    let found = &probed(&transcript, "stats").datagrams;
    let told: Vec<_> = found.iter().map(|one| (one.address.as_str(), one.outcome)).collect();
    assert_eq!(told, [("127.0.0.2", DatagramOutcome::Refused), ("127.0.0.3", DatagramOutcome::Answered)]);
    service.join().unwrap();
}

/// Sends the query that goes to port 53, to a port that an ordinary user can listen on.
fn query(to: SocketAddr) -> Datagram {
    let rules = Rules { allows_loopback: true, runtime_api: None };
    let limits =
        Limits { step: Duration::from_millis(SHORT_MS), stop_at: Instant::now() + Duration::from_secs(600) };
    let payload = Payload::for_port(53);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(send(to, &payload, rules, limits))
}

#[test]
fn a_dns_server_is_asked_something_that_it_answers() {
    let root = |what| DnsServer::start([("", what)]);
    let told = |server: &DnsServer| {
        let datagram = query(server.address);
        (datagram.outcome, datagram.message.unwrap_or_default())
    };
    let answered = |message: &str| (DatagramOutcome::Answered, message.to_owned());
    let server = root(Behaviour::NoData);
    assert_eq!(told(&server), answered("a DNS answer, NOERROR"));
    assert_eq!(server.asked(), [""], "one answer is enough");
    assert_eq!(told(&root(Behaviour::Error(RCODE::Refused))), answered("a DNS answer, REFUSED"));
    assert_eq!(told(&root(Behaviour::Error(RCODE::ServerFailure))), answered("a DNS answer, SERVFAIL"));
    assert_eq!(told(&root(Behaviour::Garbage)), answered("no DNS answer"));
    let silent = root(Behaviour::Silent);
    let (outcome, message) = told(&silent);
    assert_eq!(outcome, DatagramOutcome::NoAnswer);
    assert!(message.contains("within 4000 ms"), "{message}");
    assert_eq!(silent.asked().len(), 2, "a network may lose one");
}
