//! Commands: from what the file says to what can run.

use std::collections::HashMap;

use lamex_protocol::names::{is_reserved, is_variable_name};
use lamex_protocol::plan::{self, MAX_COMMANDS, Parameter};
use lamex_protocol::template::{self, TemplateError};
use lamex_protocol::words;

use super::file::{CommandEntry, ParameterEntry, RunEntry};
use super::model::Command;
use super::problem::{Problem, Problems, Span};
use super::read::{At, Table};

/// Resolves the commands; `text` is the file's, to find places inside a command line.
pub(super) fn resolve(entries: Vec<CommandEntry>, text: &str, problems: &mut Problems) -> Vec<Command> {
    if let Some(first_beyond) = entries.get(MAX_COMMANDS) {
        let message = format!("these are {} commands, at most {MAX_COMMANDS} are possible", entries.len());
        problems.push(Problem::at(first_beyond.name.span, message).help("split the suite into two files"));
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
    let found: Vec<_> = name_problem.into_iter().chain(tag_problems).collect();
    let is_sound = found.is_empty();
    for problem in found {
        problems.push(problem);
    }
    let argv = argv(&entry.run, text, problems);
    let parameters = parameters(entry.parameters.unwrap_or_default(), problems);
    let dir_span = entry.dir.as_ref().map_or(entry.run.span, |dir| dir.span);
    let command = Command {
        name: entry.name.value.0,
        argv: argv?,
        dir: entry.dir.map(|dir| dir.value.0),
        framework: entry.framework.map_or_else(Default::default, |framework| framework.0),
        timeout: entry.timeout.map(|timeout| timeout.0),
        tags: entry.tags.into_iter().flatten().map(|tag| tag.value.0).collect(),
        destructive: entry.destructive.unwrap_or_default(),
        parameters: parameters?,
        run_span: entry.run.span,
        dir_span,
    };
    // What the plan's own rules refuse beyond what was told with its place above.
    if is_sound && let Some(problem) = plan::Command::from(&command).problem() {
        let is_about_dir = problem.starts_with("the working directory");
        let span = match shell_variable(&command.argv, &entry.run, text) {
            _ if is_about_dir => dir_span,
            Some(span) => span,
            None => entry.run.span,
        };
        let (message, help) = problem.split_once("; ").unwrap_or((&problem, ""));
        let problem = Problem::at(span, message);
        problems.push(if help.is_empty() { problem } else { problem.help(help) });
    }
    Some(command)
}

fn about_name(what: &str, span: Span, problem: &str) -> Problem {
    let problem = problem.strip_prefix("its name").unwrap_or(problem).trim();
    Problem::at(span, format!("the name of {what} {problem}"))
        .help("a name is 1 to 100 bytes of printable text without quotes and backslashes")
}

/// Splits a command line and checks the templates of all arguments.
fn argv(run: &At<RunEntry>, text: &str, problems: &mut Problems) -> Option<Vec<String>> {
    let argv = match &run.value {
        RunEntry::Line(line) => match words::split(line) {
            Ok(words) => words,
            Err(error) => {
                let column = line[..error.offset()].chars().count() + 1;
                let span = inside(run.span, line, error.offset(), 1, text);
                problems.push(Problem::at(span, format!("{error} (column {column} of the command)")).help(
                    "the line is split as a POSIX shell does; a list of arguments needs no shell quotes",
                ));
                return None;
            }
        },
        RunEntry::Words(words) => words.iter().map(|word| word.value.0.clone()).collect(),
    };
    if argv.first().is_none_or(String::is_empty) {
        problems.push(
            Problem::at(run.span, "there is no program to run")
                .help("the first word is the program: `./orders-system-tests -test.v`"),
        );
        return None;
    }
    let before = argv.len();
    let good = argv.iter().enumerate().filter(|(index, argument)| {
        let Err(error) = template::variables(argument) else {
            return true;
        };
        let message = error.to_string();
        let (message, help) = message.split_once("; ").unwrap_or((&message, ""));
        let span = template_span(run, *index, &error, text);
        problems.push(Problem::at(span, message).help(help));
        false
    });
    (good.count() == before).then_some(argv)
}

fn template_span(run: &At<RunEntry>, index: usize, error: &TemplateError, text: &str) -> Span {
    match &run.value {
        RunEntry::Words(words) => {
            let word = &words[index];
            inside(word.span, &word.value.0, error.offset(), 2, text)
        }
        RunEntry::Line(_) => {
            let template = match error {
                TemplateError::BadName { name, .. } => format!("${{{name}}}"),
                TemplateError::Unclosed { .. } => "${".to_owned(),
            };
            written_in(run.span, &template, text).unwrap_or(run.span)
        }
    }
}

/// The variable that stands inside a shell's script, if it can be found in the file as it is named.
fn shell_variable(argv: &[String], run: &At<RunEntry>, text: &str) -> Option<Span> {
    let script = argv.iter().skip(1).find(|argument| argument.contains(' ') && argument.contains("${"))?;
    let name = *template::variables(script).ok()?.first()?;
    written_in(run.span, &format!("${{{name}}}"), text)
}

fn written_in(span: Span, what: &str, text: &str) -> Option<Span> {
    // A list has only its bracket or nothing for a span; its text goes on for as long as it likes.
    let rest = text.get(span.offset..)?;
    let rest = if span.len > 1 { rest.get(..span.len)? } else { rest };
    rest.find(what).map(|found| Span { offset: span.offset + found, len: what.len() })
}

/// A place inside a scalar, where the file has its text as it stands, behind a quote perhaps; the whole
/// scalar otherwise.
fn inside(span: Span, value: &str, offset: usize, len: usize, text: &str) -> Span {
    let written = text.get(span.offset..span.offset + span.len).unwrap_or_default();
    let as_it_stands = [0, 1]
        .into_iter()
        .find(|&quote| written.get(quote..).is_some_and(|written| written.starts_with(&value[..offset])));
    match as_it_stands {
        Some(quote) => Span { offset: span.offset + quote + offset, len },
        None => span,
    }
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
                Problem::at(name.span, format!("the parameter `{}` is no name of a variable", name.value))
                    .help("letters, digits and _, no digit first")
            } else if is_reserved(&name.value) {
                Problem::at(name.span, format!("the parameter `{}` is reserved", name.value))
                    .help("a caller could change by it what a program does; choose another name")
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
