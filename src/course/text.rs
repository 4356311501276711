//! The texts of an exercise: the lesson's title, and the hints.

use std::fs;

use anyhow::{Context, ensure};

use super::Exercise;
use crate::messages::{Lang, course as say};

/// How many hints an exercise has.
pub const HINTS: usize = 3;

/// The title of the lesson's text.
///
/// # Errors
/// The text cannot be read or has no title.
pub fn title(exercise: &Exercise, lang: Lang) -> anyhow::Result<String> {
    let path = exercise.lesson(lang);
    let shown = path.display().to_string();
    let text = fs::read_to_string(&path).with_context(|| say::text_not_read(&shown))?;
    let title = text.lines().find_map(|line| line.strip_prefix("# "));
    Ok(title.with_context(|| say::text_without_title(&shown))?.trim().to_owned())
}

/// The hints, from the vaguest to the plainest: what stands below `## 1`, `## 2` and `## 3`.
///
/// # Errors
/// The text cannot be read, or there are not exactly three.
pub fn hints(exercise: &Exercise, lang: Lang) -> anyhow::Result<[String; HINTS]> {
    let path = exercise.hints(lang);
    let shown = path.display().to_string();
    let text = fs::read_to_string(&path).with_context(|| say::text_not_read(&shown))?;
    let mut hints: Vec<String> = Vec::new();
    for line in text.lines() {
        match line.strip_prefix("## ") {
            Some(number) => {
                let expected = (hints.len() + 1).to_string();
                ensure!(number.trim() == expected, say::hints_wrong(&shown, HINTS));
                hints.push(String::new());
            }
            None => {
                if let Some(hint) = hints.last_mut() {
                    hint.push_str(line);
                    hint.push('\n');
                }
            }
        }
    }
    let hints: Vec<String> = hints.iter().map(|hint| hint.trim().to_owned()).collect();
    ensure!(hints.iter().all(|hint| !hint.is_empty()), say::hints_wrong(&shown, HINTS));
    hints.try_into().map_err(|_| anyhow::anyhow!(say::hints_wrong(&shown, HINTS)))
}
