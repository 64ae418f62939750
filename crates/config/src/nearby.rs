//! Which file was probably meant where lamex.yaml is not found.

use std::fs;
use std::path::{Path, PathBuf};

use super::model::{DEFAULT_FILE_NAME, folder_of};

/// What to do where there is no file at `path`.
pub(super) fn advice(path: &Path) -> String {
    let folder = folder_of(path);
    if let Some(name) = misnamed(&folder) {
        return format!(
            "there is `{name}`: rename it to {DEFAULT_FILE_NAME}, or name it with `--config {name}`"
        );
    }
    if let Some(file) = above(&folder) {
        let file = file.display();
        return format!("there is one in a folder above: go there, or name it with `--config {file}`");
    }
    "name another file with `--config FILE`, or go to the folder that has the lamex.yaml; `lamex-ctl init` writes \
     one"
    .to_owned()
}

/// A file beside the one that is not there, with one of the names that are given by mistake.
fn misnamed(folder: &Path) -> Option<String> {
    const MISTAKES: [&str; 8] = [
        "lamex.yaml",
        "lamex.yml",
        ".lamex.yaml",
        ".lamex.yml",
        "lamex.yaml.txt",
        "lamex.yml.txt",
        "lamex.json",
        "lamex",
    ];
    let entries = fs::read_dir(folder).ok()?.flatten();
    let files = entries.filter(|entry| fs::metadata(entry.path()).is_ok_and(|metadata| metadata.is_file()));
    let names: Vec<String> = files.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    let of_mistake = |mistake: &&str| names.iter().find(|name| name.to_lowercase() == **mistake);
    let name = MISTAKES.iter().find_map(of_mistake)?;
    let folder = if folder == Path::new(".") { PathBuf::new() } else { folder.to_owned() };
    Some(folder.join(name).display().to_string())
}

/// The nearest lamex.yaml in a folder above.
fn above(folder: &Path) -> Option<PathBuf> {
    let absolute = fs::canonicalize(folder).ok()?;
    let mut path = if folder == Path::new(".") { PathBuf::new() } else { folder.to_owned() };
    for ancestor in absolute.ancestors().skip(1) {
        path.push("..");
        if ancestor.join(DEFAULT_FILE_NAME).is_file() {
            return Some(path.join(DEFAULT_FILE_NAME));
        }
    }
    None
}
