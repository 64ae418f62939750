//! What the schedule is told, and what it answers.

use std::time::Duration;

use lamex_protocol::ledger::evidence::Outcome;
use lamex_protocol::ledger::units::{InvocationId, UnitId};

use super::suite::Unit;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// The time of an [`Action::WaitUntil`] has come, or the run begins.
    TimePassed,
    /// The request was sent, once more if the first one provably did not arrive.
    Sent(InvocationId),
    /// The service had no room (429), and nothing has run.
    Throttled(InvocationId),
    /// The function provably never started and would not the next time: its units are not run, nor any other test.
    Rejected(InvocationId),
    /// The invocation has ended, and the service said so. The outcomes are those of `Ledger::settle`; a unit
    /// without one is lost.
    Ended { invocation: InvocationId, outcomes: Vec<(UnitId, Outcome)> },
    /// Its stream broke. The function may run on: every unit is lost, and none is run again before its end.
    Broken(InvocationId),
    /// The service reports the end of an invocation whose stream broke.
    Gone(InvocationId),
    /// In answer to [`Action::Plan`]: the units that follow those of the setup, in the plan's order.
    Planned(Vec<Unit>),
    /// No further test starts: the first Ctrl-C, or a failure that makes more tests pointless. Teardown runs.
    Stop,
}

/// What to do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    Invoke(Invoke),
    /// Name the units behind the setup with [`Fact::Planned`]. Asked once, while nothing runs.
    Plan {
        /// The function may be asked to list tests. Otherwise no test will run, and a split command is one unit.
        may_list: bool,
    },
    /// Call again at this time, if nothing happens before. Takes the place of an earlier one.
    WaitUntil(Duration),
    /// Nothing runs, and nothing will.
    Finished,
}

/// One invocation to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoke {
    pub invocation: InvocationId,
    /// The worker's slot, from 0: no other invocation has it until this one has ended.
    pub worker: u32,
    /// In the order in which they run. Never empty; units of one command stand together.
    pub batch: Vec<UnitId>,
    /// The runner starts no test once so many units have failed.
    pub max_fail: Option<u32>,
}
