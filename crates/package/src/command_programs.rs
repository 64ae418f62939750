//! Which programs a command starts, as far as its arguments tell.

use lamex_protocol::plan::Command;
use lamex_protocol::template;

use super::al2023::TASK_ROOT;
use super::package_path::normalized;
use super::program_file::Shebang;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reference {
    /// A file of the package, relative to its root.
    Package(String),
    /// Likewise, but given to another program, which may start it.
    Argument(String),
    /// A path outside of the package.
    Absolute(String),
    /// What is looked up in PATH.
    Name(String),
}

impl Reference {
    /// What the kernel starts under this name in the package's root.
    fn new(program: &str) -> Self {
        Self::seen_from("", program)
    }

    /// Likewise, in a folder of the package.
    fn seen_from(dir: &str, program: &str) -> Self {
        match program.strip_prefix(TASK_ROOT) {
            Some(path) => Self::Package(normalized(path)),
            None if program.starts_with('/') => Self::Absolute(program.to_owned()),
            None if program.contains('/') => Self::Package(normalized(&format!("{dir}/{program}"))),
            None => Self::Name(program.to_owned()),
        }
    }

    fn is_env(&self) -> bool {
        match self {
            Self::Absolute(path) => path == "/usr/bin/env" || path == "/bin/env",
            Self::Name(name) => name == "env",
            Self::Package(_) | Self::Argument(_) => false,
        }
    }
}

/// The program, the one that `env` stands before, and files of the package among the arguments, which are
/// relative to the command's working directory. What a variable names is known on the function only.
pub(super) fn of(command: &Command) -> Vec<Reference> {
    let words = command.argv.iter().map(|word| known(word, command.literal));
    let words: Vec<Option<String>> = words.collect();
    let Some((Some(program), arguments)) = words.split_first() else {
        return Vec::new();
    };
    let program = Reference::new(program);
    let dir = command.dir.as_deref().unwrap_or_default();
    let behind = if program.is_env() {
        let known = arguments.iter().map_while(|word| word.as_deref());
        behind_env(known).map(|program| Reference::seen_from(dir, program))
    } else {
        None
    };
    let mut references = vec![program];
    references.extend(behind);
    for argument in arguments.iter().flatten() {
        if let Reference::Package(path) = Reference::seen_from(dir, argument) {
            references.push(Reference::Argument(path));
        }
    }
    references
}

/// The paths in the package that the command's program and arguments could be.
pub fn files_named(command: &Command) -> Vec<String> {
    let path = |reference| match reference {
        Reference::Package(path) | Reference::Argument(path) => Some(path),
        Reference::Absolute(_) | Reference::Name(_) => None,
    };
    let names = command.argv.iter().map(|word| normalized(word));
    of(command).into_iter().filter_map(path).chain(names).collect()
}

/// The interpreter, and the one that `env` is to find.
pub(super) fn of_shebang(shebang: &Shebang) -> Vec<Reference> {
    let interpreter = match Reference::new(&shebang.interpreter) {
        // The kernel does not look into PATH.
        Reference::Name(name) => Reference::Package(name),
        other => other,
    };
    let behind = match &shebang.argument {
        Some(argument) if interpreter.is_env() => match argument.strip_prefix("-S") {
            Some(words) => behind_env(words.split_whitespace()).map(Reference::new),
            None => Some(Reference::new(argument)),
        },
        _ => None,
    };
    [interpreter].into_iter().chain(behind).collect()
}

/// The first word that is neither an option of `env` nor an assignment. Options with a value of their own
/// (`-u NAME`) end the search: what follows them is not certain.
fn behind_env<'a>(words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const WITHOUT_VALUE: [&str; 4] = ["-", "-i", "--ignore-environment", "--"];
    let mut words = words.skip_while(|word| word.contains('=') || WITHOUT_VALUE.contains(word));
    words.next().filter(|word| !word.starts_with('-'))
}

/// The word as the function will see it, unless a variable is filled in.
pub(super) fn known(word: &str, is_literal: bool) -> Option<String> {
    if is_literal { Some(word.to_owned()) } else { template::fill(word, |_| None).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(words: &[&str]) -> Vec<Reference> {
        let argv = words.iter().map(|&word| word.to_owned()).collect();
        of(&Command { argv, ..Command::default() })
    }

    fn shebang(interpreter: &str, argument: Option<&str>) -> Vec<Reference> {
        let argument = argument.map(str::to_owned);
        of_shebang(&Shebang { interpreter: interpreter.to_owned(), argument, has_carriage_return: false })
    }

    #[test]
    fn programs_of_commands() {
        let package = |path: &str| Reference::Package(path.to_owned());
        let argument = |path: &str| Reference::Argument(path.to_owned());
        let name = |name: &str| Reference::Name(name.to_owned());
        assert_eq!(references(&["./tests", "-v", "a/b"]), [package("tests"), argument("a/b")]);
        assert_eq!(references(&["/var/task/bin/../x"]), [package("x")]);
        assert_eq!(references(&["timeout", "9", "./tests"]), [name("timeout"), argument("tests")]);
        assert_eq!(
            references(&["env", "-i", "A=b/c", "python3", "x.py"]),
            [name("env"), name("python3"), argument("A=b/c")]
        );
        assert_eq!(references(&["env", "-u", "A", "python3"]), [name("env")]);
        assert_eq!(references(&["env", "${TOOL}", "python3"]), [name("env")]);
        assert_eq!(references(&["${TOOL}", "./tests"]), []);
        assert_eq!(references(&["./$${x}"]), [package("${x}")]);
        assert_eq!(references(&["/opt/bin/x"]), [Reference::Absolute("/opt/bin/x".to_owned())]);
    }

    #[test]
    fn arguments_are_seen_from_the_working_directory() {
        let argv = ["env", "./tests", "../data/x", "/var/task/y"].map(str::to_owned).to_vec();
        let command = Command { argv, dir: Some("orders/system".to_owned()), ..Command::default() };
        let package = |path: &str| Reference::Package(path.to_owned());
        let argument = |path: &str| Reference::Argument(path.to_owned());
        assert_eq!(
            of(&command),
            [
                Reference::Name("env".to_owned()),
                package("orders/system/tests"),
                argument("orders/system/tests"),
                argument("orders/data/x"),
                argument("y"),
            ]
        );
        let argv = ["./tests".to_owned()].to_vec();
        assert_eq!(
            of(&Command { argv, dir: Some("orders".to_owned()), ..Command::default() }),
            [package("tests")]
        );
    }

    #[test]
    fn interpreters_of_scripts() {
        let absolute = |path: &str| Reference::Absolute(path.to_owned());
        let name = |name: &str| Reference::Name(name.to_owned());
        let env = || absolute("/usr/bin/env");
        assert_eq!(shebang("/bin/sh", Some("-e")), [absolute("/bin/sh")]);
        assert_eq!(shebang("/usr/bin/env", Some("python3")), [env(), name("python3")]);
        assert_eq!(shebang("/usr/bin/env", Some("bash -e")), [env(), name("bash -e")]);
        assert_eq!(shebang("/usr/bin/env", Some("-S A=1 bash -e")), [env(), name("bash")]);
        assert_eq!(shebang("python3", None), [Reference::Package("python3".to_owned())]);
    }
}
