//! Whether the environments set what the commands need: a command that lacks a variable is not started, and one
//! whose variable is an option in disguise does something else.

use std::collections::{BTreeMap, BTreeSet};

use lamex_protocol::plan;

use super::model::{Command, Config, Environment, Need};
use super::problem::{Problem, Span};
use super::read::At;
use super::variables::{ALLOW_DESTRUCTIVE, is_always_set};

/// What is known of the values that a caller gives.
#[derive(Debug, Clone, Copy)]
pub enum Given<'a> {
    /// These, and no others: the run is about to begin.
    Exactly(&'a BTreeMap<String, String>),
    /// Any that the commands declare.
    Later,
}

/// What is wrong with running the commands in the environment.
pub fn problems<'a>(
    config: &'a Config,
    environment: &Environment,
    commands: impl IntoIterator<Item = &'a Command>,
    given: Given<'_>,
) -> Vec<Problem> {
    let mut found = Vec::new();
    for command in commands {
        if command.destructive && !environment.allow_destructive {
            continue;
        }
        found.extend(
            unset(command, environment, given).map(|need| about_unset(command, environment, need, given)),
        );
        found.extend(option(config, command, environment, given));
    }
    found
}

/// What is wrong with the commands whichever environment they run in; and what is wrong with some of the
/// environments alone, as warnings, since nobody knows which command is meant to run in which.
pub fn problems_anywhere(config: &Config) -> (Vec<Problem>, Vec<Problem>) {
    // `local` is always there, and means nothing to whoever does not name it.
    let named: Vec<&Environment> =
        config.places.keys().filter_map(|name| config.environments.get(name)).collect();
    let environments = if named.is_empty() { config.environments.values().collect() } else { named };
    let (mut errors, mut warnings) = (Vec::new(), Vec::new());
    for command in &config.commands {
        let may_run =
            environments.iter().filter(|environment| !command.destructive || environment.allow_destructive);
        let may_run: Vec<_> = may_run.collect();
        let mut told = BTreeSet::new();
        for need in command.needs.iter().filter(|need| told.insert(&need.name)) {
            let lacking: Vec<_> = may_run
                .iter()
                .filter(|environment| !is_set(need, command, environment, Given::Later))
                .collect();
            if lacking.is_empty() {
                continue;
            }
            if lacking.len() == may_run.len() {
                errors.push(about_unset_everywhere(command, need));
            } else {
                let names: Vec<String> =
                    lacking.iter().map(|environment| format!("`{}`", environment.name)).collect();
                warnings.push(about_unset_in(command, need, &names.join(", ")).warning());
            }
        }
        for environment in &may_run {
            warnings.extend(option(config, command, environment, Given::Later).map(Problem::warning));
        }
    }
    (errors, warnings)
}

/// What is passed on as text where a shell would look for files.
pub fn file_patterns(config: &Config) -> Vec<Problem> {
    let patterns = config.commands.iter().flat_map(|command| &command.file_patterns);
    let warning = |pattern: &At<String>| {
        let message =
            format!("`{}` is passed on as it stands: no shell expands it to file names", pattern.value);
        Problem::at(pattern.span, message)
            .help("quote it if this is intended; otherwise name the files, or run the line in a shell")
            .warning()
    };
    patterns.map(warning).collect()
}

fn unset<'a>(
    command: &'a Command,
    environment: &Environment,
    given: Given<'_>,
) -> impl Iterator<Item = &'a Need> {
    let mut told = BTreeSet::new();
    let is_unset =
        move |need: &&Need| !is_set(need, command, environment, given) && told.insert(need.name.clone());
    command.needs.iter().filter(is_unset)
}

fn is_set(need: &Need, command: &Command, environment: &Environment, given: Given<'_>) -> bool {
    let name = &need.name;
    let by_caller = command.parameters.get(name).is_some_and(|parameter| match given {
        Given::Exactly(values) => parameter.default.is_some() || values.contains_key(name),
        Given::Later => true,
    });
    by_caller
        || environment.env.contains_key(name)
        || (name == ALLOW_DESTRUCTIVE && environment.allow_destructive)
        || is_always_set(name)
}

fn about_unset(command: &Command, environment: &Environment, need: &Need, given: Given<'_>) -> Problem {
    let Need { name, span, .. } = need;
    let message = match (command.parameters.contains_key(name), given) {
        (true, Given::Exactly(_)) => {
            return Problem::at(*span, format!("the command `{}` needs the parameter {name}", command.name))
                .help(format!("pass `--param {name}=…`, or give the parameter a `default`"));
        }
        _ => format!(
            "the environment `{}` does not set {name}, which the command `{}` needs",
            environment.name, command.name
        ),
    };
    Problem::at(*span, message).help(advice(environment, name))
}

fn advice(environment: &Environment, name: &str) -> String {
    let known = environment.env.keys().map(String::as_str);
    match super::read::nearest(name, known) {
        Some(near) => format!("it sets {near}; did you mean that?"),
        None => format!("add it under `env:` of `{}`, or under `defaults:`", environment.name),
    }
}

fn about_unset_everywhere(command: &Command, need: &Need) -> Problem {
    let message = format!("no environment sets {}, which the command `{}` needs", need.name, command.name);
    Problem::at(need.span, message).help("add it under `env:` of an environment, or under `defaults:`")
}

fn about_unset_in(command: &Command, need: &Need, environments: &str) -> Problem {
    let message =
        format!("{environments} does not set {}, which the command `{}` needs", need.name, command.name);
    Problem::at(need.span, message)
        .help("it cannot run there; `config check --env NAME` checks a single environment")
}

/// A value that would make an option of an argument.
fn option(
    config: &Config,
    command: &Command,
    environment: &Environment,
    given: Given<'_>,
) -> Option<Problem> {
    let parameter = |name: &str| {
        let declared = command.parameters.get(name)?;
        let value = match given {
            Given::Exactly(values) => values.get(name),
            Given::Later => None,
        };
        value.or(declared.default.as_ref()).cloned()
    };
    // What Lambda sets begins with no hyphen.
    let variable = |name: &str| environment.env.get(name).cloned().or(Some("set".to_owned()));
    let planned = plan::Command::from(command);
    let name = planned.value_as_option(parameter, variable)?;
    let need = command.needs.iter().find(|need| need.is_in_command_line && need.name == name);
    let span = need.map_or(command.run_span, |need| need.span);
    let whose = match (parameter(name), config.places.get(&environment.name)) {
        (None, Some(places)) => places.get(name).copied(),
        _ => None,
    };
    Some(about_option(command, environment, name, span, whose))
}

fn about_option(
    command: &Command,
    environment: &Environment,
    name: &str,
    span: Span,
    value: Option<Span>,
) -> Problem {
    let message = format!(
        "the value of {name} begins with `-`, and would be an option of the command `{}` (environment `{}`)",
        command.name, environment.name
    );
    let problem = match value {
        Some(value) => Problem::new(message).label(span, "filled in here").label(value, "this value"),
        None => Problem::at(span, message),
    };
    let means = command.parameters.contains_key(name);
    problem.help(format!(
        "write it after the option that it belongs to, as in `--name=${{{name}}}`{}",
        if means { "; if options are intended, let the pattern begin with `-`" } else { "" }
    ))
}
