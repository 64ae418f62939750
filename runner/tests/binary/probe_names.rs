//! Lookups of a probe, with a real DNS server on loopback.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use lamex_protocol::probe::{Lookup, LookupOutcome};
use lamex_runner::probe::limits::Limits;
use lamex_runner::probe::lookup::look_up;
use lamex_runner::probe::name_service::NameService;
use simple_dns::RCODE;

use crate::support::dns::{Behaviour, DnsServer};
use crate::support::listeners::Server;
use crate::support::probing::{AMPLE_MS, SHORT_MS, ask, probed, start, target};

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

#[test]
fn every_way_a_lookup_can_end_is_told_apart() {
    let dns = DnsServer::start([
        ("found.test", Behaviour::Addresses(vec!["::1".parse().unwrap(), HERE])),
        ("empty.test", Behaviour::NoData),
        ("broken.test", Behaviour::Error(RCODE::ServerFailure)),
        ("refused.test", Behaviour::Error(RCODE::Refused)),
        ("silent.test", Behaviour::Silent),
        ("half.test", Behaviour::SilentForV6(HERE)),
        ("long.test", Behaviour::OverTcp(HERE)),
        ("garbage.test", Behaviour::Garbage),
        ("foreign.test", Behaviour::AfterForeign(HERE)),
    ]);
    let open = Server::silent("127.0.0.1:0");
    let names = [
        "found.test",
        "FOUND.test.",
        "empty.test",
        "broken.test",
        "refused.test",
        "silent.test",
        "half.test",
        "long.test",
        "garbage.test",
        "foreign.test",
        "nobody.test",
        "not a name",
    ];
    let targets = names.map(|name| target(name, name, open.port(), "tcp"));
    let runner = start(&dns);
    let transcript = ask(&runner, &targets, SHORT_MS);
    let lookup = |name: &str| probed(&transcript, name).lookup.as_ref().unwrap();
    let ended = |name: &str, outcome: LookupOutcome, message: &str| {
        let lookup = lookup(name);
        assert_eq!(lookup.outcome, outcome, "{name}: {lookup:?}");
        assert!(lookup.message.as_deref().unwrap_or_default().contains(message), "{name}: {lookup:?}");
        assert_eq!(lookup.addresses.is_empty(), outcome != LookupOutcome::Resolved, "{name}");
        assert_eq!(probed(&transcript, name).connections.is_empty(), lookup.addresses.is_empty(), "{name}");
        assert!(probed(&transcript, name).incomplete.is_none(), "{name}");
    };
    ended("found.test", LookupOutcome::Resolved, "");
    assert_eq!(lookup("found.test").addresses, ["127.0.0.1", "::1"]);
    ended("FOUND.test.", LookupOutcome::Resolved, "");
    ended("empty.test", LookupOutcome::NoAddress, "");
    ended("broken.test", LookupOutcome::Failed, "SERVFAIL");
    ended("refused.test", LookupOutcome::Failed, "REFUSED");
    ended("silent.test", LookupOutcome::TimedOut, "within 4000 ms");
    ended("half.test", LookupOutcome::Resolved, "AAAA records: no answer from 127.0.0.1");
    ended("long.test", LookupOutcome::Resolved, "");
    ended("garbage.test", LookupOutcome::Failed, "not a DNS message");
    ended("foreign.test", LookupOutcome::Resolved, "");
    assert_eq!(lookup("foreign.test").addresses, ["127.0.0.1"]);
    ended("nobody.test", LookupOutcome::NoSuchName, "");
    ended("not a name", LookupOutcome::Failed, "neither a host name nor an address");
    let log = runner.log_with("lamex: NOTHING RUN");
    assert!(log.contains("lamex: PROBE nobody.test: there is no such name\n"), "{log}");
}

#[test]
fn a_slow_answer_counts_when_it_comes_in_time() {
    // Slower than a server is waited for before it is asked once more.
    let dns = DnsServer::start([("slow.test", Behaviour::Slow(Duration::from_millis(2_500), HERE))]);
    let open = Server::silent("127.0.0.1:0");
    let transcript = ask(&start(&dns), &[target("slow", "slow.test", open.port(), "tcp")], AMPLE_MS);
    let found = probed(&transcript, "slow");
    assert_eq!(found.lookup.as_ref().unwrap().outcome, LookupOutcome::Resolved, "{found:?}");
    assert!(dns.asked().len() > 2, "it was asked again: {:?}", dns.asked());
}

/// Looks a name up with these servers and this search list.
fn look_up_with(servers: &[SocketAddr], search: &[&str], name: &str, timeout_ms: u64) -> Lookup {
    let service = NameService {
        servers: servers.to_vec(),
        search: search.iter().map(|&domain| domain.to_owned()).collect(),
        ndots: 1,
        hosts: vec![("10.9.8.7".parse().unwrap(), vec!["printer".to_owned()])],
    };
    let limits = Limits {
        step: Duration::from_millis(timeout_ms),
        stop_at: Instant::now() + Duration::from_secs(600),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(look_up(&service, name, limits)).lookup
}

#[test]
fn the_search_list_is_gone_through_until_a_name_has_an_address() {
    let dns = DnsServer::start([
        ("db.two.test", Behaviour::Addresses(vec![HERE])),
        ("empty.one.test", Behaviour::NoData),
        ("sick.one.test", Behaviour::Error(RCODE::ServerFailure)),
    ]);
    let look_up = |name: &str| look_up_with(&[dns.address], &["one.test", "two.test"], name, AMPLE_MS);
    let found = look_up("db");
    assert_eq!(
        (found.outcome, found.message.as_deref()),
        (LookupOutcome::Resolved, Some("found as db.two.test"))
    );
    let asked = dns.asked();
    assert!(asked.iter().all(|name| name == "db.one.test" || name == "db.two.test"), "{asked:?}");
    assert_eq!(look_up("empty").outcome, LookupOutcome::NoAddress);
    assert_eq!(look_up("sick").outcome, LookupOutcome::Failed);
    let absent = look_up("absent");
    assert_eq!(absent.outcome, LookupOutcome::NoSuchName);
    assert_eq!(absent.message.as_deref(), Some("none of absent.one.test, absent.two.test, absent exists"));
    assert_eq!(look_up("db.").outcome, LookupOutcome::NoSuchName);
    // The host's own table comes first, and asks nobody.
    let asked = dns.asked().len();
    let printer = look_up("Printer");
    assert_eq!(
        (printer.addresses, printer.message.as_deref()),
        (vec!["10.9.8.7".to_owned()], Some("found in /etc/hosts"))
    );
    assert_eq!(dns.asked().len(), asked);
}

#[test]
fn another_server_answers_for_one_that_is_dead_sick_or_silent() {
    let good = DnsServer::start([("db.test", Behaviour::Addresses(vec![HERE]))]);
    let sick = DnsServer::start([("db.test", Behaviour::Error(RCODE::ServerFailure))]);
    let silent = DnsServer::start([("db.test", Behaviour::Silent)]);
    // A socket that talks to somebody else keeps the port, and nobody is in there for others.
    let taken = UdpSocket::bind("127.0.0.1:0").unwrap();
    taken.connect("127.0.0.1:9").unwrap();
    let dead = taken.local_addr().unwrap();
    for first in [dead, sick.address, silent.address] {
        let found = look_up_with(&[first, good.address], &[], "db.test", AMPLE_MS);
        assert_eq!(found.outcome, LookupOutcome::Resolved, "{found:?}");
    }
    let failed = look_up_with(&[dead, sick.address], &[], "db.test", AMPLE_MS);
    assert_eq!(failed.outcome, LookupOutcome::Failed, "{failed:?}");
    let message = failed.message.unwrap();
    assert!(message.contains(&format!("{dead}: ")) && message.contains("SERVFAIL"), "{message}");
    let unanswered = look_up_with(&[dead, silent.address], &[], "db.test", SHORT_MS);
    assert_eq!(unanswered.outcome, LookupOutcome::TimedOut, "{unanswered:?}");
}
