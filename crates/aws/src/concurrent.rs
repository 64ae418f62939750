//! Many calls at a time, up to a bound.

use futures_util::stream::{self, StreamExt as _};

/// How many calls of a kind are under way at once: services throttle whole accounts, and others use them, too.
pub(super) const LIMIT: usize = 16;

/// Their outputs, in their order. A call begins when fewer than [`LIMIT`] of them are under way.
pub(super) async fn all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    // Collected first: the closure that makes them is not part of what is awaited.
    let futures: Vec<F> = futures.into_iter().collect();
    stream::iter(futures).buffered(LIMIT).collect().await
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn calls_wait_for_each_other_and_keep_their_order() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        // The first one ends only when the last one has sent.
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let mut ends = [Ok(receiver), Err(sender)];
        let outputs = runtime.block_on(all(ends.iter_mut().map(async |end| match end {
            Ok(receiver) => receiver.await.unwrap(),
            Err(sender) => {
                let (unused, _) = tokio::sync::oneshot::channel();
                std::mem::replace(sender, unused).send("sent").unwrap();
                "done"
            }
        })));
        assert_eq!(outputs, ["sent", "done"]);
    }

    #[test]
    fn no_more_calls_than_the_limit_are_under_way() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (under_way, most) = (Cell::new(0), Cell::new(0));
        let outputs = runtime.block_on(all((0..100).map(async |index| {
            under_way.set(under_way.get() + 1);
            most.set(most.get().max(under_way.get()));
            // Others get their turn.
            tokio::task::yield_now().await;
            under_way.set(under_way.get() - 1);
            index
        })));
        assert_eq!(outputs, (0..100).collect::<Vec<_>>());
        assert_eq!(most.get(), LIMIT);
    }
}
