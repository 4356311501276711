//! Made-up curves for the tests of what draws them.

use std::f64::consts::PI;

use super::picture::{Band, KillMark, Labels, Picture};
use crate::recording::Point;

/// What the resumed run lacks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Lost {
    Nothing,
    Optimizer,
    Model,
    Buffers,
    Everything,
}

/// Ten epochs of 24 updates with 8 validations each, killed after five.
pub(super) struct Sample {
    pub control: Vec<Point>,
    pub interrupted: Vec<Point>,
    pub resumed: Vec<Point>,
    pub korean: bool,
    pub missing: Vec<String>,
    pub passed: Option<bool>,
}

/// Updates an epoch.
pub(super) const STEPS: u64 = 24;

impl Sample {
    pub fn new(lost: Lost) -> Self {
        let control: Vec<Point> = (1..=80).map(point).collect();
        let interrupted = control[..40].to_vec();
        let mut resumed = control[40..].to_vec();
        for (i, point) in resumed.iter_mut().enumerate() {
            let loss = point.val_loss.expect("finite");
            let fade = |times: f64, over: f64| loss * (1.0 + times * (-(i as f64) / over).exp());
            let from_scratch = |start: f64, over: f64| loss + start * (-(i as f64) / over).exp();
            point.val_loss = match lost {
                Lost::Nothing => Some(loss),
                Lost::Optimizer => Some(fade(2.0, 6.0)),
                Lost::Model => Some(from_scratch(2.1, 7.0)),
                Lost::Buffers => Some(from_scratch(11.8, 2.0)),
                Lost::Everything if i < 3 => None,
                Lost::Everything => Some(from_scratch(900.0, 3.0)),
            };
        }
        let passed = Some(lost == Lost::Nothing);
        let missing = match lost {
            Lost::Nothing => vec![],
            _ => vec![format!("{}: cold (never restored)", format!("{lost:?}").to_lowercase())],
        };
        Self { control, interrupted, resumed, korean: false, missing, passed }
    }

    pub fn picture(&self) -> Picture<'_> {
        let verdict = match (self.korean, self.passed) {
            (false, Some(true)) => "The same run: all 10 components restored, curve identical",
            (false, Some(false)) => {
                "Not the same run: the curve jumps by 9.4 × the control's change"
            }
            (true, Some(true)) => "같은 실행: 구성 요소 10개 모두 복원, 곡선 동일",
            (true, _) => "같은 실행이 아님: 곡선이 대조 실행 변화량의 9.4배만큼 튐",
            (false, None) => "Cannot judge bit for bit: the control does not reproduce itself",
        };
        let (kept, next) = (&self.control[39], &self.control[47]);
        let [kept, next] = [kept, next].map(|point| point.val_loss.expect("finite"));
        Picture {
            title: "reference".into(),
            control: &self.control,
            interrupted: &self.interrupted,
            resumed: (&self.resumed[..]).into(),
            steps_per_epoch: STEPS as f64,
            epochs: 10,
            kill: Some(KillMark { x: 5.0, label: "SIGKILL".into() }),
            band: Some(Band { from: 5.0, to: 6.0, half: kept - next }),
            verdict: verdict.into(),
            passed: self.passed,
            missing: self.missing.clone(),
            labels: if self.korean { korean() } else { english() },
        }
    }
}

/// The pictures to look at.
pub(super) fn all() -> Vec<(&'static str, Sample)> {
    let names = ["model", "buffers", "optimizer", "scheduler", "scaler", "step", "epoch"];
    let names = names.into_iter().chain(["config", "best_metric", "rng", "sampler"]);
    let eleven: Vec<String> = names.map(|n| format!("{n}: cold (never restored)")).collect();
    let three =
        ["optimizer: 복원되지 않음 (초기 상태)", "rng: 낡은 상태 (에포크 4)", "sampler: 값이 다름"];
    let three = three.map(str::to_owned).to_vec();
    vec![
        ("identical", Sample::new(Lost::Nothing)),
        ("optimizer", Sample::new(Lost::Optimizer)),
        ("model", Sample::new(Lost::Model)),
        ("buffers", Sample::new(Lost::Buffers)),
        ("korean", Sample { korean: true, missing: three, ..Sample::new(Lost::Optimizer) }),
        ("everything", Sample { missing: eleven, ..Sample::new(Lost::Everything) }),
        ("not_judged", Sample { passed: None, ..Sample::new(Lost::Nothing) }),
    ]
}

/// The `i`th of eighty validations, from 1.
fn point(i: u64) -> Point {
    let step = i * STEPS / 8;
    let (total, warm_up) = (10.0 * STEPS as f64, STEPS as f64);
    let at = step as f64;
    let lr = if at < warm_up {
        0.01 * at / warm_up
    } else {
        0.005 * (1.0 + (PI * (at - warm_up) / (total - warm_up)).cos())
    };
    // A wobble that is the same each time.
    let wobble = 1.0 + 0.05 * ((i * 7) as f64).sin() + 0.03 * ((i * 13) as f64).cos();
    let val_loss = (0.15 + 1.05 * (-at / (1.8 * STEPS as f64)).exp()) * wobble;
    let exponent = match i {
        0..=9 => 16,
        10..=14 => 13,
        15..=33 => 14,
        34..=44 => 15,
        45..=60 => 14,
        _ => 15,
    };
    Point {
        epoch: i / 8,
        step,
        val_loss: Some(val_loss),
        val_accuracy: Some(0.9),
        lr,
        loss_scale: Some(f64::from(exponent).exp2()),
        epoch_end: i.is_multiple_of(8),
    }
}

pub(super) fn english() -> Labels {
    Labels {
        val_loss: "validation loss".into(),
        log_scale: "log scale".into(),
        epoch: "epoch".into(),
        lr: "learning rate".into(),
        loss_scale: "loss scale".into(),
        control: "control run".into(),
        before: "before the kill".into(),
        after: "after the resume".into(),
        band: "control's own change".into(),
        zoom: "around the resume".into(),
        off_scale: "not finite or off the scale".into(),
        more: "and {n} more".into(),
    }
}

fn korean() -> Labels {
    Labels {
        val_loss: "검증 손실".into(),
        log_scale: "로그 눈금".into(),
        epoch: "에포크".into(),
        lr: "학습률".into(),
        loss_scale: "손실 스케일".into(),
        control: "대조 실행".into(),
        before: "강제 종료 전".into(),
        after: "재개 후".into(),
        band: "대조 실행 자체의 변화".into(),
        zoom: "resume 부근".into(),
        off_scale: "유한하지 않거나 눈금을 벗어남".into(),
        more: "외 {n}개".into(),
    }
}
