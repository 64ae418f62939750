//! The flow of a probe: the host, then all targets, some of them at a time, each told of when it is done.

use std::io;
use std::sync::Arc;

use lamex_protocol::event::{Body, Hello};
use lamex_protocol::probe::ProbeCheck;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

use crate::probe::admit::Order;
use crate::probe::forbidden::Rules;
use crate::probe::host;
use crate::probe::limits::Limits;
use crate::probe::name_service::NameService;
use crate::probe::target::{Surroundings, probe};
use crate::probe::tls::Trust;
use crate::schedule::Schedule;
use crate::settings::Settings;
use crate::spool::Sender;
use crate::verdict::{broken, empty};

/// How many targets are looked at at once: few enough for a small function's processor and descriptors,
/// enough that silent ones do not hold up the others.
const AT_ONCE: usize = 16;

/// What the worker is told to look at.
#[derive(Debug, Clone)]
pub struct Survey {
    pub hello: Hello,
    pub order: Order,
    pub settings: Settings,
    pub schedule: Schedule,
}

/// The events of a `probe` request. The last one is the verdict: nothing was run.
pub fn run(survey: Survey, sender: &Sender) {
    sender.event(Body::Hello(survey.hello.clone()));
    let last = match look_around(survey, sender) {
        Ok(()) => empty(),
        Err(error) => broken(format!("cannot wait for the network: {error}")),
    };
    sender.event(last);
}

/// Waits on this thread, and leaves no other behind.
fn look_around(survey: Survey, sender: &Sender) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_io().enable_time().build()?;
    let Survey { order, settings, schedule, .. } = survey;
    let service = NameService::from_host(order.name_server);
    sender.event(Body::HostProbed(host::look(&settings, &service)));
    let asks_for_tls =
        order.targets.iter().any(|target| matches!(target.check, ProbeCheck::Tls | ProbeCheck::GrpcTls));
    let around = Arc::new(Surroundings {
        service,
        rules: Rules {
            allows_loopback: settings.probe_loopback,
            runtime_api: settings.runtime_api.parse().ok(),
        },
        limits: Limits { step: order.step, stop_at: schedule.stop_at },
        trust: asks_for_tls.then(|| Arc::new(Trust::from_host())),
    });
    runtime.block_on(async {
        let mut targets = order.targets.into_iter();
        let mut begun = JoinSet::new();
        loop {
            while begun.len() < AT_ONCE
                && let Some(target) = targets.next()
            {
                let around = Arc::clone(&around);
                begun.spawn(async move { probe(target, &around).await });
            }
            match begun.join_next().await {
                Some(Ok(probed)) => sender.event(Body::TargetProbed(Box::new(probed))),
                Some(Err(panic)) => std::panic::resume_unwind(panic.into_panic()),
                None => return,
            }
        }
    });
    Ok(())
}
