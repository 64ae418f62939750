//! Names of tests as they are reported, and the set of those that run.

use std::collections::HashSet;

/// The longest name that is reported, in bytes.
pub(super) const MAX_NAME_BYTES: usize = 500;

/// The names that are kept of tests running at once, in bytes: a Go suite of 50,000 parallel tests fits.
const MAX_RUNNING_BYTES: usize = 4 << 20;

/// The name as text. A longer one is cut, and told from others with the same beginning by a hash.
pub(super) fn reported(name: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(name).into_owned();
    if text.len() > MAX_NAME_BYTES {
        let hash = fnv1a(name);
        let suffix = format!("…{hash:016x}");
        text.truncate(text.floor_char_boundary(MAX_NAME_BYTES - suffix.len()));
        text.push_str(&suffix);
    }
    text
}

fn fnv1a(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The tests that started and have not ended.
#[derive(Debug, Default)]
pub(super) struct Running {
    names: HashSet<String>,
    bytes: usize,
    /// A test was not kept, for want of room.
    overflowed: bool,
}

impl Running {
    pub(super) fn start(&mut self, name: &str) {
        if self.bytes + name.len() > MAX_RUNNING_BYTES {
            self.overflowed = true;
        } else if self.names.insert(name.to_owned()) {
            self.bytes += name.len();
        }
    }

    /// Whether the test was running.
    pub(super) fn finish(&mut self, name: &str) -> bool {
        let was_running = self.names.remove(name);
        if was_running {
            self.bytes -= name.len();
        }
        was_running
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty() && !self.overflowed
    }

    /// That some never ended, as a clause; `None` when all did.
    pub(super) fn objection(&self) -> Option<String> {
        if self.overflowed {
            return Some("more tests ran at once than can be kept track of".to_owned());
        }
        let first = self.names.iter().min()?;
        Some(match self.names.len() - 1 {
            0 => format!("its test `{first}` started and never ended"),
            1 => format!("its test `{first}` and one more started and never ended"),
            more => format!("its test `{first}` and {more} more started and never ended"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_and_stay_different() {
        let long = |last: &str| reported(format!("{}{last}", "ä".repeat(300)).as_bytes());
        assert!(long("1").len() <= MAX_NAME_BYTES && long("1").len() > MAX_NAME_BYTES - 4);
        assert_ne!(long("1"), long("2"));
        assert_eq!(reported(&[b'x'; MAX_NAME_BYTES]), "x".repeat(MAX_NAME_BYTES));
        assert_eq!(reported(b"a\xffb"), "a\u{fffd}b");
        assert!(reported(&[0xff; MAX_NAME_BYTES]).len() <= MAX_NAME_BYTES);
    }

    #[test]
    fn what_cannot_be_kept_is_no_proof() {
        let mut running = Running::default();
        for number in 0..20_000 {
            running.start(&format!("{number:0>500}"));
        }
        assert!(running.bytes <= MAX_RUNNING_BYTES);
        for number in 0..20_000 {
            running.finish(&format!("{number:0>500}"));
        }
        assert!(running.names.is_empty() && !running.is_empty() && running.objection().is_some());
    }
}
