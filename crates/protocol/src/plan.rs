//! What a package says can be run: `lamex.plan.json`, or the plan that `commands.txt` stands for.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::request::Selection;
use crate::template;
use crate::variable_names::{is_reserved, is_variable_name};

/// The name of the plan file in the task root.
pub const FILE_NAME: &str = "lamex.plan.json";

/// The most commands that a plan may have, so that a verdict which names them all stays below
/// [`crate::decode::MAX_LINE_BYTES`].
pub const MAX_COMMANDS: usize = 5_000;

/// The longest name of a command, in bytes.
pub const MAX_NAME_BYTES: usize = 100;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The protocol's major version.
    pub lamex: u32,
    pub commands: Vec<Command>,
    /// Stop at the first command that fails, unless the request says otherwise.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub fail_fast: bool,
    /// Digest of every other file of the package, so that the digest of the plan is one of the package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contents_sha256: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    pub name: String,
    /// Program and arguments, already split.
    pub argv: Vec<String>,
    /// `argv` is taken as it stands; otherwise `${NAME}` is filled in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub literal: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub framework: Framework,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub destructive: bool,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Parameter>,
    /// The working directory, relative to the task root; the program is resolved from the root all the same.
    /// Absent: the task root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dir: Option<String>,
    /// Variables that the function must have, and the command reads by itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
    /// A framework that ran no test makes the command *skipped*, not failed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_empty: bool,
    #[serde(default, skip_serializing_if = "is_default")]
    pub leftovers: Leftovers,
    #[serde(default, skip_serializing_if = "is_default")]
    pub phase: Phase,
}

/// When a command runs within a run, whatever its place in the plan: in this order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Before all tests, which run only if every command of this phase passed.
    Setup,
    #[default]
    Test,
    /// After all tests, whatever became of them and of the setup.
    Teardown,
}

/// What becomes of a command whose main process exited with 0 while something that it started still held its
/// stdout or stderr, and had to be ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Leftovers {
    /// It fails: what was cut off may have been a test.
    #[default]
    Fail,
    /// It is told, for daemons that a suite starts on purpose.
    Warn,
}

pub(crate) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// How a command's output tells its tests apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Framework {
    /// Nothing is read from the output: the exit code says it all.
    #[default]
    ExitCode,
    /// Go's `testing` package (`go test -c`).
    Go,
    /// Rust's test harness (`cargo test --no-run`).
    Libtest,
    /// GoogleTest.
    Gtest,
    /// The Test Anything Protocol.
    Tap,
}

/// A variable that a request may set for the command.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// A regular expression that the whole value must match.
    pub pattern: String,
    /// The value where the request sets none. Absent: the variable is not set then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanError {
    #[error("the plan has {0} commands; the maximum is {MAX_COMMANDS}")]
    TooManyCommands(usize),
    #[error("the plan is of version {0}, this runner reads version {version}", version = crate::VERSION)]
    OtherVersion(u32),
    #[error("command {index}: {problem}")]
    Command { index: usize, problem: String },
}

impl Plan {
    /// Checks what the types do not say.
    ///
    /// # Errors
    /// The first rule that the plan breaks.
    pub fn validate(&self) -> Result<(), PlanError> {
        if self.lamex != crate::VERSION {
            return Err(PlanError::OtherVersion(self.lamex));
        }
        if self.commands.len() > MAX_COMMANDS {
            return Err(PlanError::TooManyCommands(self.commands.len()));
        }
        let mut names = BTreeSet::new();
        for (index, command) in self.commands.iter().enumerate() {
            let problem = command.problem().or_else(|| {
                (!names.insert(&command.name))
                    .then(|| format!("the name `{}` is taken already", command.name))
            });
            if let Some(problem) = problem {
                return Err(PlanError::Command { index, problem });
            }
        }
        Ok(())
    }

    /// Places of the selected commands in the order in which they run, each once: by phase, then as in the plan; all of
    /// them for an empty selection. Who selects a test selects the setup and the teardown around it.
    ///
    /// # Errors
    /// A sentence that says which name, tag or index the plan does not have.
    pub fn select(&self, selection: &Selection) -> Result<Vec<usize>, String> {
        if selection.is_empty() {
            return Ok(self.in_order(0..self.commands.len()));
        }
        let mut selected = BTreeSet::new();
        for name in &selection.names {
            let found = self.commands.iter().position(|command| command.name == *name);
            selected.insert(found.ok_or_else(|| format!("the package has no command named `{name}`"))?);
        }
        for tag in &selection.tags {
            let tagged = self.commands.iter().enumerate().filter(|(_, command)| command.tags.contains(tag));
            let mut tagged = tagged.map(|(index, _)| index).peekable();
            if tagged.peek().is_none() {
                return Err(format!("the package has no command with the tag `{tag}`"));
            }
            selected.extend(tagged);
        }
        for &index in &selection.indexes {
            if index >= self.commands.len() {
                let count = self.commands.len();
                return Err(format!("the package has no command {index}: it has {count}, counted from 0"));
            }
            selected.insert(index);
        }
        let is_test = |&index: &usize| self.commands[index].phase == Phase::Test;
        if selected.iter().any(is_test) {
            selected.extend((0..self.commands.len()).filter(|index| !is_test(index)));
        } else if selection.names.is_empty() && selection.indexes.is_empty() {
            // A tag that no test has must not make a green run of the setup.
            let tags = selection.tags.join("`, `");
            return Err(format!("only setup and teardown commands have the tag `{tags}`: select them by name"));
        }
        Ok(self.in_order(selected))
    }

    fn in_order(&self, places: impl IntoIterator<Item = usize>) -> Vec<usize> {
        let mut places: Vec<_> = places.into_iter().collect();
        places.sort_by_key(|&place| (self.commands[place].phase, place));
        places
    }
}

impl Command {
    /// The first rule that the command breaks, as a sentence without its place.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        if let Err(problem) = check_name(&self.name) {
            return Some(problem);
        }
        if self.argv.first().is_none_or(String::is_empty) {
            return Some("it has no program to run".to_owned());
        }
        if self.argv.iter().any(|argument| argument.contains('\0')) {
            return Some("an argument holds a NUL character, which no process can be given".to_owned());
        }
        if self.timeout_ms == Some(0) {
            return Some("a timeout of zero leaves no time to run".to_owned());
        }
        if let Some(Err(problem)) = self.dir.as_deref().map(check_dir) {
            return Some(problem);
        }
        if let Some(name) = self.requires.iter().find(|name| !is_variable_name(name)) {
            return Some(format!("`{name}` under `requires` is not a valid variable name"));
        }
        if let Some(name) = self.parameters.keys().find(|name| !is_variable_name(name)) {
            return Some(format!("the parameter `{name}` is not a valid variable name"));
        }
        if let Some(name) = self.parameters.keys().find(|name| is_reserved(name)) {
            return Some(format!("the parameter `{name}` is reserved: it could change what a program does"));
        }
        if self.literal { None } else { self.template_problem() }
    }

    fn template_problem(&self) -> Option<String> {
        for argument in &self.argv {
            if let Err(error) = template::variables(argument) {
                return Some(error.to_string());
            }
        }
        self.template_in_code().map(|found| found.to_string()).or_else(|| self.reserved_assignment())
    }

    /// What a caller may not set, set all the same: `env LD_PRELOAD=${PARAMETER} ./tests`.
    fn reserved_assignment(&self) -> Option<String> {
        let assignments = self.argv.iter().filter_map(|argument| argument.split_once('='));
        let mut reserved = assignments.filter(|(name, _)| is_reserved(name));
        reserved.find_map(|(name, value)| {
            let variables = template::variables(value).unwrap_or_default();
            let parameter = variables.into_iter().find(|variable| self.parameters.contains_key(*variable))?;
            Some(format!(
                "the parameter `{parameter}` would set `{name}`, which could change what a program does"
            ))
        })
    }
}

/// A name as `--only` and reports take it.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn check_name(name: &str) -> Result<(), String> {
    if name.is_empty() {
        return Err("its name is empty".to_owned());
    }
    if name.len() > MAX_NAME_BYTES {
        return Err(format!("its name is longer than {MAX_NAME_BYTES} bytes"));
    }
    if name.chars().any(|character| character.is_control() || matches!(character, '"' | '\\')) {
        return Err("its name holds a control character, a quote or a backslash".to_owned());
    }
    Ok(())
}

/// A working directory: a normal relative path that stays in the task root.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn check_dir(dir: &str) -> Result<(), String> {
    if dir.contains(char::is_control) {
        return Err("the working directory holds a control character".to_owned());
    }
    if dir.starts_with('/') {
        return Err(format!(
            "the working directory `{dir}` is absolute; it is relative to the package's root"
        ));
    }
    if dir.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(format!(
            "the working directory `{dir}` is not a plain path; write it as in `orders/systemtests`, without \
             `.`, `..` and a slash at the end"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn working_directories_are_plain_paths() {
        for dir in ["orders", "orders/system-tests", "a b/ü", "..."] {
            assert_eq!(check_dir(dir), Ok(()), "{dir}");
        }
        for dir in ["", "/", "/x", ".", "./x", "x/", "x//y", "..", "../x", "x/../y", "x\0", "x\n"] {
            assert!(check_dir(dir).is_err(), "{dir:?}");
        }
    }
}
