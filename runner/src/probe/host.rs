//! The host that the commands run on: what a command would find.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use lamex_protocol::probe::{HostProbed, TmpProbe};

use crate::encoder::bounded;
use crate::fill::OWN_VARIABLES;
use crate::probe::name_service::NameService;
use crate::settings::Settings;

/// How much is written to find out whether anything can be: more than fits beside a file's description.
const TRIAL_BYTES: usize = 64 << 10;

/// Looks at the host.
#[must_use]
pub fn look(settings: &Settings, service: &NameService) -> HostProbed {
    let mut variables: Vec<String> = settings
        .child_environment
        .keys()
        .cloned()
        .chain(OWN_VARIABLES.map(OsString::from))
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    variables.sort_unstable();
    variables.dedup();
    // A clock before 1970 reads as 1970, which is as wrong.
    let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    HostProbed {
        variables,
        clock_unix_ms: clock.as_millis() as u64,
        tmp: look_at_tmp(&std::env::temp_dir()),
        name_servers: service.server_names(),
    }
}

fn look_at_tmp(folder: &Path) -> TmpProbe {
    let (mut tmp, unknown) = match rustix::fs::statvfs(folder) {
        Ok(found) => {
            let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
            let sizes = (bytes(found.f_blocks), bytes(found.f_bavail));
            (TmpProbe { total_bytes: sizes.0, free_bytes: sizes.1, problem: None }, None)
        }
        Err(error) => (TmpProbe::default(), Some(io::Error::from(error))),
    };
    let problem = try_to_write(folder).err().or(unknown);
    tmp.problem = problem.map(|error| bounded(format!("{}: {error}", folder.display())));
    tmp
}

/// The file has no name, and goes with this function.
fn try_to_write(folder: &Path) -> io::Result<()> {
    tempfile::tempfile_in(folder)?.write_all(&[0; TRIAL_BYTES])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_is_a_problem() {
        let missing = look_at_tmp(Path::new("/nonexistent-folder"));
        assert_eq!(missing.total_bytes, 0);
        assert!(missing.problem.is_some_and(|problem| problem.starts_with("/nonexistent-folder: ")));
        let there = look_at_tmp(&std::env::temp_dir());
        assert!(there.problem.is_none() && there.total_bytes >= there.free_bytes && there.total_bytes > 0);
    }
}
