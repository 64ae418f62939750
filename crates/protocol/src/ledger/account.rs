//! What the events of one response say of its units.

use std::collections::{BTreeMap, BTreeSet};

use crate::event::{Body, CommandFinished, Event};

use super::asked::{Asked, AskedUnits, Owner};
use super::evidence::Outcome;
use super::process::{self, Given, Seen};
use super::units::UnitId;

#[derive(Debug)]
pub(super) struct Account {
    pub(super) asked: Asked,
    seen: BTreeMap<UnitId, Seen>,
    first_started: Option<u64>,
    ends: BTreeMap<u64, CommandFinished>,
    remaining: BTreeSet<u64>,
    /// The first thing in which the response is not what was asked for.
    fault: Option<String>,
}

impl Account {
    pub(super) fn new(asked: Asked) -> Self {
        Self {
            asked,
            seen: BTreeMap::new(),
            first_started: None,
            ends: BTreeMap::new(),
            remaining: BTreeSet::new(),
            fault: None,
        }
    }

    /// Takes an event that the reader found to be consistent.
    pub(super) fn note(&mut self, event: &Event) {
        match &event.body {
            Body::CommandStarted(started) => {
                self.check_command(started.command, &started.name);
                self.first_started.get_or_insert(started.command);
            }
            Body::TestStarted(test) => {
                if let Some(seen) = self.test(test.command, &test.test) {
                    seen.started = seen.started.saturating_add(1);
                }
            }
            Body::TestFinished(test) => {
                if let Some(seen) = self.test(test.command, &test.test) {
                    seen.finish(test.outcome);
                }
            }
            Body::CommandFinished(finished) => {
                self.check_command(finished.command, &finished.name);
                self.ends.insert(finished.command, finished.clone());
            }
            Body::Verdict(verdict) => {
                for remaining in &verdict.remaining {
                    self.check_command(remaining.command, &remaining.name);
                    self.remaining.insert(remaining.command);
                }
            }
            _ => {}
        }
    }

    fn check_command(&mut self, command: u64, name: &str) {
        if self.asked.commands.get(&command).is_none_or(|asked| asked.name != name) {
            self.fault.get_or_insert_with(|| format!("command {command}, `{name}`, was not asked for"));
        }
    }

    fn test(&mut self, command: u64, name: &str) -> Option<&mut Seen> {
        let owner = self.asked.commands.get(&command).map_or(Owner::NotAsked, |asked| asked.owner(name));
        match owner {
            Owner::Unit(unit) => Some(self.seen.entry(unit).or_default()),
            Owner::Part => None,
            Owner::NotAsked => {
                self.fault.get_or_insert_with(|| format!("the test `{name}` was not asked for"));
                None
            }
        }
    }

    /// The outcome of every unit that was asked for.
    ///
    /// # Errors
    /// Why nothing of it can be believed.
    pub(super) fn outcomes(&self) -> Result<Vec<(UnitId, Outcome)>, String> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let mut outcomes = Vec::new();
        for (&place, command) in &self.asked.commands {
            if self.remaining.contains(&place) {
                outcomes.extend(command.ids().into_iter().map(|unit| (unit, Outcome::Remaining)));
                continue;
            }
            let Some(end) = self.ends.get(&place) else {
                return Err(format!("the response does not say what became of `{}`", command.name));
            };
            match &command.units {
                AskedUnits::Whole(unit) => outcomes.push((*unit, process::whole(end)?)),
                AskedUnits::Tests(tests) => {
                    let given: Vec<_> = tests
                        .values()
                        .map(|(unit, test)| Given {
                            unit: *unit,
                            copies: test.copies,
                            announces_start: test.announces_start,
                            seen: self.seen.get(unit).copied().unwrap_or_default(),
                        })
                        .collect();
                    let is_first = self.first_started.is_none_or(|first| first == place);
                    outcomes.extend(process::tests(command.framework, end, &given, is_first)?);
                }
            }
        }
        Ok(outcomes)
    }
}
