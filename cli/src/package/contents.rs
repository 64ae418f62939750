//! Which file of the project goes where in the package.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::BOOTSTRAP;
use crate::config::{Config, Include, Problem, Span};

/// Files by their path in the package, in the order that packages have them.
pub(super) type Contents = BTreeMap<String, Origin>;

/// Where a file of the package comes from.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    /// The file itself, symbolic links resolved.
    pub(super) path: PathBuf,
    include: Span,
}

/// The most files of a package; Lambda's limit of 250 MB comes long before for most.
const MAX_FILES: usize = 50_000;

/// Resolves all includes.
///
/// # Errors
/// Every include that cannot be, with its place in lamex.yaml.
pub(super) fn collect(config: &Config) -> Result<Contents, Vec<Problem>> {
    let mut collector = Collector { contents: Contents::new(), problems: Vec::new() };
    let project = match fs::canonicalize(&config.project) {
        Ok(project) => project,
        Err(error) => {
            let message = format!("cannot look into {}: {error}", config.project.display());
            return Err(vec![Problem::new(message)]);
        }
    };
    for include in &config.include {
        if let Err(problem) = collector.include(include, &project) {
            collector.problems.push(problem);
        }
    }
    if collector.problems.is_empty() { Ok(collector.contents) } else { Err(collector.problems) }
}

/// What of all this is here now. An include of which anything is missing or cannot be followed is left out as a
/// whole: packing says what is wrong with it.
pub(super) fn found(config: &Config) -> Contents {
    let mut found = Contents::new();
    let Ok(project) = fs::canonicalize(&config.project) else { return found };
    for include in &config.include {
        let mut collector = Collector { contents: Contents::new(), problems: Vec::new() };
        if collector.include(include, &project).is_ok() {
            found.extend(collector.contents);
        }
    }
    found
}

/// Every include that brings the file which is about to be written.
pub(super) fn including(contents: &Contents, written: &Path) -> Vec<Problem> {
    let Ok(written) = fs::canonicalize(written) else {
        return Vec::new();
    };
    let included = contents.iter().filter(|(_, origin)| origin.path == written);
    let problem = |(path, origin): (&String, &Origin)| {
        Problem::at(origin.include, format!("this includes the package itself, as `{path}`"))
            .help("include what the tests need only, or write the package elsewhere with `-o`")
    };
    included.map(problem).collect()
}

struct Collector {
    contents: Contents,
    problems: Vec<Problem>,
}

/// One include on its way: how far its symbolic links may lead, and its place.
struct Scope<'a> {
    root: &'a Path,
    project: &'a Path,
    span: Span,
}

impl Collector {
    fn include(&mut self, include: &Include, project: &Path) -> Result<(), Problem> {
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
                .help(format!("write `{}/` for all that it holds", include.from)));
        }
        let real = resolve(&lexical, span)?;
        let root = root_of(from, project, &lexical, metadata.is_dir(), span)?;
        let scope = Scope { root: &root, project, span };
        scope.check(&real, &include.from)?;
        let to = destination(include, metadata.is_dir())?;
        if metadata.is_dir() {
            self.folder(&real, &to, &scope, &mut vec![real.clone()])
        } else {
            self.file(&real, to, &scope)
        }
    }

    fn file(&mut self, real: &Path, to: String, scope: &Scope<'_>) -> Result<(), Problem> {
        let is_file = fs::metadata(real).is_ok_and(|metadata| metadata.is_file());
        if !is_file {
            return Err(Problem::at(scope.span, format!("`{}` is no regular file", real.display()))
                .help("a package holds files: no sockets, pipes or devices"));
        }
        let reserved = [BOOTSTRAP, lamex_protocol::plan::FILE_NAME, lamex_protocol::commands_txt::FILE_NAME];
        let at_root = to.split('/').next().unwrap_or_default();
        if reserved.contains(&at_root) {
            return Err(Problem::at(
                scope.span,
                format!("`{at_root}` at the root of the package is lamex's own"),
            )
            .help("give it another name there: `{ from: …, to: … }`"));
        }
        if self.contents.len() >= MAX_FILES {
            return Err(Problem::at(scope.span, format!("the package has more than {MAX_FILES} files"))
                .help("is it the folder that you mean?"));
        }
        let taken = self.contents.get(&to).or_else(|| self.beneath_or_above(&to));
        if let Some(other) = taken {
            let problem = Problem::new(format!("two includes put something at `{to}`"));
            let problem = if other.include == scope.span {
                problem.label(scope.span, "both from here")
            } else {
                problem.label(other.include, "this one").label(scope.span, "and this one")
            };
            return Err(problem.help("give one of them another place: `{ from: …, to: … }`"));
        }
        let origin = Origin { path: real.to_owned(), include: scope.span };
        self.contents.insert(to, origin);
        Ok(())
    }

    /// A file where this one needs a folder, or one in a folder where this one is to be a file.
    fn beneath_or_above(&self, to: &str) -> Option<&Origin> {
        let above = to.match_indices('/').find_map(|(slash, _)| self.contents.get(&to[..slash]));
        above.or_else(|| {
            let folder = format!("{to}/");
            let (path, origin) = self.contents.range(folder.clone()..).next()?;
            path.starts_with(&folder).then_some(origin)
        })
    }

    /// `above` holds the folders on the way here, for links that lead back to one of them.
    fn folder(
        &mut self,
        real: &Path,
        to: &str,
        scope: &Scope<'_>,
        above: &mut Vec<PathBuf>,
    ) -> Result<(), Problem> {
        let unreadable = |error: io::Error| {
            Problem::at(scope.span, format!("cannot look into {}: {error}", real.display()))
        };
        let mut entries = fs::read_dir(real)
            .and_then(|entries| entries.collect::<io::Result<Vec<_>>>())
            .map_err(unreadable)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let file_name = entry.file_name();
            let name = file_name.to_str().filter(|name| !name.contains(char::is_control));
            let Some(name) = name else {
                return Err(Problem::at(
                    scope.span,
                    format!("the name of {} is no printable UTF-8", path.display()),
                )
                .help("rename the file, or include the others one by one"));
            };
            let child = resolve(&path, scope.span)?;
            scope.check(&child, &scope.show(&path))?;
            if !fs::metadata(&child).map_err(unreadable)?.is_dir() {
                self.file(&child, format!("{to}{name}"), scope)?;
                continue;
            }
            if above.contains(&child) {
                return Err(Problem::at(
                    scope.span,
                    format!("the link `{}` leads back to itself", scope.show(&path)),
                )
                .help("a package cannot hold a folder within itself"));
            }
            above.push(child.clone());
            self.folder(&child, &format!("{to}{name}/"), scope, above)?;
            above.pop();
        }
        Ok(())
    }
}

impl Scope<'_> {
    fn check(&self, real: &Path, named: &str) -> Result<(), Problem> {
        if real.starts_with(self.root) {
            return Ok(());
        }
        let place = if self.root == self.project { "the project" } else { "what is included" };
        let message = format!("`{named}` leads out of {place}, to {}", real.display());
        Err(Problem::at(self.span, message)
            .help("symbolic links are followed inside only; include what is meant by its real path"))
    }

    /// As the author of lamex.yaml knows the path.
    fn show(&self, path: &Path) -> String {
        path.strip_prefix(self.project).unwrap_or(path).display().to_string()
    }
}

fn resolve(path: &Path, span: Span) -> Result<PathBuf, Problem> {
    fs::canonicalize(path).map_err(|error| {
        Problem::at(span, format!("cannot follow {}: {error}", path.display()))
            .help("a symbolic link that leads nowhere cannot be packed")
    })
}

/// Links may lead anywhere within the project. An include that names a place outside by `../` says so
/// itself: its links may lead anywhere within that place.
fn root_of(
    from: &Path,
    project: &Path,
    lexical: &Path,
    is_folder: bool,
    span: Span,
) -> Result<PathBuf, Problem> {
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
        _ if !leaves_project => Ok(project.to_owned()),
        Some(parent) if !is_folder => resolve(parent, span),
        _ => resolve(lexical, span),
    }
}

/// Where the include lands, as far as lamex.yaml tells without the file: a file's path, or a folder's with its slash
/// (the root's is empty). `None` for one that cannot be.
pub(super) fn place(include: &Include) -> Option<String> {
    destination(include, names_folder(&include.from)).ok()
}

/// Where the include's file would land, if it is one and is not here.
pub(crate) fn missing_file(config: &Config, include: &Include) -> Option<String> {
    let is_missing = fs::symlink_metadata(config.project.join(&include.from))
        .is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
    place(include).filter(|place| is_missing && !place.is_empty() && !place.ends_with('/'))
}

/// Whether the path says that it is a folder's.
fn names_folder(path: &str) -> bool {
    path.ends_with('/') || path.ends_with("/.") || path == "."
}

/// Where the include lands: a file's path, or a folder's with its slash (the root's is empty).
fn destination(include: &Include, is_folder: bool) -> Result<String, Problem> {
    let name_of_origin = || {
        let name = Path::new(&include.from).file_name().and_then(|name| name.to_str());
        name.map(str::to_owned).ok_or_else(|| {
            Problem::at(include.from_span, format!("`{}` has no name of its own", include.from))
                .help("say where it goes: `{ from: …, to: … }`")
        })
    };
    let Some(to) = &include.to else {
        let name = name_of_origin()?;
        return Ok(if is_folder { format!("{name}/") } else { name });
    };
    let mut path = String::new();
    for component in Path::new(to).components() {
        match component {
            Component::CurDir => {}
            Component::Normal(name) => {
                path.push_str(&name.to_string_lossy());
                path.push('/');
            }
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(Problem::at(include.to_span, format!("`{to}` is outside of the package"))
                    .help("`to` is relative to the root of the package and has no `..`"));
            }
        }
    }
    match (is_folder, names_folder(to)) {
        (true, _) => Ok(path),
        (false, true) => Ok(path + &name_of_origin()?),
        (false, false) => Ok(path.trim_end_matches('/').to_owned()),
    }
}

fn missing(include: &Include, lexical: &Path, error: &io::Error) -> Problem {
    if error.kind() == io::ErrorKind::NotADirectory && include.from.ends_with('/') {
        return Problem::at(include.from_span, format!("`{}` is no folder", include.from))
            .help(format!("write `{}`", include.from.trim_end_matches('/')));
    }
    if fs::symlink_metadata(lexical).is_ok() {
        return Problem::at(include.from_span, format!("the link `{}` leads nowhere", include.from))
            .help("is what it leads to built already?");
    }
    if error.kind() != io::ErrorKind::NotFound {
        return Problem::at(include.from_span, format!("cannot look at `{}`: {error}", include.from));
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
    crate::config::nearest(wanted, names.iter().map(String::as_str)).map(str::to_owned)
}
