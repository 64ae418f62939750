//! Names of tests as they are reported, and the set of those that run.

use std::collections::HashMap;

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

/// A test that was running until now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ran {
    pub(super) has_subtests: bool,
}

/// The tests that started and have not ended.
#[derive(Debug, Default)]
pub(super) struct Running {
    /// Each with whether a subtest of it started.
    names: HashMap<String, bool>,
    bytes: usize,
    /// A test was not kept, for want of room.
    overflowed: bool,
}

impl Running {
    pub(super) fn start(&mut self, name: &str) {
        if self.bytes + name.len() > MAX_RUNNING_BYTES {
            self.overflowed = true;
        } else if self.names.insert(name.to_owned(), false).is_none() {
            self.bytes += name.len();
        }
    }

    /// The same for a test `parent/name`, whose parent has a subtest from now on.
    pub(super) fn start_below(&mut self, name: &str) {
        for (end, _) in name.rmatch_indices('/') {
            if let Some(has_subtests) = self.names.get_mut(&name[..end]) {
                *has_subtests = true;
                break;
            }
        }
        self.start(name);
    }

    /// Whether the test was running.
    pub(super) fn finish(&mut self, name: &str) -> Option<Ran> {
        let has_subtests = self.names.remove(name)?;
        self.bytes -= name.len();
        Some(Ran { has_subtests })
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.names.contains_key(name)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty() && !self.overflowed
    }

    /// That some never ended, as a clause; `None` when all did.
    pub(super) fn objection(&self) -> Option<String> {
        if self.overflowed {
            return Some("more tests ran at once than lamex can track".to_owned());
        }
        let first = self.names.keys().min()?;
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
    fn a_subtest_is_known_to_its_nearest_parent() {
        let mut running = Running::default();
        for name in ["A", "A/b", "B", "A/b/c/d", "C/x"] {
            running.start_below(name);
        }
        let has_subtests =
            |name: &str, running: &mut Running| running.finish(name).map(|ran| ran.has_subtests);
        for (name, expected) in [("A", true), ("A/b", true), ("A/b/c/d", false), ("B", false), ("C/x", false)]
        {
            assert_eq!(has_subtests(name, &mut running), Some(expected), "{name}");
        }
        assert_eq!(has_subtests("A", &mut running), None);
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
