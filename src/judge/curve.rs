//! How the resumed validation curve lies against the control's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::recording::Point;

use super::lineage::same_bits;
use super::{Case, Finding, FindingKind, Lineage};

/// A difference this many times the control's own change at the resume is a jump that a person sees.
pub const JUMP_FACTOR: f64 = 3.0;

/// How smooth the curve is through the resume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Smoothness {
    /// Every value has the same bits as the control's.
    Identical,
    /// Not the same bits, and no jump.
    Continuous,
    /// A jump.
    Jump,
}

/// The verdict on the curve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CurveVerdict {
    /// The word for it.
    #[serde(rename = "kind")]
    pub smoothness: Smoothness,
    /// Updates completed when the checkpoint was written that the resumed run grew from.
    pub resumed_at_step: u64,
    /// Validation points of the resumed run that have the control's bits.
    pub identical_points: u64,
    /// Validation points that the resumed run should have.
    pub expected_points: u64,
    /// Resumed minus control where it is largest in the first resumed epoch, in units of the loss.
    /// Null when it is not finite.
    pub deviation: Option<f64>,
    /// Where that is, in epochs.
    pub deviation_epoch: f64,
    /// The control's own change at the resume: the largest difference between successive points of its
    /// last epoch before the resume and its first one after, in units of the loss.
    pub own_change: f64,
    /// The size of `deviation` in units of `own_change`. Null when it is not finite.
    pub ratio: Option<f64>,
    /// The largest difference anywhere after the resume, in units of the loss. Null when not finite.
    pub largest: Option<f64>,
    /// Whether every point is there and none is further away than `tolerance`.
    pub within_tolerance: bool,
    /// The largest difference that was to pass; null asks for the same bits.
    pub tolerance: Option<f64>,
    /// Where the first point is that differs, in epochs.
    pub first_difference: Option<f64>,
}

struct Pair {
    at: f64,
    difference: f64,
    identical: bool,
}

/// Compares the resumed curve with the control's, point by point in order.
pub(super) fn compare(case: Case<'_>, lineage: &Lineage<'_>) -> CurveVerdict {
    let expected = lineage.expected_points(case);
    let resumed = case.resumed.curve();
    let pairs: Vec<Pair> = expected
        .iter()
        .zip(&resumed)
        .map(|(control, resumed)| Pair {
            at: lineage.epochs_at(control.step),
            difference: difference(control.val_loss, resumed.val_loss),
            identical: same_bits(control, resumed),
        })
        .collect();
    let first_epoch_end = lineage.epochs_at(lineage.step()) + 1.0 + 1e-9;
    let (mut deviation, mut deviation_epoch) = (0.0, lineage.epochs_at(lineage.step()));
    for pair in pairs.iter().filter(|pair| pair.at <= first_epoch_end) {
        if pair.difference.abs() > f64::abs(deviation) {
            (deviation, deviation_epoch) = (pair.difference, pair.at);
        }
    }
    let own_change = own_change(&case.control.curve(), lineage);
    let ratio = if deviation == 0.0 { 0.0 } else { f64::abs(deviation) / own_change };
    let identical_points = pairs.iter().filter(|pair| pair.identical).count();
    // Points beyond the expected ones are repeated epochs: the books tell of them.
    let is_identical = identical_points == expected.len() && !expected.is_empty();
    let largest = pairs.iter().map(|pair| pair.difference.abs()).fold(0.0, f64::max);
    let is_whole = !expected.is_empty() && resumed.len() >= expected.len();
    let within_tolerance = case.tolerance.is_some_and(|limit| is_whole && largest <= limit);
    let smoothness = if is_identical {
        Smoothness::Identical
    } else if within_tolerance {
        Smoothness::Continuous
    } else if ratio >= JUMP_FACTOR || pairs.is_empty() {
        Smoothness::Jump
    } else {
        Smoothness::Continuous
    };
    CurveVerdict {
        smoothness,
        resumed_at_step: lineage.step(),
        identical_points: identical_points as u64,
        expected_points: expected.len() as u64,
        deviation: finite(deviation),
        deviation_epoch,
        own_change,
        ratio: finite(ratio),
        largest: finite(largest),
        within_tolerance,
        tolerance: case.tolerance,
        first_difference: pairs.iter().find(|pair| !pair.identical).map(|pair| pair.at),
    }
}

/// Resumed minus control; infinite when exactly one of them is not finite.
fn difference(control: Option<f64>, resumed: Option<f64>) -> f64 {
    match (control, resumed) {
        (Some(control), Some(resumed)) => resumed - control,
        (None, None) => 0.0,
        (Some(_), None) => f64::INFINITY,
        (None, Some(_)) => f64::NEG_INFINITY,
    }
}

/// The control's largest change between successive points of the epoch before the resume and the one
/// after it.
fn own_change(control: &[Point], lineage: &Lineage<'_>) -> f64 {
    let resume = lineage.epochs_at(lineage.step());
    control
        .windows(2)
        .filter(|pair| {
            let (from, to) = (lineage.epochs_at(pair[0].step), lineage.epochs_at(pair[1].step));
            from > resume - 1.0 + 1e-9 && to <= resume + 1.0 + 1e-9
        })
        .filter_map(|pair| Some((pair[1].val_loss? - pair[0].val_loss?).abs()))
        .fold(0.0, f64::max)
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}

/// The finding for a curve that does not pass.
pub(super) fn findings(curve: &CurveVerdict) -> Vec<Finding> {
    let kind = match curve.smoothness {
        Smoothness::Identical => return Vec::new(),
        Smoothness::Continuous if curve.within_tolerance => return Vec::new(),
        Smoothness::Continuous if curve.first_difference.is_none() => FindingKind::CurveTooShort {
            expected: curve.expected_points,
            found: curve.identical_points,
        },
        Smoothness::Continuous => FindingKind::CurveDiffers {
            size: curve.deviation.unwrap_or_default(),
            epoch: curve.first_difference.unwrap_or(curve.deviation_epoch),
        },
        Smoothness::Jump => FindingKind::Jump {
            size: curve.deviation,
            ratio: curve.ratio,
            epoch: curve.deviation_epoch,
        },
    };
    vec![Finding::cause(None, kind)]
}
