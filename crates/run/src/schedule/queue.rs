//! Units that wait for their invocation, the next ones first.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::time::Duration;

use lamex_protocol::ledger::units::UnitId;

use super::suite::{Command, Unit};

/// What comes first: what takes longest, where that matters, and then what stands first in the plan.
type Rank = (Reverse<Duration>, UnitId);

/// One order for each command, and one over the first ones of the commands of each lane. A lane is a group, or all
/// commands without one: where a group is full, its commands are passed over at once.
#[derive(Debug)]
pub(super) struct Queue {
    by_command: Vec<BTreeSet<Rank>>,
    by_lane: Vec<BTreeSet<(Rank, usize)>>,
    lane_of: Vec<usize>,
    work: Duration,
    longest_first: bool,
}

impl Queue {
    pub(super) fn new(commands: &[Command], groups: usize) -> Self {
        Self {
            by_command: vec![BTreeSet::new(); commands.len()],
            by_lane: vec![BTreeSet::new(); groups + 1],
            lane_of: commands.iter().map(|command| command.group.map_or(0, |group| group + 1)).collect(),
            work: Duration::ZERO,
            longest_first: false,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_lane.iter().all(BTreeSet::is_empty)
    }

    /// The expected durations of all that waits.
    pub(super) fn work(&self) -> Duration {
        self.work
    }

    /// Empties the queue and hands out what waited.
    pub(super) fn clear(&mut self) -> Vec<UnitId> {
        self.work = Duration::ZERO;
        self.by_lane.iter_mut().for_each(BTreeSet::clear);
        self.by_command.iter_mut().flat_map(std::mem::take).map(|(_, unit)| unit).collect()
    }

    /// How what is put in from now on is ordered. The queue must be empty.
    pub(super) fn set_order(&mut self, longest_first: bool) {
        debug_assert!(self.is_empty(), "the order of what waits cannot change");
        self.longest_first = longest_first;
    }

    pub(super) fn put(&mut self, id: UnitId, unit: &Unit, expected: Duration) {
        let rank = self.rank(id, expected);
        self.change(unit.command, |units| units.insert(rank));
        self.work = self.work.saturating_add(expected);
    }

    pub(super) fn take(&mut self, id: UnitId, unit: &Unit, expected: Duration) {
        let rank = self.rank(id, expected);
        self.change(unit.command, |units| units.remove(&rank));
        self.work = self.work.saturating_sub(expected);
    }

    /// The next unit of the command.
    pub(super) fn next_of(&self, command: usize) -> Option<UnitId> {
        self.by_command[command].first().map(|(_, unit)| *unit)
    }

    /// The next unit of any command whose group `is_open`.
    pub(super) fn next(&self, is_open: impl Fn(Option<usize>) -> bool) -> Option<UnitId> {
        let lanes = self.by_lane.iter().enumerate().filter(|(lane, _)| is_open(lane.checked_sub(1)));
        lanes.filter_map(|(_, heads)| heads.first()).min().map(|((_, unit), _)| *unit)
    }

    fn rank(&self, id: UnitId, expected: Duration) -> Rank {
        (Reverse(if self.longest_first { expected } else { Duration::ZERO }), id)
    }

    fn change(&mut self, command: usize, change: impl FnOnce(&mut BTreeSet<Rank>) -> bool) {
        let units = &mut self.by_command[command];
        let before = units.first().copied();
        change(units);
        let after = units.first().copied();
        if before != after {
            let heads = &mut self.by_lane[self.lane_of[command]];
            before.map(|rank| heads.remove(&(rank, command)));
            after.map(|rank| heads.insert((rank, command)));
        }
    }
}
