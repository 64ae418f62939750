//! What the jobs of all CI systems have in common.

use lamex_protocol::plan::Framework;

use super::repository::RepositoryPath;

/// Whose job is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CiSystem {
    Github,
    Gitlab,
}

/// The job to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ci {
    pub system: CiSystem,
    /// The job that deploys the service, where the tests are to run after it.
    pub after: Option<String>,
}

impl CiSystem {
    /// Whether the system takes this as the name of a job.
    #[must_use]
    pub fn is_job_name(self, name: &str) -> bool {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
        match self {
            Self::Github => {
                name.bytes().all(is_word)
                    && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            }
            Self::Gitlab => {
                let is_one = |byte: u8| is_word(byte) || b" :./".contains(&byte);
                name.bytes().all(is_one) && name.starts_with(|first: char| first.is_ascii_alphanumeric())
            }
        }
    }
}

/// The environment that the jobs deploy to, as it stands in the lamex.yaml that is written with them.
pub(super) const ENVIRONMENT: &str = "staging";
/// No account has this id, so nothing happens before it is replaced.
pub(super) const ACCOUNT: &str = "000000000000";
pub(super) const REGION: &str = "us-east-2";
pub(super) const FUNCTION: &str = "system-tests-staging";
/// Where the releases of lamex are: a placeholder, to be changed here once there is one.
const RELEASES: &str = "https://git.example.com/lamex/releases/download";
/// Of the job's shell, in the folder where install.sh is to be.
const DOWNLOAD: &str =
    "curl --fail --silent --show-error --location --remote-name \"$LAMEX_RELEASE/install.sh\"";
const JUNIT: &str = "system-tests.xml";

/// A job with `@NAME@` where something is to be filled in.
pub(super) struct Template(String);

impl Template {
    /// The template with what does not depend on the CI system filled in.
    pub(super) fn new(text: &str, place: &RepositoryPath) -> Self {
        // The role that the Terraform module and the CDK app make for CI.
        let role = format!("arn:aws:iam::{ACCOUNT}:role/{FUNCTION}-lamex-ci");
        Self(text.to_owned())
            .with("ENVIRONMENT", ENVIRONMENT)
            .with("REGION", REGION)
            .with("RELEASE", &format!("{RELEASES}/v{}", env!("CARGO_PKG_VERSION")))
            .with("DOWNLOAD", DOWNLOAD)
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

/// A line of a shell as a scalar: as it is where YAML reads it so.
pub(super) fn yaml_line(line: &str) -> String {
    let begins_well = line.starts_with(|first: char| first.is_ascii_alphanumeric());
    let is_broken = line.contains(['\n', '\t']) || line.contains(": ") || line.contains(" #");
    if begins_well && !is_broken && !line.ends_with([':', ' ']) {
        line.to_owned()
    } else {
        // A JSON string is one of YAML.
        serde_json::Value::from(line).to_string()
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
