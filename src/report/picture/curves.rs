//! The three curves of a picture, in a panel of any size.

use plotters::prelude::{DrawingBackend, RGBColor};
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, WHITE};
use plotters_backend::BackendCoord;

use super::Picture;
use super::axis::Axis;
use super::canvas::{
    AFTER, BAND, BEFORE, Canvas, Drawn, GRID, HALO, INK, LEFT, QUIET, SMALL, Style,
};
use crate::recording::Point;

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
    pub fn stretches(
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
    let mut points =
        [picture.control, picture.interrupted, &*picture.resumed].into_iter().flatten();
    points.any(|point| !on_scale(point, &axis))
}

pub(super) fn on_scale(point: &Point, axis: &Axis) -> bool {
    point.val_loss.is_some_and(|loss| axis.place(loss).is_some())
}

pub(super) fn loss_axis(picture: &Picture<'_>) -> Axis {
    let losses = |points: &[Point]| points.iter().filter_map(|p| p.val_loss).collect::<Vec<_>>();
    let runs = [losses(picture.interrupted), losses(&picture.resumed)].concat();
    Axis::for_losses(losses(picture.control), runs)
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
        [(picture.interrupted, BEFORE, Marker::Round), (&*picture.resumed, AFTER, Marker::Diamond)];
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
    for (points, color) in [control, (picture.interrupted, BEFORE), (&*picture.resumed, AFTER)] {
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
