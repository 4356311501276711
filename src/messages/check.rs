//! Whether the two texts of a message say the same, as far as a program can tell.

use std::collections::BTreeSet;

/// A message as it is written.
#[derive(Debug, Clone, Copy)]
pub struct Message {
    /// The name of its function.
    pub name: &'static str,
    /// The English format string.
    pub en: &'static str,
    /// The Korean format string.
    pub ko: &'static str,
}

/// More words than this are a sentence and no term, and a sentence differs from language to language.
const WORDS_OF_A_TERM: usize = 3;

/// Particles whose form depends on the last sound of the word before.
const PARTICLES: [&str; 14] = [
    "을",
    "를",
    "이",
    "가",
    "은",
    "는",
    "과",
    "와",
    "로",
    "으로",
    "예요",
    "이에요",
    "라는",
    "이라는",
];

impl Message {
    /// What is wrong with this message, one sentence each; empty if nothing is.
    ///
    /// - The texts hold the same placeholders, formats included.
    /// - The English text holds no Hangul. The Korean one does, unless both are one and the same term.
    /// - No placeholder is followed by a particle whose form depends on what is put there: the Korean
    ///   text writes both, as in `{path}을(를)`, or is put in another way.
    pub fn flaws(&self) -> Vec<String> {
        let Self { name, en, ko } = self;
        let mut flaws = Vec::new();
        let (of_en, of_ko) = (placeholders(en), placeholders(ko));
        if of_en != of_ko {
            flaws.push(format!("{name}: placeholders {of_en:?} in English, {of_ko:?} in Korean"));
        }
        if en.chars().any(is_hangul) {
            flaws.push(format!("{name}: Hangul in the English text {en:?}"));
        }
        let is_term = en == ko && words(en) <= WORDS_OF_A_TERM;
        if !is_term && !ko.chars().any(is_hangul) {
            flaws.push(format!("{name}: no Hangul in the Korean text {ko:?}"));
        }
        for (_, rest) in parts(ko) {
            if let Some(particle) = PARTICLES.iter().find(|p| is_word(rest, p)) {
                flaws.push(format!("{name}: {particle} after a placeholder, in {ko:?}"));
            }
        }
        flaws
    }
}

/// Each placeholder of a format string, and the text from its end on.
fn parts(text: &str) -> Vec<(&str, &str)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let inner = &rest[start + 1..];
        // `{{` is a brace.
        if let Some(after) = inner.strip_prefix('{') {
            rest = after;
            continue;
        }
        let Some(end) = inner.find('}') else { break };
        rest = &inner[end + 1..];
        parts.push((&inner[..end], rest));
    }
    parts
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    parts(text).into_iter().map(|(placeholder, _)| placeholder).collect()
}

/// Whether `text` starts with this whole word. `이(가)` starts with another, which is both.
fn is_word(text: &str, word: &str) -> bool {
    let next = text.strip_prefix(word).map(|rest| rest.chars().next());
    next.is_some_and(|next| next.is_none_or(|c| !is_hangul(c) && c != '('))
}

/// How many words a text has besides its placeholders.
fn words(text: &str) -> usize {
    let mut text = text.to_owned();
    for placeholder in placeholders(&text.clone()) {
        text = text.replace(&format!("{{{placeholder}}}"), " ");
    }
    text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()).count()
}

/// A Hangul syllable or letter.
fn is_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaws(en: &'static str, ko: &'static str) -> Vec<String> {
        Message { name: "m", en, ko }.flaws()
    }

    #[test]
    fn a_sound_message_has_no_flaw() {
        for (en, ko) in [
            ("cannot write {path}: {why}", "{path}을(를) 쓸 수 없어요: {why}"),
            ("{done} of {all:>3} seeds", "{all:>3}가지 가운데 {done}개"),
            ("epoch {epoch}/{epochs}", "epoch {epoch}/{epochs}"),
            ("{{usage}}", "사용법: {{usage}}"),
        ] {
            assert_eq!(flaws(en, ko), [""; 0], "{ko}");
        }
    }

    #[test]
    fn every_flaw_is_found() {
        for (en, ko, found) in [
            ("after {epoch}", "{step} 뒤", "placeholders"),
            ("took {s:.1} s", "{s}초 걸렸어요", "placeholders"),
            ("오류", "오류", "Hangul in the English"),
            ("the disk is full", "the disk is full", "no Hangul"),
            ("error", "fault", "no Hangul"),
            ("cannot read {path}", "{path}를 읽을 수 없어요", "를 after"),
            ("it is {found}", "값은 {found}이에요", "이에요 after"),
        ] {
            let flaws = flaws(en, ko);
            assert!(matches!(&flaws[..], [flaw] if flaw.contains(found)), "{flaws:?}");
        }
    }
}
