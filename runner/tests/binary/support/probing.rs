//! Probe requests, and reading what comes back.

use lamex_protocol::event::Body;
use lamex_protocol::probe::{HostProbed, TargetProbed};
use lamex_protocol::reader::Judgement;
use serde_json::{Value, json};

use super::dns::DnsServer;
use super::{Environment, Runner, TaskRoot, Transcript};

/// Long enough for everything that is not meant to be silent.
pub(crate) const AMPLE_MS: u64 = 20_000;

/// What is silent is given up after this time.
pub(crate) const SHORT_MS: u64 = 4_000;

/// A runner that may talk to loopback addresses, with the DNS server.
pub(crate) fn start(dns: &DnsServer) -> Runner {
    start_with(dns, Vec::new())
}

/// The same, with these variables in addition.
pub(crate) fn start_with(dns: &DnsServer, variables: Vec<(&'static str, String)>) -> Runner {
    let mut all = vec![
        ("LAMEX_PROBE_LOOPBACK", "true".to_owned()),
        ("LAMEX_PROBE_NAME_SERVER", dns.address.to_string()),
    ];
    all.extend(variables);
    let root = TaskRoot::with_script("echo ran > ran");
    Runner::start_in(&root, Environment { variables: all, ..Environment::default() })
}

pub(crate) fn target(name: &str, host: &str, port: u16, check: &str) -> Value {
    json!({ "name": name, "host": host, "port": port, "check": check })
}

/// The fields of a request that probes these targets.
pub(crate) fn fields(targets: &[Value], timeout_ms: u64) -> Value {
    json!({ "op": "probe", "probe": { "targets": targets, "timeout_ms": timeout_ms } })
}

/// Probes these targets; the answer is whole, and one of nothing that was run.
pub(crate) fn ask(runner: &Runner, targets: &[Value], timeout_ms: u64) -> Transcript {
    let transcript = runner.ask(fields(targets, timeout_ms));
    check(&transcript, targets);
    transcript
}

/// Every target is told of once, after the host.
pub(crate) fn check(transcript: &Transcript, targets: &[Value]) {
    assert_eq!(transcript.judgement, Judgement::Empty, "{}", transcript.reason());
    assert_eq!(transcript.hello().selected, 0);
    assert!(matches!(transcript.events[1].body, Body::HostProbed(_)));
    let mut told: Vec<&str> = all_probed(transcript).map(|probed| probed.name.as_str()).collect();
    let mut wanted: Vec<&str> = targets.iter().map(|target| target["name"].as_str().unwrap()).collect();
    told.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(told, wanted);
}

pub(crate) fn host(transcript: &Transcript) -> &HostProbed {
    let host = transcript.events.iter().find_map(|event| match &event.body {
        Body::HostProbed(host) => Some(host),
        _ => None,
    });
    host.unwrap()
}

pub(crate) fn probed<'a>(transcript: &'a Transcript, name: &str) -> &'a TargetProbed {
    all_probed(transcript).find(|probed| probed.name == name).unwrap()
}

pub(crate) fn all_probed(transcript: &Transcript) -> impl Iterator<Item = &TargetProbed> {
    transcript.events.iter().filter_map(|event| match &event.body {
        Body::TargetProbed(probed) => Some(&**probed),
        _ => None,
    })
}
