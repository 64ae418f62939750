//! What a command is given: its environment, and its command line with the values of variables in it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::OsString;

use lamex_protocol::filling::value_as_option_message;
use lamex_protocol::plan::Command;
use lamex_protocol::template;

use crate::scratch::Scratch;

pub(crate) type Environment = BTreeMap<OsString, OsString>;

/// Where X-Ray's libraries look for the invocation's trace.
const TRACE_VARIABLE: &str = "_X_AMZN_TRACE_ID";

/// What a command gets beside what the function itself has: where it may write, and its home.
pub(crate) const OWN_VARIABLES: [&str; 2] = ["TMPDIR", "HOME"];

/// What every command of an invocation finds in its environment.
pub(crate) fn shared_environment(
    inherited: &Environment,
    scratch: &Scratch,
    trace_id: Option<&str>,
) -> Environment {
    let mut environment = inherited.clone();
    let [tmpdir, home] = OWN_VARIABLES;
    environment.insert(tmpdir.into(), scratch.tmp.clone().into());
    environment.insert(home.into(), scratch.home.clone().into());
    if let Some(trace_id) = trace_id {
        environment.insert(TRACE_VARIABLE.into(), trace_id.into());
    }
    environment
}

/// Fills commands of one invocation.
pub(crate) struct Filling<'a> {
    /// Named in messages.
    pub(crate) function: &'a str,
    /// Of a command without parameters.
    pub(crate) environment: &'a Environment,
    /// The values that the request sets.
    pub(crate) parameters: &'a BTreeMap<String, String>,
}

impl<'a> Filling<'a> {
    /// With the values of the command's own parameters.
    pub(crate) fn environment(&self, command: &Command) -> Cow<'a, Environment> {
        let mut environment = Cow::Borrowed(self.environment);
        for name in command.parameters.keys() {
            if let Some(value) = self.parameter(command, name) {
                environment.to_mut().insert(name.into(), value.into());
            }
        }
        environment
    }

    /// The command line, filled from the command's environment.
    ///
    /// # Errors
    /// A sentence that says which variable is missing, or whose value would be an option.
    pub(crate) fn argv(&self, command: &Command, environment: &Environment) -> Result<Vec<String>, String> {
        if let Some(message) = missing_variables(&command.requires, environment, self.function) {
            return Err(message);
        }
        if command.literal {
            return Ok(command.argv.clone());
        }
        let variable = |name: &str| {
            environment.get(&OsString::from(name)).and_then(|value| value.to_str().map(str::to_owned))
        };
        let parameter = |name: &str| self.parameter(command, name).cloned();
        if let Some(name) = command.value_as_option(parameter, variable) {
            return Err(value_as_option_message(name));
        }
        command
            .argv
            .iter()
            .map(|argument| template::fill(argument, variable))
            .collect::<Result<_, _>>()
            .map_err(|name| {
                let function = self.function;
                format!(
                    "the variable {name} is not set on the function {function}, and the command line needs it"
                )
            })
    }

    fn parameter<'b>(&'b self, command: &'b Command, name: &str) -> Option<&'b String> {
        let declared = command.parameters.get(name)?;
        self.parameters.get(name).or(declared.default.as_ref())
    }
}

/// The variables that the command requires and does not have, as a sentence.
fn missing_variables(required: &[String], environment: &Environment, function: &str) -> Option<String> {
    let missing: Vec<&str> = required
        .iter()
        .filter(|name| !environment.contains_key(&OsString::from(name)))
        .map(String::as_str)
        .collect();
    let (last, others) = missing.split_last()?;
    Some(if others.is_empty() {
        format!("the variable {last} is not set on the function {function}, and the command requires it")
    } else {
        let others = others.join(", ");
        format!(
            "the variables {others} and {last} are not set on the function {function}, and the command requires \
             them"
        )
    })
}
