//! The emulator as its callers hold it: started, reachable, ended.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lamex_processes::start::ReadOnlyFolder;

use crate::config::FunctionConfig;
use crate::custody::Custody;
use crate::fleet::Fleet;
use crate::function::Function;
use crate::http::{self, AbortOnDrop};
use crate::invoke_api;

/// A local Lambda that serves one function. Dropping it kills the function's processes, as far as they are
/// found at once; [`Emulator::shutdown`] waits for their end.
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    fleet: Arc<Fleet>,
    custody: Arc<Custody>,
    server: Option<AbortOnDrop>,
    reaper: Option<AbortOnDrop>,
    read_only: Option<ReadOnly>,
}

impl Emulator {
    /// Listens on 127.0.0.1, on a free port unless one is given. The first environment starts with the first
    /// invocation. Makes the calling process a child subreaper for good.
    ///
    /// # Errors
    /// A configuration that Lambda would refuse, a task root that cannot be read, a port that is taken.
    pub async fn start(config: FunctionConfig, port: Option<u16>) -> io::Result<Self> {
        let mut function = Function::new(config)?;
        let read_only =
            function.config.make_read_only.then(|| ReadOnly::make(&function.task_root)).transpose()?;
        function.read_only = read_only.as_ref().and_then(|read_only| read_only.mount.clone());
        let function = Arc::new(function);
        let custody = Arc::new(Custody::new(function.config.owns_process)?);
        let listener = http::listen(port).await?;
        let address = listener.local_addr()?;
        let fleet = Arc::new(Fleet::new(function, Arc::clone(&custody)));
        let reaper = custody
            .owns_process()
            .then(|| AbortOnDrop(tokio::spawn(Fleet::reap_orphans(Arc::clone(&custody)))));
        Ok(Self {
            address,
            server: Some(invoke_api::serve(listener, address.port(), Arc::clone(&fleet))),
            fleet,
            custody,
            reaper,
            read_only,
        })
    }

    /// The URL for a client's `endpoint_url`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The task root was to be read-only, and the function can write to it all the same: it runs as root, and may
    /// not have a mount namespace.
    #[must_use]
    pub fn task_root_is_writable(&self) -> bool {
        self.read_only.as_ref().is_some_and(|read_only| read_only.mount.is_none())
            && rustix::process::geteuid().is_root()
    }

    /// Breaks off what runs, closes every connection, and returns when no process of the function is left.
    pub async fn shutdown(mut self) {
        drop(self.server.take());
        self.fleet.shut_down().await;
        drop(self.reaper.take());
        let custody = Arc::clone(&self.custody);
        // What withstands SIGKILL cannot be helped; it has been reported in the function's log.
        let _ = tokio::task::spawn_blocking(move || custody.end_all()).await;
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        drop(self.server.take());
        drop(self.reaper.take());
        self.fleet.abandon();
        // After a shutdown there is nothing left to end.
        let _ = self.custody.end_all();
    }
}

/// A folder without write permissions, until it is dropped.
#[derive(Debug, Default)]
struct ReadOnly {
    changed: Vec<(PathBuf, fs::Permissions)>,
    /// For root, whom permissions do not bind.
    mount: Option<ReadOnlyFolder>,
}

impl ReadOnly {
    fn make(root: &Path) -> io::Result<Self> {
        let mut made = Self::default();
        made.take_write_permission(root)?;
        if rustix::process::geteuid().is_root() {
            made.mount = ReadOnlyFolder::new(root).ok();
        }
        Ok(made)
    }

    fn take_write_permission(&mut self, path: &Path) -> io::Result<()> {
        let metadata = fs::symlink_metadata(path)?;
        if metadata.is_symlink() {
            return Ok(());
        }
        if metadata.is_dir() {
            for entry in fs::read_dir(path)? {
                self.take_write_permission(&entry?.path())?;
            }
        }
        let before = metadata.permissions();
        let mode = before.mode();
        if mode & 0o222 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(mode & !0o222))?;
            self.changed.push((path.to_owned(), before));
        }
        Ok(())
    }
}

impl Drop for ReadOnly {
    fn drop(&mut self) {
        for (path, before) in self.changed.drain(..) {
            // The folder may have been removed meanwhile.
            let _ = fs::set_permissions(path, before);
        }
    }
}
