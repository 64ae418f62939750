//! One target, step by step: lookup, then connections and an answer, or datagrams.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use lamex_protocol::probe::{
    Answer, ConnectionOutcome, DatagramOutcome, LookupOutcome, ProbeCheck, ProbeTarget, TargetProbed,
    TlsAnswer,
};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::encoder::bounded;
use crate::probe::connect::connect;
use crate::probe::datagram::{Payload, send};
use crate::probe::forbidden::Rules;
use crate::probe::grpc::{self, Health};
use crate::probe::http;
use crate::probe::limits::{DEADLINE_CAME, Limits};
use crate::probe::lookup::{Found, look_up};
use crate::probe::name_service::NameService;
use crate::probe::tls::{Trust, shake_hands};

/// How many of a name's addresses are talked to, all at once. With 16 targets at a time, this stays far
/// below the 1,024 descriptors that a function has.
const MAX_ADDRESSES: usize = 16;

/// What is the same for every target.
#[derive(Debug)]
pub struct Surroundings {
    pub service: NameService,
    pub rules: Rules,
    pub limits: Limits,
    /// Absent where no target asks for TLS.
    pub trust: Option<Arc<Trust>>,
}

/// Looks at one target.
pub async fn probe(target: ProbeTarget, around: &Surroundings) -> TargetProbed {
    let mut probed = TargetProbed { name: target.name.clone(), ..TargetProbed::default() };
    let cut_short = look(&target, around, &mut probed).await;
    probed.incomplete = cut_short.then(|| DEADLINE_CAME.to_owned());
    probed
}

/// Whether the function's deadline came first.
async fn look(target: &ProbeTarget, around: &Surroundings, probed: &mut TargetProbed) -> bool {
    let limits = around.limits;
    if limits.are_over() {
        return true;
    }
    let addresses = match target.host.parse::<IpAddr>() {
        Ok(address) => vec![address],
        Err(_) => {
            let Found { lookup, addresses } = look_up(&around.service, &target.host, limits).await;
            let timed_out = lookup.outcome == LookupOutcome::TimedOut;
            probed.lookup = Some(lookup);
            if addresses.is_empty() {
                return timed_out && limits.are_over();
            }
            addresses
        }
    };
    if limits.are_over() {
        return true;
    }
    if target.check == ProbeCheck::Udp {
        send_to_all(&addresses, target.port, around, probed).await;
        let unanswered = probed.datagrams.iter().any(|one| one.outcome == DatagramOutcome::NoAnswer);
        return unanswered && limits.are_over();
    }
    let stream = connect_to_all(&addresses, target.port, around, probed).await;
    let Some(stream) = stream else {
        let timed_out = probed.connections.iter().any(|one| one.outcome == ConnectionOutcome::TimedOut);
        return timed_out && limits.are_over();
    };
    probed.answer = answer(stream, target, around).await;
    matches!(probed.answer, Some(Answer::Failed { timed_out: true, .. })) && limits.are_over()
}

/// The first connection in the order of the addresses, of those that were made.
async fn connect_to_all(
    addresses: &[IpAddr],
    port: u16,
    around: &Surroundings,
    probed: &mut TargetProbed,
) -> Option<TcpStream> {
    let (rules, limits) = (around.rules, around.limits);
    let mut tasks = JoinSet::new();
    for (place, &address) in addresses.iter().take(MAX_ADDRESSES).enumerate() {
        let to = SocketAddr::new(address, port);
        tasks.spawn(async move { (place, connect(to, rules, limits).await) });
    }
    let mut ended = tasks.join_all().await;
    ended.sort_unstable_by_key(|(place, _)| *place);
    let mut first = None;
    for (_, (connection, stream)) in ended {
        first = first.or(stream);
        probed.connections.push(connection);
    }
    if let Some(one) = probed.connections.first()
        && probed.connections.iter().all(|one| one.outcome == ConnectionOutcome::Forbidden)
    {
        probed.refused = Some(refusal(&one.address, one.message.as_deref()));
    }
    first
}

/// One datagram for each address, in the order of the addresses.
async fn send_to_all(addresses: &[IpAddr], port: u16, around: &Surroundings, probed: &mut TargetProbed) {
    let (rules, limits) = (around.rules, around.limits);
    let payload = Payload::for_port(port);
    let mut tasks = JoinSet::new();
    for (place, &address) in addresses.iter().take(MAX_ADDRESSES).enumerate() {
        let (to, payload) = (SocketAddr::new(address, port), payload.clone());
        tasks.spawn(async move { (place, send(to, &payload, rules, limits).await) });
    }
    let mut ended = tasks.join_all().await;
    ended.sort_unstable_by_key(|(place, _)| *place);
    probed.datagrams.extend(ended.into_iter().map(|(_, datagram)| datagram));
    if let Some(one) = probed.datagrams.first()
        && probed.datagrams.iter().all(|one| one.outcome == DatagramOutcome::Forbidden)
    {
        probed.refused = Some(refusal(&one.address, one.message.as_deref()));
    }
}

/// Why the runner talks to none of the target's addresses.
fn refusal(address: &str, objection: Option<&str>) -> String {
    format!("{address}: {}", objection.unwrap_or_default())
}

/// What comes over the connection, where more than a connection was asked for.
async fn answer(stream: TcpStream, target: &ProbeTarget, around: &Surroundings) -> Option<Answer> {
    match around.limits.step(exchange(stream, target, around.trust.as_ref())).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(message)) => Some(Answer::Failed { timed_out: false, message: bounded(message) }),
        Err(out_of_time) => Some(Answer::Failed { timed_out: true, message: out_of_time.message }),
    }
}

async fn exchange(
    stream: TcpStream,
    target: &ProbeTarget,
    trust: Option<&Arc<Trust>>,
) -> Result<Option<Answer>, String> {
    const NO_ROOTS: &str = "the host's trusted roots were not read";
    let authority = authority(&target.host, target.port);
    let answer = match target.check {
        ProbeCheck::Tcp | ProbeCheck::Udp => return Ok(None),
        ProbeCheck::Tls => {
            let (tls, _) = shake_hands(stream, &target.host, trust.ok_or(NO_ROOTS)?, None).await?;
            Answer::Tls(tls)
        }
        ProbeCheck::Http => Answer::Http { status: http::get(stream, &authority).await? },
        ProbeCheck::Grpc => health(grpc::check(stream, &format!("http://{authority}")).await?, None),
        ProbeCheck::GrpcTls => {
            let trust = trust.ok_or(NO_ROOTS)?;
            let (tls, stream) = shake_hands(stream, &target.host, trust, Some(grpc::PROTOCOL)).await?;
            if tls.problem.is_some() {
                return Ok(Some(Answer::Tls(tls)));
            }
            health(grpc::check(stream, &format!("https://{authority}")).await?, Some(tls))
        }
    };
    Ok(Some(answer))
}

fn health((health, message): Health, tls: Option<TlsAnswer>) -> Answer {
    Answer::Grpc { health, message: message.map(bounded), tls: tls.map(Box::new) }
}

/// `host:port`, with the brackets that an IPv6 address needs.
fn authority(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}
