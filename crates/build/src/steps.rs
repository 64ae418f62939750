//! Which lines there are to run.

use lamex_config::Command;

/// A line, and the commands that it builds for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub line: String,
    /// Their names, in the order of the file.
    pub commands: Vec<String>,
}

/// Every line of these commands once, in their order: one line may build for several.
pub fn steps<'a>(commands: impl IntoIterator<Item = &'a Command>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for command in commands {
        let Some(line) = &command.build else { continue };
        match steps.iter_mut().find(|step| step.line.trim() == line.trim()) {
            Some(step) => step.commands.push(command.name.clone()),
            None => steps.push(Step { line: line.clone(), commands: vec![command.name.clone()] }),
        }
    }
    steps
}
