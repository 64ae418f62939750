//! A project for a function in a network, and what is collected for it.

use lamex_aws::Account;
use lamex_config::{Lambda, Target};
use lamex_doctor::facts::Facts;
use lamex_testing::emulators::{ACCOUNT, REGION, access_key_without, endpoint};
use lamex_testing::network::{Network, SERVICE_PORT};

use crate::doctor::collect::{Look, collect};
use crate::runtime;

/// What lamex.yaml says of a function in a network.
pub(super) struct Project {
    pub(super) function: String,
    pub(super) account: String,
    pub(super) vpc_id: String,
    pub(super) subnet_ids: Vec<String>,
    /// A line of `reach` each.
    pub(super) reach: Vec<String>,
}

impl Project {
    pub(super) fn new(function: &str, network: &Network) -> Self {
        let Network { service_group_id, host, .. } = network;
        Self {
            function: function.to_owned(),
            account: ACCOUNT.to_owned(),
            vpc_id: network.vpc_id.clone(),
            subnet_ids: network.subnet_ids.to_vec(),
            reach: vec![format!("host: {host}, port: {SERVICE_PORT}, security_group_id: {service_group_id}")],
        }
    }

    fn lambda(&self) -> Lambda {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lamex.yaml");
        let Self { function, account, vpc_id, .. } = self;
        let reach = self.reach.iter().enumerate();
        let reach: String =
            reach.map(|(index, line)| format!("      - {{ name: t{index}, {line} }}\n")).collect();
        let yaml = format!(
            "commands: [{{ name: orders, run: ./orders }}]\nenvironments:\n  staging:\n    \
             account: \"{account}\"\n    region: {REGION}\n    function: {function}\n    vpc:\n      \
             id: {vpc_id}\n      subnet_ids: [{}]\n    reach:\n{reach}",
            self.subnet_ids.join(", ")
        );
        std::fs::write(&path, &yaml).unwrap();
        let config = lamex_config::load(&path)
            .unwrap_or_else(|error| panic!("{:?}\n{yaml}", miette::Report::new(error)));
        match config.environment("staging").unwrap().target {
            Target::Lambda(lambda) => *lambda,
            Target::Local => panic!("local"),
        }
    }

    pub(super) fn collect(&self) -> Facts {
        self.look("test", false)
    }

    /// As somebody who may do everything but this IAM action.
    pub(super) fn collect_without(&self, action: &str) -> Facts {
        self.look(&access_key_without(action), false)
    }

    pub(super) fn look(&self, access_key: &str, from_inside: bool) -> Facts {
        let lambda = self.lambda();
        let account = Account::from_emulator(endpoint(), REGION, access_key);
        let look = Look { targets: &lambda.reach, from_inside, package: None };
        runtime::start().unwrap().block_on(collect(&lambda, &account, look))
    }
}
