//! A function in a network with everything in order, and what doctor says of it.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};

use lamex_testing::binaries;
use lamex_testing::emulators::{ACCOUNT, REGION, endpoint};
use lamex_testing::network::{Network, SERVICE_PORT};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) struct Project {
    folder: TempDir,
    pub(crate) network: Network,
    pub(crate) function: String,
    pub(crate) account: String,
    pub(crate) endpoint: String,
    /// Who runs lamex-ctl.
    pub(crate) access_key: String,
    /// Lines of `reach`.
    pub(crate) reach: Vec<String>,
    /// Variables that the command requires.
    pub(crate) requires: Vec<String>,
    /// Actions that lamex.yaml allows the tests on everything.
    pub(crate) promises: Vec<String>,
}

/// The outcome of a run of doctor.
pub(crate) struct Told {
    pub(crate) exit_code: i32,
    pub(crate) text: String,
    findings: Vec<Value>,
}

impl Project {
    /// A network, a function and a deployed package. The name is this project's alone.
    pub(crate) fn create(name: &str) -> Self {
        let project = Self::describe(name);
        project.network.create_function(name);
        project.deploy();
        project
    }

    /// A network, and a lamex.yaml for a function that is not there.
    pub(crate) fn describe(name: &str) -> Self {
        let network = Network::create(name);
        let Network { host, service_group_id, .. } = &network;
        let reach = format!(
            "{{ name: orders, host: {host}, port: {SERVICE_PORT}, security_group_id: {service_group_id} }}"
        );
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("orders");
        fs::write(&script, "#!/bin/sh\nexit 0\n").unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        Self {
            folder,
            network,
            function: name.to_owned(),
            account: ACCOUNT.to_owned(),
            endpoint: endpoint().to_owned(),
            access_key: "test".to_owned(),
            reach: vec![reach],
            requires: Vec::new(),
            promises: Vec::new(),
        }
    }

    pub(crate) fn change_script(&self, body: &str) {
        fs::write(self.folder.path().join("orders"), format!("#!/bin/sh\n{body}\n")).unwrap();
    }

    /// Packs and deploys.
    pub(crate) fn deploy(&self) {
        for arguments in [["package", "--env", "staging"], ["deploy", "--env", "staging"]] {
            let output = self.run(&arguments);
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }

    /// What doctor says, without asking the function.
    pub(crate) fn look(&self) -> Told {
        self.doctor(&["--static"])
    }

    pub(crate) fn doctor(&self, arguments: &[&str]) -> Told {
        let output = self.run(&[&["doctor", "--env", "staging", "--output", "json"], arguments].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        let document: Value = serde_json::from_str(&text)
            .unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
        assert_eq!(document["schema"], 1);
        Told {
            exit_code: output.status.code().unwrap(),
            findings: document["findings"].as_array().unwrap().clone(),
            text,
        }
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.write_config();
        let mut command = Command::new(binaries::lamex_ctl());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("LAMEX_RUNNER", binaries::bootstrap())
            .env("AWS_ACCESS_KEY_ID", &self.access_key)
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .output()
            .unwrap()
    }

    fn write_config(&self) {
        let Self { account, function, endpoint, network, .. } = self;
        let requires = self.requires.join(", ");
        let statements = match self.promises.join(", ") {
            actions if actions.is_empty() => String::new(),
            actions => format!("{{ actions: [{actions}], resources: [\"*\"] }}"),
        };
        let Network { vpc_id, subnet_ids: [first, second], host, .. } = network;
        let architecture = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };
        let reach: String = self.reach.iter().map(|line| format!("      - {line}\n")).collect();
        let yaml = format!(
            "package: {{ include: [orders] }}\ncommands: [{{ name: orders, run: ./orders, requires: [{requires}] }}]\nenvironments:\n  \
             staging:\n    account: \"{account}\"\n    region: {REGION}\n    function: {function}\n    \
             endpoint_url: {endpoint}\n    invoke: buffered\n    architecture: {architecture}\n    timeout: 1m\n    \
             memory_mb: 512\n    role: {{ statements: [{statements}] }}\n    vpc: {{ id: {vpc_id}, subnet_ids: [{first}, {second}] }}\n    \
             env: {{ ORDERS_ADDR: \"{host}:{SERVICE_PORT}\" }}\n    reach:\n{reach}"
        );
        fs::write(self.folder.path().join("lamex.yaml"), yaml).unwrap();
    }
}

impl Told {
    /// Exactly these checks are not in order, at these levels, and doctor ends so.
    #[track_caller]
    pub(crate) fn expect(&self, exit_code: i32, expected: &[(&str, &str)]) -> &Self {
        let told: BTreeSet<_> = self
            .findings
            .iter()
            .map(|finding| (finding["level"].as_str().unwrap(), finding["check"].as_str().unwrap()))
            .filter(|(level, _)| *level != "ok")
            // How full this machine's disk is must not matter.
            .filter(|finding| *finding != ("warning", "inside.tmp"))
            .collect();
        assert_eq!(told, expected.iter().copied().collect(), "{}", self.text);
        assert_eq!(self.exit_code, exit_code, "{}", self.text);
        self
    }

    /// This check is not in order, among others.
    #[track_caller]
    pub(crate) fn expect_among(&self, exit_code: i32, (level, check): (&str, &str)) -> &Self {
        let is_it = |finding: &Value| finding["level"] == level && finding["check"] == check;
        assert!(self.findings.iter().any(is_it), "{}", self.text);
        assert_eq!(self.exit_code, exit_code, "{}", self.text);
        self
    }

    #[track_caller]
    pub(crate) fn says(&self, text: &str) -> &Self {
        assert!(self.text.contains(text), "{text:?} is not in\n{}", self.text);
        self
    }
}
