//! Includes that stand for several files: `build/*.test`.
//!
//! A file of exactly that name is meant itself. A pattern stands for files and no folders, for one at least, and each
//! lands under its own name: at the root of the package, or in the folder that `to` names.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use lamex_config::{Config, Include, Problem};

use super::destination::{destination, names_folder};
use super::wildcards::{self, NamePattern, PatternProblem};

/// Whether the include stands for several files, as far as lamex.yaml tells.
pub(super) fn is_pattern(include: &Include) -> bool {
    wildcards::has_wildcards(&include.from) && !names_folder(&include.from)
}

/// The files that the include stands for, an include each; `None` if it is not a pattern.
///
/// # Errors
/// The pattern is invalid or matches nothing, or `to` is not a folder.
pub(super) fn expand(include: &Include, project: &Path) -> Result<Option<Vec<Include>>, Problem> {
    let Include { from, to, from_span, to_span } = include;
    let is_there = fs::symlink_metadata(project.join(from)).is_ok();
    if is_there || !wildcards::has_wildcards(from) || Path::new(from).is_absolute() {
        return Ok(None);
    }
    if names_folder(from) {
        return Err(Problem::at(*from_span, format!("`{from}` is a pattern for folders"))
            .help("a pattern matches only files; include folders one by one"));
    }
    if let Some(to) = to.as_ref().filter(|to| !names_folder(to)) {
        return Err(Problem::at(
            *to_span,
            format!("`{from}` matches several files, but `{to}` is a single file"),
        )
        .help(format!("write `{to}/` for a folder, or `./`")));
    }
    let files = wildcards::files(project, from).map_err(|problem| match problem {
        PatternProblem::Unclosed => {
            Problem::at(*from_span, format!("`{from}` has a `[` without a closing `]`"))
                .help("a file whose name contains `[` is found if it exists")
        }
        PatternProblem::Recursive => Problem::at(*from_span, format!("`{from}` has `**`"))
            .help("`*` matches a part of one name; write `*/*.test`, or include the whole folder"),
        PatternProblem::Unreadable(error) => {
            Problem::at(*from_span, format!("cannot look for `{from}`: {error}")).help(BUILD_FIRST)
        }
    })?;
    if files.is_empty() {
        return Err(Problem::at(*from_span, format!("no file matches `{from}`")).help(BUILD_FIRST));
    }
    Ok(Some(files.into_iter().map(|from| Include { from, ..include.clone() }).collect()))
}

const BUILD_FIRST: &str = "build the files first, with `lamex-ctl build` where commands have `build`; the path is \
                           relative to the folder of lamex.yaml";

/// What is known of an include that is a pattern, whether or not its files are here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncludePattern {
    /// In the package, with its slash; the root's is empty.
    folder: String,
    name: NamePattern,
    literal: String,
    /// The places in the package of the files that are here.
    pub found: BTreeSet<String>,
}

impl IncludePattern {
    /// `None` for an include that is not a pattern, or an invalid one.
    #[must_use]
    pub fn new(config: &Config, include: &Include) -> Option<Self> {
        let folder_of_all =
            Include { to: Some(include.to.clone().unwrap_or_else(|| "./".to_owned())), ..include.clone() };
        let (_, literal) = include.from.rsplit_once('/').unwrap_or(("", &include.from));
        let folder = destination(&folder_of_all, true).ok().filter(|_| is_pattern(include))?;
        let files = expand(include, &config.project).ok().flatten().unwrap_or_default();
        Some(Self {
            folder,
            name: NamePattern::parse(literal).ok()?,
            literal: literal.to_owned(),
            found: files.iter().filter_map(|file| destination(file, false).ok()).collect(),
        })
    }

    /// Whether the include could put a file there.
    #[must_use]
    pub fn could_bring(&self, path: &str) -> bool {
        let name = path.strip_prefix(&self.folder).filter(|name| !name.contains('/'));
        name.is_some_and(|name| name == self.literal || self.name.matches(name))
    }
}
