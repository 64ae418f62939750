//! Cargo packages with integration tests: files and folders of `tests/`, and `[[test]]` entries.

use std::fs;
use std::path::Path;

use lamex_protocol::plan::Framework;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::command_names;
use super::data::Data;
use super::left_out::LeftOut;
use super::suite::{Found, Source};
use super::walk::{self, Folder, join};

const MANIFEST: &str = "Cargo.toml";

#[derive(Debug, Deserialize)]
struct Manifest {
    package: Option<Package>,
    workspace: Option<IgnoredAny>,
    #[serde(default)]
    test: Vec<TestEntry>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    #[serde(default = "yes")]
    autotests: bool,
}

/// Where packages have what their tests read.
const DATA_FOLDERS: [&str; 6] =
    ["testdata", "fixtures", "tests/data", "tests/fixtures", "tests/snapshots", "tests/testdata"];
/// Set by cargo while it builds, and while it runs tests.
const MANIFEST_DIR: &str = "CARGO_MANIFEST_DIR";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct TestEntry {
    name: String,
    path: Option<String>,
    #[serde(default = "yes")]
    harness: bool,
    #[serde(default)]
    required_features: Vec<String>,
}

fn yes() -> bool {
    true
}

/// All integration tests of all packages; those of one workspace stand together. A manifest that cannot be
/// read is left out: cargo says what is wrong with it.
pub(super) fn find(root: &Path, folders: &[Folder], left_out: &mut Vec<LeftOut>) -> Vec<Vec<Found>> {
    let mut manifests: Vec<(String, Manifest)> = Vec::new();
    for folder in folders.iter().filter(|folder| folder.has(MANIFEST)) {
        let text = fs::read_to_string(root.join(&folder.path).join(MANIFEST)).unwrap_or_default();
        match toml::from_str(&text) {
            Ok(manifest) => manifests.push((folder.path.clone(), manifest)),
            Err(error) => {
                let reason = format!("cannot be read: {}", error.message());
                left_out.push(LeftOut::new(&join(&folder.path, MANIFEST), &reason));
            }
        }
    }
    let workspaces = manifests.iter().filter(|(_, manifest)| manifest.workspace.is_some());
    let workspaces: Vec<&str> = workspaces.map(|(path, _)| path.as_str()).collect();
    let mut found: Vec<(&str, Vec<Found>)> = Vec::new();
    for (path, manifest) in &manifests {
        let workspace = walk::nearest(path, workspaces.iter().copied()).unwrap_or(path);
        let tests = tests(root, path, manifest, folders);
        if tests.is_empty() && manifest.package.is_some() && has_unit_tests(root, path, folders) {
            let reason = "its tests are only in src/: unit tests, which need no VPC";
            left_out.push(LeftOut::new(path, reason));
        }
        match found.iter_mut().find(|(known, _)| *known == workspace) {
            Some((_, all)) => all.extend(tests),
            None => found.push((workspace, tests)),
        }
    }
    found.into_iter().map(|(_, tests)| tests).collect()
}

/// Whether anything beside the package's manifest has tests of its own.
fn has_unit_tests(root: &Path, package: &str, folders: &[Folder]) -> bool {
    let sources = join(package, "src");
    let below = folders.iter().filter(|folder| walk::below(&folder.path, &sources).is_some());
    let mut files = below.flat_map(|folder| folder.files.iter().map(|file| join(&folder.path, file)));
    files.any(|file| {
        file.ends_with(".rs")
            && fs::read_to_string(root.join(&file))
                .is_ok_and(|text| text.contains("#[test]") || text.contains("::test]"))
    })
}

fn tests(root: &Path, folder: &str, manifest: &Manifest, folders: &[Folder]) -> Vec<Found> {
    let Some(package) = manifest.package.as_ref().filter(|package| is_name(&package.name)) else {
        return Vec::new();
    };
    let mut names: Vec<String> = manifest.test.iter().map(|entry| entry.name.clone()).collect();
    if package.autotests {
        names.extend(discovered(&join(folder, "tests"), folders));
    }
    names.retain(|name| is_name(name));
    names.sort();
    names.dedup();
    let found = |test: String| {
        let entry = manifest.test.iter().find(|entry| entry.name == test);
        let has_harness = entry.is_none_or(|entry| entry.harness);
        let sources = sources(root, folder, &test, entry);
        let mut data = Data::default();
        for name in DATA_FOLDERS {
            data.add_folder(root, &join(folder, name));
        }
        for source in &sources {
            data.add_named(root, folder, source);
        }
        Found {
            dir: folder.to_owned(),
            data,
            notes: notes(&sources),
            variables: variables(&sources),
            names: wishes(&package.name, &test),
            is_system_test: command_names::is_system_test(&join(&join(folder, &package.name), &test)),
            framework: if has_harness { Framework::Libtest } else { Framework::ExitCode },
            addresses: Vec::new(),
            source: Source::Cargo {
                folder: folder.to_owned(),
                package: package.name.clone(),
                features: entry
                    .iter()
                    .flat_map(|entry| &entry.required_features)
                    .filter(|name| is_name(name))
                    .cloned()
                    .collect(),
                test,
            },
        }
    };
    names.into_iter().map(found).collect()
}

/// The texts that the test is made of, as far as they are where cargo looks for them.
fn sources(root: &Path, folder: &str, test: &str, entry: Option<&TestEntry>) -> Vec<String> {
    let path = entry.and_then(|entry| entry.path.clone());
    let path = path.unwrap_or_else(|| format!("tests/{test}.rs"));
    let modules = root.join(folder).join("tests").join(test);
    let modules = fs::read_dir(modules).into_iter().flatten().flatten().map(|entry| entry.path());
    let common = fs::read_dir(root.join(folder).join("tests/common")).into_iter().flatten().flatten();
    let files =
        [root.join(folder).join(path)].into_iter().chain(modules).chain(common.map(|entry| entry.path()));
    let files = files.filter(|file| file.extension().is_some_and(|extension| extension == "rs"));
    files.filter_map(|file| fs::read_to_string(file).ok()).collect()
}

/// A path of the build machine is compiled into the test, unless it is one of a file that is compiled in as well.
fn notes(sources: &[String]) -> Vec<String> {
    let built_in = format!("env!(\"{MANIFEST_DIR}\")");
    let reads = sources.iter().any(|source| {
        source.match_indices(&built_in).any(|(at, _)| {
            let before = &source[..at];
            let statement = before.rfind([';', '{', '}']).map_or(before, |end| &before[end..]);
            !statement.contains("include_str!") && !statement.contains("include_bytes!")
        })
    });
    let note = format!(
        "they look for files at {built_in}, a path of the build machine, which the function does not have: a path \
         that is relative to the package's folder, or std::env::var(\"{MANIFEST_DIR}\"), leads there as well"
    );
    if reads { vec![note] } else { Vec::new() }
}

/// What the test asks for at run time. The working directory is the package's folder, as with cargo.
fn variables(sources: &[String]) -> Vec<(&'static str, &'static str)> {
    let asks = sources.iter().any(|source| {
        ["var(\"", "var_os(\""].iter().any(|call| source.contains(&format!("{call}{MANIFEST_DIR}\"")))
    });
    if asks { vec![(MANIFEST_DIR, ".")] } else { Vec::new() }
}

/// As cargo wants names; others would not keep their meaning in a line of a shell or of YAML.
fn is_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+./".contains(&byte);
    !name.is_empty() && name.bytes().all(is_plain)
}

/// What cargo finds itself: `tests/NAME.rs` and `tests/NAME/main.rs`.
fn discovered<'a>(tests: &'a str, folders: &'a [Folder]) -> impl Iterator<Item = String> + 'a {
    folders.iter().flat_map(move |folder| {
        let in_folder = folder.path.rsplit_once('/').filter(|(above, _)| *above == tests);
        let from_folder = in_folder.filter(|_| folder.has("main.rs")).map(|(_, name)| name.to_owned());
        let files = folder.files.iter().filter(move |_| folder.path == tests);
        files.filter_map(|file| file.strip_suffix(".rs").map(str::to_owned)).chain(from_folder)
    })
}

/// The test's own name where it says something, else its package's; then longer ones.
fn wishes(package: &str, test: &str) -> Vec<String> {
    let short = if command_names::is_generic(test) { package } else { test };
    [short.to_owned(), format!("{package}-{test}")].map(|name| command_names::slug(&name)).to_vec()
}
