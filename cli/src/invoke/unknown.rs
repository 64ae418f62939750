//! What to do where the command line names something that the package does not have.

use std::collections::BTreeSet;

use lamex_config::nearest;
use lamex_protocol::plan::{Command, Plan};
use lamex_protocol::request::Selection;

/// The most names that are listed.
const MAX_LISTED: usize = 20;

/// Of the first name or tag of the selection that the plan does not have.
pub(crate) fn in_selection(select: &Selection, plan: &Plan) -> String {
    let names: Vec<&str> = plan.commands.iter().map(|command| command.name.as_str()).collect();
    if let Some(wanted) = select.names.iter().find(|name| !names.contains(&name.as_str())) {
        return help(wanted, &names, "its commands are");
    }
    let tags: BTreeSet<&str> =
        plan.commands.iter().flat_map(|command| &command.tags).map(String::as_str).collect();
    let wanted = select.tags.iter().find(|tag| !tags.contains(tag.as_str()));
    help(wanted.map_or("", String::as_str), &tags.into_iter().collect::<Vec<_>>(), "its tags are")
}

/// Of a parameter that none of these commands declares.
pub(crate) fn parameter<'a>(wanted: &str, commands: impl Iterator<Item = &'a Command>) -> String {
    let declared: BTreeSet<&str> =
        commands.flat_map(|command| command.parameters.keys()).map(String::as_str).collect();
    match nearest(wanted, declared) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "declare it under `parameters:` of the command in lamex.yaml".to_owned(),
    }
}

fn help(wanted: &str, known: &[&str], introduction: &str) -> String {
    if let Some(near) = nearest(wanted, known.iter().copied()) {
        return format!("did you mean `{near}`?");
    }
    let listed = match known {
        [] => "none".to_owned(),
        few if few.len() <= MAX_LISTED => few.join(", "),
        many => format!("{} and {} more", many[..MAX_LISTED].join(", "), many.len() - MAX_LISTED),
    };
    format!("{introduction}: {listed}")
}
