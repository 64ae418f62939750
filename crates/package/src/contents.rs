//! Which file of the project goes where in the package.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use lamex_config::{Config, Include, Problem};

use super::collector::{Collector, Contents, Origin, Scope};
use super::destination::{destination, names_folder};
use super::include_pattern;

/// Resolves all includes.
///
/// # Errors
/// Every include that cannot be, with its place in lamex.yaml.
pub(super) fn collect(config: &Config) -> Result<Contents, Vec<Problem>> {
    let mut collector = Collector::default();
    let mut problems = Vec::new();
    let project = match fs::canonicalize(&config.project) {
        Ok(project) => project,
        Err(error) => {
            let message = format!("cannot read {}: {error}", config.project.display());
            return Err(vec![Problem::new(message)]);
        }
    };
    for each in &config.include {
        if let Err(problem) = include(&mut collector, each, &project) {
            problems.push(problem);
        }
    }
    if problems.is_empty() { Ok(collector.contents) } else { Err(problems) }
}

/// What of all this is here now. An include of which anything is missing or cannot be followed is left out as a
/// whole: packing says what is wrong with it.
pub(super) fn found(config: &Config) -> Contents {
    let mut found = Contents::new();
    let Ok(project) = fs::canonicalize(&config.project) else { return found };
    for include in &config.include {
        let mut collector = Collector::default();
        if self::include(&mut collector, include, &project).is_ok() {
            found.extend(collector.contents);
        }
    }
    found
}

/// The places in the package of all that is here now, but for includes of which anything is missing.
#[must_use]
pub fn files_here(config: &Config) -> BTreeSet<String> {
    found(config).into_keys().collect()
}

/// Every include that brings the file which is about to be written.
pub(super) fn including(contents: &Contents, written: &Path) -> Vec<Problem> {
    let Ok(written) = fs::canonicalize(written) else {
        return Vec::new();
    };
    let included = contents.iter().filter(|(_, origin)| origin.path == written);
    let problem = |(path, origin): (&String, &Origin)| {
        let message = format!("this includes the package itself, as `{path}`");
        let problem = match origin.include {
            Some(span) => Problem::at(span, message),
            None => Problem::new(message),
        };
        problem.help("include what the tests need only, or write the package elsewhere with `-o`")
    };
    included.map(problem).collect()
}

/// Puts what the include names into the contents: one file or folder, or every file of a pattern.
fn include(collector: &mut Collector, include: &Include, project: &Path) -> Result<(), Problem> {
    match include_pattern::expand(include, project)? {
        None => include_one(collector, include, project),
        Some(includes) => includes.iter().try_for_each(|include| include_one(collector, include, project)),
    }
}

fn include_one(collector: &mut Collector, include: &Include, project: &Path) -> Result<(), Problem> {
    let span = include.from_span;
    let from = Path::new(&include.from);
    if from.is_absolute() {
        return Err(Problem::at(span, format!("`{}` is an absolute path", include.from))
            .help("write it relative to the folder of lamex.yaml: the file is for every machine"));
    }
    let wants_folder = names_folder(&include.from);
    let lexical = project.join(from);
    let metadata = fs::metadata(&lexical).map_err(|error| missing(include, &lexical, &error))?;
    if metadata.is_dir() && !wants_folder {
        return Err(Problem::at(span, format!("`{}` is a folder", include.from))
            .help(format!("write `{}/` to include all of it", include.from)));
    }
    let scope = Scope { root: project, project, span: Some(span), is_left_out: &|_, _| false };
    let real = scope.resolve(&lexical)?;
    let root = root_of(from, &lexical, metadata.is_dir(), &scope)?;
    let scope = Scope { root: &root, ..scope };
    scope.check(&real, &include.from)?;
    let to = destination(include, metadata.is_dir())?;
    if metadata.is_dir() {
        collector.folder(&real, &to, &scope, &mut vec![real.clone()])
    } else {
        collector.file(&real, to, &scope)
    }
}

/// Links may lead anywhere within the project. An include that names a place outside by `../` says so
/// itself: its links may lead anywhere within that place.
fn root_of(from: &Path, lexical: &Path, is_folder: bool, scope: &Scope<'_>) -> Result<PathBuf, Problem> {
    let mut depth = 0_usize;
    let mut leaves_project = false;
    for component in from.components() {
        match component {
            Component::ParentDir if depth == 0 => leaves_project = true,
            Component::ParentDir => depth -= 1,
            Component::Normal(_) => depth += 1,
            _ => {}
        }
    }
    match lexical.parent() {
        _ if !leaves_project => Ok(scope.project.to_owned()),
        Some(parent) if !is_folder => scope.resolve(parent),
        _ => scope.resolve(lexical),
    }
}

/// Where the include lands, as far as lamex.yaml tells without the file: a file's path, or a folder's with its slash
/// (the root's is empty). `None` for one that cannot be, and for a pattern.
pub(super) fn place(include: &Include) -> Option<String> {
    let is_one = !include_pattern::is_pattern(include);
    destination(include, names_folder(&include.from)).ok().filter(|_| is_one)
}

/// Where the include's file would land, if it is one and is not here.
pub fn missing_file(config: &Config, include: &Include) -> Option<String> {
    let is_missing = fs::symlink_metadata(config.project.join(&include.from))
        .is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    place(include).filter(|place| is_missing && !place.is_empty() && !place.ends_with('/'))
}

fn missing(include: &Include, lexical: &Path, error: &io::Error) -> Problem {
    if error.kind() == io::ErrorKind::NotADirectory && include.from.ends_with('/') {
        return Problem::at(include.from_span, format!("`{}` is not a folder", include.from))
            .help(format!("write `{}`", include.from.trim_end_matches('/')));
    }
    if fs::symlink_metadata(lexical).is_ok() {
        return Problem::at(include.from_span, format!("the link `{}` is broken", include.from))
            .help("has its target been built?");
    }
    if error.kind() != io::ErrorKind::NotFound {
        return Problem::at(include.from_span, format!("cannot read `{}`: {error}", include.from));
    }
    let problem = Problem::at(include.from_span, format!("there is no `{}`", include.from));
    match nearest_sibling(lexical) {
        Some(name) => problem.help(format!("the folder has `{name}`; did you mean that?")),
        None => problem.help("build it first; the path is relative to the folder of lamex.yaml"),
    }
}

fn nearest_sibling(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_str()?;
    let names: Vec<_> = fs::read_dir(path.parent()?)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    lamex_config::nearest(wanted, names.iter().map(String::as_str)).map(str::to_owned)
}
