//! What a request means for a plan: decided before anything starts, without side effects.

use std::collections::BTreeMap;

use lamex_protocol::plan::{Command, Phase, Plan};
use lamex_protocol::request::Selection;
use regex_lite::Regex;

/// Who asks, which decides what happens to destructive commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// A plain invocation never runs them.
    Plain,
    /// A protocol request runs them where it says so and the function itself allows it.
    Protocol { request_allows: bool, function_allows: bool },
}

/// What is asked for, apart from who asks.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub select: Selection,
    pub parameters: BTreeMap<String, String>,
}

/// One selected command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Place of the command in the plan.
    pub command: usize,
    /// Why it is left out, if it is.
    pub skip: Option<&'static str>,
}

/// # Errors
/// Why the request is refused: one sentence that names the rule.
pub fn prepare(plan: &Plan, wanted: &Wanted, caller: Caller) -> Result<Vec<Step>, String> {
    let selected = plan.select(&wanted.select)?;
    check_parameters(plan, &selected, &wanted.parameters)?;
    let is_test = |&index: &usize| plan.commands[index].phase == Phase::Test;
    if wanted.select.is_empty() && !selected.is_empty() && !selected.iter().any(is_test) {
        return Err("the package has only setup and teardown commands, and no test".to_owned());
    }
    let skip = match caller {
        Caller::Plain => Some("it is destructive, and a plain invocation never runs such commands"),
        Caller::Protocol { function_allows: false, .. } => {
            Some("it is destructive, and the function does not have LAMEX_ALLOW_DESTRUCTIVE=true")
        }
        Caller::Protocol { request_allows: false, .. } => {
            Some("it is destructive, and the environment does not have `allow_destructive: true`")
        }
        Caller::Protocol { .. } => None,
    };
    let skip_of = |command: &Command| if command.destructive { skip } else { None };
    // Who asks for such a command by name must not take its absence for success.
    if !wanted.select.is_empty()
        && let Some((command, reason)) =
            selected.iter().find_map(|&index| skip_of(&plan.commands[index]).map(|reason| (index, reason)))
    {
        return Err(format!("the command `{}` was selected, but {reason}", plan.commands[command].name));
    }
    let step = |command: usize| Step { command, skip: skip_of(&plan.commands[command]) };
    let mut steps: Vec<Step> = selected.into_iter().map(step).collect();
    around_tests(plan, &mut steps)?;
    Ok(steps)
}

/// Setup and teardown go with the tests: all of them run, or no test does.
fn around_tests(plan: &Plan, steps: &mut [Step]) -> Result<(), String> {
    let is_test = |step: &&Step| plan.commands[step.command].phase == Phase::Test;
    if !steps.iter().any(|step| is_test(&step)) {
        return Ok(());
    }
    if steps.iter().filter(is_test).all(|step| step.skip.is_some()) {
        for step in steps.iter_mut().filter(|step| !is_test(&&**step)) {
            step.skip = Some("it is needed only for the tests, and all of them are left out");
        }
        return Ok(());
    }
    let mut around = steps.iter().filter(|step| !is_test(step));
    match around.find_map(|step| Some((&plan.commands[step.command].name, step.skip?))) {
        Some((name, reason)) => Err(format!("no test runs without the command `{name}`, but {reason}")),
        None => Ok(()),
    }
}

fn check_parameters(
    plan: &Plan,
    selected: &[usize],
    values: &BTreeMap<String, String>,
) -> Result<(), String> {
    for (name, value) in values {
        let mut declared = false;
        for command in selected.iter().map(|&index| &plan.commands[index]) {
            let Some(parameter) = command.parameters.get(name) else {
                continue;
            };
            declared = true;
            let pattern = Regex::new(&format!("^(?:{})$", parameter.pattern)).map_err(|error| {
                format!("the pattern of the parameter `{name}` of `{}`: {error}", command.name)
            })?;
            if !pattern.is_match(value) || value.contains('\0') {
                return Err(format!(
                    "the value of the parameter `{name}` does not match the pattern `{}` of the command `{}`",
                    parameter.pattern, command.name
                ));
            }
        }
        if !declared {
            return Err(format!("no selected command declares the parameter `{name}`"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use lamex_protocol::plan::Parameter;

    use super::*;

    fn plan() -> Plan {
        let command = |name: &str, destructive| Command {
            name: name.into(),
            argv: vec!["true".into()],
            tags: vec![if destructive { "risky" } else { "safe" }.into()],
            destructive,
            ..Command::default()
        };
        let mut plan = Plan {
            lamex: 1,
            commands: vec![command("read", false), command("wipe", true)],
            ..Plan::default()
        };
        let sha = Parameter { pattern: "[0-9a-f]{4}|x".into(), default: None };
        plan.commands[0].parameters.insert("SHA".into(), sha);
        plan
    }

    fn ask(
        names: &[&str],
        parameters: &[(&str, &str)],
        caller: Caller,
    ) -> Result<Vec<Option<&'static str>>, String> {
        let names = names.iter().map(|&name| name.into()).collect();
        let parameters = parameters.iter().map(|&(name, value)| (name.into(), value.into())).collect();
        let wanted = Wanted { select: Selection { names, ..Selection::default() }, parameters };
        Ok(prepare(&plan(), &wanted, caller)?.into_iter().map(|step| step.skip).collect())
    }

    const ALLOWED: Caller = Caller::Protocol { request_allows: true, function_allows: true };

    #[test]
    fn destructive_commands_need_the_consent_of_the_caller_and_of_the_function() {
        assert_eq!(ask(&[], &[], ALLOWED).unwrap(), [None, None]);
        assert_eq!(ask(&["wipe"], &[], ALLOWED).unwrap(), [None]);
        let forbidden = [
            (Caller::Plain, "plain invocation"),
            (Caller::Protocol { request_allows: true, function_allows: false }, "LAMEX_ALLOW_DESTRUCTIVE"),
            (Caller::Protocol { request_allows: false, function_allows: false }, "LAMEX_ALLOW_DESTRUCTIVE"),
            (Caller::Protocol { request_allows: false, function_allows: true }, "allow_destructive"),
        ];
        for (caller, rule) in forbidden {
            let steps = ask(&[], &[], caller).unwrap();
            assert!(steps[0].is_none() && steps[1].is_some_and(|reason| reason.contains(rule)), "{steps:?}");
            let refusal = ask(&["read", "wipe"], &[], caller).unwrap_err();
            assert!(refusal.contains("`wipe`") && refusal.contains(rule), "{refusal}");
            let select = Selection { tags: vec!["risky".into()], ..Selection::default() };
            assert!(prepare(&plan(), &Wanted { select, ..Wanted::default() }, caller).is_err());
        }
    }

    #[test]
    fn parameters_must_be_declared_and_match_as_a_whole() {
        assert!(ask(&[], &[("SHA", "12af")], Caller::Plain).is_ok());
        assert!(ask(&[], &[("SHA", "x")], Caller::Plain).is_ok());
        for value in ["12af0", "x1", "1x", "", "12af\n", "\n12af"] {
            assert!(
                ask(&[], &[("SHA", value)], Caller::Plain).unwrap_err().contains("does not match"),
                "{value:?}"
            );
        }
        let undeclared = ask(&[], &[("PATH", "/x")], Caller::Plain).unwrap_err();
        assert!(undeclared.contains("no selected command declares"), "{undeclared}");
        let other_command = ask(&["wipe"], &[("SHA", "12af")], ALLOWED);
        assert!(other_command.is_err());
    }

    #[test]
    fn an_unknown_name_is_refused() {
        assert!(ask(&["nope"], &[], Caller::Plain).unwrap_err().contains("`nope`"));
    }
}
