//! Fakes get no point.

use crate::class::{Class, Graded, answer_with, project};
use crate::fakes::*;

fn graded(fakes: &[(&str, String)]) -> Graded {
    let mut class = Class::new();
    for (name, text) in fakes {
        class.hand_in(name, text);
    }
    let graded = class.graded_in_one(&[]);
    graded.assert_none_passed();
    graded
}

#[test]
fn a_program_that_speaks_for_the_library_is_not_heard() {
    let graded = graded(&[
        ("curve", hard_codes_a_curve()),
        ("protocol", prints_the_protocol()),
        ("socket", answers_the_socket()),
        ("own loop", trains_by_itself()),
        ("own exit", main_does("ExitCode::SUCCESS")),
    ]);
    for name in ["curve", "protocol", "socket", "own exit"] {
        graded.assert_error(name, "connected, said nothing and ended");
    }
    graded.assert_error("own loop", "in the middle of the run");
}

#[test]
fn a_program_that_connects_again_is_still_heard_on_the_first_connection() {
    let mut class = Class::new();
    class.hand_in("again", main_begins("let _ = [lesson::connect(), lesson::connect()];"));
    let graded = class.graded_in_one(&[]);
    assert_eq!(graded.status("again"), "pass", "{}", graded.says("again"));
}

#[test]
fn a_state_that_is_not_in_the_checkpoint_does_not_come_back() {
    let graded = graded(&[
        ("hidden", hides_its_state()),
        ("copied", copies_the_control()),
        ("trained again", trains_again("run.config.epochs == 6")),
        ("late", saves_after_the_kill()),
    ]);
    for name in ["hidden", "copied"] {
        let says = graded.says(name);
        assert!(says.contains("resumed run started from nothing"), "{name}: {says}");
    }
}

#[test]
fn a_load_that_knows_where_the_kill_lands_is_not_enough() {
    graded(&[
        ("trained again", trains_again("store.path(CheckpointKind::Latest).exists()")),
        ("hard-coded", hard_codes_the_epoch()),
    ]);
}

#[test]
fn what_safe_rust_cannot_do_does_not_compile() {
    let answer = project("exercises/10_rng/solution.rs");
    let foreign = format!(
        "#[path = {answer:?}]\nmod it;\nfn main() -> std::process::ExitCode {{ it::main() }}\n"
    );
    let section = "#[used]
#[unsafe(link_section = \".init_array\")]
static BEGIN: extern \"C\" fn() = begin;
extern \"C\" fn begin() { println!(\"before main\"); }";
    let fakes = [
        ("unsafe", main_begins("let x = 5; let _ = unsafe { *std::ptr::addr_of!(x) };"), "unsafe"),
        ("allow", format!("#![allow(unsafe_code)]\n{}", beside("")), "unsafe_code"),
        ("no_mangle", beside("#[unsafe(no_mangle)]\npub fn abort() {}"), "no_mangle"),
        ("section", beside(section), "link_section"),
        ("extern", beside("unsafe extern \"C\" { safe fn getpid() -> i32; }"), "extern"),
        ("link", beside("#[link(name = \"c\")]\nunsafe extern \"C\" {}"), "extern"),
        ("assembler", beside("std::arch::global_asm!(\"nop\");"), "global_asm"),
        ("nightly", format!("#![feature(rustc_private)]\n{}", beside("")), "feature"),
        ("libc", beside("extern crate libc;"), "libc"),
        ("tch", beside("extern crate tch;"), "tch"),
        ("nix", beside("extern crate nix;"), "nix"),
        ("harness", beside("extern crate killresume;"), "killresume"),
        ("include", format!("include!({answer:?});\n"), "Permission denied"),
        ("module", foreign, "Permission denied"),
        (
            "passwd",
            beside("pub const X: &str = include_str!(\"/etc/passwd\");"),
            "Permission denied",
        ),
        (
            "secrets",
            beside("pub const X: &[u8] = include_bytes!(\"/proc/self/environ\");"),
            "Permission",
        ),
        ("no main", answer_with(&[("fn main()", "fn another()")]), "main"),
        ("cut off", format!("{}\n/*", answer_with(&[])), "comment"),
        ("switched off", format!("{}\n#[cfg(any())]", answer_with(&[])), "killresume_start"),
    ];
    let mut class = Class::new();
    for (name, text, _) in &fakes {
        class.hand_in(name, text);
    }
    let graded = class.graded_in_one(&[]);
    for (name, _, part) in &fakes {
        graded.assert_error(name, "does not compile");
        graded.assert_error(name, part);
        assert!(!graded.says(name).contains("root:"), "{}", graded.says(name));
    }
}
