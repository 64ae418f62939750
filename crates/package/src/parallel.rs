//! The same work on many items, on all processors.

use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Works on every item, each thread with a state of its own from `begin`; the first item is begun first. The
/// results are in the items' order.
///
/// # Errors
/// One of those of `work`; a thread that meets one takes no other item.
pub(super) fn map<Item: Sync, State, Output: Send, Failure: Send>(
    items: &[Item],
    begin: impl Fn() -> State + Sync,
    work: impl Fn(&mut State, &Item) -> Result<Output, Failure> + Sync,
) -> Result<Vec<Output>, Failure> {
    let next = AtomicUsize::new(0);
    let share = || {
        let mut state = begin();
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else { return Ok(done) };
            done.push((index, work(&mut state, item)?));
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from).min(items.len());
    let shares: Vec<Result<Vec<_>, Failure>> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(share)).collect();
        let own = share();
        let others = others
            .into_iter()
            .map(|other| other.join().unwrap_or_else(|payload| panic::resume_unwind(payload)));
        [own].into_iter().chain(others).collect()
    });
    let mut results = Vec::with_capacity(items.len());
    for share in shares {
        results.extend(share?);
    }
    results.sort_by_key(|&(index, _)| index);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}
