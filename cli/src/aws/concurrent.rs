//! Many calls at a time.

use std::future::poll_fn;
use std::task::Poll;

/// What all of them come to, in their order.
pub(super) async fn all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut calls: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    poll_fn(|context| {
        let mut are_done = true;
        for (future, output) in calls.iter_mut().filter(|(_, output)| output.is_none()) {
            match future.as_mut().poll(context) {
                Poll::Ready(value) => *output = Some(value),
                Poll::Pending => are_done = false,
            }
        }
        if are_done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    calls.into_iter().filter_map(|(_, output)| output).collect()
}

#[cfg(test)]
mod tests {
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
}
