//! What came back of the datagrams to a target that is reached by UDP. Only an answer proves anything: a service that
//! need not answer looks like one that is not reached.

use lamex_config::Reach;
use lamex_protocol::probe::{Datagram, DatagramOutcome, TargetProbed};

use super::network_path::NetworkPath;
use super::probed::{explained, not_probed};
use crate::finding::{Check, Finding, Tool};

/// The port of DNS servers, which answer what they are asked.
const DNS_PORT: u16 = 53;

/// The datagrams to all addresses, as one finding.
pub(crate) fn answers(target: &Reach, probed: &TargetProbed, way: &NetworkPath) -> Option<Finding> {
    const CHECK: Check = Check::TargetConnection;
    if let Some(finding) = not_probed(target, probed) {
        return Some(finding);
    }
    // The worst tells: a client may be given any of the addresses.
    let worst = probed.datagrams.iter().max_by_key(|datagram| severity(datagram.outcome))?;
    let answered = probed.datagrams.iter().filter(|one| one.outcome == DatagramOutcome::Answered);
    let addresses: Vec<&str> = answered.map(|one| one.address.as_str()).collect();
    let but = match addresses.len() {
        0 => String::new(),
        others => format!("; {others} other addresses answer"),
    };
    let place = format!("{} port {}", worst.address, target.port);
    let after = format!("{} ms", worst.duration_ms);
    let finding = match worst.outcome {
        DatagramOutcome::Answered => {
            let answer = worst.message.as_ref().map(|words| format!(": {words}")).unwrap_or_default();
            let addresses = addresses.join(", ");
            Finding::ok(
                CHECK,
                format!("sent to {addresses} port {}; an answer came ({after}){answer}", target.port),
            )
        }
        DatagramOutcome::NoAnswer if target.port == DNS_PORT => explained(
            Finding::warning(
                CHECK,
                format!("a DNS query was sent to {place}; no answer came within {after}{but}"),
            )
            .why("A DNS server answers, unless it is told to ignore who asks."),
            way,
        ),
        DatagramOutcome::NoAnswer => explained(
            Finding::unknown(
                CHECK,
                format!("sent to {place}; no answer within {after}{but}; UDP services need not answer"),
            ),
            way,
        ),
        DatagramOutcome::Refused => {
            Finding::problem(CHECK, format!("sent to {place}; refused (ICMP port unreachable){but}"))
                .why("The network works: the host answered, but nothing listens on that UDP port.")
                .fix(Tool::Words, "check whether the service runs, and on which port and address it listens")
        }
        DatagramOutcome::Unreachable => {
            let saw = format!("{place} cannot be reached: {}{but}", message(worst));
            explained(Finding::problem(CHECK, saw).why("There is no route to it, or a router said so."), way)
        }
        DatagramOutcome::Forbidden => {
            Finding::warning(CHECK, format!("the function refused to probe {place}: {}", message(worst)))
        }
        DatagramOutcome::Failed => {
            Finding::problem(CHECK, format!("nothing could be sent to {place}: {}{but}", message(worst)))
                .why("The function's own host refused to send it.")
        }
        DatagramOutcome::Unknown => {
            Finding::unknown(CHECK, format!("sent to {place}; this lamex-ctl does not know the outcome{but}"))
        }
    };
    Some(finding.about(&target.name))
}

fn severity(outcome: DatagramOutcome) -> u8 {
    match outcome {
        DatagramOutcome::Answered => 0,
        DatagramOutcome::Forbidden => 1,
        DatagramOutcome::Unknown => 2,
        DatagramOutcome::NoAnswer => 3,
        DatagramOutcome::Failed => 4,
        DatagramOutcome::Refused => 5,
        DatagramOutcome::Unreachable => 6,
    }
}

fn message(datagram: &Datagram) -> &str {
    datagram.message.as_deref().unwrap_or("no reason was given")
}
