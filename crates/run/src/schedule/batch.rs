//! Puts the units of one invocation together.

use std::collections::BTreeSet;
use std::time::Duration;

use lamex_protocol::ledger::units::{MAX_BATCH_NAME_BYTES, MAX_BATCH_UNITS, UnitId};

use super::chaining::Chain;
use super::queue::Queue;
use super::running::Running;
use super::suite::{Command, Suite};

/// Each worker's share of what waits is cut into so many batches: they shrink as work runs out, and a wrong estimate
/// costs a part of a share.
const BATCHES_OF_A_SHARE: u32 = 4;

/// From what a batch is made.
pub(super) struct Source<'a> {
    pub(super) suite: &'a Suite,
    pub(super) expected: &'a [Duration],
    pub(super) running: &'a Running,
    /// Of one invocation.
    pub(super) available: Duration,
    /// Among how many workers the work is shared. Absent: one invocation gets all that fits.
    pub(super) shared_by: Option<u32>,
    /// Neither the time of an invocation nor that of groups cuts the batch.
    pub(super) is_whole: bool,
}

/// The units of an invocation, and the groups of which it holds a place.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) units: Vec<UnitId>,
    pub(super) groups: BTreeSet<usize>,
}

impl Source<'_> {
    /// Takes the next batch out of the queue; an empty one where nothing may start now.
    pub(super) fn take(&self, queue: &mut Queue) -> Batch {
        let share = self.shared_by.map(|workers| queue.work() / workers.max(1) / BATCHES_OF_A_SHARE);
        let mut batch = Batch::default();
        let mut chain = Chain::new(self.available);
        let mut last: Option<usize> = None;
        let (mut work, mut process_work, mut name_bytes) = (Duration::ZERO, Duration::ZERO, 0);
        while batch.units.len() < MAX_BATCH_UNITS {
            // All of a command before the next one: its units stand together.
            let same_process = last.and_then(|command| queue.next_of(command));
            let next = same_process.or_else(|| {
                let is_open = |group: Option<usize>| {
                    self.is_whole
                        || group.is_some_and(|group| batch.groups.contains(&group))
                        || self.running.has_place(group)
                };
                queue.next(is_open)
            });
            let Some(id) = next else { break };
            let unit = &self.suite.units[id.index()];
            let command: &Command = &self.suite.commands[unit.command];
            let expected = self.expected[id.index()];
            let starts_process = same_process.is_none();
            if starts_process {
                process_work = Duration::ZERO;
            }
            // A process does not start for less work than its start costs.
            let pays = !starts_process && process_work < command.startup;
            let is_full = share.is_some_and(|share| work.saturating_add(expected) > share && !pays);
            let fits = self.is_whole || chain.add(command, unit, starts_process);
            name_bytes += unit.name_bytes;
            let names_fit = name_bytes <= MAX_BATCH_NAME_BYTES;
            if !batch.units.is_empty() && (is_full || !fits || !names_fit) {
                break;
            }
            queue.take(id, unit, expected);
            batch.units.push(id);
            batch.groups.extend(command.group);
            last = Some(unit.command);
            work = work.saturating_add(expected);
            process_work = process_work.saturating_add(expected);
        }
        batch
    }
}
