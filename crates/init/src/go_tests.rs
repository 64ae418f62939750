//! The test files of one Go package: which of them have tests, and which are built together.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex_lite::Regex;

use super::build_tags::{Constraint, Need};
use super::command_names;

/// A file of the package.
pub(super) struct TestFile {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) constraint: Constraint,
}

impl TestFile {
    pub(super) fn is_cgo(&self) -> bool {
        self.text.lines().any(|line| line.trim_end() == "import \"C\"")
    }
}

/// Tests that one binary has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Split {
    pub(super) tags: BTreeSet<String>,
    /// Another binary of the package comes before it.
    pub(super) is_second: bool,
    /// What to know of it.
    pub(super) notes: Vec<String>,
}

/// Whether the file has anything that `go test` would run: tests, fuzz tests with their seeds, and examples with
/// their output.
pub(super) fn has_tests(text: &str) -> bool {
    static TEST: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?m)^func (?:Test|Fuzz)(?:[^a-z\s(][^\s(]*)?\(\s*(?:[^\s()*]+\s+)?\*(?:\w+\.)?(?:T|F)\b")
            .ok()
    });
    static EXAMPLE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?m)^func Example(?:[^a-z\s(][^\s(]*)?\(\)").ok());
    static OUTPUT: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?mi)^\s*//\s*(?:unordered )?output:").ok());
    let is_match = |regex: &LazyLock<Option<Regex>>| regex.as_ref().is_some_and(|regex| regex.is_match(text));
    is_match(&TEST) || (is_match(&EXAMPLE) && is_match(&OUTPUT))
}

/// Which binaries have all tests that `go test` would run, and those that need a tag of system tests. `mentioned`
/// are the tags that the package's other files know.
pub(super) fn split(files: &[TestFile], mentioned: &BTreeSet<String>) -> Vec<Split> {
    let mut without_tags: Vec<&TestFile> = Vec::new();
    let mut tagged: Vec<(&TestFile, BTreeSet<String>)> = Vec::new();
    let mut notes = Vec::new();
    for file in files.iter().filter(|file| has_tests(&file.text)) {
        match file.constraint.need() {
            Need::Tags(tags) if tags.is_empty() => without_tags.push(file),
            Need::Tags(tags) => tagged.push((file, tags)),
            Need::Cgo => notes.push(format!("{} needs cgo, and is not built without it", file.name)),
            Need::Never => {}
        }
    }
    if !without_tags.is_empty() {
        let is_system = |tags: &BTreeSet<String>| tags.iter().any(|tag| command_names::is_system_test(tag));
        tagged.retain(|(file, tags)| {
            let is_system = is_system(tags);
            if !is_system {
                let tags = tags.iter().cloned().collect::<Vec<_>>().join(",");
                notes.push(format!("{} is built with -tags={tags} only, as for `go test`", file.name));
            }
            is_system
        });
    }
    let all: BTreeSet<String> = tagged.iter().flat_map(|(_, tags)| tags.iter().cloned()).collect();
    let is_one = without_tags.iter().all(|file| file.constraint.is_built_with(&all))
        && tagged.iter().all(|(file, _)| file.constraint.is_built_with(&all))
        && (all.is_disjoint(mentioned) || without_tags.is_empty());
    let mut sets = Vec::new();
    if is_one {
        sets.push(all);
    } else {
        if !without_tags.is_empty() {
            sets.push(BTreeSet::new());
        }
        while let Some((_, first)) = tagged.first().cloned() {
            let is_built = |tags: &BTreeSet<String>| {
                tagged.iter().filter(|(file, _)| file.constraint.is_built_with(tags)).count()
            };
            let tags = if is_built(&all) > is_built(&first) { all.clone() } else { first };
            tagged.retain(|(file, _)| !file.constraint.is_built_with(&tags));
            sets.push(tags);
        }
    }
    let has_tests = !without_tags.is_empty() || sets.iter().any(|tags| !tags.is_empty());
    if !has_tests {
        return Vec::new();
    }
    let split = |(index, tags)| Split {
        tags,
        is_second: index > 0,
        notes: if index == 0 { std::mem::take(&mut notes) } else { Vec::new() },
    };
    sets.into_iter().enumerate().map(split).collect()
}

/// Why none of the files with tests is built.
pub(super) fn why_not_built(files: &[TestFile]) -> String {
    let with_tests = || files.iter().filter(|file| has_tests(&file.text));
    let needs_cgo = |file: &TestFile| matches!(file.constraint.need(), Need::Cgo);
    if with_tests().any(needs_cgo) {
        "its tests need cgo, and are built without it (CGO_ENABLED=0)".to_owned()
    } else {
        "its tests are built for another system or processor".to_owned()
    }
}

/// What may keep tests from finding what they find in their own folder. `beside` are files there that no test
/// names.
pub(super) fn notes(files: &[&TestFile], beside: &[&str]) -> Vec<String> {
    const READING: [&str; 7] = [
        "os.ReadFile",
        "os.Open",
        "ioutil.ReadFile",
        "os.ReadDir",
        "os.DirFS",
        "filepath.Glob",
        "filepath.Walk",
    ];
    const MOST_NAMED: usize = 5;
    let has = |words: &[&str]| files.iter().any(|file| words.iter().any(|word| file.text.contains(word)));
    let mut notes = Vec::new();
    if !beside.is_empty() && has(&READING) {
        let mut named = beside.iter().take(MOST_NAMED).copied().collect::<Vec<_>>().join(", ");
        if beside.len() > MOST_NAMED {
            named += " and more";
        }
        notes.push(format!("beside these tests are {named}: include what they read"));
    }
    if has(&["runtime.Caller("]) {
        notes.push(
            "they ask for a path of the build machine (runtime.Caller), which the function does not have"
                .to_owned(),
        );
    }
    if has(&["exec.Command(\"go\"", "exec.CommandContext(ctx, \"go\""]) {
        notes.push("they start the command `go`, which the function does not have".to_owned());
    }
    notes
}

#[cfg(test)]
mod tests {
    use lamex_config::Architecture;

    use super::*;

    const TEST: &str = "func TestX(t *testing.T) {}\n";

    fn file(name: &str, constraint: &str) -> TestFile {
        let line = if constraint.is_empty() { String::new() } else { format!("//go:build {constraint}\n\n") };
        let text = format!("{line}package x\n\n{TEST}");
        TestFile {
            constraint: Constraint::new(name, &text, Architecture::X86_64),
            name: name.to_owned(),
            text,
        }
    }

    /// The tags of every binary, and the notes.
    fn splits(constraints: &[&str], mentioned: &[&str]) -> String {
        let files: Vec<_> = constraints
            .iter()
            .enumerate()
            .map(|(index, constraint)| file(&format!("f{index}_test.go"), constraint))
            .collect();
        let splits = split(&files, &mentioned.iter().map(|&tag| tag.to_owned()).collect());
        let shown = |split: &Split| {
            let tags = split.tags.iter().cloned().collect::<Vec<_>>().join(",");
            let notes: Vec<&str> =
                split.notes.iter().map(|note| note.split_whitespace().next().unwrap_or_default()).collect();
            format!("[{tags}]{}", notes.join(" "))
        };
        splits.iter().map(shown).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn files_that_are_built_together() {
        assert_eq!(splits(&["", ""], &[]), "[]");
        assert_eq!(splits(&["system"], &[]), "[system]");
        assert_eq!(splits(&["", "integration"], &[]), "[integration]");
        // A tag that takes other tests away, or changes the package, makes a binary of its own.
        assert_eq!(splits(&["!integration", "integration"], &[]), "[] [integration]");
        assert_eq!(splits(&["", "integration"], &["integration"]), "[] [integration]");
        assert_eq!(splits(&["e2e && !smoke", "smoke && !e2e"], &[]), "[e2e] [smoke]");
        // `go test` would not run these either.
        assert_eq!(splits(&["", "purego"], &[]), "[]f1_test.go");
        assert_eq!(splits(&["purego"], &[]), "[purego]");
        assert_eq!(splits(&["", "cgo"], &[]), "[]f1_test.go");
        assert_eq!(splits(&["cgo"], &[]), "");
        assert_eq!(splits(&["ignore", "windows"], &[]), "");
    }

    #[test]
    fn what_go_test_would_run() {
        for text in [
            TEST,
            "func Test(t *testing.T) {\n}",
            "func Test_x(tt *testing.T) {}",
            "func TestÄ(t *testing.T) {}",
            "func TestX(\n\t_ *testing.T,\n) {",
            "func TestX(*T) {}",
            "func FuzzX(f *testing.F) {}",
            "func ExampleX() {\n\t// Output: 1\n}",
            "func Example() {\n\t//Unordered output:\n}",
        ] {
            assert!(has_tests(text), "{text}");
        }
        for text in [
            "",
            "package x\n",
            "func TestMain(m *testing.M) {}",
            "func Testify(t *testing.T) {}",
            "func BenchmarkX(b *testing.B) {}",
            "func ExampleX() {}",
            "func (s *Suite) TestX() {}",
            "func helper(t *testing.T) {}",
        ] {
            assert!(!has_tests(text), "{text}");
        }
    }
}
