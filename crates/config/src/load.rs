//! Reads a lamex.yaml.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use miette::NamedSource;

use super::commands;
use super::environments;
use super::error::ConfigError;
use super::file::{IncludeEntry, LamexYaml, MappedInclude};
use super::model::{Config, Include, folder_of};
use super::nearby;
use super::problem::{Invalid, Problem, Problems, Source, Span};
use super::read::{At, Read};
use super::yaml::{self, Value};

/// Five thousand commands of two hundred bytes fit four times.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// Reads and resolves the file.
///
/// # Errors
/// It is not there, cannot be read, or has at least one problem; the error is a report with all of them.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    let bytes = match fs::metadata(path).and_then(|metadata| {
        let is_small = metadata.len() <= MAX_FILE_BYTES;
        is_small.then(|| fs::read(path)).transpose()
    }) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            return Err(ConfigError::TooLarge { path: path.to_owned(), limit_bytes: MAX_FILE_BYTES });
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(ConfigError::NotFound { path: path.to_owned(), help: nearby::advice(path) });
        }
        Err(source) => {
            return Err(ConfigError::Unreadable { path: path.to_owned(), source });
        }
    };
    let name = path.display().to_string();
    let text = String::from_utf8(bytes).map_err(|error| not_utf8(&name, &error))?;
    parse(path, Arc::new(NamedSource::new(name, text)))
}

fn not_utf8(name: &str, error: &std::string::FromUtf8Error) -> Invalid {
    let span = Span { offset: error.utf8_error().valid_up_to(), len: 1 };
    let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
    let problem = Problem::at(span, "this is not UTF-8").help("save the file as UTF-8");
    Invalid::new(vec![problem], &Arc::new(NamedSource::new(name, text)))
}

fn parse(path: &Path, source: Source) -> Result<Config, ConfigError> {
    let mut problems = Problems::default();
    let text = source.inner().as_str();
    let node = yaml::parse(text, &mut problems).map_err(|problem| Invalid::new(vec![problem], &source))?;
    if node.value == Value::Null {
        return Err(ConfigError::Empty { path: path.to_owned() });
    }
    let config = LamexYaml::read(&node, &mut problems).map(|file| {
        let environments = file.environments.unwrap_or_default();
        let defaults = file.defaults.as_ref().map(|defaults| &defaults.0);
        Config {
            path: path.to_owned(),
            project: folder_of(path),
            include: includes(file.package.and_then(|package| package.include).unwrap_or_default()),
            commands: commands::resolve(file.commands.unwrap_or_default(), text, &mut problems),
            fail_fast: file.fail_fast.unwrap_or_default(),
            environments: environments::resolve(&environments.0, defaults, &mut problems),
            places: environments::places(&environments.0, defaults),
            source: Arc::clone(&source),
        }
    });
    Ok(problems.or(config, &source)?)
}

fn includes(entries: Vec<At<IncludeEntry>>) -> Vec<Include> {
    let include = |At { value, span }| match value {
        IncludeEntry::Path(from) => Include { from, to: None, from_span: span, to_span: span },
        IncludeEntry::Mapped(MappedInclude { from, to }) => {
            Include { from: from.value.0, to: Some(to.value.0), from_span: from.span, to_span: to.span }
        }
    };
    entries.into_iter().map(include).collect()
}
