//! The order in which the training samples are visited.

use crate::messages::state as say;
use crate::rng::permutation;
use crate::state::{StateDict, StateError, mismatch};

/// Shuffles the training set anew for each epoch and remembers how much of the epoch is done.
///
/// The order follows from the seed and the epoch alone, so three integers are the whole state, and a
/// resumed run continues at the very batch that would have come next.
#[derive(Debug, Clone)]
pub struct Sampler {
    seed: u64,
    epoch: u64,
    position: usize,
    order: Vec<i64>,
}

impl Sampler {
    /// A sampler over `0..n` at the start of its first epoch.
    pub fn new(n: usize, seed: u64) -> Self {
        Self { seed, epoch: 0, position: 0, order: permutation(n, seed, 0) }
    }

    /// The ids of the next batch; the last one of an epoch may be smaller. `None` when the epoch is
    /// over: the next call starts the next epoch.
    pub fn next_batch(&mut self, batch_size: usize) -> Option<Vec<i64>> {
        if self.position == self.order.len() {
            self.epoch += 1;
            self.position = 0;
            self.order = permutation(self.order.len(), self.seed, self.epoch);
            return None;
        }
        let end = (self.position + batch_size).min(self.order.len());
        let batch = self.order[self.position..end].to_vec();
        self.position = end;
        Some(batch)
    }

    /// How many samples of the current epoch have been handed out.
    pub fn position(&self) -> usize {
        self.position
    }

    /// How many samples an epoch has.
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there is nothing to sample.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// `seed`, `epoch` and `position`.
    pub fn state_dict(&self) -> StateDict {
        StateDict::new()
            .with("seed", self.seed)
            .with("epoch", self.epoch)
            .with("position", self.position as i64)
    }

    /// Goes on at the batch at which the saved sampler stood.
    ///
    /// # Errors
    /// A key that is missing, unexpected, or not an integer; a position beyond this training set.
    #[track_caller]
    pub fn load_state_dict(&mut self, state: &StateDict) -> Result<(), StateError> {
        let mut reader = state.reader();
        let seed = reader.int("seed")?.cast_unsigned();
        let epoch = reader.count("epoch")?;
        let position = reader.int("position")?;
        reader.finish()?;
        let n = self.order.len();
        let position = usize::try_from(position)
            .ok()
            .filter(|position| *position <= n)
            .ok_or_else(|| mismatch("position", say::up_to(n), position))?;
        *self = Self { seed, epoch, position, order: permutation(n, seed, epoch) };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_hands_out_every_sample_once() {
        let mut sampler = Sampler::new(10, 1);
        let mut seen = Vec::new();
        while let Some(batch) = sampler.next_batch(4) {
            seen.extend(batch);
        }
        seen.sort_unstable();
        assert_eq!(seen, (0..10).collect::<Vec<i64>>());
    }

    #[test]
    fn a_restored_sampler_continues_at_the_exact_batch() {
        let mut saved = Sampler::new(10, 1);
        while saved.next_batch(4).is_some() {}
        saved.next_batch(4);
        let mut restored = Sampler::new(10, 99);
        restored.load_state_dict(&saved.state_dict()).expect("fits");
        for _ in 0..7 {
            assert_eq!(restored.next_batch(4), saved.next_batch(4));
        }
    }

    #[test]
    fn a_position_beyond_the_training_set_is_refused() {
        let state = Sampler::new(10, 1).state_dict().with("position", 11i64);
        let error = Sampler::new(10, 1).load_state_dict(&state).expect_err("too far");
        assert_eq!(error.to_string(), "key \"position\": expected 0 to 10, found 11");
    }
}
