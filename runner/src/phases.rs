//! Setup, tests, teardown: what of them may start, how much time it has, and whether a run of them is a pass.

use std::time::{Duration, Instant};

use lamex_protocol::event::CommandOutcome;
use lamex_protocol::plan::{Command, Phase};

use crate::schedule::Schedule;

/// Kept for a teardown command without a timeout.
const WITHOUT_TIMEOUT: Duration = Duration::from_secs(30);

/// What the commands of a run have come to so far.
pub(crate) struct Phases {
    of_teardown: Schedule,
    /// Leaves time for the teardown, so that it runs also where the tests take all that they get.
    of_others: Schedule,
    has_tests: bool,
    passed: bool,
    test_passed: bool,
    setup_failed: bool,
}

impl Phases {
    /// `timeout` is in place of those of the commands.
    pub(crate) fn new(commands: &[&Command], timeout: Option<Duration>, schedule: Schedule) -> Self {
        let teardown = commands.iter().filter(|command| command.phase == Phase::Teardown);
        let own = |command: &Command| command.timeout_ms.map_or(WITHOUT_TIMEOUT, Duration::from_millis);
        let times = teardown.map(|command| timeout.unwrap_or_else(|| own(command)));
        Self {
            of_teardown: schedule,
            of_others: schedule.before(times.fold(Duration::ZERO, Duration::saturating_add)),
            has_tests: commands.iter().any(|command| command.phase == Phase::Test),
            passed: false,
            test_passed: false,
            setup_failed: false,
        }
    }

    pub(crate) fn schedule(&self, phase: Phase) -> Schedule {
        if phase == Phase::Teardown { self.of_teardown } else { self.of_others }
    }

    /// `is_stopped`: a command failed, and the caller wants no test after that.
    pub(crate) fn may_start(&self, phase: Phase, is_stopped: bool, now: Instant) -> bool {
        let is_wanted = match phase {
            Phase::Setup => !self.setup_failed,
            Phase::Test => !(self.setup_failed || is_stopped),
            Phase::Teardown => true,
        };
        is_wanted && now < self.schedule(phase).stop_at
    }

    /// Takes in how a command that was not left out ended; whether no test runs for it.
    pub(crate) fn finished(&mut self, phase: Phase, outcome: CommandOutcome) -> bool {
        let passed = outcome == CommandOutcome::Passed;
        self.passed |= passed;
        self.test_passed |= passed && phase == Phase::Test;
        let failed_setup = phase == Phase::Setup && !passed;
        self.setup_failed |= failed_setup;
        failed_setup
    }

    /// Where tests were selected, setup and teardown alone are no pass.
    pub(crate) fn has_passed(&self) -> bool {
        if self.has_tests { self.test_passed } else { self.passed }
    }
}
