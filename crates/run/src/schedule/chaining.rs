//! What fits into one invocation: where a command with a timeout would not end before the deadline, it waits for
//! the next one. The runner decides again at the time, by its clock; here it is decided by what is known before.

use std::time::Duration;

use super::suite::{Command, History, Unit};

/// The time of one invocation, as far as units have been given to it.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    available: Duration,
    is_first: bool,
    /// How long the units so far take at least, as far as history tells.
    likely: Duration,
    /// How long they may take. Absent: without a bound.
    longest: Option<Duration>,
}

impl Chain {
    pub(super) fn new(available: Duration) -> Self {
        Self { available, is_first: true, likely: Duration::ZERO, longest: Some(Duration::ZERO) }
    }

    /// Adds the unit if all of it fits. The first unit always does, and so does a command without a timeout.
    ///
    /// A test must fit even where everything before it takes as long as it may: what one process is given cannot be
    /// taken back from it. A whole command is offered wherever it is likely to fit: the runner leaves it if not.
    pub(super) fn add(&mut self, command: &Command, unit: &Unit, starts_process: bool) -> bool {
        let p99 = unit.history.map(|History { p99, .. }| p99);
        let startup = if starts_process { command.startup } else { Duration::ZERO };
        let (likely, longest) = match (command.is_split, command.timeout) {
            (true, timeout) => (p99.or(timeout), p99.or(timeout)),
            (false, timeout) => (p99, timeout),
        };
        let longest = longest.map(|longest| longest.saturating_add(startup));
        let likely = likely.unwrap_or_default().saturating_add(startup);
        let fits = |end: Option<Duration>| end.is_some_and(|end| end <= self.available);
        let after = |longest_before: Option<Duration>| Some(longest_before?.saturating_add(longest?));
        let may_start = match (command.is_split, command.timeout) {
            _ if self.is_first => true,
            (_, None) => true,
            (true, Some(_)) => fits(after(self.longest)),
            (false, Some(timeout)) => fits(Some(self.likely.saturating_add(timeout))),
        };
        if may_start {
            self.is_first = false;
            self.likely = self.likely.saturating_add(likely);
            self.longest = after(self.longest);
        }
        may_start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(command: &Command, p99: Option<u64>, available: u64) -> usize {
        let history = p99.map(|p99| History { p85: Duration::ZERO, p99: Duration::from_secs(p99) });
        let unit = Unit { history, ..Unit::default() };
        let mut chain = Chain::new(Duration::from_secs(available));
        (0..1_000).take_while(|&place| chain.add(command, &unit, place == 0 || !command.is_split)).count()
    }

    #[test]
    fn a_process_gets_the_tests_that_fit() {
        let split = Command { is_split: true, timeout: Some(Duration::from_secs(10)), ..Command::default() };
        assert_eq!(count(&split, None, 59), 5, "time left over timeout");
        assert_eq!(count(&split, Some(2), 59), 29, "by p99");
        assert_eq!(count(&split, None, 3), 1, "one at least");
        let slow = Command { startup: Duration::from_secs(40), ..split };
        assert_eq!(count(&slow, None, 59), 1, "the start costs, too");
    }

    #[test]
    fn a_command_starts_where_all_of_it_fits() {
        let whole = Command { timeout: Some(Duration::from_secs(3)), ..Command::default() };
        assert_eq!(count(&whole, Some(1), 6), 4, "the last one starts after 3 s and has until 6 s");
        assert_eq!(count(&whole, Some(1), 2), 1, "the first one always starts");
        assert_eq!(count(&Command::default(), Some(1), 6), 1_000, "without a timeout");
    }

    #[test]
    fn tests_do_not_follow_what_may_take_any_time() {
        let mut chain = Chain::new(Duration::from_secs(60));
        let split = Command { is_split: true, timeout: Some(Duration::from_secs(1)), ..Command::default() };
        assert!(chain.add(&Command::default(), &Unit::default(), true));
        assert!(!chain.add(&split, &Unit::default(), true));
    }
}
