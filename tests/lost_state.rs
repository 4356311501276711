//! Every component, lost in every way: the harness names exactly that one and how it was lost.

mod common;

use common::Ran;

/// Loses one component and expects exactly one cause: this component, of this kind.
fn loses(component: &str, way: &str, kind: &str) {
    let ran = Ran::trainer("faulty", &["--", "--lose", component, "--at", way]);
    assert_eq!(ran.code, Some(1), "{}", ran.transcript());
    assert_eq!(ran.report["verdict"], "not_same_run");
    assert_eq!(ran.causes(), [(component.to_owned(), kind.to_owned())], "{}", ran.transcript());
    for (name, state) in ran.states() {
        let expected = if name == component { kind } else { "restored" };
        assert_eq!(state, expected, "{name}: {}", ran.transcript());
    }
    if kind == "stale" {
        assert_eq!(ran.report["findings"][0]["epoch"], 4, "{}", ran.transcript());
    }
    assert!(ran.stdout.contains(component), "{}", ran.stdout);
}

macro_rules! lost {
    ($($component:ident),*) => { $(
        mod $component {
            #[test]
            fn not_saved_is_cold() {
                super::loses(stringify!($component), "save", "cold");
            }
            #[test]
            fn not_loaded_is_cold() {
                super::loses(stringify!($component), "load", "cold");
            }
            #[test]
            fn one_epoch_old_is_stale() {
                super::loses(stringify!($component), "stale", "stale");
            }
        }
    )* };
}

lost!(model, buffers, optimizer, scheduler, scaler, step, epoch, best_metric, rng, sampler);

mod config {
    #[test]
    fn not_saved_is_cold() {
        super::loses("config", "save", "cold");
    }

    #[test]
    fn not_loaded_is_cold() {
        super::loses("config", "load", "cold");
    }

    /// A config does not change while a run lasts, so that of an earlier epoch is the right one.
    #[test]
    fn one_epoch_old_is_the_same_config() {
        let ran = super::Ran::trainer("faulty", &["--", "--lose", "config", "--at", "stale"]);
        assert_eq!(ran.code, Some(0), "{}", ran.transcript());
    }
}

#[test]
fn a_lost_sampler_in_the_middle_of_an_epoch_repeats_and_loses_samples() {
    let ran =
        Ran::trainer("faulty", &["--kill", "step:132", "--", "--lose", "sampler", "--at", "load"]);
    assert_eq!(ran.code, Some(1), "{}", ran.transcript());
    assert_eq!(ran.causes(), [("sampler".to_owned(), "cold".to_owned())]);
    let findings = ran.report["findings"].as_array().expect("a list");
    let samples = findings.iter().find(|f| f["kind"] == "samples").expect("a finding on samples");
    assert!(samples["repeated"].as_array().is_some_and(|ids| !ids.is_empty()), "{samples}");
    assert_eq!(samples["consequence_of"], serde_json::json!(["sampler"]));
}
