//! Ctrl-C and other signals.

use std::io;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::failure::Failure;

/// SIGINT, SIGTERM and SIGHUP, from when it listens on. Once one has come, it stays so; clones tell the same.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt {
    came: watch::Receiver<bool>,
}

impl Interrupt {
    /// # Errors
    /// The signals cannot be caught.
    pub(crate) async fn listen() -> Result<Self, Failure> {
        Self::catch().map_err(|error| Failure::machine("listen for signals", &error))
    }

    fn catch() -> io::Result<Self> {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [interrupt, terminate, hangup] = kinds.map(signal);
        let (mut interrupt, mut terminate, mut hangup) = (interrupt?, terminate?, hangup?);
        let (tell, came) = watch::channel(false);
        // A task of its own: the thread that would ask may be stuck in a write that nobody reads.
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
            tell.send_replace(true);
        });
        Ok(Self { came })
    }

    /// Waits for the first of them.
    pub(crate) async fn wait(&mut self) {
        // The task ends without a signal only with the whole program.
        let _ = self.came.wait_for(|came| *came).await;
    }

    /// Whether one has come.
    pub(crate) fn has_come(&self) -> bool {
        *self.came.borrow()
    }
}
