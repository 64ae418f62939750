//! What one invocation is asked for.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::Framework;

use super::units::{InvocationId, Test, Unit, UnitId};

/// The units of one invocation. [`super::book::Ledger::begin`] alone makes it, and the response to the
/// invocation is held to it.
#[derive(Debug, PartialEq, Eq)]
pub struct Asked {
    pub(super) invocation: InvocationId,
    pub(super) commands: BTreeMap<u64, AskedCommand>,
}

/// A command of which at least one unit is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AskedCommand {
    pub(super) name: String,
    pub(super) framework: Framework,
    pub(super) units: AskedUnits,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum AskedUnits {
    Whole(UnitId),
    /// By the names of the tests.
    Tests(BTreeMap<String, (UnitId, Test)>),
}

/// Which unit an event of a test belongs to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// It tells how this unit does.
    Unit(UnitId),
    /// A part of a unit, whose own events tell.
    Part,
    NotAsked,
}

impl Asked {
    pub(super) fn new(invocation: InvocationId) -> Self {
        Self { invocation, commands: BTreeMap::new() }
    }

    #[must_use]
    pub fn invocation(&self) -> InvocationId {
        self.invocation
    }

    /// Every unit asked for, in the plan's order.
    #[must_use]
    pub fn units(&self) -> BTreeSet<UnitId> {
        self.commands.values().flat_map(AskedCommand::ids).collect()
    }

    /// The names of the commands, by their places in the plan.
    #[must_use]
    pub fn commands(&self) -> BTreeMap<u64, String> {
        self.commands.iter().map(|(&place, command)| (place, command.name.clone())).collect()
    }

    /// Whether the unit could be added: a command is asked for as a whole or by tests, and never twice.
    pub(super) fn add(&mut self, id: UnitId, unit: &Unit) -> bool {
        match &unit.test {
            None => {
                let whole = AskedCommand {
                    name: unit.name.clone(),
                    framework: unit.framework,
                    units: AskedUnits::Whole(id),
                };
                self.commands.insert(unit.command, whole).is_none()
            }
            Some(test) => {
                let command = self.commands.entry(unit.command).or_insert_with(|| AskedCommand {
                    name: unit.name.clone(),
                    framework: unit.framework,
                    units: AskedUnits::Tests(BTreeMap::new()),
                });
                match &mut command.units {
                    AskedUnits::Whole(_) => false,
                    AskedUnits::Tests(tests) => tests.insert(test.name.clone(), (id, test.clone())).is_none(),
                }
            }
        }
    }
}

impl AskedCommand {
    pub(super) fn ids(&self) -> Vec<UnitId> {
        match &self.units {
            AskedUnits::Whole(id) => vec![*id],
            AskedUnits::Tests(tests) => tests.values().map(|(id, _)| *id).collect(),
        }
    }

    /// Whose event one about the test `name` is.
    pub(super) fn owner(&self, name: &str) -> Owner {
        let AskedUnits::Tests(tests) = &self.units else { return Owner::Part };
        if let Some((id, _)) = tests.get(name) {
            return Owner::Unit(*id);
        }
        // Go names a subtest behind its test and a slash. Elsewhere a slash is a part of the name.
        match name.split_once('/') {
            Some((test, _)) if self.framework == Framework::Go && tests.contains_key(test) => Owner::Part,
            _ => Owner::NotAsked,
        }
    }
}
