//! From a command of the plan to what is started: program, arguments, environment and folder.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use lamex_protocol::event::Framing;
use lamex_protocol::plan::{Command, Framework};

use crate::explain::find_program;
use crate::fill::Environment;
use crate::framework::Reader;
use crate::go_test::{self, Arguments, TestBinary};

/// What is started.
#[derive(Debug)]
pub(crate) struct Launch {
    pub(crate) path: PathBuf,
    /// What messages call the program: the plan's own words, without the values of variables in them.
    pub(crate) name: String,
    pub(crate) argv: Vec<String>,
    pub(crate) directory: Option<PathBuf>,
    /// The program is a Go test binary, and its tests are read.
    pub(crate) go_test: Option<TestBinary>,
    pub(crate) framing: Option<Framing>,
    pub(crate) warning: Option<String>,
}

impl Launch {
    /// `argv` is the command's with the values of variables in it.
    ///
    /// # Errors
    /// A sentence that says why the command cannot be started.
    pub(crate) fn new(
        command: &Command,
        mut argv: Vec<String>,
        environment: &Environment,
    ) -> Result<Self, String> {
        let shown = command.argv.first().map(String::as_str).unwrap_or_default();
        let program = argv.first().cloned().unwrap_or_default();
        let search_path =
            environment.get(&OsString::from("PATH")).and_then(|path| path.to_str()).unwrap_or_default();
        let mut path = find_program(&program, shown, search_path)?;
        let is_searched = !program.contains('/');
        let name = match path.parent() {
            Some(folder) if is_searched => folder.join(shown).display().to_string(),
            _ => shown.to_owned(),
        };
        let directory = command.dir.as_deref().map(working_directory).transpose()?;
        if directory.is_some() {
            // The program is found from the task root, whatever folder it runs in; and a test that starts itself
            // again does so by its first argument.
            path = absolute(&path)?;
            if let (false, Some(first)) = (is_searched, argv.first_mut()) {
                *first = path.to_str().unwrap_or(first).to_owned();
            }
        }
        let go_test = (command.framework == Framework::Go).then(|| go_test::test_binary(&path)).flatten();
        let Arguments { argv, framing, warning } = match go_test {
            Some(binary) => go_test::prepare(binary, argv),
            None => {
                let is_asked = command.framework == Framework::Go && go_test::asks_for_test2json(&argv);
                Arguments { argv, framing: is_asked.then_some(Framing::Test2json), warning: None }
            }
        };
        Ok(Self { path, name, argv, directory, go_test, framing, warning })
    }

    /// What reads the command's tests.
    pub(crate) fn reader(&self, framework: Framework) -> Reader {
        Reader::new(framework, self.framing)
    }
}

fn working_directory(dir: &str) -> Result<PathBuf, String> {
    let directory = absolute(Path::new(dir))?;
    if directory.is_dir() {
        Ok(directory)
    } else if directory.exists() {
        Err(format!("its working directory `{dir}` is a file in the package, not a folder"))
    } else {
        Err(format!("its working directory `{dir}` is not in the package: add it to `package.include`"))
    }
}

/// From the task root, where the runner itself is.
fn absolute(path: &Path) -> Result<PathBuf, String> {
    let root = env::current_dir().map_err(|error| format!("the task root cannot be found: {error}"))?;
    Ok(root.join(path.strip_prefix(".").unwrap_or(path)))
}
