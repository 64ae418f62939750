//! From a host name to its addresses, and what it means if there are none.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use lamex_protocol::probe::{Lookup, LookupOutcome};

use crate::encoder::bounded;
use crate::probe::limits::Limits;
use crate::probe::name_server::{Family, NoReply, Reply, ask};
use crate::probe::name_service::NameService;

/// How many addresses are told of.
const MAX_ADDRESSES: usize = 64;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub lookup: Lookup,
    /// IPv4 before IPv6.
    pub addresses: Vec<IpAddr>,
}

/// Looks the name up: in the host's own table, then with its servers, in every domain of the search list.
pub async fn look_up(service: &NameService, host: &str, limits: Limits) -> Found {
    let began = Instant::now();
    if let Err(problem) = check_name(host) {
        return found(LookupOutcome::Failed, Vec::new(), Duration::ZERO, Some(problem));
    }
    let known = service.in_hosts(host);
    if !known.is_empty() {
        let message = Some("found in /etc/hosts".to_owned());
        return found(LookupOutcome::Resolved, known, began.elapsed(), message);
    }
    let end = limits.step_end();
    let names = service.candidates(host);
    let mut answers = Vec::new();
    for name in &names {
        let answer = look_up_one(service, name, end).await;
        let is_last = matches!(answer.outcome, LookupOutcome::Resolved | LookupOutcome::TimedOut);
        answers.push(answer);
        if is_last {
            break;
        }
    }
    let Answer { outcome, addresses, mut message } = conclude(answers, &names);
    if outcome == LookupOutcome::TimedOut {
        let why = limits.out_of_time().message;
        message = Some(message.map_or(why.clone(), |message| format!("{message}; {why}")));
    }
    found(outcome, addresses, began.elapsed(), message)
}

fn found(
    outcome: LookupOutcome,
    mut addresses: Vec<IpAddr>,
    duration: Duration,
    message: Option<String>,
) -> Found {
    addresses.truncate(MAX_ADDRESSES);
    let lookup = Lookup {
        outcome,
        addresses: addresses.iter().map(ToString::to_string).collect(),
        duration_ms: duration.as_millis() as u64,
        message: message.map(bounded),
    };
    Found { lookup, addresses }
}

/// Only what a host name may hold, so that nothing is sent to a server that no program would send.
fn check_name(host: &str) -> Result<(), String> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let labels = host.strip_suffix('.').unwrap_or(host).split('.');
    for label in labels {
        if label.is_empty() || label.len() > 63 || !label.bytes().all(is_allowed) {
            return Err(format!("`{host}` is neither a host name nor an address"));
        }
    }
    Ok(())
}

/// What is known of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    outcome: LookupOutcome,
    addresses: Vec<IpAddr>,
    message: Option<String>,
}

async fn look_up_one(service: &NameService, name: &str, end: Instant) -> Answer {
    let task = |family| {
        let (servers, name) = (service.servers.clone(), name.to_owned());
        tokio::spawn(async move { ask(&servers, &name, family, end).await })
    };
    // Both at once; neither outlives `end`.
    let (v4, v6) = (task(Family::V4), task(Family::V6));
    let result = |joined: Result<_, tokio::task::JoinError>| match joined {
        Ok(result) => result,
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    };
    combine(result(v4.await), result(v6.await))
}

/// What the answers to both questions, for IPv4 and for IPv6 addresses, come to.
fn combine(v4: Result<Reply, NoReply>, v6: Result<Reply, NoReply>) -> Answer {
    let mut addresses = Vec::new();
    let mut problems = Vec::new();
    let (mut no_such_name, mut timed_out) = (false, false);
    for (family, result) in [(Family::V4, v4), (Family::V6, v6)] {
        match result {
            Ok(Reply::Addresses(found)) => addresses.extend(found),
            Ok(Reply::NoRecord) => {}
            Ok(Reply::NoSuchName) => no_such_name = true,
            Err(NoReply::TimedOut(problem)) => {
                timed_out = true;
                problems.push(format!("{} records: {problem}", family.name()));
            }
            Err(NoReply::Failed(problem)) => problems.push(format!("{} records: {problem}", family.name())),
        }
    }
    let outcome = if !addresses.is_empty() {
        LookupOutcome::Resolved
    } else if timed_out {
        LookupOutcome::TimedOut
    } else if !problems.is_empty() {
        LookupOutcome::Failed
    } else if no_such_name {
        LookupOutcome::NoSuchName
    } else {
        LookupOutcome::NoAddress
    };
    let message = (!problems.is_empty()).then(|| problems.join("; "));
    Answer { outcome, addresses, message }
}

/// What the answers for the names of the search list, in their order, come to.
fn conclude(answers: Vec<Answer>, names: &[String]) -> Answer {
    let asked = answers.len();
    let rank = |answer: &Answer| match answer.outcome {
        LookupOutcome::Resolved => 4,
        LookupOutcome::TimedOut => 3,
        LookupOutcome::NoAddress => 2,
        LookupOutcome::Failed => 1,
        LookupOutcome::NoSuchName | LookupOutcome::Unknown => 0,
    };
    // Of equal ones the last, which `max_by_key` returns.
    let Some((index, mut answer)) = answers.into_iter().enumerate().max_by_key(|(_, answer)| rank(answer))
    else {
        return Answer { outcome: LookupOutcome::Failed, addresses: Vec::new(), message: None };
    };
    if names.len() > 1 {
        let told = match answer.outcome {
            LookupOutcome::NoSuchName => format!("none of {} exists", names[..asked].join(", ")),
            LookupOutcome::Resolved => format!("found as {}", names[index]),
            _ => format!("asked for {}", names[index]),
        };
        answer.message = Some(match answer.message {
            Some(message) => format!("{told}; {message}"),
            None => told,
        });
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Result<Reply, NoReply> {
        Ok(Reply::Addresses(vec![IpAddr::from([10, 0, 0, 1])]))
    }

    fn silence() -> Result<Reply, NoReply> {
        Err(NoReply::TimedOut("no answer from 10.0.0.2".into()))
    }

    fn servfail() -> Result<Reply, NoReply> {
        Err(NoReply::Failed("10.0.0.2: it answers SERVFAIL".into()))
    }

    #[test]
    fn only_what_was_answered_for_certain_is_said_for_certain() {
        let outcome = |v4, v6| combine(v4, v6).outcome;
        assert_eq!(outcome(some(), Ok(Reply::NoRecord)), LookupOutcome::Resolved);
        assert_eq!(outcome(some(), silence()), LookupOutcome::Resolved);
        assert_eq!(outcome(servfail(), some()), LookupOutcome::Resolved);
        assert_eq!(outcome(Ok(Reply::NoRecord), Ok(Reply::NoRecord)), LookupOutcome::NoAddress);
        assert_eq!(outcome(Ok(Reply::NoSuchName), Ok(Reply::NoSuchName)), LookupOutcome::NoSuchName);
        assert_eq!(outcome(Ok(Reply::NoRecord), silence()), LookupOutcome::TimedOut);
        assert_eq!(outcome(silence(), servfail()), LookupOutcome::TimedOut);
        assert_eq!(outcome(servfail(), Ok(Reply::NoRecord)), LookupOutcome::Failed);
        let partial = combine(some(), servfail()).message.unwrap();
        assert_eq!(partial, "AAAA records: 10.0.0.2: it answers SERVFAIL");
    }

    #[test]
    fn the_search_list_ends_in_the_most_that_is_known() {
        let names: Vec<String> = ["db.a", "db.b", "db"].map(Into::into).to_vec();
        let answer = |outcome| Answer { outcome, addresses: Vec::new(), message: None };
        let ended = |outcomes: &[LookupOutcome]| {
            conclude(outcomes.iter().map(|&outcome| answer(outcome)).collect(), &names)
        };
        use LookupOutcome::{Failed, NoAddress, NoSuchName, Resolved, TimedOut};
        let nothing = ended(&[NoSuchName, NoSuchName, NoSuchName]);
        assert_eq!(nothing.outcome, NoSuchName);
        assert_eq!(nothing.message.unwrap(), "none of db.a, db.b, db exists");
        let found = ended(&[NoSuchName, Resolved]);
        assert_eq!((found.outcome, found.message.unwrap().as_str()), (Resolved, "found as db.b"));
        assert_eq!(ended(&[NoSuchName, NoAddress, NoSuchName]).outcome, NoAddress);
        assert_eq!(ended(&[Failed, NoSuchName, NoSuchName]).outcome, Failed);
        assert_eq!(ended(&[NoSuchName, TimedOut]).outcome, TimedOut);
    }

    #[test]
    fn what_is_no_host_name_is_not_asked_for() {
        for host in ["", ".", "a..b", "a b", "ä.example", "fe80::1%eth0", "[::1]", "a\\b", &"x".repeat(64)] {
            assert!(check_name(host).is_err(), "{host}");
        }
        for host in ["a", "a.b.", "_grpc._tcp.db", "xn--4ca.example", "10.0.0.300"] {
            assert!(check_name(host).is_ok(), "{host}");
        }
    }
}
