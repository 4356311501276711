//! The resume, enlarged: on a curve that falls from 2 to 0.2, a jump of 0.05 is a hair.

use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::HPos;
use plotters::style::{Color, WHITE};

use super::axis::Axis;
use super::canvas::{Canvas, Drawn, GRID, INK, QUIET, SMALL, Style};
use super::curves::{Panel, curves, left_axis, on_scale};
use super::{Band, Picture};
use crate::recording::Point;

/// Epochs shown before and after the resume.
const BEFORE: f64 = 0.5;
const AFTER: f64 = 1.0;

/// A panel that is narrower than this, in pixels, has no room for it.
const NARROWEST: i32 = 800;

/// Draws the epochs around the resume once more into the upper right corner of the panel, where
/// nothing is in the way there.
pub(super) fn zoom<DB: DrawingBackend>(
    picture: &Picture<'_>,
    canvas: &Canvas<DB>,
    panel: &Panel<'_>,
    axis: &Axis,
) -> Drawn {
    let Some(band) = picture.band else { return Ok(()) };
    let x = reach(band);
    let width = panel.right - panel.left;
    if width < NARROWEST {
        return Ok(());
    }
    let frame = Panel {
        left: panel.left + width * 59 / 100,
        right: panel.right - 24,
        top: panel.top + 58,
        bottom: panel.top + (panel.bottom - panel.top) * 66 / 100,
        x: &x,
        steps_per_epoch: panel.steps_per_epoch,
    };
    // Axis labels and titles stand outside of the frame.
    let (left, below) = (frame.left - 110, frame.bottom + 50);
    let runs = [picture.control, picture.interrupted, &*picture.resumed];
    let in_the_way = |point: &Point| {
        let loss = point.val_loss.filter(|_| on_scale(point, axis));
        panel.x_of(point) > left && loss.is_none_or(|loss| panel.y(axis, loss) < below)
    };
    // The band's upper edge, wherever it stands beside the frame.
    let band_in_the_way = |point: &Point| {
        let at = point.step as f64 / panel.steps_per_epoch;
        let edge = point.val_loss.map(|loss| panel.y(axis, loss + band.half));
        (band.from..=band.to).contains(&at)
            && panel.x_of(point) > left
            && edge.is_some_and(|edge| edge < below)
    };
    let kill_in_the_way = picture.kill.as_ref().is_some_and(|kill| panel.x(kill.x) > left);
    if panel.x(band.from) > left
        || kill_in_the_way
        || picture.control.iter().any(band_in_the_way)
        || runs.into_iter().flatten().any(in_the_way)
    {
        return Ok(());
    }

    canvas.rectangle((left, panel.top - 2), (panel.right + 2, below), WHITE.filled())?;
    let middle = (frame.left + frame.right) / 2;
    let style = Style::new(SMALL, INK).anchor(HPos::Center);
    canvas.text(&picture.labels.zoom, (middle, frame.top - 26), frame.right - left, &style)?;
    close_up(picture, canvas, &frame)
}

/// The part of a resume that is worth enlarging, in epochs.
pub(super) fn reach(band: Band) -> Axis {
    Axis::linear((band.from - BEFORE).max(0.0), band.from + AFTER)
}

/// Draws what lies on the frame's horizontal axis, on a vertical axis of its own.
pub(super) fn close_up<DB: DrawingBackend>(
    picture: &Picture<'_>,
    canvas: &Canvas<DB>,
    frame: &Panel<'_>,
) -> Drawn {
    let x = frame.x;
    let near = |points: &[Point]| -> Vec<Point> {
        points.iter().filter(|point| frame.holds(point)).copied().collect()
    };
    let runs = [picture.control, picture.interrupted, &*picture.resumed];
    let [control, interrupted, resumed] = runs.map(near);
    let losses =
        [&control, &interrupted, &resumed].into_iter().flatten().filter_map(|p| p.val_loss);
    let y = Axis::around(losses);
    let enlarged = Picture {
        control: &control,
        interrupted: &interrupted,
        resumed: resumed.into(),
        ..picture.clone()
    };
    left_axis(canvas, frame, &y, 4)?;
    for (epoch, text) in x.ticks(4) {
        let at = frame.x(epoch);
        canvas.path(vec![(at, frame.top), (at, frame.bottom)], GRID.stroke_width(2))?;
        let style = Style::new(SMALL, QUIET).anchor(HPos::Center);
        canvas.text(&text, (at, frame.bottom + 24), 120, &style)?;
    }
    curves(&enlarged, canvas, frame, &y)?;
    if let Some(kill) = picture.kill.as_ref().filter(|kill| x.place(kill.x).is_some()) {
        let at = frame.x(kill.x);
        canvas.dashes((at, frame.top), (at, frame.bottom), (14.0, 8.0), INK.stroke_width(3))?;
    }
    Ok(())
}
