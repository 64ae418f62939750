//! CMake projects with tests of GoogleTest: targets that are discovered as tests, or link to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use lamex_protocol::plan::Framework;
use regex_lite::Regex;

use super::command_names;
use super::data::Data;
use super::left_out::LeftOut;
use super::suite::{Found, Source};
use super::walk::{self, Folder, join};

const LISTS: &str = "CMakeLists.txt";
/// Where projects have what their tests read.
const DATA_FOLDERS: [&str; 3] = ["testdata", "fixtures", "data"];
/// Libraries that only tests link to.
const LIBRARIES: [&str; 8] = [
    "GTest::gtest",
    "GTest::gtest_main",
    "GTest::gmock",
    "GTest::gmock_main",
    "gtest",
    "gtest_main",
    "gmock",
    "gmock_main",
];
const GLIBC: &str = "the function's glibc is 2.34: if `lamex-ctl package` reports a newer one, build in the \
                     image amazonlinux:2023";

/// A folder's CMakeLists.txt, as far as it can be told without running CMake.
struct Lists {
    folder: String,
    calls: Vec<Call>,
}

/// A call of a command, whose name is in small letters.
struct Call {
    command: String,
    arguments: Vec<String>,
}

/// All tests of all projects; those of one project stand together.
pub(super) fn find(root: &Path, folders: &[Folder], left_out: &mut Vec<LeftOut>) -> Vec<Vec<Found>> {
    let lists = folders.iter().filter(|folder| folder.has(LISTS)).filter_map(|folder| {
        let text = fs::read_to_string(root.join(&folder.path).join(LISTS)).ok()?;
        Some(Lists { folder: folder.path.clone(), calls: calls(&text) })
    });
    let lists: Vec<Lists> = lists.collect();
    let is_project = |lists: &&Lists| lists.calls("project").next().is_some();
    let projects: Vec<&str> = lists.iter().filter(is_project).map(|lists| lists.folder.as_str()).collect();
    let mut found: BTreeMap<&str, Vec<&Lists>> = BTreeMap::new();
    for each in &lists {
        // A project in another's folder is a part of that one.
        let above = projects.iter().filter(|project| walk::below(&each.folder, project).is_some());
        if let Some(project) = above.min_by_key(|project| project.len()) {
            found.entry(project).or_default().push(each);
        }
    }
    found.into_iter().map(|(project, lists)| suites(root, project, &lists, left_out)).collect()
}

fn suites(root: &Path, project: &str, lists: &[&Lists], left_out: &mut Vec<LeftOut>) -> Vec<Found> {
    let mut tests: Vec<(&Lists, String)> = Vec::new();
    for each in lists {
        for target in each.targets() {
            if tests.iter().any(|(_, known)| *known == target) {
                continue;
            }
            if is_name(&target) {
                tests.push((each, target));
            } else {
                let reason = format!(
                    "its target is `{target}`, whose name only CMake knows: write its command by hand"
                );
                left_out.push(LeftOut::new(&join(&each.folder, LISTS), &reason));
            }
        }
    }
    let targets: Vec<String> = tests.iter().map(|(_, target)| target.clone()).collect();
    let output = Output::of(lists);
    let found = |(each, target): (&Lists, String)| {
        let working = each.working_dir(&target, project);
        let dir = working.clone().unwrap_or_default();
        let mut data = Data::default();
        if let Some(dir) = &working {
            for name in DATA_FOLDERS {
                data.add_folder(root, &join(dir, name));
            }
            for source in each.sources(root, &target) {
                data.add_named(root, dir, &source);
            }
        }
        let mut notes = vec![GLIBC.to_owned()];
        notes.extend(output.note());
        Found {
            names: wishes(project, &target),
            is_system_test: command_names::is_system_test(&join(&each.folder, &target)),
            framework: Framework::Gtest,
            dir,
            data,
            notes,
            variables: Vec::new(),
            addresses: Vec::new(),
            source: Source::Cmake {
                project: project.to_owned(),
                program: output.path(project, &each.folder, &target),
                folder: each.folder.clone(),
                target,
                targets: targets.clone(),
            },
        }
    };
    tests.into_iter().map(found).collect()
}

impl Lists {
    fn calls<'a>(&'a self, command: &'a str) -> impl Iterator<Item = &'a [String]> {
        let of_command = self.calls.iter().filter(move |call| call.command == command);
        of_command.map(|call| call.arguments.as_slice())
    }

    /// The programs of tests, in the order in which they are named.
    fn targets(&self) -> Vec<String> {
        let discovered = self.calls("gtest_discover_tests").filter_map(|arguments| arguments.first());
        let added = self.calls("gtest_add_tests").filter_map(|arguments| {
            let named = arguments.iter().position(|argument| argument == "TARGET").map(|place| place + 1);
            arguments.get(named.unwrap_or_default())
        });
        let programs: BTreeSet<&String> =
            self.calls("add_executable").filter_map(|arguments| arguments.first()).collect();
        let linked = self.calls("target_link_libraries").filter(|arguments| {
            arguments.iter().skip(1).any(|library| LIBRARIES.contains(&library.as_str()))
        });
        let linked =
            linked.filter_map(|arguments| arguments.first()).filter(|target| programs.contains(target));
        discovered.chain(added).chain(linked).cloned().collect()
    }

    /// The folder that CMake starts the tests in, where it is one of the sources; else it is one of the build.
    fn working_dir(&self, target: &str, project: &str) -> Option<String> {
        let of_target = |arguments: &&[String]| arguments.first().is_some_and(|first| first == target);
        let arguments = self.calls("gtest_discover_tests").find(of_target)?;
        let place = arguments.iter().position(|argument| argument == "WORKING_DIRECTORY")?;
        let written = arguments.get(place + 1)?;
        let (variable, below) = written.strip_prefix("${")?.split_once('}')?;
        let folder = match variable {
            "CMAKE_SOURCE_DIR" | "PROJECT_SOURCE_DIR" => project,
            "CMAKE_CURRENT_SOURCE_DIR" | "CMAKE_CURRENT_LIST_DIR" => &self.folder,
            _ => return None,
        };
        let below = below.trim_matches('/');
        let is_plain =
            !below.contains(['$', '\\']) && below.split('/').all(|part| part != ".." && part != ".");
        is_plain.then(|| if below.is_empty() { folder.to_owned() } else { join(folder, below) })
    }

    /// The texts that the target is made of.
    fn sources(&self, root: &Path, target: &str) -> Vec<String> {
        let of_target = |arguments: &&[String]| arguments.first().is_some_and(|first| first == target);
        let files = self.calls("add_executable").filter(of_target).flat_map(|arguments| &arguments[1..]);
        files.filter_map(|file| fs::read_to_string(root.join(&self.folder).join(file)).ok()).collect()
    }
}

/// Where CMake puts programs.
enum Output {
    /// In the folder of the build that stands for that of the target's CMakeLists.txt.
    AsSources,
    /// All in one folder of the build.
    Folder(String),
    /// Somewhere else, as this is written.
    Unknown(String),
}

impl Output {
    fn of(lists: &[&Lists]) -> Self {
        let set = lists.iter().flat_map(|lists| lists.calls("set")).find_map(|arguments| match arguments {
            [name, value, ..] if name == "CMAKE_RUNTIME_OUTPUT_DIRECTORY" => Some(value.clone()),
            _ => None,
        });
        let own = lists.iter().flat_map(|lists| lists.calls("set_target_properties")).any(|arguments| {
            arguments
                .iter()
                .any(|argument| argument == "RUNTIME_OUTPUT_DIRECTORY" || argument == "OUTPUT_NAME")
        });
        match set {
            _ if own => Self::Unknown("set_target_properties".to_owned()),
            None => Self::AsSources,
            Some(value) => {
                let of_build = ["${CMAKE_BINARY_DIR}", "${PROJECT_BINARY_DIR}"];
                match of_build.iter().find_map(|build| value.strip_prefix(build)) {
                    Some(below) if !below.contains('$') => Self::Folder(below.trim_matches('/').to_owned()),
                    _ => Self::Unknown(value),
                }
            }
        }
    }

    /// The program, relative to the folder of the build.
    fn path(&self, project: &str, folder: &str, target: &str) -> String {
        match self {
            Self::Folder(folder) => join(folder, target),
            Self::AsSources | Self::Unknown(_) => {
                join(walk::below(folder, project).unwrap_or_default(), target)
            }
        }
    }

    fn note(&self) -> Option<String> {
        let Self::Unknown(written) = self else { return None };
        Some(format!("CMake puts the program elsewhere ({written}): say where in its include"))
    }
}

/// All calls of commands, without comments. What is in a bracket argument is not looked at.
fn calls(text: &str) -> Vec<Call> {
    static CALL: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?m)\b([A-Za-z_][A-Za-z0-9_]*)[ \t]*\(([^()]*)\)").ok());
    let text: String =
        text.lines().map(|line| format!("{}\n", line.split('#').next().unwrap_or_default())).collect();
    let Some(call) = CALL.as_ref() else { return Vec::new() };
    let read = call.captures_iter(&text).map(|found| Call {
        command: found[1].to_ascii_lowercase(),
        arguments: found[2].split_whitespace().map(|word| word.trim_matches('"').to_owned()).collect(),
    });
    read.collect()
}

/// A name that needs no quotes in a line of a shell or of YAML.
fn is_name(target: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+.".contains(&byte);
    target.starts_with(|first: char| first.is_ascii_alphanumeric()) && target.bytes().all(is_plain)
}

/// The target without the words for tests, where anything is left; else its project's folder.
fn wishes(project: &str, target: &str) -> Vec<String> {
    let whole = command_names::slug(target);
    let words: Vec<&str> = whole.split('-').filter(|word| !command_names::is_generic(word)).collect();
    let folder = project.rsplit('/').next().unwrap_or_default();
    let short = match words.as_slice() {
        [] if folder.is_empty() => whole.clone(),
        [] => command_names::slug(folder),
        words => words.join("-"),
    };
    vec![short, whole.clone(), command_names::slug(&join(project, &whole))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(text: &str) -> Lists {
        Lists { folder: "services/orders".to_owned(), calls: calls(text) }
    }

    #[test]
    fn targets_are_what_is_discovered_added_or_linked() {
        let lists = lists(
            "# gtest_discover_tests(commented)\n\
             add_executable(a a.cc)\nadd_executable( b\n  b.cc )\nadd_executable(service main.cc)\n\
             TARGET_LINK_LIBRARIES(a PRIVATE GTest::gtest_main)\ntarget_link_libraries(service PRIVATE grpc)\n\
             target_link_libraries(helpers PUBLIC gtest)\n\
             gtest_discover_tests(b WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/data)\n\
             gtest_add_tests(TARGET c)\ngtest_discover_tests(\"${NAME}\")\n",
        );
        assert_eq!(lists.targets(), ["b", "${NAME}", "c", "a"]);
        assert_eq!(lists.working_dir("b", "services").as_deref(), Some("services/orders/data"));
        assert_eq!(lists.working_dir("a", "services"), None);
        assert!(is_name("orders_tests") && !is_name("${NAME}") && !is_name("-x"));
    }

    #[test]
    fn programs_are_where_cmake_puts_them() {
        let path = |text: &str| Output::of(&[&lists(text)]).path("services", "services/orders", "t");
        assert_eq!(path(""), "orders/t");
        assert_eq!(path("set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)"), "bin/t");
        let unknown = lists("set(CMAKE_RUNTIME_OUTPUT_DIRECTORY \"${OUT}\")");
        assert!(Output::of(&[&unknown]).note().unwrap().contains("${OUT}"));
    }

    #[test]
    fn names_of_targets() {
        assert_eq!(wishes("", "orders_system_tests")[0], "orders");
        assert_eq!(wishes("services/stock", "tests")[0], "stock");
        assert_eq!(wishes("", "tests")[0], "tests");
    }
}
