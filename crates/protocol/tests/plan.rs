//! Which plans are valid, and which commands a selection names.

use lamex_protocol::plan::{
    Command, MAX_COMMANDS, MAX_NAME_BYTES, Parameter, Phase, Plan, PlanError, check_name,
};
use lamex_protocol::request::Selection;

fn command(name: &str) -> Command {
    Command { name: name.into(), argv: vec!["./run".into()], ..Command::default() }
}

fn plan(commands: Vec<Command>) -> Plan {
    Plan { lamex: 1, commands, ..Plan::default() }
}

/// A command of this program and these arguments.
fn running(argv: &[&str]) -> Command {
    Command { argv: argv.iter().map(|&word| word.into()).collect(), ..command("a") }
}

fn with_parameter(name: &str) -> Command {
    let mut command = command("a");
    command.parameters.insert(name.into(), Parameter { pattern: ".*".into(), default: None });
    command
}

#[test]
fn a_plan_is_of_this_version_and_not_longer_than_a_verdict_can_name() {
    assert_eq!(plan(vec![]).validate(), Ok(()));
    for version in [0, 2] {
        let other = Plan { lamex: version, ..plan(vec![]) };
        assert_eq!(other.validate(), Err(PlanError::OtherVersion(version)));
    }
    let many = |count| plan((0..count).map(|number| command(&number.to_string())).collect());
    assert_eq!(many(MAX_COMMANDS).validate(), Ok(()));
    assert_eq!(many(MAX_COMMANDS + 1).validate(), Err(PlanError::TooManyCommands(MAX_COMMANDS + 1)));
}

#[test]
fn the_first_command_that_breaks_a_rule_is_told_with_its_place() {
    let invalid = |commands| match plan(commands).validate() {
        Err(PlanError::Command { index, problem }) => (index, problem),
        other => panic!("{other:?}"),
    };
    let taken = |index| (index, "the name `a` is taken already".to_owned());
    assert_eq!(invalid(vec![command("a"), command("b"), command("a"), running(&[])]), taken(2));
    let (index, problem) = invalid(vec![command("b"), running(&[]), running(&[])]);
    assert_eq!((index, problem), (1, "it has no program to run".to_owned()));
}

#[test]
fn names_are_short_and_printable() {
    let longest = "n".repeat(MAX_NAME_BYTES);
    for name in ["a", "orders (slow)", "größe", &longest] {
        assert_eq!(check_name(name), Ok(()), "{name}");
        assert_eq!(command(name).problem(), None, "{name}");
    }
    let cases = [
        ("", "empty"),
        (&format!("{longest}n"), "longer than 100 bytes"),
        ("a\nb", "control character"),
        ("a\u{85}b", "control character"),
        ("a\"b", "quote"),
        ("a\\b", "backslash"),
    ];
    for (name, words) in cases {
        assert!(check_name(name).unwrap_err().contains(words), "{name:?}");
        assert!(command(name).problem().unwrap().contains(words), "{name:?}");
    }
}

#[test]
fn a_command_can_be_started() {
    assert_eq!(running(&["./run", ""]).problem(), None);
    assert_eq!(Command { timeout_ms: Some(1), ..command("a") }.problem(), None);
    let cases = [
        (running(&[]), "no program"),
        (running(&["", "x"]), "no program"),
        (running(&["./run", "a\0b"]), "NUL"),
        (running(&["a\0b"]), "NUL"),
        (Command { timeout_ms: Some(0), ..command("a") }, "zero"),
    ];
    for (command, words) in cases {
        assert!(command.problem().unwrap().contains(words), "{command:?}");
    }
}

#[test]
fn phases_say_the_order_and_a_test_brings_what_is_around_it() {
    let of = |name: &str, phase| Command { phase, tags: vec![format!("{name}s")], ..command(name) };
    let (setup, test, teardown) = (Phase::Setup, Phase::Test, Phase::Teardown);
    let commands = [
        ("clear", teardown),
        ("a", test),
        ("seed", setup),
        ("b", test),
        ("migrate", setup),
        ("report", teardown),
    ];
    let commands = commands.map(|(name, phase)| of(name, phase)).to_vec();
    let plan = Plan { lamex: 1, commands, ..Plan::default() };
    let selected = |names: &[&str]| {
        let select =
            Selection { names: names.iter().map(|&name| name.into()).collect(), ..Selection::default() };
        plan.select(&select).unwrap()
    };
    assert_eq!(selected(&[]), [2, 4, 1, 3, 0, 5]);
    assert_eq!(selected(&["b"]), [2, 4, 3, 0, 5]);
    assert_eq!(selected(&["b", "report"]), [2, 4, 3, 0, 5]);
    assert_eq!(selected(&["report", "seed"]), [2, 5]);
    let tagged = Selection { tags: vec!["migrates".into()], ..Selection::default() };
    let problem = plan.select(&tagged).unwrap_err();
    assert!(problem.contains("only setup and teardown commands have the tag `migrates`"), "{problem}");
    let both = Selection { tags: vec!["migrates".into(), "bs".into()], ..Selection::default() };
    assert_eq!(plan.select(&both).unwrap(), [2, 4, 3, 0, 5]);

    let written = serde_json::to_value(&plan).unwrap();
    assert_eq!(written["commands"][2]["phase"], "setup");
    assert_eq!(written["commands"][1].get("phase"), None, "as older runners read it");
    assert_eq!(serde_json::from_value::<Plan>(written).unwrap(), plan);
}

#[test]
fn a_working_directory_stays_in_the_package() {
    let in_dir = |dir: &str| Command { dir: Some(dir.into()), ..command("a") }.problem();
    for dir in ["orders", "orders/system tests", "a/.hidden", "a/..b"] {
        assert_eq!(in_dir(dir), None, "{dir}");
    }
    let cases = [
        ("/orders", "absolute"),
        ("a\0b", "control character"),
        ("", "not a plain path"),
        (".", "not a plain path"),
        ("..", "not a plain path"),
        ("a/../../b", "not a plain path"),
        ("a/./b", "not a plain path"),
        ("a//b", "not a plain path"),
        ("a/", "not a plain path"),
    ];
    for (dir, words) in cases {
        assert!(in_dir(dir).unwrap().contains(words), "{dir:?}");
    }
}

#[test]
fn variables_have_names_and_parameters_none_that_changes_a_program() {
    let requiring =
        |name: &str| Command { requires: vec!["A".into(), name.into()], ..command("a") }.problem();
    assert_eq!(requiring("ORDERS_ADDR"), None);
    assert!(requiring("ORDERS-ADDR").unwrap().contains("`ORDERS-ADDR`"));
    assert_eq!(with_parameter("BUILD_SHA").problem(), None);
    assert!(with_parameter("BUILD-SHA").problem().unwrap().contains("`BUILD-SHA`"));
    assert!(with_parameter("LD_PRELOAD").problem().unwrap().contains("reserved"));
}

#[test]
fn templates_are_well_formed_unless_the_command_is_literal() {
    for argv in [&["./run", "${"][..], &["./run", "${a-b}"], &["${", "x"]] {
        assert!(running(argv).problem().is_some(), "{argv:?}");
        assert_eq!(Command { literal: true, ..running(argv) }.problem(), None, "{argv:?}");
    }
    assert_eq!(running(&["./run", "${A}", "$${"]).problem(), None);
}

#[test]
fn no_value_becomes_a_shells_code() {
    let refused: [&[&str]; 8] = [
        &["sh", "-c", "./run ${A}"],
        &["/bin/bash", "-c", "${A}"],
        &["env", "X=1", "sh", "-c", "${A}"],
        &["busybox", "sh", "-c", "${A}"],
        &["bash", "-e", "-c", "${A}"],
        &["bash", "-ec", "${A}"],
        &["bash", "-c", "-e", "${A}"],
        &["bash", "--norc", "-c", "${A}"],
    ];
    for argv in refused {
        let problem = running(argv).problem().unwrap();
        assert!(problem.contains("${A}"), "{argv:?}: {problem}");
    }
    let allowed: [&[&str]; 6] = [
        &["sh", "-c", "./run \"$A\""],
        &["sh", "-c", "./run \"$1\"", "sh", "${A}"],
        &["sh", "script.sh", "${A}"],
        &["./run", "-c", "${A}"],
        &["bash", "--config", "${A}"],
        &["./finish", "-c", "${A}"],
    ];
    for argv in allowed {
        assert_eq!(running(argv).problem(), None, "{argv:?}");
    }
    assert_eq!(Command { literal: true, ..running(refused[0]) }.problem(), None);
}

fn tagged(name: &str, tags: &[&str]) -> Command {
    Command { tags: tags.iter().map(|&tag| tag.into()).collect(), ..command(name) }
}

/// The places that a selection by names, tags and indexes gives.
fn select(names: &[&str], tags: &[&str], indexes: &[usize]) -> Result<Vec<usize>, String> {
    let plan = plan(vec![
        tagged("orders", &["slow"]),
        tagged("pay", &["fast", "money"]),
        tagged("ship", &["slow", "money"]),
        tagged("wipe", &[]),
    ]);
    let owned = |words: &[&str]| words.iter().map(|&word| word.into()).collect();
    plan.select(&Selection { names: owned(names), tags: owned(tags), indexes: indexes.to_vec() })
}

#[test]
fn an_empty_selection_means_every_command() {
    assert_eq!(select(&[], &[], &[]), Ok(vec![0, 1, 2, 3]));
    assert!(Selection::default().is_empty());
    assert_eq!(plan(vec![]).select(&Selection::default()), Ok(vec![]));
}

#[test]
fn selected_commands_come_in_the_plans_order_each_once() {
    assert_eq!(select(&["ship", "orders", "ship"], &[], &[]), Ok(vec![0, 2]));
    assert_eq!(select(&[], &["slow"], &[]), Ok(vec![0, 2]));
    assert_eq!(select(&[], &["money", "slow"], &[]), Ok(vec![0, 1, 2]));
    assert_eq!(select(&[], &[], &[3, 0, 3]), Ok(vec![0, 3]));
    assert_eq!(select(&["wipe"], &["fast"], &[0, 1]), Ok(vec![0, 1, 3]));
}

#[test]
fn what_the_plan_does_not_have_is_an_error_and_never_nothing() {
    let unknown =
        |names: &[&str], tags: &[&str], indexes: &[usize]| select(names, tags, indexes).unwrap_err();
    assert!(unknown(&["orders", "order"], &[], &[]).contains("no command named `order`"));
    assert!(unknown(&[], &["slow", "quick"], &[]).contains("no command with the tag `quick`"));
    assert!(unknown(&[], &[], &[4]).contains("no command 4: it has 4"));
    assert_eq!(select(&[], &[], &[3]), Ok(vec![3]));
}
