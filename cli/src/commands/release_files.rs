//! `lamex-ctl release-files`: what an archive of a release has beside lamex-ctl, made from its command line.

use std::fs;
use std::io;
use std::path::Path;

use clap::CommandFactory as _;
use clap_complete::{Shell, generate_to};
use lamex_run::Exit;

use crate::args::{CommandLine, ReleaseFilesArgs};
use crate::failure::Failure;

pub(super) fn run(args: &ReleaseFilesArgs) -> Result<Exit, Failure> {
    write(&args.dir)
        .map_err(|error| Failure::machine(&format!("write to {}", args.dir.display()), &error))?;
    Ok(Exit::Passed)
}

fn write(folder: &Path) -> io::Result<()> {
    let mut command = CommandLine::command();
    let name = command.get_name().to_owned();
    let completions = folder.join("completions");
    fs::create_dir_all(&completions)?;
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        generate_to(shell, &mut command, &name, &completions)?;
    }
    let man = folder.join("man");
    fs::create_dir_all(&man)?;
    clap_mangen::generate_to(command, &man)?;
    // Nobody looks for a page of `help`, of which every subcommand with subcommands has one for each.
    for page in fs::read_dir(&man)? {
        let page = page?;
        if page.file_name().to_string_lossy().contains("-help") {
            fs::remove_file(page.path())?;
        }
    }
    Ok(())
}
