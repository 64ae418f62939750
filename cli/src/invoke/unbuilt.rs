//! What a local run of some commands can do without: programs of the others that are not built yet.

use std::collections::BTreeSet;

use lamex_config::Config;
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
    let mut left = config.clone();
    let mut left_out = Vec::new();
    left.include.retain(|include| {
        let Some(place) =
            lamex_package::missing_file(config, include).filter(|place| !needed.contains(place))
        else {
            return true;
        };
        let is_its_program = |index: &usize| {
            lamex_package::program_in_package(&plan.commands[*index]).as_ref() == Some(&place)
        };
        let others = (0..config.commands.len()).filter(|index| !selected.contains(index));
        let of_it: Vec<usize> = others.filter(is_its_program).collect();
        if of_it.is_empty() {
            return true;
        }
        let names: Vec<_> = of_it.iter().map(|&index| format!("`{}`", config.commands[index].name)).collect();
        left.commands
            .retain(|command| !of_it.iter().any(|&index| config.commands[index].name == command.name));
        left_out.push(format!("{} is not here: left out, with {}", include.from, names.join(", ")));
        false
    });
    (left, left_out)
}
