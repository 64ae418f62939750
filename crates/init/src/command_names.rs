//! Names of commands and variables, guessed from paths.

use std::collections::{HashMap, HashSet};

use lamex_protocol::variable_names::is_reserved;

/// Folder names that say nothing of what is tested.
const GENERIC: [&str; 6] = ["cmd", "internal", "pkg", "src", "test", "tests"];
/// Words for tests of a running system.
const SYSTEM: [&str; 7] = ["acceptance", "e2e", "endtoend", "functional", "integration", "smoke", "system"];

/// Whether one of the words of the path says that tests of a running system are there.
pub(super) fn is_system_test(path: &str) -> bool {
    path.split('/').any(|name| {
        let slug = slug(name);
        let together = slug.replace('-', "");
        let mut words = slug.split('-').chain([together.as_str()]);
        words.any(|word| SYSTEM.contains(&word.trim_end_matches('s').trim_end_matches("test")))
    })
}

/// Whether the name says nothing of what is tested.
pub(super) fn is_generic(name: &str) -> bool {
    let slug = slug(name);
    slug.split('-').all(|word| GENERIC.contains(&word) || is_system_test(word))
}

/// A name for each, made of its wishes: the first that no other has too, else the last with a number.
pub(super) fn distinct(wishes: &[Vec<String>]) -> Vec<String> {
    let mut wanted: HashMap<&str, usize> = HashMap::new();
    for name in wishes.iter().flat_map(|names| names.iter().collect::<HashSet<_>>()) {
        *wanted.entry(name).or_default() += 1;
    }
    let mut taken = HashSet::new();
    let mut distinct = Vec::with_capacity(wishes.len());
    for names in wishes {
        let last = names.last().map_or("tests", String::as_str);
        let free = names.iter().find(|name| wanted[name.as_str()] == 1 && !taken.contains(*name));
        let name = match free {
            Some(name) => name.clone(),
            None => (1..)
                .map(|number| if number == 1 { last.to_owned() } else { format!("{last}-{number}") })
                .find(|name| !taken.contains(name) && (name == last || !wanted.contains_key(name.as_str())))
                .unwrap_or_default(),
        };
        taken.insert(name.clone());
        distinct.push(name);
    }
    distinct
}

/// Small letters, digits and single hyphens; never what YAML or Terraform takes for anything but text.
pub(super) fn slug(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut slug = String::new();
    for character in text.chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= LONGEST {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    match slug {
        "" => "tests".to_owned(),
        "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n" => format!("{slug}-tests"),
        _ if slug.starts_with(|first: char| first.is_ascii_digit()) => format!("tests-{slug}"),
        _ => slug.to_owned(),
    }
}

/// The function's variable for a flag of a command: `ORDERS_HTTP_ADDR`.
pub(super) fn variable(command: &str, flag: &str) -> String {
    let name = format!("{command}_{flag}").to_ascii_uppercase();
    let name: String = name
        .chars()
        .map(|character| if character.is_ascii_alphanumeric() { character } else { '_' })
        .collect();
    if is_reserved(&name) { format!("TEST_{name}") } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs() {
        for (text, expected) in [
            ("orders", "orders"),
            ("Order_Service", "order-service"),
            ("  --a..b--  ", "a-b"),
            ("", "tests"),
            ("日本", "tests"),
            ("on", "on-tests"),
            ("NULL", "null-tests"),
            ("1e3", "tests-1e3"),
            ("2024-01-01", "tests-2024-01-01"),
        ] {
            assert_eq!(slug(text), expected, "{text}");
        }
        assert!(slug(&"long-".repeat(50)).len() <= 40);
    }

    #[test]
    fn what_is_called_a_system_test() {
        for path in [
            "system",
            "systemtests",
            "system-tests",
            "system_test",
            "e2e",
            "tests/e2e",
            "test/Integration",
            "smoke",
            "end-to-end",
            "integration_orders",
        ] {
            assert!(is_system_test(path), "{path}");
        }
        for path in ["", "tests", "orders", "internal/store", "filesystem", "latest", "ecosystem"] {
            assert!(!is_system_test(path), "{path}");
        }
        assert!(is_generic("system-tests") && is_generic("tests") && is_generic("e2e"));
        assert!(!is_generic("orders") && !is_generic("integration_orders"));
    }

    #[test]
    fn names_are_distinct() {
        let wish = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let names = distinct(&[
            wish(&["orders", "a-orders"]),
            wish(&["orders", "b-orders"]),
            wish(&["stock", "a-stock"]),
            wish(&["same"]),
            wish(&["same"]),
            wish(&["same", "same-2"]),
        ]);
        assert_eq!(names, ["a-orders", "b-orders", "stock", "same", "same-3", "same-2"].map(str::to_owned));
        let unique: HashSet<_> = names.iter().collect();
        assert_eq!(unique.len(), names.len());
    }

    #[test]
    fn variables_are_none_that_lambda_or_lamex_keeps() {
        assert_eq!(variable("orders", "http-addr"), "ORDERS_HTTP_ADDR");
        assert_eq!(variable("lamex", "addr"), "TEST_LAMEX_ADDR");
        assert_eq!(variable("aws", "url"), "TEST_AWS_URL");
        assert_eq!(variable("lambda-x", "a.b"), "TEST_LAMBDA_X_A_B");
    }
}
