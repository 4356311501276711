//! Elements that cannot be left open and texts that cannot be anything but text.

use std::fmt::{self, Display, Write};

/// An element of the page. As it is written it is well-formed XML too.
pub(super) struct Element {
    name: &'static str,
    attributes: String,
    content: String,
}

/// An element without attributes and content.
pub(super) fn element(name: &'static str) -> Element {
    Element { name, attributes: String::new(), content: String::new() }
}

impl Element {
    /// With an attribute, whose value is escaped.
    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        let value = escaped(&value.to_string());
        write!(self.attributes, " {name}=\"{value}\"").expect("a string takes everything");
        self
    }

    /// With a class of the stylesheet.
    pub fn class(self, class: &'static str) -> Self {
        self.with("class", class)
    }

    /// With a text, which is escaped.
    pub fn text(mut self, text: impl AsRef<str>) -> Self {
        self.content.push_str(&escaped(text.as_ref()));
        self
    }

    /// With an element at the end of its content; or with several, or none.
    pub fn add(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        for child in children {
            write!(self.content, "{child}").expect("a string takes everything");
        }
        self
    }

    /// With markup that is not escaped: only for what this program itself has written.
    pub fn markup(mut self, markup: &str) -> Self {
        self.content.extend(markup.chars().filter(|c| !is_unfit(*c)));
        self
    }
}

/// So that one element can be added as several can.
impl IntoIterator for Element {
    type Item = Element;
    type IntoIter = std::iter::Once<Element>;

    fn into_iter(self) -> Self::IntoIter {
        std::iter::once(self)
    }
}

impl Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, attributes, content } = self;
        match *name {
            // HTML has no end tag for it, and XML needs the slash.
            "meta" => writeln!(f, "<meta{attributes}/>"),
            "a" | "code" | "span" | "strong" => write!(f, "<{name}{attributes}>{content}</{name}>"),
            _ => writeln!(f, "<{name}{attributes}>{content}</{name}>"),
        }
    }
}

/// The text with every character that means something to HTML written as a reference.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_unfit(*c)) {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// Whether HTML or XML forbids the character, or it turns the direction of the text around it.
fn is_unfit(c: char) -> bool {
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && c != '\n') || matches!(c, '\u{fffe}' | '\u{ffff}')
}
