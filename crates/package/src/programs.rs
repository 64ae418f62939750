//! Whether the programs that the commands run are in the package.

use lamex_config::{Command, Problem, nearest};
use lamex_protocol::plan;

use super::BOOTSTRAP;
use super::collector::Contents;
use super::command_programs::known;
use super::package_path::normalized;

/// The path in the package of a program that is named by a relative path with a slash; `None` for one that
/// is looked up in `PATH`, is absolute, or is named by a variable.
pub fn path_in_package(command: &plan::Command) -> Option<String> {
    let program = known(command.argv.first()?, command.literal)?;
    let is_relative = !program.starts_with('/') && program.contains('/');
    is_relative.then(|| normalized(&program))
}

/// Every command whose program should be in the package and is not.
pub(super) fn missing(commands: &[Command], contents: &Contents) -> Vec<Problem> {
    let problem = |command: &Command| {
        let path = path_in_package(&command.into())?;
        if contents.contains_key(&path) || path == BOOTSTRAP {
            return None;
        }
        let program = &command.argv[0];
        let folder = format!("{path}/");
        if let Some(file) = contents.keys().find(|file| file.starts_with(&folder)) {
            let message = format!("`{program}` is a folder of the package, not a program");
            return Some(Problem::at(command.run_span, message).help(format!("it contains `./{file}`")));
        }
        let problem = Problem::at(command.run_span, format!("`{program}` is not in the package"));
        Some(match likely(&path, contents) {
            Some(file) => problem.help(format!("the package has `./{file}`; did you mean that?")),
            None => problem.help("name its file under `package.include`"),
        })
    };
    commands.iter().filter_map(problem).collect()
}

/// A file of the same name in another folder, else one of a similar path.
fn likely<'a>(path: &str, contents: &'a Contents) -> Option<&'a str> {
    let base = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    let mut files = contents.keys().map(String::as_str);
    let same_name = files.clone().find(|file| base(file) == base(path));
    same_name.or_else(|| nearest(path, &mut files))
}
