//! The two panels: validation loss above, learning rate and loss scale below.

use plotters::prelude::{DrawingBackend, RGBColor};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, FontTransform, WHITE};
use plotters_backend::BackendCoord;

use super::axis::Axis;
use super::draw::{
    AFTER, BAND, BEFORE, Canvas, GRID, HALO, INK, LEFT, LOSS_SCALE, QUIET, RIGHT, SMALL, Style,
};
use super::text;
use super::zoom::zoom;
use super::{Picture, PictureError};
use crate::recording::Point;

/// Where the upper panel ends, and where the lower one starts and ends.
const LOSS_BOTTOM: i32 = 712;
const LR_TOP: i32 = 748;
const LR_BOTTOM: i32 = 900;

pub(super) type Drawn = Result<(), PictureError>;

/// A rectangle with a horizontal axis and its ticks.
pub(super) struct Panel<'a> {
    pub left: i32,
    pub right: i32,
    pub top: i32,
    pub bottom: i32,
    pub x: &'a Axis,
    pub steps_per_epoch: f64,
}

impl Panel<'_> {
    pub fn x(&self, epochs: f64) -> i32 {
        let width = f64::from(self.right - self.left);
        self.left + (self.x.place_clamped(epochs) * width).round() as i32
    }

    pub fn y(&self, axis: &Axis, value: f64) -> i32 {
        self.bottom - (axis.place_clamped(value) * f64::from(self.bottom - self.top)).round() as i32
    }

    pub fn x_of(&self, point: &Point) -> i32 {
        self.x(point.step as f64 / self.steps_per_epoch)
    }

    /// Whether the point lies on the horizontal axis: a run that repeats epochs goes beyond its end.
    pub fn holds(&self, point: &Point) -> bool {
        self.x.place(point.step as f64 / self.steps_per_epoch).is_some()
    }

    /// The points as unbroken stretches: one that has no value, or none on the axis, breaks the line.
    fn stretches(
        &self,
        points: &[Point],
        axis: &Axis,
        value: impl Fn(&Point) -> Option<f64>,
    ) -> Vec<Vec<BackendCoord>> {
        let outside = |point: &Point| {
            !self.holds(point) || value(point).is_none_or(|v| axis.place(v).is_none())
        };
        points
            .split(outside)
            .map(|stretch| {
                let at = |p: &Point| value(p).map(|v| (self.x_of(p), self.y(axis, v)));
                stretch.iter().filter_map(at).collect()
            })
            .collect()
    }
}

/// The shape that ends an epoch, different for each run so that colour is not all that differs.
#[derive(Debug, Clone, Copy)]
pub(super) enum Marker {
    Round,
    Diamond,
}

impl Marker {
    pub fn draw<DB: DrawingBackend>(
        self,
        canvas: &Canvas<DB>,
        (x, y): BackendCoord,
        size: i32,
        color: RGBColor,
    ) -> Drawn {
        for (size, color) in [(size + 2, WHITE), (size, color)] {
            match self {
                Marker::Round => canvas.disc((x, y), size, color.filled())?,
                Marker::Diamond => {
                    let size = size + 2;
                    let corners = vec![(x, y - size), (x + size, y), (x, y + size), (x - size, y)];
                    canvas.polygon(corners, color.to_rgba())?;
                }
            }
        }
        Ok(())
    }
}

/// The control: a thin dark line in a wide light one, which stays in sight beside a run that covers
/// the dark one exactly.
pub(super) fn control_line<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    points: Vec<BackendCoord>,
) -> Drawn {
    canvas.path(points.clone(), HALO.stroke_width(11))?;
    canvas.path(points, INK.stroke_width(2))
}

/// A triangle that points up, its tip on the point.
pub(super) fn off_scale_mark<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    (x, y): BackendCoord,
    color: RGBColor,
) -> Drawn {
    canvas.polygon(vec![(x, y), (x + 10, y + 17), (x - 10, y + 17)], color.to_rgba())
}

/// Whether some loss is not finite or too large to show.
pub(super) fn any_off_scale(picture: &Picture<'_>) -> bool {
    let axis = loss_axis(picture);
    let mut points = [picture.control, picture.interrupted, picture.resumed].into_iter().flatten();
    points.any(|point| !on_scale(point, &axis))
}

fn on_scale(point: &Point, axis: &Axis) -> bool {
    point.val_loss.is_some_and(|loss| axis.place(loss).is_some())
}

fn loss_axis(picture: &Picture<'_>) -> Axis {
    let losses = |points: &[Point]| points.iter().filter_map(|p| p.val_loss).collect::<Vec<_>>();
    let runs = [losses(picture.interrupted), losses(picture.resumed)].concat();
    Axis::for_losses(losses(picture.control), runs)
}

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
    let panel =
        |top, bottom| Panel { left: LEFT, right: RIGHT, top, bottom, x: &x, steps_per_epoch };
    let loss = panel(top + kill_room, LOSS_BOTTOM);
    let lr = panel(LR_TOP, LR_BOTTOM);

    for panel in [&loss, &lr] {
        for (epoch, _) in x.whole_ticks(20) {
            let x = panel.x(epoch);
            canvas.path(vec![(x, panel.top), (x, panel.bottom)], GRID.stroke_width(2))?;
        }
    }
    for (epoch, text) in x.whole_ticks(20) {
        let style = Style::new(SMALL, QUIET).anchor(HPos::Center);
        canvas.text(&text, (lr.x(epoch), LR_BOTTOM + 26), 120, &style)?;
    }
    let style = Style::new(SMALL, INK).anchor(HPos::Center);
    canvas.text(
        &picture.labels.epoch,
        ((LEFT + RIGHT) / 2, LR_BOTTOM + 66),
        RIGHT - LEFT,
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

/// The three curves with every point, the band, and what is off the scale.
pub(super) fn curves<DB: DrawingBackend>(
    picture: &Picture<'_>,
    canvas: &Canvas<DB>,
    panel: &Panel<'_>,
    axis: &Axis,
) -> Drawn {
    let value = |point: &Point| point.val_loss;
    band(picture, canvas, panel, axis)?;
    for stretch in panel.stretches(picture.control, axis, value) {
        if let [point] = stretch[..] {
            canvas.disc(point, 5, HALO.filled())?;
        }
        control_line(canvas, stretch)?;
    }
    bridge(picture, canvas, panel, axis)?;
    // Dots that touch would hide the control's line beneath them.
    let spacing = (panel.right - panel.left) / picture.control.len().max(1) as i32;
    let radius = (spacing / 2).clamp(3, 5);
    let runs =
        [(picture.interrupted, BEFORE, Marker::Round), (picture.resumed, AFTER, Marker::Diamond)];
    for (points, color, marker) in runs {
        for stretch in panel.stretches(points, axis, value) {
            canvas.path(stretch, color.stroke_width(4))?;
        }
        for point in points.iter().filter(|point| panel.holds(point)) {
            let Some(loss) = point.val_loss.filter(|_| on_scale(point, axis)) else { continue };
            let at = (panel.x_of(point), panel.y(axis, loss));
            match point.epoch_end {
                true => marker.draw(canvas, at, 8, color)?,
                false => canvas.disc(at, radius, color.filled())?,
            }
        }
    }
    let control = (picture.control, QUIET);
    for (points, color) in [control, (picture.interrupted, BEFORE), (picture.resumed, AFTER)] {
        for point in points.iter().filter(|point| !on_scale(point, axis)) {
            off_scale_mark(canvas, (panel.x_of(point), panel.top + 4), color)?;
        }
    }
    Ok(())
}

/// A ribbon around the control's curve: what lies inside is no jump.
fn band<DB: DrawingBackend>(
    picture: &Picture<'_>,
    canvas: &Canvas<DB>,
    panel: &Panel<'_>,
    axis: &Axis,
) -> Drawn {
    let Some(band) = picture.band else { return Ok(()) };
    let inside = |point: &&Point| {
        let at = point.step as f64 / panel.steps_per_epoch;
        (band.from - 1e-9..=band.to + 1e-9).contains(&at)
    };
    // A quiet control's band would hide behind its line.
    let edge = |point: &Point, half: f64, least: i32| {
        let loss = point.val_loss?;
        let (centre, edge) = (panel.y(axis, loss), panel.y(axis, loss + half));
        let away = if half > 0.0 { edge.min(centre - least) } else { edge.max(centre + least) };
        Some((panel.x_of(point), away.clamp(panel.top, panel.bottom)))
    };
    let points: Vec<&Point> = picture.control.iter().filter(inside).collect();
    let upper = points.iter().filter_map(|point| edge(point, band.half, 8));
    let lower = points.iter().rev().filter_map(|point| edge(point, -band.half, 8));
    canvas.polygon(upper.chain(lower).collect(), BAND.mix(0.35))
}

/// A dotted line from the last point that the resumed run builds on to its first: the jump.
fn bridge<DB: DrawingBackend>(
    picture: &Picture<'_>,
    canvas: &Canvas<DB>,
    panel: &Panel<'_>,
    axis: &Axis,
) -> Drawn {
    let Some(first) = picture.resumed.first() else { return Ok(()) };
    let Some(last) = picture.interrupted.iter().rfind(|p| p.step < first.step) else {
        return Ok(());
    };
    let ends = [last, first].map(|point| {
        let loss = point.val_loss.filter(|_| on_scale(point, axis))?;
        Some((panel.x_of(point), panel.y(axis, loss)))
    });
    match ends {
        [Some(from), Some(to)] => canvas.dashes(from, to, (7.0, 7.0), AFTER.stroke_width(3)),
        _ => Ok(()),
    }
}

fn lr_panel<DB: DrawingBackend>(
    picture: &Picture<'_>,
    canvas: &Canvas<DB>,
    panel: &Panel<'_>,
) -> Drawn {
    let runs = [picture.control, picture.interrupted, picture.resumed];
    let points = || runs.into_iter().flatten();
    let lr_axis = Axis::from_zero(points().map(|point| point.lr));
    left_axis(canvas, panel, &lr_axis, 3)?;
    left_title(canvas, panel, &picture.labels.lr)?;

    if let Some(axis) = Axis::powers_of_two(points().filter_map(|point| point.loss_scale)) {
        for (exponent, _) in axis.whole_ticks(4) {
            let y = panel.y(&axis, exponent);
            let style = Style::new(SMALL, LOSS_SCALE);
            canvas.text(&power_of_two(exponent), (RIGHT + 14, y), 90, &style)?;
        }
        let middle = (panel.top + panel.bottom) / 2;
        let style = Style::new(SMALL, LOSS_SCALE).anchor(HPos::Center);
        let style = style.turned(FontTransform::Rotate90);
        canvas.text(&picture.labels.loss_scale, (RIGHT + 116, middle), 220, &style)?;

        let exponent = |p: &Point| p.loss_scale.filter(|scale| *scale > 0.0).map(f64::log2);
        for (points, style) in [
            (picture.control, HALO.stroke_width(7)),
            (picture.interrupted, LOSS_SCALE.stroke_width(3)),
            (picture.resumed, LOSS_SCALE.stroke_width(3)),
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
        (picture.resumed, AFTER, 4),
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

pub(super) fn left_axis<DB: DrawingBackend>(
    canvas: &Canvas<DB>,
    panel: &Panel<'_>,
    axis: &Axis,
    most: usize,
) -> Drawn {
    for (value, text) in axis.ticks(most) {
        let y = panel.y(axis, value);
        canvas.path(vec![(panel.left, y), (panel.right, y)], GRID.stroke_width(2))?;
        let style = Style::new(SMALL, QUIET).anchor(HPos::Right);
        canvas.text(&text, (panel.left - 14, y), LEFT - 60, &style)?;
    }
    canvas
        .path(vec![(panel.left, panel.top), (panel.left, panel.bottom)], QUIET.stroke_width(2))?;
    canvas
        .path(vec![(panel.left, panel.bottom), (panel.right, panel.bottom)], QUIET.stroke_width(2))
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
    let label = text::fit(&mark.label, SMALL as f32, 600);
    let half = (text::width(&label, SMALL as f32) * 0.57) as i32 + 16;
    let center = x.clamp(LEFT + half, RIGHT - half);
    canvas.rectangle((center - half, loss.top - 38), (center + half, loss.top), INK.filled())?;
    let style = Style::new(SMALL, WHITE).anchor(HPos::Center);
    canvas.text(&label, (center, loss.top - 19), 2 * half, &style)
}
