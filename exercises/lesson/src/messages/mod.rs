//! Every string with which a trainer speaks to a learner, in Korean and English.
//!
//! The terms of the field stay English in both. What the system, a parser or libtorch says is passed on
//! as it is.

pub mod checkpoint;
pub mod cli;
pub mod state;
pub mod training;

#[cfg(test)]
mod tests {
    use killresume::messages::Message;

    use super::*;

    #[test]
    fn every_message_says_the_same_in_both_languages() {
        let all = [checkpoint::ALL, cli::ALL, state::ALL, training::ALL].concat();
        let flaws: Vec<String> = all.iter().flat_map(Message::flaws).collect();
        assert!(flaws.is_empty(), "{}", flaws.join("\n"));
    }
}
