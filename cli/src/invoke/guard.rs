//! What must be true before anything is invoked. Everything here fails closed, and names its rule.

use lamex_protocol::plan::Plan;
use lamex_protocol::request::Selection;

/// The facts that the rules look at.
pub(crate) struct Facts<'a> {
    pub(crate) environment: &'a str,
    pub(crate) is_protected: bool,
    /// The value of `--confirm`.
    pub(crate) confirmed: Option<&'a str>,
    pub(crate) allow_destructive: bool,
    pub(crate) plan: &'a Plan,
    pub(crate) select: &'a Selection,
}

/// Why the run must not begin, if it must not.
pub(crate) fn refusal(facts: &Facts<'_>) -> Option<String> {
    let Facts { environment, is_protected, confirmed, allow_destructive, plan, select } = facts;
    if let Some(refusal) = unconfirmed(environment, *is_protected, *confirmed) {
        return Some(refusal);
    }
    if *allow_destructive || select.is_empty() {
        return None;
    }
    let selected = plan.select(select).unwrap_or_default();
    let destructive =
        selected.iter().map(|&index| &plan.commands[index]).find(|command| command.destructive)?;
    Some(format!(
        "the command `{}` is destructive, and the environment {environment} does not have \
         `allow_destructive: true`",
        destructive.name
    ))
}

/// Why the environment must not be touched, if it must not: it is protected and was not named again, or another
/// one was.
pub(crate) fn unconfirmed(environment: &str, is_protected: bool, confirmed: Option<&str>) -> Option<String> {
    match confirmed {
        Some(name) if name != environment => {
            Some(format!("`--confirm {name}` does not name the environment {environment}"))
        }
        None if is_protected => Some(format!(
            "the environment {environment} is `protected: true`: pass `--confirm {environment}` to go on"
        )),
        _ => None,
    }
}

/// Why credentials of this account must not be used, if they must not.
pub(crate) fn wrong_account(environment: &str, expected: &str, found: &str) -> Option<String> {
    (expected != found).then(|| {
        format!(
            "the credentials belong to the account {found}, the environment {environment} to the account {expected}"
        )
    })
}

#[cfg(test)]
mod tests {
    use lamex_protocol::plan::Command;

    use super::*;

    fn refused(is_protected: bool, confirmed: Option<&str>, allow_destructive: bool, names: &[&str]) -> bool {
        let command = |name: &str, destructive| Command {
            name: name.into(),
            argv: vec!["true".into()],
            destructive,
            ..Command::default()
        };
        let plan = Plan {
            lamex: 1,
            commands: vec![command("read", false), command("wipe", true)],
            ..Plan::default()
        };
        let names = names.iter().map(|&name| name.into()).collect();
        let select = Selection { names, ..Selection::default() };
        let facts = Facts {
            environment: "prod",
            is_protected,
            confirmed,
            allow_destructive,
            plan: &plan,
            select: &select,
        };
        refusal(&facts).is_some()
    }

    #[test]
    fn a_protected_environment_needs_its_exact_name() {
        assert!(refused(true, None, false, &[]));
        assert!(refused(true, Some("Prod"), false, &[]));
        assert!(refused(true, Some(""), false, &[]));
        assert!(!refused(true, Some("prod"), false, &[]));
        assert!(!refused(false, None, false, &[]));
        assert!(
            refused(false, Some("staging"), false, &[]),
            "a wrong name is a mistake even where none is needed"
        );
    }

    #[test]
    fn a_destructive_command_that_is_asked_for_needs_the_environments_consent() {
        assert!(refused(false, None, false, &["wipe"]));
        assert!(refused(false, None, false, &["read", "wipe"]));
        assert!(!refused(false, None, true, &["wipe"]));
        assert!(!refused(false, None, false, &["read"]));
        assert!(!refused(false, None, false, &[]), "without a selection it is skipped, not refused");
    }

    #[test]
    fn another_account_is_refused() {
        assert!(wrong_account("staging", "111111111111", "222222222222").is_some());
        assert!(wrong_account("staging", "111111111111", "111111111111").is_none());
    }
}
