//! The gallery: every loss on one figure.

mod common;

use common::{killresume, set_up};

#[test]
fn the_gallery_shows_every_loss_and_which_of_them_the_curve_hides() {
    set_up();
    let out = tempfile::tempdir().expect("a temporary directory");
    let output =
        killresume().args(["gallery", "--out"]).arg(out.path()).output().expect("it starts");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let row = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        line.unwrap_or_else(|| panic!("no row for {name} in {text}"))
    };
    for seen in ["model", "buffers", "optimizer", "scheduler", "scaler"] {
        assert!(row(seen).contains("jump") && row(seen).ends_with(seen), "{text}");
    }
    for unseen in ["step", "epoch", "config", "best_metric", "rng", "sampler"] {
        assert!(row(unseen).contains("not visible") && row(unseen).ends_with(unseen), "{text}");
    }
    assert!(text.contains("6 of 11"), "{text}");
    let svg = std::fs::read_to_string(out.path().join("gallery.svg")).expect("an SVG");
    assert!(svg.contains("best_metric: not visible"), "{svg}");
    assert!(out.path().join("gallery.png").is_file());
}
