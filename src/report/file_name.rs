//! A submission's name as a part of a path.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::plain::is_harmful;

/// What stands for a submission's name in the path of a report.
pub const SUBMISSION: &str = "{submission}";

/// Bytes that a name may take, so that a file system's limit of 255 leaves room for what is around it.
const LIMIT: usize = 180;

/// Whether a path stands for a file for each submission.
pub fn is_per_submission(path: &Path) -> bool {
    path.to_string_lossy().contains(SUBMISSION)
}

/// The path with the submission's [file name](file_names) in it.
pub fn of_submission(path: &Path, file_name: &str) -> PathBuf {
    path.to_string_lossy().replace(SUBMISSION, file_name).into()
}

/// For each name one that is a single component of a path, wherever reports are carried: no two are
/// the same, even where a file system takes no notice of case.
pub fn file_names<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeMap<&'a str, String> {
    let names: BTreeSet<&str> = names.into_iter().collect();
    let mut taken = BTreeSet::new();
    names
        .into_iter()
        .map(|name| {
            let encoded = encoded(name);
            // No name holds a tilde once it is encoded, so that a number makes it a new one.
            let others = (2..).map(|number| format!("{encoded}~{number}"));
            let mut candidates = std::iter::once(encoded.clone()).chain(others);
            let free = candidates.find(|name| taken.insert(name.to_lowercase()));
            (name, free.expect("there are more numbers than names"))
        })
        .collect()
}

/// The name with each character that a path, a shell's pattern or an artifact of GitHub cannot hold
/// percent-encoded, as are dots that would hide the file or lead out of its directory.
fn encoded(name: &str) -> String {
    let mut encoded = String::new();
    let last = name.chars().count().saturating_sub(1);
    for (i, c) in name.chars().enumerate() {
        let is_edge = (i == 0 || i == last) && (c == '.' || c.is_whitespace());
        let is_unfit = c.is_control() || is_harmful(c) || r#"/\:*?"<>|%~"#.contains(c);
        let mut text = c.to_string();
        if is_edge || is_unfit {
            text = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
        }
        if encoded.len() + text.len() > LIMIT {
            break;
        }
        encoded.push_str(&text);
    }
    if encoded.is_empty() { "%".to_owned() } else { encoded }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> Vec<String> {
        let all = file_names(names.iter().copied());
        names.iter().map(|name| all[name].clone()).collect()
    }

    #[test]
    fn an_ordinary_name_stays_as_it_is() {
        assert_eq!(of(&["kim-minsu", "김민수 2", "a.b_c"]), ["kim-minsu", "김민수 2", "a.b_c"]);
    }

    #[test]
    fn no_name_leads_out_of_the_directory_or_hides_its_file() {
        let hostile = ["..", ".", "", "../../etc/passwd", "/root", "a\0b", ".git", "a\\b", "a\nb"];
        for name in of(&hostile) {
            let mut components = Path::new(&name).components();
            let first = components.next().expect("a component");
            assert!(matches!(first, std::path::Component::Normal(_)), "{name}");
            assert!(components.next().is_none() && !name.starts_with('.'), "{name}");
            assert!(!name.contains('\\') && !name.chars().any(char::is_control), "{name}");
        }
        let path = of_submission(Path::new("out/{submission}.json"), &of(&["../a"])[0]);
        assert_eq!(path, Path::new("out/%2E.%2Fa.json"));
    }

    #[test]
    fn names_that_would_fall_together_stay_apart() {
        let long = "가".repeat(200);
        let longer = format!("{long}나");
        let names = ["a/b", "a%2Fb", "Kim", "kim", "KIM", "kim~2", &long, &longer, "", "%"];
        let files: BTreeSet<String> = of(&names).iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(files.len(), names.len());
        assert!(files.iter().all(|name| name.len() <= LIMIT + 8));
    }
}
