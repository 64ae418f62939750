//! A run of lamex-ctl that has ended, and whether its reports agree.

use std::fs;

use lamex_protocol::event::Stream;
use lamex_protocol::reader::{Judgement, StreamEnd};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::events::Events;
use crate::finished::Finished;
use crate::junit::Junit;
use crate::project::Project;

/// One `invoke` with a JSON document, JUnit, the raw events, and the report for people on stderr.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub document: Value,
    pub events: Events,
    pub junit: Junit,
    pub human: String,
}

impl Project {
    /// Invokes with every report there is; they are held against each other.
    pub fn invoke(&self, args: &[&str]) -> Run {
        let run = Run::new(self, args);
        self.assert_nothing_is_left();
        run
    }
}

impl Run {
    pub fn new(project: &Project, args: &[&str]) -> Self {
        let (junit, events) = (project.report("junit.xml"), project.report("events.jsonl"));
        let reports = ["--junit", junit.to_str().unwrap(), "--events", events.to_str().unwrap()];
        let all = [args, &reports, &["--output", "json"]].concat();
        let finished = Finished::new(project.lamex_ctl(&project.invoke_args(&all)));
        let human = finished.stderr();
        let document = serde_json::from_slice(&finished.stdout);
        let document: Value =
            document.unwrap_or_else(|error| panic!("{error}: {}{human}", finished.stdout()));
        let run = Self {
            code: finished.code.unwrap_or_else(|| panic!("a signal ended lamex-ctl: {human}")),
            document,
            events: Events(fs::read(events).unwrap()),
            junit: Junit::read(&junit),
            human,
        };
        run.assert_agreement(project);
        run
    }

    /// Exit code, document, JUnit and what the raw stream proves say the same.
    fn assert_agreement(&self, project: &Project) {
        let (code, human) = (self.code, &self.human);
        assert_eq!(self.document["exit_code"], code, "{human}");
        assert_eq!(self.junit.is_green(), code == 0, "{human}\n{:?}", self.junit);
        let word = self.document["outcome"].as_str().unwrap();
        let run_id = self.document["run_id"].as_str().unwrap_or_default();
        let digest = match fs::read(project.path("commands.txt")) {
            Ok(bytes) => {
                let hex: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
                Some(format!("sha256:{hex}"))
            }
            Err(_) => self.document["package_digest"].as_str().map(str::to_owned),
        };
        // How the transport ended is not in the file; it can only make a verdict worse.
        let end = match code {
            0 | 6 => StreamEnd::Complete,
            _ => StreamEnd::Broken("not known".to_owned()),
        };
        let judgement = self.events.judge(run_id, digest, end);
        let agrees = match code {
            0 => word == "passed" && judgement == Judgement::Passed,
            1 => word == "failed" && judgement == Judgement::Failed,
            3 => word == "refused" && matches!(judgement, Judgement::Refused(_)),
            4 => word == "infrastructure_failure" && matches!(judgement, Judgement::Untrusted(_)),
            5 => word == "incomplete" && judgement == Judgement::Incomplete,
            6 => word == "empty" && judgement == Judgement::Empty,
            _ => false,
        };
        assert!(agrees, "exit code {code}, {word}, {judgement:?}:\n{human}");
    }

    #[track_caller]
    pub fn expect(self, code: i32, parts: &[&str]) -> Self {
        assert_eq!(self.code, code, "{}", self.human);
        for part in parts {
            assert!(self.human.contains(part), "no `{part}` in:\n{}", self.human);
        }
        self
    }

    /// The document's entry of a command.
    #[track_caller]
    pub fn command(&self, name: &str) -> &Value {
        let commands = self.document["commands"].as_array().unwrap();
        let command = commands.iter().find(|command| command["name"] == name);
        command.unwrap_or_else(|| panic!("no command `{name}` in {commands:?}"))
    }

    /// Names of the commands that ended, in order, with their outcomes.
    pub fn outcomes(&self) -> Vec<(&str, &str)> {
        let commands = self.document["commands"].as_array().unwrap();
        commands
            .iter()
            .map(|command| (command["name"].as_str().unwrap(), command["outcome"].as_str().unwrap_or("lost")))
            .collect()
    }

    /// What the only command of the plan wrote, as the events have it.
    pub fn stdout(&self) -> Vec<u8> {
        self.events.output(0, Stream::Stdout)
    }

    pub fn stderr(&self) -> Vec<u8> {
        self.events.output(0, Stream::Stderr)
    }
}
