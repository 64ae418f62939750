//! The beginning and the end of an output, in bounded memory.

use std::collections::VecDeque;

/// Keeps the first and the last bytes of what is pushed into it, and counts what lies between.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Excerpt {
    head: Vec<u8>,
    tail: VecDeque<u8>,
    head_limit: usize,
    tail_limit: usize,
    total: u64,
}

impl Excerpt {
    #[must_use]
    pub fn new(head_limit: usize, tail_limit: usize) -> Self {
        Self { head_limit, tail_limit, ..Self::default() }
    }

    pub fn push(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        let (for_head, rest) = bytes.split_at(bytes.len().min(self.head_limit - self.head.len()));
        self.head.extend_from_slice(for_head);
        let for_tail = &rest[rest.len().saturating_sub(self.tail_limit)..];
        let excess = (self.tail.len() + for_tail.len()).saturating_sub(self.tail_limit);
        self.tail.drain(..excess);
        self.tail.extend(for_tail);
    }

    /// How many bytes were pushed.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.total
    }

    #[must_use]
    pub fn kept_bytes(&self) -> usize {
        self.head.len() + self.tail.len()
    }

    /// How many bytes lie between [`Excerpt::head`] and [`Excerpt::tail`].
    #[must_use]
    pub fn left_out_bytes(&self) -> u64 {
        self.total - self.kept_bytes() as u64
    }

    #[must_use]
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    #[must_use]
    pub fn tail(&self) -> Vec<u8> {
        let (first, second) = self.tail.as_slices();
        [first, second].concat()
    }

    /// Gives back memory that is not used; to be called when nothing more comes.
    pub fn shrink(&mut self) {
        self.head.shrink_to_fit();
        self.tail.shrink_to_fit();
    }

    /// Forgets the bytes, keeps their number, and takes no more.
    pub fn forget(&mut self) {
        *self = Self { total: self.total, ..Self::default() };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn keeps_both_ends_of_what_came(
            chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..20), 0..20),
            head_limit in 0_usize..30,
            tail_limit in 0_usize..30,
        ) {
            let mut excerpt = Excerpt::new(head_limit, tail_limit);
            for chunk in &chunks {
                excerpt.push(chunk);
            }
            let all = chunks.concat();
            let head = &all[..all.len().min(head_limit)];
            let rest = &all[head.len()..];
            let tail = &rest[rest.len().saturating_sub(tail_limit)..];
            prop_assert_eq!(excerpt.head(), head);
            prop_assert_eq!(excerpt.tail(), tail);
            prop_assert_eq!(excerpt.left_out_bytes() as usize, all.len() - head.len() - tail.len());
        }
    }

    #[test]
    fn what_is_forgotten_is_still_counted() {
        let mut excerpt = Excerpt::new(4, 4);
        excerpt.push(b"0123456789");
        excerpt.forget();
        excerpt.push(b"ab");
        assert_eq!((excerpt.kept_bytes(), excerpt.left_out_bytes()), (0, 12));
    }
}
