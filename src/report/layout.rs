//! How text is laid out in a terminal: at most 80 columns, styled, in tables, with links.

use std::fmt::Write;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use anstyle::{AnsiColor, Style};

/// Columns.
pub const WIDTH: usize = 80;
const LABEL_WIDTH: usize = 9;

/// What is right.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
/// What is wrong.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// What is not known.
pub const UNSURE: Style = AnsiColor::Yellow.on_default().bold();
/// What may be passed over.
pub const FAINT: Style = Style::new().dimmed();
/// What stands out.
pub const STRONG: Style = Style::new().bold();

static LINKS: AtomicBool = AtomicBool::new(false);

/// Whether paths are links from now on: whether the terminal can follow them.
pub fn set_links(links: bool) {
    LINKS.store(links, Ordering::Relaxed);
}

/// Three columns; the style is the second one's.
pub fn table(out: &mut String, title: [String; 3], rows: Vec<(Style, [String; 3])>) {
    let rows: Vec<_> = std::iter::once((FAINT, title)).chain(rows).collect();
    let width = |column: usize| {
        rows.iter().map(|(_, row)| console::measure_text_width(&row[column])).max().unwrap_or(0)
    };
    let (first_width, second_width) = (width(0).min(WIDTH / 3), width(1));
    for (i, (style, [first, second, third])) in rows.iter().enumerate() {
        let first_style = if i == 0 { FAINT } else { Style::new() };
        let first = styled(first_style, &padded(first, first_width));
        // Nothing is padded that nothing follows, and wrapping nothing gives nothing.
        let row = if third.is_empty() {
            format!("{first}  {}", styled(*style, second))
        } else {
            let start = format!("{first}  {}  ", styled(*style, &padded(second, second_width)));
            wrapped(third, &start, &" ".repeat(first_width + second_width + 4))
        };
        line(out, &row);
    }
}

/// A label in its column, and what belongs to it.
pub fn labelled(out: &mut String, label: &str, text: &str) {
    let label = padded(label, LABEL_WIDTH);
    line(out, &wrapped(text, &styled(FAINT, &label), &" ".repeat(LABEL_WIDTH)));
}

/// Pads by columns on the screen, not by characters: a Hangul syllable takes two.
pub fn padded(text: &str, width: usize) -> String {
    console::pad_str(text, width, console::Alignment::Left, Some("…")).into_owned()
}

/// Wraps at spaces. The first line and the others begin with what is given.
pub fn wrapped(text: &str, first: &str, rest: &str) -> String {
    let options = textwrap::Options::new(WIDTH)
        .initial_indent(first)
        .subsequent_indent(rest)
        .break_words(false)
        // A path or a command breaks nowhere, its hyphens included.
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        // Korean wraps at spaces, as in print, and not between syllables.
        .word_separator(textwrap::WordSeparator::AsciiSpace);
    textwrap::fill(text, options)
}

/// Wraps the paragraphs of a Markdown text anew, behind an indent. Code blocks stay as they are.
pub fn prose(text: &str, indent: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut paragraph: Vec<&str> = Vec::new();
    let mut in_code = false;
    let end = |paragraph: &mut Vec<&str>, out: &mut Vec<String>| {
        if !paragraph.is_empty() {
            out.push(wrapped(&paragraph.join(" "), indent, indent));
            paragraph.clear();
        }
    };
    for line in text.lines() {
        let fence = line.trim_start().starts_with("```");
        if fence {
            end(&mut paragraph, &mut out);
            in_code = !in_code;
        } else if in_code {
            out.push(format!("{indent}{indent}{line}"));
        } else if line.trim().is_empty() {
            end(&mut paragraph, &mut out);
            out.push(String::new());
        } else {
            if line.trim_start().starts_with(['-', '*']) {
                end(&mut paragraph, &mut out);
            }
            paragraph.push(line.trim());
        }
    }
    end(&mut paragraph, &mut out);
    out.join("\n")
}

/// The text in a style.
pub fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// Adds a line.
pub fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("writing to a string cannot fail");
}

/// A path as a user would type it; a link where the terminal can follow one.
pub fn link(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    link_named(path, &path.strip_prefix(&here).unwrap_or(path).display().to_string())
}

/// A text that is a link to a file (OSC 8) where the terminal can follow one.
pub fn link_named(path: &Path, text: &str) -> String {
    match std::path::absolute(path) {
        Ok(absolute) if LINKS.load(Ordering::Relaxed) => {
            let target = percent_encoded(absolute.as_os_str().as_encoded_bytes());
            format!("\x1b]8;;file://{target}\x1b\\{text}\x1b]8;;\x1b\\")
        }
        _ => text.to_owned(),
    }
}

/// As the path of a URL (RFC 3986).
fn percent_encoded(path: &[u8]) -> String {
    path.iter().fold(String::new(), |mut url, byte| {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => url.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => url.push(char::from(*byte)),
            byte => write!(url, "%{byte:02X}").expect("writing to a string cannot fail"),
        }
        url
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_becomes_a_url_whatever_it_is_called() {
        assert_eq!(percent_encoded("/a b/학습.rs".as_bytes()), "/a%20b/%ED%95%99%EC%8A%B5.rs");
    }

    #[test]
    fn prose_is_wrapped_anew_and_code_is_not() {
        let text = "one\ntwo\n\n- a\n- b\n\n```rust\nlet x =\n    1;\n```";
        assert_eq!(prose(text, "  "), "  one two\n\n  - a\n  - b\n\n    let x =\n        1;");
    }

    #[test]
    fn a_command_is_never_broken_at_a_hyphen() {
        let text = format!("{} cargo run -- check-all", "x".repeat(60));
        let lines = wrapped(&text, "", "");
        assert_eq!(lines.lines().last(), Some("check-all"));
    }

    #[test]
    fn hangul_is_padded_by_columns() {
        assert_eq!(padded("학습", 6), "학습  ");
        assert_eq!(padded("ab", 6), "ab    ");
    }
}
