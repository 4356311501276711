//! The random number generator that augmentation and dropout draw from, with a state that can be
//! saved.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng};

use crate::state::{StateDict, StateError};

/// A counter-based generator: its whole state is a seed and how far it has been read.
///
/// tch cannot save libtorch's own generator, so before each update libtorch's is seeded with the
/// next number of this one ([`Rng::seed_libtorch`]). Saving this one saves both.
#[derive(Debug, Clone)]
pub struct Rng {
    seed: u64,
    stream: ChaCha8Rng,
}

impl Rng {
    /// A generator at the start of its stream.
    pub fn new(seed: u64) -> Self {
        Self { seed, stream: ChaCha8Rng::seed_from_u64(seed) }
    }

    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.stream.next_u64()
    }

    /// Seeds libtorch's global generators, on every device, with the next number.
    pub fn seed_libtorch(&mut self) {
        tch::manual_seed(self.next_u64().cast_signed());
    }

    /// How many 32-bit words have been read.
    fn counter(&self) -> i64 {
        i64::try_from(self.stream.get_word_pos()).expect("a run never draws 2^63 words")
    }

    /// `seed` and `counter`.
    pub fn state_dict(&self) -> StateDict {
        StateDict::new().with("seed", self.seed).with("counter", self.counter())
    }

    /// Goes on exactly where the saved generator stood.
    ///
    /// # Errors
    /// A key that is missing, unexpected, or not an integer; a counter that is no count.
    #[track_caller]
    pub fn load_state_dict(&mut self, state: &StateDict) -> Result<(), StateError> {
        let mut reader = state.reader();
        let seed = reader.int("seed")?.cast_unsigned();
        let counter = reader.count("counter")?;
        reader.finish()?;
        *self = Self::new(seed);
        self.stream.set_word_pos(counter.into());
        Ok(())
    }
}

/// A uniformly random order of `0..n` that depends on nothing but its arguments.
pub fn permutation(n: usize, seed: u64, epoch: u64) -> Vec<i64> {
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    // Stream 0 is the one that `Rng` reads.
    stream.set_stream(epoch + 1);
    let mut order: Vec<i64> = (0..n as i64).collect();
    for i in (1..n).rev() {
        // Fisher-Yates; the product maps 64 random bits to 0..=i (Lemire 2019, without rejection).
        let j = (u128::from(stream.next_u64()) * (i as u128 + 1)) >> 64;
        order.swap(i, j as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restored_generator_draws_what_the_saved_one_draws_next() {
        let mut saved = Rng::new(7);
        saved.next_u64();
        let mut restored = Rng::new(0);
        restored.load_state_dict(&saved.state_dict()).expect("fits");
        for _ in 0..100 {
            assert_eq!(restored.next_u64(), saved.next_u64());
        }
        assert_eq!(restored.state_dict().digest(), saved.state_dict().digest());
    }

    #[test]
    fn a_negative_counter_is_refused() {
        let state = StateDict::new().with("seed", 1i64).with("counter", -1i64);
        assert!(matches!(
            Rng::new(0).load_state_dict(&state),
            Err(StateError::Mismatch { key, .. }) if key == "counter"
        ));
    }

    #[test]
    fn a_permutation_holds_every_number_once_and_differs_from_epoch_to_epoch() {
        let mut order = permutation(100, 1, 0);
        assert_ne!(order, permutation(100, 1, 1));
        assert_ne!(order, permutation(100, 2, 0));
        assert_eq!(order, permutation(100, 1, 0));
        order.sort_unstable();
        assert_eq!(order, (0..100).collect::<Vec<i64>>());
    }
}
