//! How long units take, as far as history says.

use std::time::Duration;

use super::suite::Unit;

/// Where nothing is known at all, every unit counts the same.
const UNKNOWN: Duration = Duration::from_secs(1);

/// The expected duration of each of `units`: its p85; else the mean of its command's, else that of all.
pub(super) fn expected(units: &[Unit], commands: usize) -> Vec<Duration> {
    let mut of_command = vec![Mean::default(); commands];
    let mut of_all = Mean::default();
    for unit in units {
        if let Some(history) = unit.history {
            of_command[unit.command].add(history.p85);
            of_all.add(history.p85);
        }
    }
    let unknown = of_all.get().unwrap_or(UNKNOWN);
    let of_unit = |unit: &Unit| match unit.history {
        Some(history) => history.p85,
        None => of_command[unit.command].get().unwrap_or(unknown),
    };
    units.iter().map(of_unit).collect()
}

#[derive(Debug, Clone, Copy, Default)]
struct Mean {
    sum: Duration,
    count: u32,
}

impl Mean {
    fn add(&mut self, duration: Duration) {
        self.sum = self.sum.saturating_add(duration);
        self.count += 1;
    }

    fn get(self) -> Option<Duration> {
        (self.count > 0).then(|| self.sum / self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::suite::History;

    #[test]
    fn the_unknown_is_the_mean_of_its_command_then_of_all() {
        let seconds = Duration::from_secs;
        let unit = |command, p85: Option<u64>| Unit {
            command,
            history: p85.map(|p85| History { p85: seconds(p85), p99: seconds(p85) }),
            name_bytes: 0,
        };
        let units = [unit(0, Some(2)), unit(0, Some(4)), unit(0, None), unit(1, Some(9)), unit(2, None)];
        assert_eq!(expected(&units, 3), [2, 4, 3, 9, 5].map(seconds));
        assert_eq!(expected(&[unit(0, None), unit(1, None)], 2), [UNKNOWN, UNKNOWN]);
    }
}
