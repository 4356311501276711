//! Every string that a learner reads, in Korean and English.
//!
//! A message is a function of its arguments; both languages must be there or it does not compile. The
//! language and the [`messages!`](crate::messages!) macro do without the `harness` feature, so that a
//! trainer speaks as its harness does. What the harness itself says is in the submodules.

use std::ffi::OsString;
use std::sync::atomic::{AtomicU8, Ordering};

mod check;

pub use check::Message;

/// The environment variable in which a harness passes its language, `ko` or `en`, to its trainers.
pub const LANG_VARIABLE: &str = "KILLRESUME_LANG";

/// The language that messages are written in. Keys and values of reports stay English.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// Korean.
    Ko,
}

impl Lang {
    /// The language that the user asked for: `--lang`, then [`LANG_VARIABLE`], then LC_ALL, LC_MESSAGES,
    /// LANG, then English.
    ///
    /// Looks at the raw arguments, because the help texts need it before they are parsed. A trainer, which
    /// has no `--lang`, passes none.
    pub fn of_process(arguments: &[OsString]) -> Self {
        let arguments = arguments.iter().filter_map(|argument| argument.to_str());
        let own = arguments.take_while(|argument| *argument != "--").collect::<Vec<_>>();
        let asked = own.iter().enumerate().find_map(|(i, argument)| match *argument {
            "--lang" => own.get(i + 1).copied(),
            other => other.strip_prefix("--lang="),
        });
        let environment = || {
            [LANG_VARIABLE, "LC_ALL", "LC_MESSAGES", "LANG"]
                .iter()
                .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        };
        let language = asked.map(str::to_owned).or_else(environment).unwrap_or_default();
        if language == "ko" || language.starts_with("ko_") || language.starts_with("ko.") {
            Lang::Ko
        } else {
            Lang::En
        }
    }

    /// As `--lang` and [`LANG_VARIABLE`] take it: `en` or `ko`.
    pub fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Ko => "ko",
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

/// Defines messages, each a function that says it in the language of this process:
///
/// ```
/// killresume::messages! {
///     finished(epochs: u64) {
///         en: "finished after {epochs} epochs",
///         ko: "{epochs} epoch을 모두 학습했어요",
///     }
/// }
/// # fn main() {
/// assert_eq!(finished(10), "finished after 10 epochs");
/// # }
/// ```
///
/// Both texts are format strings over the arguments. Once a module; in its crate's tests the module
/// also has `ALL`, every [`Message`](crate::messages::Message) as it is written, to be looked through.
#[macro_export]
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

        /// Every message of this module.
        #[cfg(test)]
        pub const ALL: &[$crate::messages::Message] =
            &[$($crate::messages::Message { name: stringify!($name), en: $en, ko: $ko }),*];
    };
}

#[cfg(feature = "harness")]
pub mod cli;
#[cfg(feature = "harness")]
pub mod course;
#[cfg(feature = "harness")]
pub mod crash;
#[cfg(feature = "harness")]
pub mod grade;
#[cfg(feature = "harness")]
pub mod hazard;
#[cfg(feature = "harness")]
pub mod report;
#[cfg(feature = "harness")]
pub mod run;
#[cfg(feature = "harness")]
pub mod setup;
#[cfg(feature = "harness")]
pub mod soak;

#[cfg(all(test, feature = "harness"))]
mod tests {
    use super::*;

    #[test]
    fn every_message_says_the_same_in_both_languages() {
        let all = [
            cli::ALL,
            course::ALL,
            crash::ALL,
            grade::ALL,
            hazard::ALL,
            report::ALL,
            run::ALL,
            setup::ALL,
            soak::ALL,
        ]
        .concat();
        let flaws: Vec<String> = all.iter().flat_map(Message::flaws).collect();
        assert!(flaws.is_empty(), "{}", flaws.join("\n"));
    }
}
