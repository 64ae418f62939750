//! What a local run of some commands can do without: programs of the others that are not built yet.

use std::collections::BTreeSet;

use lamex_config::Config;
use lamex_package::IncludePattern;
use lamex_protocol::request::Selection;

/// The configuration without the includes that are not here and are the program of commands alone that are not
/// selected, and without these commands; and what was left out, in words. Whatever else is missing is an error of
/// whoever packs it.
pub(super) fn leave_out(config: &Config, select: &Selection) -> (Config, Vec<String>) {
    let plan = lamex_package::plan_of(config);
    // A selection that the plan does not have is told of later.
    let selected: BTreeSet<usize> = match plan.select(select) {
        Ok(selected) if !select.is_empty() => selected.into_iter().collect(),
        _ => return (config.clone(), Vec::new()),
    };
    let needed: BTreeSet<String> =
        selected.iter().flat_map(|&index| lamex_package::files_named(&plan.commands[index])).collect();
    let here = lamex_package::files_here(config);
    let mut left = config.clone();
    let mut left_out = Vec::new();
    left.include.retain(|include| {
        let programs_of = |is_meant: &dyn Fn(&String) -> bool| -> Vec<usize> {
            let others = (0..config.commands.len()).filter(|index| !selected.contains(index));
            let program = |index: &usize| lamex_package::program_in_package(&plan.commands[*index]);
            others.filter(|index| program(index).is_some_and(|program| is_meant(&program))).collect()
        };
        let mut leave_out = |commands: &[usize], what: String| {
            let names: Vec<_> =
                commands.iter().map(|&index| format!("`{}`", config.commands[index].name)).collect();
            left.commands
                .retain(|command| !commands.iter().any(|&index| config.commands[index].name == command.name));
            left_out.push(format!("{what}: left out, and so {}", names.join(", ")));
        };
        if let Some(pattern) = IncludePattern::of(config, include) {
            let is_missing = |program: &String| pattern.could_bring(program) && !here.contains(program);
            let commands = programs_of(&|program| is_missing(program) && !needed.contains(program));
            if !commands.is_empty() {
                leave_out(&commands, format!("some files of {} are missing", include.from));
            }
            return !pattern.found.is_empty() || commands.is_empty();
        }
        let Some(place) =
            lamex_package::missing_file(config, include).filter(|place| !needed.contains(place))
        else {
            return true;
        };
        let commands = programs_of(&|program| *program == place);
        if commands.is_empty() {
            return true;
        }
        leave_out(&commands, format!("{} is missing", include.from));
        false
    });
    (left, left_out)
}
