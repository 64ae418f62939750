//! What must be true before anything starts.

use crate::deployed::function::Function;

#[test]
fn credentials_of_another_account_are_refused() {
    let mut function = Function::new();
    function.account = "999999999999";
    function.invoke(&[]).expect(3, 0).says("belong to the account 123456789012");
}

#[test]
fn a_protected_environment_asks_for_its_name() {
    let mut function = Function::new();
    function.environment.push("protected: true".to_owned());
    function.invoke(&[]).expect(3, 0).says("--confirm staging");
    function.invoke(&["--confirm", "Staging"]).expect(3, 0);
    function.invoke(&["--confirm", "staging"]).expect(0, 1);
}

#[test]
fn destructive_commands_need_the_environment_and_the_function() {
    let allowed = ("LAMEX_ALLOW_DESTRUCTIVE", "true");
    let mut function = Function::new();
    function.variables.push(allowed);
    // The function would, the environment does not: that is drift. Where it is allowed, the command is skipped, or
    // refused where it is asked for.
    let drift = "--allow-drift";
    let unlike = "the variable LAMEX_ALLOW_DESTRUCTIVE (not in lamex.yaml)";
    function.invoke(&[]).expect(3, 0).says(unlike).says("cdk deploy");
    function.invoke(&[drift]).expect(0, 1).says("1 command passed, 1 skipped").says(unlike);
    function.invoke(&[drift, "--only", "second"]).expect(3, 0).says("allow_destructive: true");
    function.environment.push("allow_destructive: true".to_owned());
    function.invoke(&["--only", "second"]).expect(0, 0).says("1 command passed");
    // The environment would, the function does not.
    function.variables.clear();
    function.invoke(&[]).expect(3, 0).says("the variable LAMEX_ALLOW_DESTRUCTIVE (not set)");
    function.invoke(&[drift]).expect(0, 1).says("LAMEX_ALLOW_DESTRUCTIVE");
    let both = ["--only", "first", "--only", "second", drift];
    function.invoke(&both).expect(3, 0).says("LAMEX_ALLOW_DESTRUCTIVE");
}

#[test]
fn an_unknown_command_is_a_mistake_of_usage() {
    Function::new().invoke(&["--only", "frist"]).expect(2, 0).says("frist").says("did you mean `first`?");
}
