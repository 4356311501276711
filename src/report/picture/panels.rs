//! The two panels: validation loss above, learning rate and loss scale below.

use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, FontTransform, WHITE};
use plotters_backend::BackendCoord;

use super::axis::Axis;
use super::canvas::{
    AFTER, BEFORE, Canvas, Drawn, GRID, HALO, INK, LEFT, LOSS_SCALE, QUIET, SMALL, Style,
};
use super::curves::{Panel, curves, left_axis, loss_axis};
use super::zoom::zoom;
use super::{Picture, text};
use crate::recording::Point;

/// Where the upper panel ends, and where the lower one starts and ends, from the picture's lower edge.
const LOSS_BOTTOM: i32 = 288;

const LR_TOP: i32 = 252;
const LR_BOTTOM: i32 = 100;

/// Room for an epoch's number, in pixels.
const EPOCH: i32 = 40;

/// Draws both panels below `top`.
pub(super) fn draw<DB: DrawingBackend>(
    picture: &Picture<'_>,
    canvas: &Canvas<DB>,
    top: i32,
) -> Drawn {
    let x = Axis::linear(0.0, picture.epochs.max(1) as f64);
    let steps = picture.steps_per_epoch;
    let steps_per_epoch = if steps.is_finite() && steps > 0.0 { steps } else { 1.0 };
    let kill_room = if picture.kill.is_some() { 40 } else { 0 };
    let ((_, height), right) = (canvas.size(), canvas.right());
    let panel = |top, bottom| Panel { left: LEFT, right, top, bottom, x: &x, steps_per_epoch };
    let loss = panel(top + kill_room, height - LOSS_BOTTOM);
    let lr = panel(height - LR_TOP, height - LR_BOTTOM);
    let epochs = ((right - LEFT) / EPOCH).min(20) as usize;

    for panel in [&loss, &lr] {
        for (epoch, _) in x.whole_ticks(epochs) {
            let x = panel.x(epoch);
            canvas.path(vec![(x, panel.top), (x, panel.bottom)], GRID.stroke_width(2))?;
        }
    }
    for (epoch, text) in x.whole_ticks(epochs) {
        let style = Style::new(SMALL, QUIET).anchor(HPos::Center);
        canvas.text(&text, (lr.x(epoch), lr.bottom + 26), 120, &style)?;
    }
    let style = Style::new(SMALL, INK).anchor(HPos::Center);
    canvas.text(
        &picture.labels.epoch,
        ((LEFT + right) / 2, lr.bottom + 66),
        right - LEFT,
        &style,
    )?;

    loss_panel(picture, canvas, &loss)?;
    lr_panel(picture, canvas, &lr)?;
    kill(picture, canvas, &loss, &lr)
}

fn loss_panel<DB: DrawingBackend>(
    picture: &Picture<'_>,
    canvas: &Canvas<DB>,
    panel: &Panel<'_>,
) -> Drawn {
    let axis = loss_axis(picture);
    left_axis(canvas, panel, &axis, ((panel.bottom - panel.top) / 60) as usize)?;
    let labels = &picture.labels;
    let title = if axis.is_log() {
        format!("{} ({})", labels.val_loss, labels.log_scale)
    } else {
        labels.val_loss.clone()
    };
    left_title(canvas, panel, &title)?;

    curves(picture, canvas, panel, &axis)?;
    zoom(picture, canvas, panel, &axis)
}

fn lr_panel<DB: DrawingBackend>(
    picture: &Picture<'_>,
    canvas: &Canvas<DB>,
    panel: &Panel<'_>,
) -> Drawn {
    let runs = [picture.control, picture.interrupted, &*picture.resumed];
    let points = || runs.into_iter().flatten();
    let lr_axis = Axis::from_zero(points().map(|point| point.lr));
    left_axis(canvas, panel, &lr_axis, 3)?;
    left_title(canvas, panel, &picture.labels.lr)?;

    if let Some(axis) = Axis::powers_of_two(points().filter_map(|point| point.loss_scale)) {
        for (exponent, _) in axis.whole_ticks(4) {
            let y = panel.y(&axis, exponent);
            let style = Style::new(SMALL, LOSS_SCALE);
            canvas.text(&power_of_two(exponent), (panel.right + 14, y), 90, &style)?;
        }
        let middle = (panel.top + panel.bottom) / 2;
        let style = Style::new(SMALL, LOSS_SCALE).anchor(HPos::Center);
        let style = style.turned(FontTransform::Rotate90);
        canvas.text(&picture.labels.loss_scale, (panel.right + 116, middle), 220, &style)?;

        let exponent = |p: &Point| p.loss_scale.filter(|scale| *scale > 0.0).map(f64::log2);
        for (points, style) in [
            (picture.control, HALO.stroke_width(7)),
            (picture.interrupted, LOSS_SCALE.stroke_width(3)),
            (&*picture.resumed, LOSS_SCALE.stroke_width(3)),
        ] {
            for stretch in panel.stretches(points, &axis, exponent) {
                canvas.path(stairs(&stretch), style)?;
            }
        }
    }
    for (points, color, width) in [
        (picture.control, HALO, 11),
        (picture.control, INK, 2),
        (picture.interrupted, BEFORE, 4),
        (&*picture.resumed, AFTER, 4),
    ] {
        for stretch in panel.stretches(points, &lr_axis, |point| Some(point.lr)) {
            if let [point] = stretch[..] {
                canvas.disc(point, width / 2, color.filled())?;
            }
            canvas.path(stretch, color.stroke_width(width as u32))?;
        }
    }
    Ok(())
}

/// The value holds until the next point says otherwise.
fn stairs(points: &[BackendCoord]) -> Vec<BackendCoord> {
    let corners = points.windows(2).flat_map(|pair| [pair[0], (pair[1].0, pair[0].1)]);
    corners.chain(points.last().copied()).collect()
}

/// `1024` where that is short enough to read, else `2^20`.
fn power_of_two(exponent: f64) -> String {
    if (0.0..=16.0).contains(&exponent) {
        format!("{}", exponent.exp2())
    } else {
        format!("2^{exponent}")
    }
}

fn left_title<DB: DrawingBackend>(canvas: &Canvas<DB>, panel: &Panel<'_>, text: &str) -> Drawn {
    let style = Style::new(SMALL, INK).anchor(HPos::Center).turned(FontTransform::Rotate270);
    let half = (text::width(text, SMALL as f32) * 0.56).min(200.0) as i32;
    // A title longer than its panel grows upwards, where the panel below has no title of its own.
    let middle = ((panel.top + panel.bottom) / 2).min(panel.bottom + 20 - half);
    canvas.text(text, (34, middle), 400, &style)
}

/// The line through both panels and its label above them.
fn kill<DB: DrawingBackend>(
    picture: &Picture<'_>,
    canvas: &Canvas<DB>,
    loss: &Panel<'_>,
    lr: &Panel<'_>,
) -> Drawn {
    let Some(mark) = &picture.kill else { return Ok(()) };
    let x = loss.x(mark.x);
    for panel in [loss, lr] {
        let ends = ((x, panel.top), (x, panel.bottom));
        canvas.dashes(ends.0, ends.1, (14.0, 8.0), INK.stroke_width(3))?;
    }
    let label = text::fit(&mark.label, SMALL as f32, 600.min(loss.right - LEFT - 64));
    let half = (text::width(&label, SMALL as f32) * 0.57) as i32 + 16;
    let center = x.clamp(LEFT + half, loss.right - half);
    canvas.rectangle((center - half, loss.top - 38), (center + half, loss.top), INK.filled())?;
    let style = Style::new(SMALL, WHITE).anchor(HPos::Center);
    canvas.text(&label, (center, loss.top - 19), 2 * half, &style)
}
