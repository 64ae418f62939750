//! The function as it is served: its configuration, checked, with what follows from it.

use std::io;
use std::path::PathBuf;

use lamex_processes::start::ReadOnlyFolder;

use crate::config::FunctionConfig;
use crate::variables;

/// The only version there is.
pub(crate) const LATEST: &str = "$LATEST";

#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) config: FunctionConfig,
    pub(crate) arn: String,
    /// Absolute, without symbolic links.
    pub(crate) task_root: PathBuf,
    pub(crate) bootstrap: PathBuf,
    /// The task root, to be mounted so that not even root can write to it.
    pub(crate) read_only: Option<ReadOnlyFolder>,
}

impl Function {
    /// # Errors
    /// A name that Lambda would not take, a reserved variable, a task root that is no folder.
    pub(crate) fn new(config: FunctionConfig) -> io::Result<Self> {
        let refuse = |problem: String| Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
        let is_name = |name: &str| {
            (1..=64).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        if !is_name(&config.name) {
            return refuse(format!(
                "`{}` is not a valid function name: use up to 64 letters, digits, - and _",
                config.name
            ));
        }
        if let Some(problem) = variables::problem(&config.environment) {
            return refuse(problem);
        }
        let within = |path: &PathBuf, error: io::Error| {
            io::Error::new(error.kind(), format!("{}: {error}", path.display()))
        };
        let task_root =
            std::fs::canonicalize(&config.task_root).map_err(|error| within(&config.task_root, error))?;
        if !task_root.is_dir() {
            return refuse(format!("{}: the task root is not a folder", task_root.display()));
        }
        let bootstrap = match &config.bootstrap {
            Some(path) => std::path::absolute(path).map_err(|error| within(path, error))?,
            None => task_root.join("bootstrap"),
        };
        let arn = format!("arn:aws:lambda:{}:{}:function:{}", config.region, config.account_id, config.name);
        Ok(Self { config, arn, task_root, bootstrap, read_only: None })
    }
}

/// How a caller names a function: `name`, `account:function:name` or an ARN, each with `:qualifier` or without.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FunctionReference<'a> {
    pub(crate) name: &'a str,
    pub(crate) qualifier: Option<&'a str>,
}

impl<'a> FunctionReference<'a> {
    /// Region and account of an ARN are not looked at: this Lambda has only one of each.
    pub(crate) fn parse(text: &'a str) -> Self {
        let after_prefix = text
            .find("function:")
            .filter(|&start| start == 0 || text.as_bytes()[start - 1] == b':')
            .map_or(text, |start| &text[start + "function:".len()..]);
        match after_prefix.split_once(':') {
            Some((name, qualifier)) => Self { name, qualifier: Some(qualifier) },
            None => Self { name: after_prefix, qualifier: None },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_named_in_four_ways() {
        let parse = |text| {
            let reference = FunctionReference::parse(text);
            (reference.name, reference.qualifier)
        };
        assert_eq!(parse("suite"), ("suite", None));
        assert_eq!(parse("suite:$LATEST"), ("suite", Some("$LATEST")));
        assert_eq!(parse("123456789012:function:suite:live"), ("suite", Some("live")));
        assert_eq!(parse("arn:aws:lambda:us-east-2:123456789012:function:suite"), ("suite", None));
        assert_eq!(parse("my-function:7"), ("my-function", Some("7")));
    }

    #[test]
    fn a_bad_configuration_is_refused_with_its_reason() {
        let error = |config| Function::new(config).unwrap_err().to_string();
        assert!(error(FunctionConfig::new("a b", "/")).contains("`a b` is not a valid function name"));
        assert!(error(FunctionConfig::new("f", "/nowhere/at/all")).starts_with("/nowhere/at/all: "));
        let mut config = FunctionConfig::new("f", "/");
        config.environment.insert("AWS_REGION".into(), "eu-west-1".into());
        assert!(error(config).contains("reserved keys"));
    }
}
