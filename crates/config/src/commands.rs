//! Commands: from what the file says to what can run.

use std::collections::HashMap;

use lamex_protocol::plan::{self, Framework, MAX_COMMANDS, Parameter, Phase};
use lamex_protocol::variable_names::{is_reserved, is_variable_name};

use super::command_line;
use super::file::{CommandEntry, ParameterEntry};
use super::model::{Command, Need};
use super::problem::{Problem, Problems, Span};
use super::read::{At, Table};
use super::scalars::{OneOf, Text};

/// Resolves the commands; `text` is the file's, to find places inside a command line.
pub(super) fn resolve(entries: Vec<CommandEntry>, text: &str, problems: &mut Problems) -> Vec<Command> {
    if let Some(first_beyond) = entries.get(MAX_COMMANDS) {
        let message = format!("there are {} commands; the maximum is {MAX_COMMANDS}", entries.len());
        problems.push(Problem::at(first_beyond.name.span, message).help("split the suite into two files"));
    }
    let is_test = |entry: &CommandEntry| matches!(entry.phase, None | Some(OneOf(Phase::Test)));
    if let Some(first) = entries.first()
        && !entries.iter().any(is_test)
    {
        let problem = Problem::at(first.name.span, "no command is a test: all are setup or teardown");
        problems.push(problem.help("add a command without `phase`: a run passes only if a test does"));
    }
    let mut names: HashMap<String, Span> = HashMap::new();
    let mut commands = Vec::with_capacity(entries.len());
    for entry in entries {
        if let Some(&first) = names.get(&entry.name.value.0) {
            let problem = Problem::new(format!("two commands are named `{}`", entry.name.value.0));
            problems.push(
                problem
                    .label(first, "first here")
                    .label(entry.name.span, "and again here")
                    .help("reports and `--only` tell commands apart by their names"),
            );
        }
        names.entry(entry.name.value.0.clone()).or_insert(entry.name.span);
        commands.extend(command(entry, text, problems));
    }
    commands
}

fn command(entry: CommandEntry, text: &str, problems: &mut Problems) -> Option<Command> {
    let name_problem = plan::check_name(&entry.name.value.0)
        .err()
        .map(|problem| about_name("this command", entry.name.span, &problem));
    let tag_problems = entry.tags.iter().flatten().filter_map(|tag| {
        let problem = plan::check_name(&tag.value.0).err()?;
        Some(about_name("this tag", tag.span, &problem))
    });
    let requires = entry.requires.unwrap_or_default();
    let framework = entry.framework.map_or_else(Default::default, |framework| framework.0);
    let found = name_problem.into_iter().chain(tag_problems);
    let found = found.chain(entry.build.as_ref().and_then(about_build));
    let found = found.chain(entry.dir.as_ref().and_then(about_dir));
    let found = found.chain(requires.iter().filter_map(about_required));
    let found = found.chain(entry.allow_empty.as_ref().and_then(|allow| about_empty(allow, framework)));
    let found: Vec<_> = found.collect();
    let is_sound = found.is_empty();
    for problem in found {
        problems.push(problem);
    }
    let line = command_line::read(&entry.run, text, problems);
    let parameters = parameters(entry.parameters.unwrap_or_default(), problems);
    let line = line?;
    let mut needs = line.needs();
    needs.extend(requires.iter().map(|name| Need {
        name: name.value.0.clone(),
        span: name.span,
        is_in_command_line: false,
    }));
    let command = Command {
        name: entry.name.value.0,
        argv: line.argv(),
        build: entry.build.map(|build| build.value.0),
        dir: entry.dir.as_ref().map(|dir| dir.value.0.clone()),
        framework,
        timeout: entry.timeout.map(|timeout| timeout.0),
        tags: entry.tags.into_iter().flatten().map(|tag| tag.value.0).collect(),
        destructive: entry.destructive.unwrap_or_default(),
        parameters: parameters?,
        requires: requires.into_iter().map(|name| name.value.0).collect(),
        allow_empty: entry.allow_empty.is_some_and(|allow| allow.value),
        leftovers: entry.leftovers.map_or_else(Default::default, |leftovers| leftovers.0),
        phase: entry.phase.map_or_else(Default::default, |phase| phase.0),
        run_span: entry.run.span,
        dir_span: entry.dir.map(|dir| dir.span),
        needs,
        file_patterns: line.file_patterns(),
    };
    // What the plan's own rules refuse beyond what was told with its place above.
    let planned = plan::Command::from(&command);
    if is_sound && let Some(problem) = planned.problem() {
        let in_code = planned.template_in_code();
        let span = in_code.and_then(|found| line.place_of(found.argument, &found.variable));
        let (message, help) = problem.split_once("; ").unwrap_or((&problem, ""));
        let problem = Problem::at(span.unwrap_or(entry.run.span), message);
        problems.push(if help.is_empty() { problem } else { problem.help(help) });
    }
    Some(command)
}

/// A line that runs nothing would succeed, and leave an old binary to be packed as if it had been built.
fn about_build(build: &At<Text>) -> Option<Problem> {
    let runs_nothing =
        build.value.0.lines().all(|line| line.trim().is_empty() || line.trim().starts_with('#'));
    runs_nothing.then(|| {
        Problem::at(build.span, "`build` has no command to run")
            .help("write the shell line that builds the command's program, or remove `build`")
    })
}

fn about_dir(dir: &At<Text>) -> Option<Problem> {
    let problem = plan::check_dir(&dir.value.0).err()?;
    let (message, help) = problem.split_once("; ").unwrap_or((&problem, "write another path"));
    Some(Problem::at(dir.span, message).help(help))
}

fn about_required(name: &At<Text>) -> Option<Problem> {
    let text = &name.value.0;
    let problem = Problem::at(name.span, format!("`{text}` is not a valid variable name"));
    (!is_variable_name(text))
        .then(|| problem.help("use letters, digits and _, not starting with a digit, without `$`"))
}

fn about_empty(allow: &At<bool>, framework: Framework) -> Option<Problem> {
    (allow.value && framework == Framework::ExitCode).then(|| {
        Problem::at(allow.span, "`allow_empty` needs a `framework`: without one, the tests are not counted")
            .help("set the `framework` of the output, or remove `allow_empty`")
    })
}

fn about_name(what: &str, span: Span, problem: &str) -> Problem {
    let problem = problem.strip_prefix("its name").unwrap_or(problem).trim();
    Problem::at(span, format!("the name of {what} {problem}"))
        .help("a name is 1 to 100 bytes of printable text without quotes and backslashes")
}

fn parameters(
    entries: Table<ParameterEntry>,
    problems: &mut Problems,
) -> Option<std::collections::BTreeMap<String, Parameter>> {
    let parameters: Vec<_> = entries
        .0
        .into_iter()
        .map(|(name, entry)| {
            let problem = if !is_variable_name(&name.value) {
                Problem::at(name.span, format!("the parameter `{}` is not a valid variable name", name.value))
                    .help("use letters, digits and _, not starting with a digit")
            } else if is_reserved(&name.value) {
                Problem::at(name.span, format!("the parameter `{}` is reserved", name.value))
                    .help("a caller could use it to change what a program does; choose another name")
            } else if let Err(error) = regex_lite::Regex::new(&entry.pattern.value.0) {
                Problem::at(entry.pattern.span, format!("the pattern does not compile: {error}"))
                    .help("the syntax is that of Rust's regex-lite")
            } else {
                let parameter = Parameter {
                    pattern: entry.pattern.value.0,
                    default: entry.default.map(|default| default.0),
                };
                return Some((name.value, parameter));
            };
            problems.push(problem);
            None
        })
        .collect();
    parameters.into_iter().collect()
}
