//! Invocations under way: which worker, which places in groups, and how long each may last.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use lamex_protocol::ledger::units::{InvocationId, UnitId};

/// How much longer than the function's timeout an invocation can last whose end nobody reports.
const ORPHAN_GRACE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Running {
    invocations: BTreeMap<InvocationId, Invocation>,
    /// Orphans by the time at which they have ended for certain.
    orphans: BTreeSet<(Duration, InvocationId)>,
    free_workers: BTreeSet<u32>,
    group_places: Vec<u32>,
    function_timeout: Duration,
}

#[derive(Debug)]
pub(super) struct Invocation {
    pub(super) batch: Vec<UnitId>,
    worker: u32,
    groups: BTreeSet<usize>,
    sent: Duration,
    orphan_until: Option<Duration>,
}

impl Running {
    pub(super) fn new(workers: u32, groups: &[u32], function_timeout: Duration) -> Self {
        Self {
            invocations: BTreeMap::new(),
            orphans: BTreeSet::new(),
            free_workers: (0..workers.max(1)).collect(),
            group_places: groups.iter().map(|places| (*places).max(1)).collect(),
            function_timeout,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.invocations.is_empty()
    }

    /// Orphans included.
    pub(super) fn count(&self) -> u32 {
        self.invocations.len() as u32
    }

    pub(super) fn orphans(&self) -> u32 {
        self.orphans.len() as u32
    }

    pub(super) fn has_place(&self, group: Option<usize>) -> bool {
        group.is_none_or(|group| self.group_places[group] > 0)
    }

    /// Takes a worker, and a place in each group until the invocation ends.
    pub(super) fn begin(
        &mut self,
        id: InvocationId,
        now: Duration,
        batch: Vec<UnitId>,
        groups: BTreeSet<usize>,
    ) -> Option<u32> {
        let worker = self.free_workers.pop_first()?;
        for group in &groups {
            self.group_places[*group] = self.group_places[*group].saturating_sub(1);
        }
        self.invocations.insert(id, Invocation { batch, worker, groups, sent: now, orphan_until: None });
        Some(worker)
    }

    pub(super) fn sent(&mut self, id: InvocationId, now: Duration) {
        if let Some(invocation) = self.invocations.get_mut(&id) {
            invocation.sent = now;
        }
    }

    /// Its stream broke: it may run until its deadline.
    pub(super) fn orphan(&mut self, id: InvocationId) {
        if let Some(invocation) = self.invocations.get_mut(&id)
            && invocation.orphan_until.is_none()
        {
            let until = invocation.sent.saturating_add(self.function_timeout).saturating_add(ORPHAN_GRACE);
            invocation.orphan_until = Some(until);
            self.orphans.insert((until, id));
        }
    }

    /// The next orphan that has ended by now.
    pub(super) fn ended_orphan(&self, now: Duration) -> Option<InvocationId> {
        self.orphans.first().filter(|(until, _)| *until <= now).map(|(_, id)| *id)
    }

    pub(super) fn next_orphan_end(&self) -> Option<Duration> {
        self.orphans.first().map(|(until, _)| *until)
    }

    pub(super) fn is_orphan(&self, id: InvocationId) -> bool {
        self.invocations.get(&id).is_some_and(|invocation| invocation.orphan_until.is_some())
    }

    /// Gives back its worker and its places.
    pub(super) fn end(&mut self, id: InvocationId) -> Option<Vec<UnitId>> {
        let invocation = self.invocations.remove(&id)?;
        self.free_workers.insert(invocation.worker);
        for group in invocation.groups {
            self.group_places[group] += 1;
        }
        if let Some(until) = invocation.orphan_until {
            self.orphans.remove(&(until, id));
        }
        Some(invocation.batch)
    }
}
