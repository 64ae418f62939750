//! Whose answer it is: the package, the version and the commands that the caller asked for, each of them once.

use std::collections::{BTreeMap, BTreeSet};

use lamex_protocol::event::{Body, VerdictOutcome};
use lamex_protocol::reader::{Expectation, Judgement, Selected, Untrusted};

use crate::streams::{
    any_command, bytes, contradiction, failed, good, hello, judge, numbered, other_commands, passed, read,
    skipped, started, verdict,
};

fn judge_for(expectation: Expectation, bodies: Vec<Body>) -> Judgement {
    read(expectation, &bytes(&numbered(bodies))).1
}

fn commands(commands: &[(u64, &str)]) -> Expectation {
    let commands: BTreeMap<u64, String> =
        commands.iter().map(|&(place, name)| (place, name.into())).collect();
    Expectation { selected: Selected::Commands(commands), ..any_command() }
}

fn names(names: &[&str]) -> Expectation {
    let names: BTreeSet<String> = names.iter().map(|&name| name.into()).collect();
    Expectation { selected: Selected::Names(names), ..any_command() }
}

/// A run in which these commands pass.
fn ran(commands: &[(u64, &str)]) -> Vec<Body> {
    let mut bodies = vec![hello(commands.len() as u64)];
    for &(command, name) in commands {
        bodies.extend([started(command, name), passed(command, name)]);
    }
    bodies.push(verdict(VerdictOutcome::Passed, [commands.len() as u64, 0, 0], &[]));
    bodies
}

#[test]
fn the_package_and_the_version_are_compared_where_they_are_known() {
    let digest = |digest: &str| Expectation { package_digest: Some(digest.into()), ..any_command() };
    assert_eq!(judge_for(digest("sha256:aa"), good()), Judgement::Passed);
    let other = Untrusted::OtherPackage { expected: "sha256:ab".into(), found: "sha256:aa".into() };
    assert_eq!(judge_for(digest("sha256:ab"), good()), Judgement::Untrusted(other));
    let version = |version: &str| Expectation { function_version: Some(version.into()), ..any_command() };
    assert_eq!(judge_for(version("7"), good()), Judgement::Passed);
    let other = Untrusted::OtherFunctionVersion { expected: "8".into(), found: "7".into() };
    assert_eq!(judge_for(version("8"), good()), Judgement::Untrusted(other));
}

#[test]
fn selected_commands_are_compared_by_place_and_name() {
    let run = || ran(&[(0, "orders"), (4, "pay")]);
    assert_eq!(judge_for(commands(&[(0, "orders"), (4, "pay")]), run()), Judgement::Passed);
    let cases = [
        (commands(&[(0, "orders"), (5, "pay")]), "command 4, `pay`, was not selected"),
        (commands(&[(0, "orders"), (4, "ship")]), "command 4, `pay`, was not selected"),
        (commands(&[(0, "pay"), (4, "orders")]), "command 0, `orders`, was not selected"),
        (commands(&[(4, "pay")]), "command 0, `orders`, was not selected"),
        (commands(&[(0, "orders"), (4, "pay"), (5, "ship")]), "2 were selected, expected 3"),
    ];
    for (expectation, expected) in cases {
        assert_eq!(judge_for(expectation, run()), other_commands(expected));
    }
}

#[test]
fn names_are_compared_wherever_the_commands_stand() {
    let run = || ran(&[(3, "orders"), (4, "pay")]);
    assert_eq!(judge_for(names(&["orders", "pay"]), run()), Judgement::Passed);
    let cases = [
        (names(&["orders"]), "command 4, `pay`, was not selected"),
        (names(&["orders", "ship"]), "command 4, `pay`, was not selected"),
        (names(&["orders", "pay", "ship"]), "2 were selected, expected 3"),
    ];
    for (expectation, expected) in cases {
        assert_eq!(judge_for(expectation, run()), other_commands(expected));
    }
}

#[test]
fn one_command_does_not_count_as_two() {
    // `pay` never ran, and `orders` ran twice.
    let twice = || ran(&[(0, "orders"), (1, "orders")]);
    let two = contradiction("two commands are named `orders`");
    assert_eq!(judge_for(names(&["orders", "pay"]), twice()), two);
    assert_eq!(judge(twice()), two);
    let again = || {
        let incomplete = verdict(VerdictOutcome::Incomplete, [1, 0, 0], &[(1, "orders")]);
        vec![hello(2), started(0, "orders"), passed(0, "orders"), incomplete]
    };
    assert_eq!(judge(again()), two);
    let left = [(0, "orders"), (1, "orders")];
    assert_eq!(judge(vec![hello(2), verdict(VerdictOutcome::Incomplete, [0; 3], &left)]), two);
}

#[test]
fn a_command_keeps_its_name() {
    let mut bodies = good();
    bodies[7] = passed(1, "orders");
    assert_eq!(judge(bodies), contradiction("command 1 is named `pay` and then `orders`"));
}

#[test]
fn no_more_commands_come_than_were_selected() {
    for last in [passed(2, "ship"), failed(2, "ship"), skipped(2, "ship"), started(2, "ship")] {
        let mut bodies = good();
        bodies.insert(8, last);
        assert_eq!(judge(bodies), contradiction("command 2 is one more than the 2 that were selected"));
    }
}

#[test]
fn commands_that_never_ran_are_named_once() {
    let run = |selected, left: &[(u64, &str)]| {
        vec![
            hello(selected),
            started(0, "orders"),
            passed(0, "orders"),
            verdict(VerdictOutcome::Incomplete, [1, 0, 0], left),
        ]
    };
    assert_eq!(judge(run(3, &[(1, "pay"), (2, "ship")])), Judgement::Incomplete);
    let twice = contradiction("a command that never ran is named twice");
    assert_eq!(judge(run(3, &[(1, "pay"), (1, "ship")])), twice);
    assert_eq!(judge(run(2, &[(0, "pay")])), twice);
    let expectation = || commands(&[(0, "orders"), (1, "pay")]);
    assert_eq!(judge_for(expectation(), run(2, &[(1, "pay")])), Judgement::Incomplete);
    for (place, name) in [(2, "pay"), (1, "ship")] {
        let other = other_commands(&format!("command {place}, `{name}`, was not selected"));
        assert_eq!(judge_for(expectation(), run(2, &[(place, name)])), other);
    }
}
