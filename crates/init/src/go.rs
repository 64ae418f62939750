//! Go modules, and their packages with tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use lamex_config::Architecture;
use lamex_protocol::plan::Framework;
use regex_lite::Regex;

use super::build_tags::Constraint;
use super::command_names;
use super::data::{self, Data};
use super::go_tests::{self, Split, TestFile};
use super::left_out::LeftOut;
use super::suite::{AddressFlag, Found, Source};
use super::walk::{self, Folder, join};

const MANIFEST: &str = "go.mod";

/// All packages with tests of all modules; those of one module stand together.
pub(super) fn find(
    root: &Path,
    folders: &[Folder],
    architecture: Architecture,
    left_out: &mut Vec<LeftOut>,
) -> Vec<Vec<Found>> {
    let is_module = |folder: &&Folder| folder.has(MANIFEST);
    let modules: Vec<&str> = folders.iter().filter(is_module).map(|folder| folder.path.as_str()).collect();
    let mut packages_of = |&module: &&str| -> Vec<Found> {
        let own = folders
            .iter()
            .filter(|folder| walk::nearest(&folder.path, modules.iter().copied()) == Some(module));
        let name = module_name(root, module);
        own.flat_map(|folder| suites(root, module, &name, folder, architecture, left_out)).collect()
    };
    modules.iter().map(&mut packages_of).collect()
}

/// The last part of the module's path without a major version, else the folder's name.
fn module_name(root: &Path, module: &str) -> String {
    let text = fs::read_to_string(root.join(module).join(MANIFEST)).unwrap_or_default();
    let declared = text.lines().find_map(|line| line.trim().strip_prefix("module ")).unwrap_or_default();
    let path = declared.split("//").next().unwrap_or_default().trim().trim_matches(['"', '`']);
    let is_version = |part: &&str| {
        part.strip_prefix('v')
            .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let mut parts = path.split('/').rev().skip_while(is_version).filter(|part| !part.is_empty());
    let fallback = module.rsplit('/').next().unwrap_or_default();
    parts.next().unwrap_or(fallback).to_owned()
}

/// The suites of a package: one, unless some of its tests need tags that would leave others out.
fn suites(
    root: &Path,
    module: &str,
    module_name: &str,
    folder: &Folder,
    architecture: Architecture,
    left_out: &mut Vec<LeftOut>,
) -> Vec<Found> {
    let Some(package) = walk::below(&folder.path, module) else { return Vec::new() };
    let read = |name: &String| {
        // What cannot be read as text is nothing that Go would compile.
        let text = fs::read_to_string(root.join(&folder.path).join(name)).ok()?;
        let constraint = Constraint::new(name, &text, architecture);
        Some(TestFile { name: name.clone(), text, constraint })
    };
    let is_source = |name: &&String| name.ends_with(".go") && !name.starts_with(['_', '.']);
    let (tests, sources): (Vec<_>, Vec<_>) =
        folder.files.iter().filter(is_source).partition(|name| name.ends_with("_test.go"));
    let tests: Vec<TestFile> = tests.into_iter().filter_map(read).collect();
    if !tests.iter().any(|file| go_tests::has_tests(&file.text)) {
        if !tests.is_empty() {
            left_out.push(LeftOut::new(&folder.path, "no test, fuzz test or example in its _test.go files"));
        }
        return Vec::new();
    }
    let sources: Vec<TestFile> = sources.into_iter().filter_map(read).collect();
    let mentioned: BTreeSet<String> = sources.iter().flat_map(|file| file.constraint.own_tags()).collect();
    let mut splits = go_tests::split(&tests, &mentioned);
    if splits.is_empty() {
        left_out.push(LeftOut::new(&folder.path, &go_tests::why_not_built(&tests)));
    }
    if let (Some(first), Some(file)) = (splits.first_mut(), sources.iter().find(|file| file.is_cgo())) {
        first.notes.push(format!("{} needs cgo, and is not built without it", file.name));
    }
    splits.into_iter().map(|split| suite(root, module, module_name, folder, package, &tests, split)).collect()
}

fn suite(
    root: &Path,
    module: &str,
    module_name: &str,
    folder: &Folder,
    package: &str,
    tests: &[TestFile],
    split: Split,
) -> Found {
    let built: Vec<&TestFile> =
        tests.iter().filter(|file| file.constraint.is_built_with(&split.tags)).collect();
    let mut addresses: Vec<AddressFlag> = Vec::new();
    for found in built.iter().flat_map(|file| address_flags(&file.text)) {
        if addresses.iter().all(|known| known.flag != found.flag) {
            addresses.push(found);
        }
    }
    let mut data = Data::default();
    data.add_folder(root, &join(&folder.path, "testdata"));
    for file in &built {
        data.add_named(root, &folder.path, &file.text);
    }
    let mut notes = split.notes;
    notes.extend(go_tests::notes(&built, &data::beside(&folder.files, &folder.path, &data)));
    Found {
        names: wishes(module_name, package, &split.tags, split.is_second),
        is_system_test: command_names::is_system_test(&folder.path)
            || split.tags.iter().any(|tag| command_names::is_system_test(tag)),
        source: Source::Go {
            module: module.to_owned(),
            package: package.to_owned(),
            tags: split.tags.into_iter().collect(),
        },
        dir: folder.path.clone(),
        data,
        notes,
        variables: Vec::new(),
        framework: Framework::Go,
        addresses,
    }
}

/// `flag.String("http-addr", "…", …)` and `flag.StringVar(&x, "http-addr", "…", …)` with names of addresses.
fn address_flags(text: &str) -> Vec<AddressFlag> {
    static FLAG: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(concat!(
            r#"\bflag\.(?:String\(|StringVar\([^,()]+,)\s*"#,
            r#""((?:[A-Za-z][A-Za-z0-9_.-]*[._-])?(?i:addr|address|url|uri|host|endpoint|target))"\s*,\s*"#,
            r#""([^"\\\n]*)""#
        ))
        .ok()
    });
    let Some(flag) = FLAG.as_ref() else { return Vec::new() };
    let found = flag.captures_iter(text);
    found.map(|found| AddressFlag { flag: found[1].to_owned(), default: found[2].to_owned() }).collect()
}

/// The package's own name where it says something, else its module's; then longer ones.
fn wishes(module: &str, package: &str, tags: &BTreeSet<String>, is_second: bool) -> Vec<String> {
    let parts: Vec<&str> = package.split('/').filter(|part| !part.is_empty()).collect();
    let own = parts.iter().rposition(|part| !command_names::is_generic(part));
    let whole = join(module, package);
    let mut wishes = match own {
        // From the name to the whole path, a part more each time.
        Some(own) => {
            let mut wishes = vec![parts[own].to_owned()];
            wishes.extend((0..=own).rev().map(|from| parts[from..].join("/")));
            wishes
        }
        None => vec![module.to_owned()],
    };
    wishes.push(whole);
    if is_second {
        let tags = tags.iter().cloned().collect::<Vec<_>>().join("-");
        wishes = wishes.into_iter().map(|wish| format!("{wish}-{tags}")).collect();
    }
    let mut slugs: Vec<String> = wishes.iter().map(|wish| command_names::slug(wish)).collect();
    slugs.dedup();
    slugs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_packages() {
        let wish = |module: &str, package: &str| wishes(module, package, &BTreeSet::new(), false).join(" ");
        assert_eq!(wish("orders", ""), "orders");
        assert_eq!(wish("orders", "systemtests"), "orders orders-systemtests");
        assert_eq!(wish("shop", "tests/checkout"), "checkout tests-checkout shop-tests-checkout");
        assert_eq!(wish("shop", "stock/e2e"), "stock stock-e2e shop-stock-e2e");
        let tags = BTreeSet::from(["e2e".to_owned()]);
        assert_eq!(wishes("shop", "stock", &tags, true).join(" "), "stock-e2e shop-stock-e2e");
    }

    #[test]
    fn flags_of_addresses() {
        let text = r#"
            var addr = flag.String("addr", "", "host:port")
            var http = flag.String(
                "http-addr", "127.0.0.1:8080", "host:port")
            var base = flag.String("baseurl", "", "no word of its own")
            var name = flag.String("customer", "demo", "")
            var made = flag.String("made-addr", defaultAddr(), "")
            func init() { flag.StringVar(&x, "api.Host", "h", "") }
            var own = set.String("other-addr", "", "")
        "#;
        let found: Vec<_> =
            address_flags(text).into_iter().map(|found| (found.flag, found.default)).collect();
        let expected = [("addr", ""), ("http-addr", "127.0.0.1:8080"), ("api.Host", "h")];
        assert_eq!(found, expected.map(|(flag, default)| (flag.to_owned(), default.to_owned())));
    }

    #[test]
    fn modules_are_called_after_their_paths() {
        let root = tempfile::tempdir().unwrap();
        for (text, expected) in [
            ("module example.com/shop/orders\n", "orders"),
            ("// a comment\nmodule example.com/orders/v2 // why\n\ngo 1.26\n", "orders"),
            ("module \"example.com/a-b\"\n", "a-b"),
            ("module v2\n", "folder"),
            ("", "folder"),
        ] {
            fs::create_dir_all(root.path().join("folder")).unwrap();
            fs::write(root.path().join("folder/go.mod"), text).unwrap();
            assert_eq!(module_name(root.path(), "folder"), expected, "{text}");
        }
    }
}
