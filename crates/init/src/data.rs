//! What tests read beside what is compiled into them: folders of test data, and files that their sources name.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use regex_lite::Regex;

use super::walk::{is_plain, join};

/// What tests of a folder were found to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Data {
    /// Files, and folders with a slash at their end, relative to the folder of lamex.yaml.
    pub(super) paths: BTreeSet<String>,
    /// What is outside of that folder, as the tests name it.
    pub(super) outside: BTreeSet<String>,
}

/// Folders that a project has beside its sources, where a source that names one means something else.
const NO_DATA: [&str; 5] = ["build", "dist", "node_modules", "target", "vendor"];
/// Names of folders that are data without further words.
const DATA_NAMES: [&str; 8] =
    ["corpus", "data", "fixtures", "golden", "samples", "snapshots", "templates", "testdata"];
const LONGEST_PATH: usize = 200;

impl Data {
    /// The folder, if it is there and holds anything.
    pub(super) fn add_folder(&mut self, root: &Path, folder: &str) {
        if fs::read_dir(root.join(folder)).is_ok_and(|mut entries| entries.next().is_some()) {
            self.paths.insert(format!("{folder}/"));
        }
    }

    /// What the source names, seen from the folder that its tests run in.
    pub(super) fn add_named(&mut self, root: &Path, dir: &str, source: &str) {
        for named in named_paths(source) {
            self.add(root, dir, &named);
        }
    }

    fn add(&mut self, root: &Path, dir: &str, named: &str) {
        // What comes after a wildcard or a placeholder is not known: all of the folder, then.
        let parts: Vec<&str> = named.split('/').collect();
        let known = parts.iter().position(|part| part.contains(['*', '?', '[', '%', '{', '$']));
        let literal = parts[..known.unwrap_or(parts.len())].join("/");
        let mut path: Vec<&str> = dir.split('/').filter(|part| !part.is_empty()).collect();
        for part in literal.split('/') {
            match part {
                "" | "." => {}
                ".." if path.is_empty() => {
                    if root.join(dir).join(&literal).is_file() {
                        self.outside.insert(literal.clone());
                    }
                    return;
                }
                ".." => {
                    path.pop();
                }
                part => path.push(part),
            }
        }
        let is_source = path.iter().any(|part| NO_DATA.contains(part) || part.starts_with('.'));
        let path = path.join("/");
        if path.is_empty() || is_source || !path.split('/').all(is_plain) {
            return;
        }
        let on_disk = root.join(&path);
        if on_disk.is_file() && known.is_none() && !named.ends_with('/') {
            self.paths.insert(path);
        } else if on_disk.is_dir() && is_data(&on_disk, &literal) && !is_above(&path, dir) {
            self.add_folder(root, &path);
        }
    }

    /// Without what is inside of another folder of these.
    pub(super) fn without_nested(paths: BTreeSet<String>) -> BTreeSet<String> {
        let is_nested = |path: &String| {
            paths
                .iter()
                .any(|other| other.ends_with('/') && other != path && path.starts_with(other.as_str()))
        };
        paths.iter().filter(|path| !is_nested(path)).cloned().collect()
    }
}

/// Whether the folder is one of data, and no package of sources.
fn is_data(folder: &Path, named: &str) -> bool {
    let last = named.rsplit('/').find(|part| !part.is_empty()).unwrap_or_default();
    let has_sources = fs::read_dir(folder).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.ends_with(".go") || name.ends_with(".rs") || name == "go.mod" || name == "Cargo.toml"
        })
    });
    DATA_NAMES.contains(&last) || (named.contains('/') && last != ".." && !has_sources)
}

fn is_above(path: &str, dir: &str) -> bool {
    format!("{dir}/").starts_with(&format!("{path}/"))
}

/// String literals that could be paths, and those that are joined to one.
fn named_paths(source: &str) -> BTreeSet<String> {
    static JOIN: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"\b(?:file)?path\.Join\(\s*((?:"[^"\\\n]*"\s*,?\s*)+)"#).ok());
    static LITERAL: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#""([^"\\\n]*)"|`([^`\n]*)`"#).ok());
    let (Some(join), Some(literal)) = (JOIN.as_ref(), LITERAL.as_ref()) else { return BTreeSet::new() };
    let literals = |text: &str| -> Vec<String> {
        let found = literal.captures_iter(text);
        found.filter_map(|found| Some(found.get(1).or(found.get(2))?.as_str().to_owned())).collect()
    };
    let joined = join.captures_iter(source).map(|found| literals(&found[1]).join("/"));
    literals(source).into_iter().chain(joined).filter(|path| could_be_path(path)).collect()
}

fn could_be_path(text: &str) -> bool {
    let is_odd =
        |character: char| character.is_control() || matches!(character, '<' | '>' | '|' | ':' | '\n');
    !text.is_empty() && text.len() <= LONGEST_PATH && !text.starts_with('/') && !text.contains(is_odd)
}

/// Files beside tests that they may read, which no source names: no sources, and nothing that projects have
/// anyway.
pub(super) fn beside<'a>(files: &'a [String], folder: &str, data: &Data) -> Vec<&'a str> {
    const NO_DATA_EXTENSIONS: [&str; 14] =
        ["go", "s", "c", "h", "cc", "cpp", "proto", "md", "mod", "sum", "work", "rs", "toml", "lock"];
    const NO_DATA_STEMS: [&str; 6] = ["LICENSE", "COPYING", "NOTICE", "AUTHORS", "Makefile", "Dockerfile"];
    let is_data = |name: &&String| {
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        let is_source = NO_DATA_EXTENSIONS.contains(&extension);
        let is_usual = NO_DATA_STEMS.iter().any(|stem| name.starts_with(stem)) || name.starts_with('.');
        let is_config = name.as_str() == lamex_config::DEFAULT_FILE_NAME;
        !is_source && !is_usual && !is_config && !data.paths.contains(&join(folder, name))
    };
    files.iter().filter(is_data).map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_that_a_source_names() {
        let root = tempfile::tempdir().unwrap();
        for file in [
            "shared/cases/one.json",
            "orders/golden/a.txt",
            "orders/expected.txt",
            "orders/more/data/x",
            "stock/stock.go",
            "build/orders",
            "extension/x.txt",
        ] {
            fs::create_dir_all(root.path().join(file).parent().unwrap()).unwrap();
            fs::write(root.path().join(file), "x").unwrap();
        }
        let source = r#"
            os.ReadFile("expected.txt")
            filepath.Join("..", "shared", "cases", name)
            filepath.Glob("golden/*.txt")
            fmt.Sprintf("./more/data/%d.bin", 1)
            cmd("../stock", "../build/orders", "..", ".", "../..", "extension", "orders", "/etc/passwd", "a://b")
            "../../outside.txt" "missing.txt" "bad\x00escape"
        "#;
        let mut data = Data::default();
        data.add_named(root.path(), "orders", source);
        let paths: Vec<_> = data.paths.iter().map(String::as_str).collect();
        assert_eq!(paths, ["orders/expected.txt", "orders/golden/", "orders/more/data/", "shared/cases/"]);
        assert_eq!(data.outside, BTreeSet::new());

        let mut data = Data::default();
        data.add_named(&root.path().join("orders"), "", r#""../shared/cases/one.json""#);
        assert_eq!((data.paths.len(), data.outside.len()), (0, 1));
    }

    #[test]
    fn what_is_in_another_folder_is_not_named_again() {
        let paths = ["a/testdata/", "a/testdata/x", "a/testdata/fuzz/", "a/testdata.txt"].map(str::to_owned);
        let left: Vec<_> = Data::without_nested(paths.into()).into_iter().collect();
        assert_eq!(left, ["a/testdata.txt", "a/testdata/"]);
    }

    #[test]
    fn files_beside_tests() {
        let files =
            ["a.json", "b_test.go", "README.md", "LICENSE-MIT", "expected.txt", "go.sum", ".gitignore"];
        let data = Data { paths: ["x/expected.txt".to_owned()].into(), ..Data::default() };
        assert_eq!(beside(&files.map(str::to_owned), "x", &data), ["a.json"]);
    }
}
