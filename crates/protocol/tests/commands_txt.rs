//! `commands.txt` as the plan that it stands for.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use lamex_protocol::commands_txt::parse;
use lamex_protocol::plan::MAX_COMMANDS;

fn names(text: &str) -> Vec<String> {
    parse(text.as_bytes()).unwrap().commands.into_iter().map(|command| command.name).collect()
}

#[test]
fn nothing_is_filled_in() {
    let plan = parse(b"./run '${A}' '${'").unwrap();
    assert!(plan.commands[0].literal);
    assert_eq!(plan.commands[0].argv, ["./run", "${A}", "${"]);
    assert_eq!(plan.validate(), Ok(()));
}

#[test]
fn long_names_leave_room_for_a_count_up_to_the_last_command() {
    let longest = "n".repeat(92);
    assert_eq!(names(&longest), [longest.as_str()]);
    assert_eq!(names(&format!("{longest}n")), [longest.as_str()]);
    // Cut at a character.
    assert_eq!(names(&format!("{}ä", &longest[1..])), [&longest[1..]]);
    let lines = format!("./{longest}n\n").repeat(MAX_COMMANDS);
    let names = names(&lines);
    assert_eq!(names[1], format!("{longest}#2"));
    assert_eq!(names[MAX_COMMANDS - 1], format!("{longest}#{MAX_COMMANDS}"));
    assert!(parse(format!("{lines}./x").as_bytes()).is_err());
}
