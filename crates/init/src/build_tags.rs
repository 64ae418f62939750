//! Build constraints of Go files: which tags a file must be built with, and which files a build leaves out.

use std::collections::BTreeSet;

use lamex_config::Architecture;

/// A constraint, as `//go:build` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Expression {
    Tag(String),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

/// What it takes to build a file for the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Need {
    /// These tags, or none.
    Tags(BTreeSet<String>),
    /// cgo, which a static build does without.
    Cgo,
    /// Another system, or it is never built.
    Never,
}

const SYSTEMS: [&str; 16] = [
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
];
const PROCESSORS: [&str; 17] = [
    "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le",
    "riscv64", "s390x", "sparc64", "wasm", "wasip1", "zos",
];
/// Set by the toolchain, or never.
const OTHERS: [&str; 9] = ["asan", "boringcrypto", "cgo", "gc", "gccgo", "ignore", "msan", "race", "unix"];

/// So many tags of one file are tried in every combination.
const MAX_COMBINED: usize = 6;

/// The constraint of a file, by its name and its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Constraint {
    expression: Option<Expression>,
    /// The file's name says another system or processor.
    is_for_another: bool,
    architecture: Architecture,
}

impl Constraint {
    pub(super) fn of(file_name: &str, text: &str, architecture: Architecture) -> Self {
        Self {
            expression: expression(text),
            is_for_another: is_for_another(file_name, architecture),
            architecture,
        }
    }

    /// The fewest tags with which the file is built.
    pub(super) fn need(&self) -> Need {
        let own: Vec<String> = self.own_tags().into_iter().collect();
        let count = own.len().min(MAX_COMBINED);
        let mut combinations: Vec<BTreeSet<String>> = (0..1_usize << count)
            .map(|bits| (0..count).filter(|bit| bits >> bit & 1 == 1).map(|bit| own[bit].clone()).collect())
            .collect();
        combinations.sort_by_key(BTreeSet::len);
        combinations.push(own.iter().cloned().collect());
        let needed = combinations.iter().find(|tags| self.holds(tags, false));
        match needed {
            Some(tags) => Need::Tags(tags.clone()),
            None if combinations.iter().any(|tags| self.holds(tags, true)) => Need::Cgo,
            None => Need::Never,
        }
    }

    /// Whether a build with these tags has the file.
    pub(super) fn is_built_with(&self, tags: &BTreeSet<String>) -> bool {
        self.holds(tags, false)
    }

    /// The tags that it mentions and that must be passed.
    pub(super) fn own_tags(&self) -> BTreeSet<String> {
        let mut tags = BTreeSet::new();
        if let Some(expression) = &self.expression {
            expression.collect(&mut tags);
        }
        tags.retain(|tag| !is_set_by_toolchain(tag));
        tags
    }

    fn holds(&self, tags: &BTreeSet<String>, has_cgo: bool) -> bool {
        let is_set = |tag: &str| match tag {
            "cgo" => has_cgo,
            "linux" | "unix" | "gc" => true,
            "amd64" => self.architecture == Architecture::X86_64,
            "arm64" => self.architecture == Architecture::Arm64,
            _ => tag.starts_with("go1.") || tags.contains(tag),
        };
        !self.is_for_another && self.expression.as_ref().is_none_or(|expression| expression.holds(&is_set))
    }
}

fn is_set_by_toolchain(tag: &str) -> bool {
    tag.starts_with("go1.") || SYSTEMS.contains(&tag) || PROCESSORS.contains(&tag) || OTHERS.contains(&tag)
}

/// By the end of its name: `_windows_test.go`, `_linux_arm64_test.go`.
fn is_for_another(file_name: &str, architecture: Architecture) -> bool {
    let processor = match architecture {
        Architecture::X86_64 => "amd64",
        Architecture::Arm64 => "arm64",
    };
    let stem = file_name.trim_end_matches(".go").trim_end_matches("_test");
    // The first part is the name itself, whatever it is.
    let mut parts = stem.split('_').skip(1).collect::<Vec<_>>().into_iter().rev();
    let last = parts.next().unwrap_or_default();
    if PROCESSORS.contains(&last) {
        let system = parts.next().filter(|part| SYSTEMS.contains(part));
        return last != processor || system.is_some_and(|system| system != "linux");
    }
    SYSTEMS.contains(&last) && last != "linux"
}

/// The line `//go:build`, which stands before the package clause.
fn expression(text: &str) -> Option<Expression> {
    let mut before = text.lines().take_while(|line| !line.starts_with("package "));
    let line = before.find_map(|line| line.strip_prefix("//go:build "))?;
    let mut tokens = tokens(line);
    let expression = any(&mut tokens)?;
    tokens.is_empty().then_some(expression)
}

/// In reverse, so that the next one is the last.
fn tokens(line: &str) -> Vec<String> {
    let line = line.split("//").next().unwrap_or_default();
    let spaced = ["(", ")", "&&", "||", "!"]
        .iter()
        .fold(line.to_owned(), |line, symbol| line.replace(symbol, &format!(" {symbol} ")));
    spaced.split_whitespace().rev().map(str::to_owned).collect()
}

fn any(tokens: &mut Vec<String>) -> Option<Expression> {
    let mut parts = vec![all(tokens)?];
    while tokens.pop_if(|token| token == "||").is_some() {
        parts.push(all(tokens)?);
    }
    Some(if parts.len() == 1 { parts.swap_remove(0) } else { Expression::Any(parts) })
}

fn all(tokens: &mut Vec<String>) -> Option<Expression> {
    let mut parts = vec![one(tokens)?];
    while tokens.pop_if(|token| token == "&&").is_some() {
        parts.push(one(tokens)?);
    }
    Some(if parts.len() == 1 { parts.swap_remove(0) } else { Expression::All(parts) })
}

fn one(tokens: &mut Vec<String>) -> Option<Expression> {
    match tokens.pop()?.as_str() {
        "!" => Some(Expression::Not(Box::new(one(tokens)?))),
        "(" => {
            let inner = any(tokens)?;
            (tokens.pop()? == ")").then_some(inner)
        }
        ")" | "&&" | "||" => None,
        tag => {
            let is_tag =
                tag.chars().all(|character| character.is_alphanumeric() || matches!(character, '_' | '.'));
            is_tag.then(|| Expression::Tag(tag.to_owned()))
        }
    }
}

impl Expression {
    fn holds(&self, is_set: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Self::Tag(tag) => is_set(tag),
            Self::Not(inner) => !inner.holds(is_set),
            Self::All(parts) => parts.iter().all(|part| part.holds(is_set)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(is_set)),
        }
    }

    fn collect(&self, tags: &mut BTreeSet<String>) {
        match self {
            Self::Tag(tag) => {
                tags.insert(tag.clone());
            }
            Self::Not(inner) => inner.collect(tags),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.collect(tags)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(file_name: &str, constraint: &str) -> String {
        let text = format!("// Copyright\n\n//go:build {constraint}\n\npackage x\n");
        match Constraint::of(file_name, &text, Architecture::X86_64).need() {
            Need::Tags(tags) => tags.into_iter().collect::<Vec<_>>().join(","),
            Need::Cgo => "cgo!".to_owned(),
            Need::Never => "never!".to_owned(),
        }
    }

    #[test]
    fn tags_that_go_test_must_be_given() {
        for (constraint, tags) in [
            ("system", "system"),
            ("linux", ""),
            ("go1.21 && !windows", ""),
            ("integration && !short", "integration"),
            ("(e2e || smoke) && linux", "e2e"),
            ("a && b", "a,b"),
            ("!integration", ""),
            ("!(a || b)", ""),
            ("amd64 || arm64", ""),
            ("unix && arm64", "never!"),
            ("windows", "never!"),
            ("ignore", "never!"),
            ("cgo", "cgo!"),
            ("cgo && integration", "cgo!"),
            ("!cgo", ""),
            ("race", "never!"),
            // What Go does not understand it does not build; it says so itself.
            ("&& a", ""),
        ] {
            assert_eq!(need("x_test.go", constraint), tags, "{constraint}");
        }
        let after = "package x\n\n//go:build system\n";
        assert_eq!(Constraint::of("x_test.go", after, Architecture::X86_64).own_tags(), BTreeSet::new());
    }

    #[test]
    fn names_of_other_systems() {
        let built =
            |name: &str| Constraint::of(name, "package x\n", Architecture::Arm64).need() != Need::Never;
        for name in
            ["x_test.go", "linux_test.go", "x_linux_test.go", "x_arm64_test.go", "x_linux_arm64_test.go"]
        {
            assert!(built(name), "{name}");
        }
        for name in ["x_windows_test.go", "x_freebsd_test.go", "x_amd64_test.go", "x_darwin_arm64_test.go"] {
            assert!(!built(name), "{name}");
        }
    }
}
