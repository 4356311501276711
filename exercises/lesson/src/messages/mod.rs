//! Every string with which a trainer speaks to a learner, in Korean and English.
//!
//! The terms of the field stay English in both. What the system, a parser or libtorch says is passed on
//! as it is.

pub mod checkpoint;
pub mod cli;
pub mod state;
pub mod training;

/// The most characters of a file's own words that an error repeats.
const QUOTED: usize = 200;

/// Words from a file as an error may repeat them: no longer than a few lines, and without the
/// characters that steer a terminal.
pub fn brief(text: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut brief: String = text
        .chars()
        .take(QUOTED)
        .map(|c| if steers(c) { char::REPLACEMENT_CHARACTER } else { c })
        .collect();
    if text.chars().nth(QUOTED).is_some() {
        brief.push('…');
    }
    brief
}

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
