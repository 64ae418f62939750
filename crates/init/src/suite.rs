//! A test binary that can be built from the project.

use lamex_protocol::plan::Framework;

use super::command_names;
use super::data::Data;

/// A suite as it was found, before it has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) source: Source,
    /// What to call it, best first; the last tells it from all others.
    pub(super) names: Vec<String>,
    /// Whether its path says that it tests a running system.
    pub(super) is_system_test: bool,
    pub(super) framework: Framework,
    /// The folder that its tests run in, relative to that of lamex.yaml; empty for that one itself.
    pub(super) dir: String,
    pub(super) data: Data,
    /// What to know of it, a line each.
    pub(super) notes: Vec<String>,
    /// Variables that the tests expect of their build tool.
    pub(super) variables: Vec<(&'static str, &'static str)>,
    /// The addresses that it takes as flags.
    pub(super) addresses: Vec<AddressFlag>,
}

/// What a suite is built from; paths are relative to the folder of lamex.yaml.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    Go {
        module: String,
        /// Relative to the module.
        package: String,
        tags: Vec<String>,
    },
    Cargo {
        /// The folder of the package.
        folder: String,
        package: String,
        test: String,
        features: Vec<String>,
    },
}

/// A flag for an address, `-addr` or `-http-addr`, with the value that it has without being given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AddressFlag {
    pub(super) flag: String,
    pub(super) default: String,
}

/// A suite with everything that is written about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suite {
    pub name: String,
    pub(super) source: Source,
    pub(super) framework: Framework,
    pub(super) addresses: Vec<Address>,
    pub(super) dir: String,
    pub(super) data: Data,
    pub(super) notes: Vec<String>,
    pub(super) variables: Vec<(&'static str, &'static str)>,
}

/// An address flag with the variable of the function that fills it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) flag: String,
    pub(super) default: String,
    pub(super) variable: String,
}

impl Suite {
    pub(super) fn new(found: Found, name: String) -> Self {
        let address = |AddressFlag { flag, default }| Address {
            variable: command_names::variable(&name, &flag),
            flag,
            default,
        };
        let Found { source, framework, dir, data, notes, variables, addresses, .. } = found;
        let addresses = addresses.into_iter().map(address).collect();
        Self { name, source, framework, addresses, dir, data, notes, variables }
    }

    /// The file name of its binary, which is put into `build/`.
    pub(super) fn binary(&self) -> String {
        format!("{}-system-tests", self.name)
    }

    /// The command line on the function.
    pub(super) fn run(&self) -> String {
        let verbose = if self.framework == Framework::Go { " -test.v" } else { "" };
        let addresses: String = self
            .addresses
            .iter()
            .map(|address| format!(" -{}=${{{}}}", address.flag, address.variable))
            .collect();
        format!("./{}{verbose}{addresses}", self.binary())
    }

    /// Where its source is, for people.
    pub fn place(&self) -> String {
        match &self.source {
            Source::Go { module, package, .. } => {
                let place = super::walk::join(module, package);
                let place = place.trim_end_matches('/');
                if place.is_empty() { ".".to_owned() } else { place.to_owned() }
            }
            Source::Cargo { folder, test, .. } => super::walk::join(folder, &format!("tests/{test}")),
        }
    }
}
