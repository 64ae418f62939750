//! Collects the files of the package: one by one, or a folder with all that it holds.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use lamex_config::{Problem, Span};

use super::BOOTSTRAP;

/// Files by their path in the package, in the order that packages have them.
pub(super) type Contents = BTreeMap<String, Origin>;

/// Where a file of the package comes from.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    /// The file itself, symbolic links resolved.
    pub(super) path: PathBuf,
    /// The place in lamex.yaml that names it, if one does.
    pub(super) include: Option<Span>,
}

/// The most files of a package; Lambda's limit of 250 MB comes long before for most.
const MAX_FILES: usize = 50_000;

/// What lamex itself puts at the root of the package.
pub(super) const RESERVED: [&str; 3] =
    [BOOTSTRAP, lamex_protocol::plan::FILE_NAME, lamex_protocol::commands_txt::FILE_NAME];

#[derive(Debug, Default)]
pub(super) struct Collector {
    pub(super) contents: Contents,
}

/// What is being collected: how far its symbolic links may lead, what is passed over, and its place.
pub(super) struct Scope<'a> {
    pub(super) root: &'a Path,
    pub(super) project: &'a Path,
    pub(super) span: Option<Span>,
    /// Says of a file or folder, by its path on disk and in the package, whether it is left out.
    pub(super) is_left_out: &'a dyn Fn(&Path, &str) -> bool,
}

impl Collector {
    pub(super) fn file(&mut self, real: &Path, to: String, scope: &Scope<'_>) -> Result<(), Problem> {
        let is_file = fs::metadata(real).is_ok_and(|metadata| metadata.is_file());
        if !is_file {
            return Err(scope
                .problem(format!("`{}` is not a regular file", real.display()))
                .help("a package holds files: no sockets, pipes or devices"));
        }
        let at_root = to.split('/').next().unwrap_or_default();
        if RESERVED.contains(&at_root) {
            let help = match scope.span {
                Some(_) => "give it another name there: `{ from: …, to: … }`",
                None => "give the folder another name",
            };
            return Err(scope
                .problem(format!("`{at_root}` at the root of the package is reserved for lamex"))
                .help(help));
        }
        if self.contents.len() >= MAX_FILES {
            return Err(scope
                .problem(format!("the package has more than {MAX_FILES} files"))
                .help("is this the right folder?"));
        }
        let taken = self.contents.get(&to).or_else(|| self.beneath_or_above(&to));
        if let Some(other) = taken {
            let problem = Problem::new(format!("two includes put something at `{to}`"));
            let problem = match (other.include, scope.span) {
                (Some(one), Some(both)) if one == both => problem.label(one, "both from here"),
                (Some(one), Some(other)) => problem.label(one, "this one").label(other, "and this one"),
                _ => problem,
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
    pub(super) fn folder(
        &mut self,
        real: &Path,
        to: &str,
        scope: &Scope<'_>,
        above: &mut Vec<PathBuf>,
    ) -> Result<(), Problem> {
        let unreadable = |error: io::Error| scope.problem(format!("cannot read {}: {error}", real.display()));
        let mut entries = fs::read_dir(real)
            .and_then(|entries| entries.collect::<io::Result<Vec<_>>>())
            .map_err(unreadable)?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let file_name = entry.file_name();
            let name = file_name.to_str().filter(|name| !name.contains(char::is_control));
            let Some(name) = name else {
                return Err(scope
                    .problem(format!("the name of {} is not printable UTF-8", path.display()))
                    .help("rename the file, or include the others one by one"));
            };
            let to = format!("{to}{name}");
            if (scope.is_left_out)(&path, &to) {
                continue;
            }
            let child = scope.resolve(&path)?;
            scope.check(&child, &scope.show(&path))?;
            if !fs::metadata(&child).map_err(unreadable)?.is_dir() {
                self.file(&child, to, scope)?;
                continue;
            }
            if above.contains(&child) {
                return Err(scope
                    .problem(format!("the link `{}` leads back to itself", scope.show(&path)))
                    .help("a package cannot hold a folder within itself"));
            }
            above.push(child.clone());
            self.folder(&child, &format!("{to}/"), scope, above)?;
            above.pop();
        }
        Ok(())
    }
}

impl Scope<'_> {
    /// A problem at the place in lamex.yaml, if there is one.
    fn problem(&self, message: String) -> Problem {
        match self.span {
            Some(span) => Problem::at(span, message),
            None => Problem::new(message),
        }
    }

    /// Whether what was found is where it may be.
    pub(super) fn check(&self, real: &Path, named: &str) -> Result<(), Problem> {
        if real.starts_with(self.root) {
            return Ok(());
        }
        let place = match self.span {
            Some(_) if self.root == self.project => "the project",
            Some(_) => "what is included",
            None => "the folder",
        };
        let message = format!("`{named}` leads outside {place}, to {}", real.display());
        let help = match self.span {
            Some(_) => {
                "symbolic links are followed only inside it; include the file or folder by its real path"
            }
            None => "symbolic links are followed only inside it; put a copy of the file or folder there",
        };
        Err(self.problem(message).help(help))
    }

    pub(super) fn resolve(&self, path: &Path) -> Result<PathBuf, Problem> {
        fs::canonicalize(path).map_err(|error| {
            self.problem(format!("cannot follow {}: {error}", path.display()))
                .help("a broken symbolic link cannot be packed")
        })
    }

    /// As the author of lamex.yaml knows the path.
    fn show(&self, path: &Path) -> String {
        path.strip_prefix(self.project).unwrap_or(path).display().to_string()
    }
}
