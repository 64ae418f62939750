//! What a package is for.

use lamex_config::{Architecture, Config, ConfigError, Environment, Target};

use super::error::PackageError;

/// The functions that a package is for, as far as it depends on them. One package serves every environment
/// of one architecture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageTarget {
    pub architecture: Architecture,
    /// Whose architecture that is, as the subject of a sentence.
    pub whose: String,
}

impl PackageTarget {
    #[must_use]
    pub fn new(environment: &Environment) -> Self {
        let whose = format!("the environment `{}`", environment.name);
        Self { architecture: environment.architecture, whose }
    }

    #[must_use]
    pub fn from_this_machine() -> Self {
        Self { architecture: Architecture::host(), whose: "this machine".to_owned() }
    }

    /// The environment of that name. Without one: what all deployed environments have; this machine where
    /// there are none.
    ///
    /// # Errors
    /// There is no such environment, or none was named and they differ.
    pub fn choose(config: &Config, name: Option<&str>) -> Result<Self, PackageError> {
        if let Some(name) = name {
            return Ok(Self::new(&config.environment(name)?));
        }
        let mut deployed =
            config.environments.values().filter(|environment| environment.target != Target::Local);
        let Some(first) = deployed.next() else {
            return Ok(Self::from_this_machine());
        };
        let mut count = 1;
        for other in deployed {
            count += 1;
            if other.architecture != first.architecture {
                return Err(PackageError::WhichEnvironment {
                    one: first.name.clone(),
                    one_has: first.architecture.name(),
                    other: other.name.clone(),
                    other_has: other.architecture.name(),
                });
            }
        }
        if count == 1 {
            return Ok(Self::new(first));
        }
        Ok(Self { architecture: first.architecture, whose: "every environment".to_owned() })
    }
}

impl From<ConfigError> for PackageError {
    fn from(error: ConfigError) -> Self {
        Self::Config(Box::new(error))
    }
}
