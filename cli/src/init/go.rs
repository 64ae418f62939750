//! Go modules, and their packages with tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use lamex_protocol::plan::Framework;
use regex_lite::Regex;

use super::names;
use super::suite::{AddressFlag, Found, Source};
use super::walk::{self, Folder, join};

const MANIFEST: &str = "go.mod";

/// Build constraints that are set by the platform and the toolchain, not with `-tags`.
const SET_BY_TOOLCHAIN: [&str; 10] =
    ["amd64", "arm64", "cgo", "darwin", "gc", "linux", "race", "unix", "wasm", "windows"];

/// All packages with tests of all modules; those of one module stand together.
pub(super) fn find(root: &Path, folders: &[Folder]) -> Vec<Vec<Found>> {
    let is_module = |folder: &&Folder| folder.has(MANIFEST);
    let modules: Vec<&str> = folders.iter().filter(is_module).map(|folder| folder.path.as_str()).collect();
    let packages_of = |&module: &&str| {
        let own = folders
            .iter()
            .filter(|folder| walk::nearest(&folder.path, modules.iter().copied()) == Some(module));
        let name = module_name(root, module);
        own.filter_map(|folder| package(root, module, &name, folder)).collect()
    };
    modules.iter().map(packages_of).collect()
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

fn package(root: &Path, module: &str, module_name: &str, folder: &Folder) -> Option<Found> {
    let package = walk::below(&folder.path, module)?;
    let mut tags = BTreeSet::new();
    let mut addresses: Vec<AddressFlag> = Vec::new();
    let mut has_tests = false;
    for file in folder.files.iter().filter(|name| is_test_file(name)) {
        // What cannot be read as text is nothing that Go would compile.
        let Ok(text) = fs::read_to_string(root.join(&folder.path).join(file)) else { continue };
        let tag = tag(&text);
        if tag.as_deref() == Some("ignore") {
            continue;
        }
        has_tests = true;
        tags.extend(tag);
        for found in address_flags(&text) {
            if addresses.iter().all(|known| known.flag != found.flag) {
                addresses.push(found);
            }
        }
    }
    has_tests.then(|| Found {
        source: Source::Go {
            module: module.to_owned(),
            package: package.to_owned(),
            tags: tags.iter().cloned().collect(),
        },
        names: wishes(module_name, package),
        is_system_test: names::is_system_test(&folder.path)
            || tags.iter().any(|tag| names::is_system_test(tag)),
        framework: Framework::Go,
        addresses,
    })
}

/// Go leaves files alone that begin with `_` or a dot, and those of other systems.
fn is_test_file(name: &str) -> bool {
    let stem = name.strip_suffix("_test.go");
    stem.is_some_and(|stem| {
        !stem.starts_with(['_', '.']) && !stem.ends_with("_windows") && !stem.ends_with("_darwin")
    })
}

/// The tag that the file asks for, where its constraint is that tag alone.
fn tag(text: &str) -> Option<String> {
    let before_package = text.lines().take_while(|line| !line.starts_with("package "));
    let expression = before_package.filter_map(|line| line.strip_prefix("//go:build ")).next()?.trim();
    let is_tag = expression.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_own = !SET_BY_TOOLCHAIN.contains(&expression) && !expression.starts_with("go1");
    (is_tag && is_own).then(|| expression.to_owned())
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
fn wishes(module: &str, package: &str) -> Vec<String> {
    let mut parts = package.split('/').filter(|part| !part.is_empty() && !names::is_generic(part)).rev();
    let short = parts.next().unwrap_or(module);
    let long = join(module, package);
    [short, &long].map(names::slug).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_packages() {
        let wish = |module: &str, package: &str| wishes(module, package).join(" ");
        assert_eq!(wish("orders", ""), "orders orders");
        assert_eq!(wish("orders", "systemtests"), "orders orders-systemtests");
        assert_eq!(wish("shop", "tests/checkout"), "checkout shop-tests-checkout");
        assert_eq!(wish("shop", "stock/e2e"), "stock shop-stock-e2e");
    }

    #[test]
    fn tags_that_go_test_must_be_given() {
        assert_eq!(tag("// Copyright\n\n//go:build system\n\npackage x\n").as_deref(), Some("system"));
        assert_eq!(tag("//go:build linux\n\npackage x\n"), None);
        assert_eq!(tag("//go:build go1.21\n\npackage x\n"), None);
        assert_eq!(tag("//go:build a && b\n\npackage x\n"), None);
        assert_eq!(tag("package x\n\n//go:build system\n"), None);
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
