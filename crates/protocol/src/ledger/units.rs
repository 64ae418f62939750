//! The units of a run: what is scheduled, reported and repeated, each by itself.

use std::fmt;

use crate::plan::{Framework, Phase};

/// The most units that one invocation is asked for.
pub const MAX_BATCH_UNITS: usize = 5_000;

/// The most bytes that the names of the tests of one invocation have together.
pub const MAX_BATCH_NAME_BYTES: usize = 1 << 20;

/// The number of a unit within its run: from 0, in the plan's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId(pub u32);

impl UnitId {
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The number of an invocation within its run, from 0: the 7 of `RUN/7`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InvocationId(pub u32);

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Display for InvocationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// A command, or one test of a command with `split: tests`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Place of the command in the plan of the package, from 0.
    pub command: u64,
    /// The command's name.
    pub name: String,
    /// Absent: the command as a whole.
    pub test: Option<Test>,
    pub framework: Framework,
    pub phase: Phase,
    pub flaky: Flaky,
}

/// One test of a split command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    pub name: String,
    /// How many tests of this name the binary lists, at least 1: they are one unit, and all of them must pass.
    pub copies: u32,
    /// The framework says of every test when it starts, so that a test without a start never ran.
    pub announces_start: bool,
}

/// What a unit is that failed and passed in a later attempt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Flaky {
    #[default]
    Pass,
    Fail,
}
