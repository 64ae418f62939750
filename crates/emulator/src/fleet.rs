//! The execution environments of the function: how many, which are free, and their common end.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

use crate::custody::Custody;
use crate::environment::{Environment, StartError};
use crate::faults::InvocationFaults;
use crate::function::Function;
use crate::service_error::ServiceError;

/// How many asynchronous invocations may wait; each holds a payload of up to 1 MiB.
const MAX_QUEUED_EVENTS: usize = 100;

#[derive(Debug)]
pub(crate) struct Fleet {
    function: Arc<Function>,
    custody: Arc<Custody>,
    /// One permit for each invocation that may run.
    slots: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    admitted: AtomicU32,
    idle: Mutex<Vec<Environment>>,
    /// Everything that runs on behalf of invocations. `None` when the emulator ends.
    conductors: Mutex<Option<JoinSet<()>>>,
    /// Apart from the above, for they end the processes and must not be aborted.
    supervisors: Mutex<Option<JoinSet<()>>>,
}

#[derive(Debug)]
pub(crate) enum Taken {
    Warm(Environment),
    Cold(Environment),
}

/// The right to run one invocation. Dropped when the invocation is over.
#[derive(Debug)]
pub(crate) struct Slot {
    _permit: OwnedSemaphorePermit,
}

/// A place in the queue for a slot.
#[derive(Debug)]
pub(crate) struct QueuedSlot {
    slots: Arc<Semaphore>,
    _place: OwnedSemaphorePermit,
}

impl QueuedSlot {
    /// Waits for its turn, first come, first served.
    pub(crate) async fn slot(self) -> Option<Slot> {
        let permit = self.slots.acquire_owned().await.ok()?;
        Some(Slot { _permit: permit })
    }
}

impl Fleet {
    pub(crate) fn new(function: Arc<Function>, custody: Arc<Custody>) -> Self {
        let concurrency = function.config.concurrency.min(Semaphore::MAX_PERMITS);
        Self {
            function,
            custody,
            slots: Arc::new(Semaphore::new(concurrency)),
            queue: Arc::new(Semaphore::new(MAX_QUEUED_EVENTS)),
            admitted: AtomicU32::new(0),
            idle: Mutex::default(),
            conductors: Mutex::new(Some(JoinSet::new())),
            supervisors: Mutex::new(Some(JoinSet::new())),
        }
    }

    pub(crate) fn function(&self) -> &Function {
        &self.function
    }

    /// Admits an invocation whose caller waits, or throttles it.
    pub(crate) fn admit(&self) -> Result<(Slot, InvocationFaults), ServiceError> {
        let faults = self.count_one()?;
        let permit =
            Arc::clone(&self.slots).try_acquire_owned().map_err(|_| ServiceError::TooManyRequests)?;
        Ok((Slot { _permit: permit }, faults))
    }

    /// Admits an invocation whose caller does not wait.
    pub(crate) fn queue(&self) -> Result<(QueuedSlot, InvocationFaults), ServiceError> {
        let faults = self.count_one()?;
        let place = Arc::clone(&self.queue).try_acquire_owned().map_err(|_| ServiceError::TooManyRequests)?;
        let queued = QueuedSlot { slots: Arc::clone(&self.slots), _place: place };
        Ok((queued, faults))
    }

    fn count_one(&self) -> Result<InvocationFaults, ServiceError> {
        let number = self.admitted.fetch_add(1, Ordering::Relaxed);
        Ok(self.function.config.faults.of_invocation(number)?)
    }

    /// Runs on whether its caller stays or not.
    pub(crate) fn spawn(&self, conductor: impl Future<Output = ()> + Send + 'static) {
        spawn_in(&self.conductors, conductor);
    }

    /// An environment that waits for work, or a new one.
    pub(crate) async fn take(&self) -> Result<Taken, StartError> {
        while let Some(environment) = self.idle().pop() {
            if !environment.has_ended() {
                return Ok(Taken::Warm(environment));
            }
        }
        let started = Environment::start(Arc::clone(&self.function), Arc::clone(&self.custody)).await?;
        let (environment, supervision) = started;
        spawn_in(&self.supervisors, supervision);
        Ok(Taken::Cold(environment))
    }

    pub(crate) fn put_back(&self, environment: Environment) {
        self.idle().push(environment);
    }

    /// Reaps what is adopted and ends, for as long as it is polled.
    pub(crate) async fn reap_orphans(custody: Arc<Custody>) {
        let Ok(mut children) = signal(SignalKind::child()) else {
            return;
        };
        while children.recv().await.is_some() {
            let custody = Arc::clone(&custody);
            // What cannot be reaped now is when the next child ends, or at the end.
            let _ = tokio::task::spawn_blocking(move || custody.reap_orphans()).await;
        }
    }

    /// Ends every invocation and environment; returns when none of their processes is left.
    pub(crate) async fn shut_down(&self) {
        let conductors = take_set(&self.conductors);
        if let Some(mut conductors) = conductors {
            conductors.shutdown().await;
        }
        self.idle().clear();
        let supervisors = take_set(&self.supervisors);
        if let Some(supervisors) = supervisors {
            supervisors.join_all().await;
        }
    }

    /// Without waiting: nothing new starts, and what runs is dropped at its next step.
    pub(crate) fn abandon(&self) {
        drop(take_set(&self.conductors));
        drop(take_set(&self.supervisors));
        self.idle().clear();
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Environment>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn spawn_in(tasks: &Mutex<Option<JoinSet<()>>>, task: impl Future<Output = ()> + Send + 'static) {
    let mut tasks = tasks.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(tasks) = tasks.as_mut() {
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }
}

fn take_set(tasks: &Mutex<Option<JoinSet<()>>>) -> Option<JoinSet<()>> {
    tasks.lock().unwrap_or_else(PoisonError::into_inner).take()
}
