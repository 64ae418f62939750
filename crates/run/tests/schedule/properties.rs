//! Over random plans, faults and endings, no rule of a run is broken. The referee panics where one is.

use std::collections::BTreeSet;
use std::time::Duration;

use lamex_protocol::ledger::book::Needed;
use lamex_protocol::ledger::evidence::Outcome;
use lamex_protocol::ledger::units::UnitId;
use lamex_protocol::plan::Phase;
use lamex_run::schedule::suite::{Command, History, Settings, Suite, Unit};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

use crate::world::{Faults, executed, play};

const GROUPS: usize = 2;

fn command() -> impl Strategy<Value = Command> {
    let seconds = |s: u64| Duration::from_secs(s);
    let phase = prop_oneof![1 => Just(Phase::Setup), 6 => Just(Phase::Test), 1 => Just(Phase::Teardown)];
    let flags = (any::<bool>(), prop::bool::weighted(0.15), prop::bool::weighted(0.15), any::<bool>());
    let group = weighted(0.4, 0..GROUPS);
    (phase, flags, group, weighted(0.6, 1..90_u64), 0..3_u32, 0..3_u64).prop_map(
        move |(phase, (split, exclusive, destructive, rerun_lost), group, timeout, retries, startup)| {
            Command {
                phase,
                exclusive,
                destructive,
                group,
                timeout: timeout.map(seconds),
                is_split: split && timeout.is_some() && phase == Phase::Test,
                retries,
                rerun_lost,
                startup: seconds(startup),
            }
        },
    )
}

fn history() -> impl Strategy<Value = Option<History>> {
    weighted(0.5, (0..60_000_u64, 1..3_u32)).prop_map(|history| {
        history.map(|(ms, factor)| {
            let p85 = Duration::from_millis(ms);
            History { p85, p99: p85 * factor }
        })
    })
}

fn suite() -> impl Strategy<Value = Suite> {
    let commands = vec((command(), vec(history(), 1..12)), 0..8);
    (commands, any::<bool>(), any::<bool>()).prop_map(|(mut commands, is_complete, any_needed)| {
        commands.sort_by_key(|(command, _)| command.phase);
        let mut units = Vec::new();
        for (command, (it, histories)) in commands.iter().enumerate() {
            let count = if it.is_split { histories.len() } else { 1 };
            let unit = |history: &Option<History>| Unit { command, history: *history, name_bytes: 7 };
            units.extend(histories.iter().take(count).map(unit));
        }
        let needed = if any_needed { Needed::Any } else { Needed::Test };
        Suite { commands: commands.into_iter().map(|(it, _)| it).collect(), units, is_complete, needed }
    })
}

fn settings() -> impl Strategy<Value = Settings> {
    (1..6_u32, 1..900_u64, weighted(0.2, 1..4_u32), vec(1..3_u32, GROUPS)).prop_map(
        |(workers, timeout, max_fail, groups)| Settings {
            workers,
            function_timeout: Duration::from_secs(timeout),
            margin: Duration::from_secs(1),
            max_fail,
            groups,
        },
    )
}

fn faults() -> impl Strategy<Value = Faults> {
    let rare = || prop_oneof![2 => Just(0.0), 1 => 0.0..0.3];
    (rare(), rare(), rare(), rare(), rare(), rare(), rare(), prop_oneof![4 => Just(0.0), 1 => 0.0..0.1])
        .prop_map(|(throttled, rejected, broken, failed, skipped, lost, cut, stopped)| Faults {
            throttled,
            rejected: rejected / 10.0,
            broken,
            failed,
            skipped,
            lost,
            cut,
            stopped,
        })
}

fn phase(suite: &Suite, unit: UnitId) -> Phase {
    suite.commands[suite.units[unit.index()].command].phase
}

/// No test is selected; where the setup runs before the tests are listed, it has run by then.
fn selects_nothing(suite: &Suite) -> bool {
    let has = |phase: Phase| suite.commands.iter().any(|command| command.phase == phase);
    suite.needed == Needed::Test && !has(Phase::Test) && (suite.is_complete || !has(Phase::Setup))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Never more often than allowed, never beside a barrier, never above a group's bound; and it ends.
    #[test]
    fn no_rule_is_broken(suite in suite(), settings in settings(), faults in faults(), seed: u64) {
        let ran = play(&suite, &settings, faults, seed);
        let executed = executed(&ran);
        let has_left = |unit: &UnitId| {
            ran.outcomes.get(unit).is_some_and(|outcomes| outcomes.contains(&Outcome::Remaining))
        };
        for unit in (0..suite.units.len() as u32).map(UnitId) {
            let is_teardown = phase(&suite, unit) == Phase::Teardown;
            prop_assert!(
                !is_teardown || executed.contains(&unit) || ran.was_rejected || has_left(&unit)
                    || selects_nothing(&suite) || !suite.is_complete && executed.is_empty(),
                "teardown {unit} did not run"
            );
        }
    }

    /// Without faults, every unit runs exactly once.
    #[test]
    fn without_faults_everything_runs_once(suite in suite(), settings in settings(), seed: u64) {
        let ran = play(&suite, &settings, Faults::NONE, seed);
        let mut units: Vec<_> = ran.batches.concat();
        units.sort_unstable();
        let all: Vec<_> = (0..suite.units.len() as u32).map(UnitId).collect();
        prop_assert_eq!(units, if selects_nothing(&suite) { Vec::new() } else { all });
    }

    /// What the service had no room for runs later, all the same.
    #[test]
    fn throttling_loses_nothing(suite in suite(), settings in settings(), seed: u64, throttled in 0.0..0.9) {
        let ran = play(&suite, &settings, Faults { throttled, ..Faults::NONE }, seed);
        let all: BTreeSet<_> = (0..suite.units.len() as u32).map(UnitId).collect();
        prop_assert_eq!(executed(&ran), if selects_nothing(&suite) { BTreeSet::new() } else { all });
    }

    /// One worker, no timeouts, no retries: the run of before, in one invocation.
    #[test]
    fn one_worker_gets_everything_at_once(suite in suite(), settings in settings(), seed: u64) {
        let mut suite = Suite { is_complete: true, ..suite };
        for command in &mut suite.commands {
            *command = Command { timeout: None, is_split: false, retries: 0, rerun_lost: false, ..command.clone() };
        }
        let settings = Settings { workers: 1, ..settings };
        let ran = play(&suite, &settings, Faults::NONE, seed);
        let all: Vec<_> = (0..suite.units.len() as u32).map(UnitId).collect();
        let expected = if all.is_empty() || selects_nothing(&suite) { Vec::new() } else { vec![all] };
        prop_assert_eq!(ran.batches, expected);
    }
}
