//! What `deploy` records of a package with the version that it publishes. A version's description is frozen with
//! its code, and whoever may read its configuration may read it.

use std::fmt;

use lamex_package::hex;
use lamex_protocol::plan::Plan;
use sha2::{Digest as _, Sha256};

/// The first word of every record.
const MARK: &str = "lamex";

/// As many bytes of the commands' digest as tell them apart; Lambda takes 256 characters in all.
const COMMANDS_BYTES: usize = 8;

/// `lamex sha256:… commands:… commit:…`: words in any order behind the first, and room for more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// As the runner's `hello` has it.
    pub package_digest: String,
    /// Of the plan without the digest of its files, so that lamex.yaml alone can be compared with it.
    commands: String,
    /// Of the project, as git describes it; empty where that is not known.
    pub commit: String,
}

impl Record {
    pub fn new(plan: &Plan, package_digest: &str, commit: &str) -> Self {
        Self {
            package_digest: package_digest.to_owned(),
            commands: commands_digest(plan),
            commit: commit.to_owned(),
        }
    }

    /// `None` if somebody else wrote the description, or an older lamex-ctl.
    pub fn parse(description: &str) -> Option<Self> {
        let mut words = description.split_whitespace();
        if words.next() != Some(MARK) {
            return None;
        }
        let (mut package_digest, mut commands, mut commit) = (None, None, String::new());
        for word in words {
            match word.split_once(':') {
                Some(("sha256", hex)) if is_hex(hex, 64) => package_digest = Some(word.to_owned()),
                Some(("commands", hex)) if is_hex(hex, 2 * COMMANDS_BYTES) => commands = Some(hex.to_owned()),
                Some(("commit", name)) => name.clone_into(&mut commit),
                _ => {}
            }
        }
        Some(Self { package_digest: package_digest?, commands: commands?, commit })
    }

    /// Whether the package has these commands, with all that is said of them, in this order.
    pub fn has_commands_of(&self, plan: &Plan) -> bool {
        self.commands == commands_digest(plan)
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{MARK} {} commands:{}", self.package_digest, self.commands)?;
        if self.commit.is_empty() { Ok(()) } else { write!(f, " commit:{}", self.commit) }
    }
}

fn commands_digest(plan: &Plan) -> String {
    let plan = Plan { contents_sha256: None, ..plan.clone() };
    // Texts, numbers and lists, which JSON can always hold.
    let json = serde_json::to_vec(&plan).unwrap_or_default();
    hex(&Sha256::digest(json)[..COMMANDS_BYTES])
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use lamex_protocol::plan::Command;

    use super::*;

    fn plan(names: &[&str]) -> Plan {
        let command = |name: &&str| Command {
            name: (*name).to_owned(),
            argv: vec![format!("./{name}")],
            ..Command::default()
        };
        let commands = names.iter().map(command).collect();
        Plan { lamex: 1, commands, contents_sha256: Some("aa".to_owned()), ..Plan::default() }
    }

    fn record(plan: &Plan) -> Record {
        let digest = format!("sha256:{}", "0f".repeat(32));
        Record::new(plan, &digest, &format!("{}-dirty", "c0".repeat(20)))
    }

    #[test]
    fn what_is_written_is_read_again_and_fits_into_a_description() {
        let written = record(&plan(&["orders", "payments"]));
        let text = written.to_string();
        assert!(text.len() <= 256, "{} characters: {text}", text.len());
        assert_eq!(Record::parse(&text), Some(written.clone()));
        assert_eq!(Record::parse(&format!("{text} from:later")), Some(written.clone()));
        let without_commit = Record { commit: String::new(), ..written };
        assert_eq!(Record::parse(&without_commit.to_string()), Some(without_commit));
    }

    #[test]
    fn what_somebody_else_wrote_is_no_record() {
        let text = record(&plan(&["orders"])).to_string();
        let short = text.replace("0f0f", "0f");
        let others = ["", "lamex", "c0ffee-dirty", &text[1..], &text[6..], &short, &text.to_uppercase()];
        for other in others {
            assert_eq!(Record::parse(other), None, "{other}");
        }
    }

    #[test]
    fn commands_are_compared_and_the_files_are_not() {
        let recorded = record(&plan(&["orders", "payments"]));
        let with = |change: &dyn Fn(&mut Plan)| {
            let mut plan = plan(&["orders", "payments"]);
            change(&mut plan);
            recorded.has_commands_of(&plan)
        };
        assert!(with(&|_| {}));
        assert!(with(&|plan| plan.contents_sha256 = None));
        assert!(!with(&|plan| plan.fail_fast = true));
        assert!(!with(&|plan| plan.commands.swap(0, 1)));
        assert!(!with(&|plan| plan.commands[0].destructive = true));
        assert!(!with(&|plan| plan.commands[0].argv.push("-test.run=Nothing".to_owned())));
        assert!(!with(&|plan| drop(plan.commands.pop())));
    }
}
