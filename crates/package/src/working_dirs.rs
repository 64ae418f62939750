//! Folders that commands run in: all of them must be in the package.

use std::collections::BTreeSet;
use std::path::Path;

use lamex_config::nearest;

use super::collector::{Contents, RESERVED};

/// Put into a folder that would be empty otherwise, since not every tool keeps those.
pub(super) const PLACEHOLDER: &str = ".keep";

/// What it says.
pub(super) const PLACEHOLDER_TEXT: &str = "A command of this package runs in this folder.\n";

/// What is wrong with a working directory, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unusable {
    pub(super) message: String,
    pub(super) help: String,
}

/// Whether the package has this folder, or can have it: one that the project has and nothing is included
/// from is there, and empty. Any other is a typo.
pub(super) fn check(dir: &str, contents: &Contents, project: &Path) -> Result<(), Unusable> {
    let is_reserved = RESERVED.contains(&dir.split('/').next().unwrap_or_default());
    let file = folders(dir).find(|path| contents.contains_key(*path));
    if is_reserved || file.is_some() {
        return Err(Unusable {
            message: format!("`{}` is a file of the package, not a folder to run in", file.unwrap_or(dir)),
            help: "`dir` is a folder, relative to the package's root".to_owned(),
        });
    }
    if holds_something(dir, contents) || project.join(dir).is_dir() {
        return Ok(());
    }
    let message = format!("neither the package nor the project has a folder `{dir}`");
    let known: BTreeSet<&str> =
        contents.keys().flat_map(|path| folders(path).filter(move |folder| folder != path)).collect();
    let help = match nearest(dir, known) {
        Some(known) => format!("the package has `{known}`; did you mean that?"),
        None => format!("include what the tests need there: `{{ from: …, to: {dir}/ }}`"),
    };
    Err(Unusable { message, help })
}

/// The placeholders that make every folder a part of the package.
pub(super) fn placeholders<'a>(dirs: impl Iterator<Item = &'a str>, contents: &Contents) -> Vec<String> {
    let dirs: BTreeSet<&str> = dirs.collect();
    let holds_another = |dir: &str| {
        dirs.iter().any(|other| other.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/')))
    };
    let empty = dirs.iter().filter(|dir| !holds_something(dir, contents) && !holds_another(dir));
    empty.map(|dir| format!("{dir}/{PLACEHOLDER}")).collect()
}

fn holds_something(dir: &str, contents: &Contents) -> bool {
    let folder = format!("{dir}/");
    contents.range(folder.clone()..).next().is_some_and(|(path, _)| path.starts_with(&folder))
}

/// The folders on the way to a path, and the path itself.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    let ends = path.match_indices('/').map(|(slash, _)| slash).chain([path.len()]);
    ends.map(|end| &path[..end])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::Origin;

    fn contents(paths: &[&str]) -> Contents {
        let origin = || Origin { path: "x".into(), include: None };
        paths.iter().map(|&path| (path.to_owned(), origin())).collect()
    }

    #[test]
    fn a_folder_is_in_the_package_or_in_the_project() {
        let project = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(project.path().join("stock/tests")).unwrap();
        let contents = contents(&["orders/testdata/a", "tests"]);
        let check = |dir: &str| check(dir, &contents, project.path()).map_err(|error| error.help);
        for dir in ["orders", "orders/testdata", "stock", "stock/tests"] {
            assert_eq!(check(dir), Ok(()), "{dir}");
        }
        for dir in ["tests", "tests/deep", "orders/testdata/a", "bootstrap", "commands.txt/x"] {
            assert!(check(dir).unwrap_err().contains("is a folder, relative"), "{dir}");
        }
        assert!(check("order").unwrap_err().contains("the package has `orders`"));
        assert!(check("nowhere/at/all").unwrap_err().contains("to: nowhere/at/all/"));
    }

    #[test]
    fn folders_that_would_be_missing_get_a_file() {
        let contents = contents(&["orders/testdata/a", "order"]);
        let placeholders = |dirs: &[&str]| placeholders(dirs.iter().copied(), &contents).join(" ");
        assert_eq!(
            placeholders(&["orders", "stock", "stock", "orders/tests"]),
            "orders/tests/.keep stock/.keep"
        );
        assert_eq!(placeholders(&["stock", "stock/tests"]), "stock/tests/.keep");
        assert_eq!(placeholders(&[]), "");
    }
}
