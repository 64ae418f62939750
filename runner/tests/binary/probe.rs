//! The probe as a whole: requests, the host, what is not talked to, the deadline.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use lamex_protocol::event::VerdictOutcome;
use lamex_protocol::probe::{ConnectionOutcome, LookupOutcome, TargetProbed};
use serde_json::{Value, json};

use crate::support::dns::{Behaviour, DnsServer};
use crate::support::listeners::Server;
use crate::support::probing::{
    AMPLE_MS, all_probed, ask, check, fields, host, probed, start, start_with, target,
};
use crate::support::runner::request;
use crate::support::{Environment, Invocation, Runner, TaskRoot};

fn outcomes(probed: &TargetProbed) -> Vec<ConnectionOutcome> {
    probed.connections.iter().map(|connection| connection.outcome).collect()
}

#[test]
fn the_host_is_told_without_values_and_nothing_runs() {
    let now_ms = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as u64;
    let root = TaskRoot::with_script("echo ran > ran");
    let variables = vec![
        ("ORDERS_ADDR", "a-value-that-stays".to_owned()),
        ("LAMEX_PROBE_NAME_SERVER", "127.0.0.1:9".to_owned()),
    ];
    let runner = Runner::start_in(&root, Environment { variables, ..Environment::default() });
    let before_ms = now_ms();
    let transcript = ask(&runner, &[], AMPLE_MS);
    let host = host(&transcript);
    assert!((before_ms..=now_ms()).contains(&host.clock_unix_ms));
    for name in ["AWS_LAMBDA_FUNCTION_NAME", "HOME", "LAMEX_PROBE_NAME_SERVER", "ORDERS_ADDR", "TMPDIR"] {
        assert!(host.variables.iter().any(|known| known == name), "{name}: {:?}", host.variables);
    }
    assert!(
        host.variables.is_sorted() && host.variables.iter().filter(|name| *name == "TMPDIR").count() == 1
    );
    assert!(!host.variables.iter().any(|name| name == "AWS_LAMBDA_RUNTIME_API" || name == "_HANDLER"));
    assert!(host.tmp.problem.is_none() && host.tmp.total_bytes > 0, "{:?}", host.tmp);
    assert_eq!(host.name_servers, ["127.0.0.1:9"]);
    assert!(!String::from_utf8_lossy(&transcript.exchange.body).contains("a-value-that-stays"));
    assert!(!root.join("ran").exists());
    let log = runner.log_with("lamex: NOTHING RUN");
    assert!(log.contains("lamex: PROBE ") && log.contains("name servers 127.0.0.1:9"), "{log}");
    // It serves on.
    assert_eq!(runner.ask(json!({})).verdict().outcome, VerdictOutcome::Passed);
}

#[test]
fn a_request_that_makes_no_sense_is_refused() {
    let dns = DnsServer::start([]);
    let runner = start(&dns);
    let one = || target("a", "127.0.0.1", 80, "tcp");
    let many: Vec<Value> =
        (0..201).map(|number| target(&number.to_string(), "127.0.0.1", 80, "tcp")).collect();
    let with = |name: &str, value: Value| {
        let mut fields = fields(&[one()], 100);
        fields[name] = value;
        fields
    };
    let cases = [
        (json!({ "op": "probe" }), "needs the field `probe`"),
        (fields(&many, 100), "201 targets to probe are too many; the maximum is 200"),
        (fields(&[one(), one()], 100), "two targets to probe are called `a`"),
        (fields(&[target("a", "", 80, "tcp")], 100), "the host of the target `a` is empty"),
        (fields(&[target("a", &"x".repeat(300), 80, "tcp")], 100), "the host of the target `a`"),
        (fields(&[target("a", "x", 0, "tcp")], 100), "the port of the target `a` is 0"),
        (fields(&[target(&"n".repeat(201), "x", 80, "tcp")], 100), "a name of 201 bytes"),
        (fields(&[target("a", "x", 80, "ping")], 100), "unknown variant `ping`"),
        (with("select", json!({ "indexes": [0] })), "`select` does not apply"),
        (with("parameters", json!({ "A": "b" })), "`parameters` does not apply"),
        (with("fail_fast", json!(false)), "`fail_fast` does not apply"),
        (with("command_timeout_ms", json!(1)), "`command_timeout_ms` does not apply"),
        (with("allow_destructive", json!(true)), "`allow_destructive` does not apply"),
        (with("op", json!("run")), "the field `probe` is only for the operation `probe`"),
        (with("op", json!("list")), "the field `probe` is only for the operation `probe`"),
    ];
    for (fields, reason) in cases {
        let transcript = runner.ask(fields.clone());
        assert_eq!(transcript.verdict().outcome, VerdictOutcome::Refused, "{fields}");
        assert!(transcript.reason().contains(reason), "{fields}: {}", transcript.reason());
        assert_eq!(transcript.events.len(), 2);
    }
    let server = ("LAMEX_PROBE_NAME_SERVER", "localhost".to_owned());
    let misled = start_with(&dns, vec![server]).ask(fields(&[one()], 100));
    assert!(misled.reason().contains("LAMEX_PROBE_NAME_SERVER is `localhost`"), "{}", misled.reason());
}

#[test]
fn loopback_and_link_local_addresses_are_refused_whatever_name_leads_there() {
    let server = Server::silent("127.0.0.1:0");
    let dns = DnsServer::start([
        ("rebound.test", Behaviour::Addresses(vec![[127, 0, 0, 1].into()])),
        (
            "credentials.test",
            Behaviour::Addresses(vec![[169, 254, 169, 254].into(), "fe80::1".parse().unwrap()]),
        ),
    ]);
    let targets: Vec<Value> = [
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "0.0.0.0",
        "169.254.169.254",
        "fd00:ec2::254",
        "rebound.test",
        "credentials.test",
    ]
    .map(|host| target(host, host, server.port(), "http"))
    .to_vec();
    let runner = start_with(&dns, vec![("LAMEX_PROBE_LOOPBACK", "1".to_owned())]);
    let transcript = ask(&runner, &targets, AMPLE_MS);
    for probed in all_probed(&transcript) {
        assert!(probed.refused.as_ref().is_some_and(|why| why.contains(": it is ")), "{probed:?}");
        assert!(outcomes(probed).iter().all(|&outcome| outcome == ConnectionOutcome::Forbidden));
        assert!(!probed.connections.is_empty() && probed.answer.is_none(), "{probed:?}");
    }
    let rebound = probed(&transcript, "rebound.test");
    assert_eq!(rebound.lookup.as_ref().unwrap().outcome, LookupOutcome::Resolved);
    assert_eq!(server.connections(), 0);
    let log = runner.log_with("lamex: PROBE rebound.test");
    assert!(log.contains("rebound.test: 127.0.0.1 not checked (it is a loopback address"), "{log}");
}

#[test]
fn the_runtime_api_is_refused_where_loopback_is_allowed() {
    let dns = DnsServer::start([]);
    let runner = start(&dns);
    let port = runner.runtime_api_port();
    let targets =
        [target("api", "127.0.0.1", port, "http"), target("mapped", "::ffff:127.0.0.1", port, "tcp")];
    let transcript = ask(&runner, &targets, AMPLE_MS);
    for probed in all_probed(&transcript) {
        assert!(probed.refused.as_ref().unwrap().contains("the Runtime API"), "{probed:?}");
    }
}

#[test]
fn two_hundred_targets_are_told_of_each_once() {
    let server = Server::silent("127.0.0.1:0");
    let dns = DnsServer::start([("here.test", Behaviour::Addresses(vec![[127, 0, 0, 1].into()]))]);
    let targets: Vec<Value> =
        (0..200).map(|number| target(&number.to_string(), "here.test", server.port(), "tcp")).collect();
    let transcript = ask(&start(&dns), &targets, AMPLE_MS);
    assert!(all_probed(&transcript).all(|probed| outcomes(probed) == [ConnectionOutcome::Connected]));
}

#[test]
fn the_verdict_comes_before_the_deadline_and_says_what_was_not_looked_at() {
    let server = Server::silent("127.0.0.1:0");
    let dns = DnsServer::start([("silent.test", Behaviour::Silent)]);
    let runner = start(&dns);
    let mut targets = vec![target("name", "silent.test", 80, "tcp")];
    targets.extend((0..40).map(|number| target(&number.to_string(), "127.0.0.1", server.port(), "http")));
    let probe = |time| {
        let request = request(fields(&targets, 600_000));
        let transcript = runner.ask_in(Invocation::new(request).time(time));
        check(&transcript, &targets);
        let incomplete = |probed: &TargetProbed| {
            probed.incomplete.as_ref().is_some_and(|why| why.contains("the function's deadline"))
        };
        assert!(all_probed(&transcript).all(incomplete), "{:?}", transcript.events);
        transcript
    };
    let time = Duration::from_secs(6);
    let transcript = probe(time);
    // The deadline is what this is about, so its time is asserted, by the runner's own clock.
    let at_ms = transcript.events.last().unwrap().at_ms;
    assert!(u128::from(at_ms) < time.as_millis(), "the verdict came after {at_ms} ms");
    let lookup = probed(&transcript, "name").lookup.as_ref().unwrap();
    assert_eq!(lookup.outcome, LookupOutcome::TimedOut);
    assert!(lookup.message.as_ref().unwrap().contains("the function's deadline came first"));
    // As many as are looked at at once had begun, and the others had not.
    let begun = all_probed(&transcript).filter(|probed| probed.answer.is_some()).count();
    assert_eq!((begun, server.connections()), (15, 15));
    assert!(all_probed(&probe(Duration::ZERO)).all(|probed| probed.lookup.is_none()));
}
