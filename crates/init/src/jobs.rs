//! What the jobs of all CI systems have in common.

use lamex_config::Architecture;
use lamex_protocol::plan::Framework;

use super::repository::RepositoryPath;
use super::shell::quote;
use super::suite::{Source, Suite};
use super::walk::join;

/// Whose job is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CiSystem {
    Github,
    Gitlab,
}

/// The environment that the jobs deploy to, as it stands in the lamex.yaml that is written with them.
pub(super) const ENVIRONMENT: &str = "staging";
/// No account has this id, so nothing happens before it is replaced.
pub(super) const ACCOUNT: &str = "000000000000";
pub(super) const REGION: &str = "us-east-2";
pub(super) const FUNCTION: &str = "system-tests-staging";
const REPOSITORY: &str = "https://git.example.com/lamex.git";
const REVISION: &str = "0000000000000000000000000000000000000000";
const JUNIT: &str = "system-tests.xml";

/// A job with `@NAME@` where something is to be filled in.
pub(super) struct Template(String);

impl Template {
    /// The template with what does not depend on the CI system filled in.
    pub(super) fn new(text: &str, architecture: Architecture, place: &RepositoryPath) -> Self {
        // The role that the Terraform module and the CDK app make for CI.
        let role = format!("arn:aws:iam::{ACCOUNT}:role/{FUNCTION}-lamex-ci");
        Self(text.to_owned())
            .with("ENVIRONMENT", ENVIRONMENT)
            .with("ARCHITECTURE", architecture.name())
            .with("REGION", REGION)
            .with("REPOSITORY", REPOSITORY)
            .with("REVISION", REVISION)
            .with("ROLE", &role)
            .with("JUNIT", JUNIT)
            .with("JUNIT_FROM_ROOT", &yaml_text(&place.seen_from_root(JUNIT)))
    }

    pub(super) fn with(self, name: &str, value: &str) -> Self {
        Self(self.0.replace(&format!("@{name}@"), value))
    }

    pub(super) fn finish(self) -> String {
        self.0
    }
}

/// Text as a scalar: as it is where YAML cannot mistake it, else in quotes.
pub(super) fn yaml_text(text: &str) -> String {
    const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte);
    let begins_well = text.starts_with(|first: char| first.is_ascii_alphabetic());
    let is_path =
        begins_well && text.bytes().all(is_plain) && !WORDS.contains(&text.to_ascii_lowercase().as_str());
    // A JSON string is one of YAML.
    if is_path || text == "." { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

impl Suite {
    pub(super) fn is_go(&self) -> bool {
        matches!(self.source, Source::Go { .. })
    }

    /// The line for a shell in the folder of lamex.yaml that builds the binary into `build/`.
    pub(super) fn build(&self, architecture: Architecture) -> String {
        let binary = format!("build/{}", self.binary());
        match &self.source {
            Source::Go { module, package, tags } => {
                let depth = if module.is_empty() { 0 } else { module.split('/').count() };
                let mut words = vec!["go".to_owned()];
                if depth > 0 {
                    // Begun with ./, since a name may begin with a hyphen.
                    words.extend(["-C".to_owned(), quote(&format!("./{module}"))]);
                }
                words.extend(["test", "-c"].map(str::to_owned));
                if !tags.is_empty() {
                    words.push(format!("-tags={}", tags.join(",")));
                }
                words.extend(["-o".to_owned(), format!("{}{binary}", "../".repeat(depth))]);
                words.push(if package.is_empty() { ".".to_owned() } else { quote(&format!("./{package}")) });
                format!(
                    "CGO_ENABLED=0 GOOS=linux GOARCH={} {}",
                    go_architecture(architecture),
                    words.join(" ")
                )
            }
            Source::Cargo { folder, package, test, features } => {
                let mut words = vec!["cargo test --no-run".to_owned()];
                words.push(format!("--target={}", rust_target(architecture)));
                words.push(if folder.is_empty() {
                    format!("--package={}", quote(package))
                } else {
                    format!("--manifest-path={}", quote(&join(folder, "Cargo.toml")))
                });
                words.push(format!("--test={}", quote(test)));
                if !features.is_empty() {
                    words.push(format!("--features={}", quote(&features.join(","))));
                }
                // cargo gives the file a name with a hash, which only its messages tell; what the compiler says goes
                // to stderr, for people.
                let executable = r#"sed -n '/"kind":\["test"\]/s/.*"executable":"\([^"]*\)".*/\1/p'"#;
                format!(
                    "cp \"$({} --message-format=json-render-diagnostics | {executable})\" {binary}",
                    words.join(" ")
                )
            }
        }
    }
}

/// The lines that build all suites, or nothing where there are none.
pub(super) fn builds<'a>(suites: impl Iterator<Item = &'a Suite>, architecture: Architecture) -> Vec<String> {
    let lines: Vec<String> = suites.map(|suite| suite.build(architecture)).collect();
    if lines.is_empty() { lines } else { [vec!["mkdir -p build".to_owned()], lines].concat() }
}

/// As Go's GOARCH has it.
fn go_architecture(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "amd64",
        Architecture::Arm64 => "arm64",
    }
}

/// musl, since a CI machine's glibc is newer than the function's.
pub(super) fn rust_target(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "x86_64-unknown-linux-musl",
        Architecture::Arm64 => "aarch64-unknown-linux-musl",
    }
}

/// As lamex.yaml has it.
pub(super) fn framework(framework: Framework) -> &'static str {
    match framework {
        Framework::Go => "go",
        Framework::Libtest => "libtest",
        Framework::Gtest => "gtest",
        Framework::Tap => "tap",
        Framework::ExitCode => "exit-code",
    }
}

/// The lines, indented.
pub(super) fn indented(lines: &[String], spaces: usize) -> String {
    let indent = " ".repeat(spaces);
    lines.iter().map(|line| format!("{indent}{line}\n")).collect()
}
