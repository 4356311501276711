//! The whole picture, from the title down.

use plotters::prelude::{DrawingBackend, IntoDrawingArea, RGBColor};
use plotters::style::{Color, WHITE};
use plotters_backend::BackendCoord;

use super::canvas::{
    AFTER, BAND, BEFORE, Canvas, EDGE, FAILED, INK, PASSED, QUIET, SMALL, Style, TITLE, VERDICT,
    plain, refused,
};
use super::curves::{Marker, any_off_scale, control_line, off_scale_mark};
use super::{NARROW, Picture, PictureError, panels, text};

/// How many components that did not come back fit, in two columns or in one.
const MOST_MISSING: usize = 12;
const MOST_MISSING_NARROW: usize = 5;

/// Draws onto a backend and presents it.
pub(super) fn draw<DB: DrawingBackend>(
    picture: &Picture<'_>,
    backend: DB,
) -> Result<(), PictureError> {
    let area = backend.into_drawing_area();
    area.fill(&WHITE).map_err(refused)?;
    let canvas = Canvas { area };
    let y = header(picture, &canvas)?;
    let y = legend(picture, &canvas, y)?;
    panels::draw(picture, &canvas, y)?;
    canvas.area.present().map_err(refused)
}

/// Title, verdict and the list of what did not come back; returns where the next thing may start.
fn header<DB: DrawingBackend>(
    picture: &Picture<'_>,
    canvas: &Canvas<DB>,
) -> Result<i32, PictureError> {
    let (width, _) = canvas.size();
    let room = width - 2 * EDGE;
    let is_narrow = width <= NARROW.0 as i32;
    canvas.text(&picture.title, (EDGE, 52), room, &Style::new(TITLE, INK))?;
    mark(picture.passed, canvas, (EDGE + 18, 108))?;
    let color = match picture.passed {
        Some(true) => PASSED,
        Some(false) => FAILED,
        None => QUIET,
    };
    canvas.text(&picture.verdict, (EDGE + 52, 108), room - 52, &Style::new(VERDICT, color))?;

    let most = if is_narrow { MOST_MISSING_NARROW } else { MOST_MISSING };
    let lines = shortened(&picture.missing, most, &picture.labels.more);
    let columns = if lines.len() > 3 && !is_narrow { 2 } else { 1 };
    let rows = lines.len().div_ceil(columns);
    let width = (room - 52) / columns as i32;
    for (i, line) in lines.iter().enumerate() {
        let x = EDGE + 52 + (i / rows) as i32 * width;
        let y = 154 + (i % rows) as i32 * 34;
        canvas.disc((x + 6, y), 5, FAILED.filled())?;
        canvas.text(line, (x + 24, y), width - 48, &Style::new(SMALL, INK))?;
    }
    Ok(148 + rows as i32 * 34)
}

/// The verdict as a shape, so that neither a font nor colour vision is needed to see it.
fn mark<DB: DrawingBackend>(
    passed: Option<bool>,
    canvas: &Canvas<DB>,
    (x, y): BackendCoord,
) -> Result<(), PictureError> {
    let (color, strokes): (_, &[&[BackendCoord]]) = match passed {
        Some(true) => (PASSED, &[&[(-9, 0), (-3, 7), (9, -8)]]),
        Some(false) => (FAILED, &[&[(-7, -7), (7, 7)], &[(-7, 7), (7, -7)]]),
        None => (QUIET, &[&[(-8, 0), (8, 0)]]),
    };
    canvas.disc((x, y), 19, color.filled())?;
    for stroke in strokes {
        let path = stroke.iter().map(|(dx, dy)| (x + dx, y + dy)).collect();
        canvas.path(path, WHITE.stroke_width(5))?;
    }
    Ok(())
}

fn shortened(lines: &[String], most: usize, more: &str) -> Vec<String> {
    if lines.len() <= most {
        return lines.to_vec();
    }
    let (shown, left) = lines.split_at(most - 1);
    let more = more.replace("{n}", &left.len().to_string());
    shown.iter().cloned().chain([more]).collect()
}

/// What each line means; returns where the panels may start.
pub(super) fn legend<DB: DrawingBackend>(
    picture: &Picture<'_>,
    canvas: &Canvas<DB>,
    y: i32,
) -> Result<i32, PictureError> {
    #[derive(Clone, Copy)]
    enum Sample {
        Control,
        Run(RGBColor, Marker),
        Band,
        OffScale,
    }
    let labels = &picture.labels;
    let before = Sample::Run(BEFORE, Marker::Round);
    let after = Sample::Run(AFTER, Marker::Diamond);
    let entries = [
        (true, Sample::Control, &labels.control),
        (true, before, &labels.before),
        (true, after, &labels.after),
        (picture.band.is_some(), Sample::Band, &labels.band),
        (any_off_scale(picture), Sample::OffScale, &labels.off_scale),
    ];
    let (whole, _) = canvas.size();
    let (mut x, mut y) = (EDGE, y + 18);
    for (_, sample, label) in entries.into_iter().filter(|(shown, ..)| *shown) {
        // A viewer's font may be wider than ours: an eighth is left for it.
        let room = (whole / 2).max(whole.min(800) - 2 * EDGE - 140);
        let label = text::fit(&plain(label), SMALL as f32, room);
        let width = 70 + (text::width(&label, SMALL as f32) * 1.125) as i32;
        if x > EDGE && x + width > whole - EDGE {
            (x, y) = (EDGE, y + 36);
        }
        let line = vec![(x, y), (x + 56, y)];
        match sample {
            Sample::Control => control_line(canvas, line)?,
            Sample::Run(color, marker) => {
                canvas.path(line, color.stroke_width(4))?;
                marker.draw(canvas, (x + 28, y), 9, color)?;
            }
            Sample::Band => {
                canvas.rectangle((x, y - 11), (x + 56, y + 11), BAND.mix(0.35).filled())?;
            }
            Sample::OffScale => off_scale_mark(canvas, (x + 28, y - 8), QUIET)?,
        }
        canvas.text(&label, (x + 68, y), width, &Style::new(SMALL, INK))?;
        x += width + 36;
    }
    Ok(y + 36)
}
