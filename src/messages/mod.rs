//! Every string that a learner reads, in Korean and English.
//!
//! A message is a function of its arguments; both languages must be there or it does not compile.

use std::ffi::OsString;
use std::sync::atomic::{AtomicU8, Ordering};

/// The language that messages are written in. Keys and values of reports stay English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// Korean.
    Ko,
}

impl Lang {
    /// The code in `--lang` and in the names of files: `en`, `ko`.
    pub fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Ko => "ko",
        }
    }

    /// The language that the user asked for: `--lang`, then LC_ALL, LC_MESSAGES, LANG, then English.
    ///
    /// Looks at the raw arguments, because the help texts need it before they are parsed.
    pub fn of_process(arguments: &[OsString]) -> Self {
        let arguments = arguments.iter().filter_map(|argument| argument.to_str());
        let own = arguments.take_while(|argument| *argument != "--").collect::<Vec<_>>();
        let asked = own.iter().enumerate().find_map(|(i, argument)| match *argument {
            "--lang" => own.get(i + 1).copied(),
            other => other.strip_prefix("--lang="),
        });
        let locale = || {
            ["LC_ALL", "LC_MESSAGES", "LANG"]
                .iter()
                .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        };
        let language = asked.map(str::to_owned).or_else(locale).unwrap_or_default();
        if language == "ko" || language.starts_with("ko_") || language.starts_with("ko.") {
            Lang::Ko
        } else {
            Lang::En
        }
    }
}

static LANG: AtomicU8 = AtomicU8::new(0);

/// The language of this process.
pub fn lang() -> Lang {
    if LANG.load(Ordering::Relaxed) == 1 { Lang::Ko } else { Lang::En }
}

/// Sets the language of this process. `main` does so once, before the first message.
pub fn set_lang(lang: Lang) {
    LANG.store(u8::from(lang == Lang::Ko), Ordering::Relaxed);
}

macro_rules! messages {
    ($($name:ident($($arg:ident: $type:ty),* $(,)?) { en: $en:literal, ko: $ko:literal $(,)? })*) => {
        $(
            #[doc = $en]
            pub fn $name($($arg: $type),*) -> String {
                match $crate::messages::lang() {
                    $crate::messages::Lang::En => format!($en),
                    $crate::messages::Lang::Ko => format!($ko),
                }
            }
        )*
    };
}

pub mod cli;
pub mod course;
pub mod report;
pub mod run;
pub mod setup;
