//! The drawing routine, for any plotters backend.
//!
//! Every coordinate is in pixels of [`SIZE`]. Texts hang on explicit anchors, because the width of a
//! text in an SVG is the viewer's business.

use plotters::coord::Shift;
use plotters::element::{Circle, Drawable, PathElement, PointCollection, Polygon, Rectangle, Text};
use plotters::prelude::{DrawingArea, DrawingBackend, IntoDrawingArea, RGBAColor, RGBColor};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontTransform, IntoFont, IntoTextStyle, ShapeStyle, WHITE};
use plotters_backend::BackendCoord;

use super::panels;
use super::raster::LINE_HEIGHT;
use super::{Picture, PictureError, SIZE, text};

// Okabe and Ito's palette, which colour-blind readers tell apart.
pub(super) const BEFORE: RGBColor = RGBColor(0, 114, 178);
pub(super) const AFTER: RGBColor = RGBColor(213, 94, 0);
pub(super) const BAND: RGBColor = RGBColor(0, 158, 115);
pub(super) const LOSS_SCALE: RGBColor = RGBColor(160, 82, 127);
const PASSED: RGBColor = RGBColor(0, 128, 92);
pub(super) const FAILED: RGBColor = RGBColor(190, 38, 38);

pub(super) const INK: RGBColor = RGBColor(33, 37, 41);
pub(super) const QUIET: RGBColor = RGBColor(90, 98, 107);
pub(super) const GRID: RGBColor = RGBColor(228, 231, 235);
pub(super) const HALO: RGBColor = RGBColor(198, 204, 211);

/// The font size of axes, legend and list: 12 pixels when the picture is shown at 800.
pub(super) const SMALL: i32 = 24;
const VERDICT: i32 = 32;
pub(super) const TITLE: i32 = 38;

pub(super) const LEFT: i32 = 150;
pub(super) const RIGHT: i32 = SIZE.0 as i32 - 150;
pub(super) const EDGE: i32 = 48;

/// How many components that did not come back fit.
const MOST_MISSING: usize = 12;

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

/// The text on one line, without the characters that XML forbids.
pub(super) fn plain(text: &str) -> String {
    text.replace(|c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'), " ")
}

/// Title, verdict and the list of what did not come back; returns where the next thing may start.
fn header<DB: DrawingBackend>(
    picture: &Picture<'_>,
    canvas: &Canvas<DB>,
) -> Result<i32, PictureError> {
    let room = SIZE.0 as i32 - 2 * EDGE;
    canvas.text(&picture.title, (EDGE, 52), room, &Style::new(TITLE, INK))?;
    mark(picture.passed, canvas, (EDGE + 18, 108))?;
    let color = match picture.passed {
        Some(true) => PASSED,
        Some(false) => FAILED,
        None => QUIET,
    };
    canvas.text(&picture.verdict, (EDGE + 52, 108), room - 52, &Style::new(VERDICT, color))?;

    let lines = shortened(&picture.missing, &picture.labels.more);
    let columns = if lines.len() > 3 { 2 } else { 1 };
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

fn shortened(lines: &[String], more: &str) -> Vec<String> {
    if lines.len() <= MOST_MISSING {
        return lines.to_vec();
    }
    let (shown, left) = lines.split_at(MOST_MISSING - 1);
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
        Run(RGBColor, panels::Marker),
        Band,
        OffScale,
    }
    let labels = &picture.labels;
    let before = Sample::Run(BEFORE, panels::Marker::Round);
    let after = Sample::Run(AFTER, panels::Marker::Diamond);
    let entries = [
        (true, Sample::Control, &labels.control),
        (true, before, &labels.before),
        (true, after, &labels.after),
        (picture.band.is_some(), Sample::Band, &labels.band),
        (panels::any_off_scale(picture), Sample::OffScale, &labels.off_scale),
    ];
    let (mut x, mut y) = (EDGE, y + 18);
    for (_, sample, label) in entries.into_iter().filter(|(shown, ..)| *shown) {
        // A viewer's font may be wider than ours: an eighth is left for it.
        let label = text::fit(&plain(label), SMALL as f32, SIZE.0 as i32 / 2);
        let width = 70 + (text::width(&label, SMALL as f32) * 1.125) as i32;
        if x > EDGE && x + width > SIZE.0 as i32 - EDGE {
            (x, y) = (EDGE, y + 36);
        }
        let line = vec![(x, y), (x + 56, y)];
        match sample {
            Sample::Control => panels::control_line(canvas, line)?,
            Sample::Run(color, marker) => {
                canvas.path(line, color.stroke_width(4))?;
                marker.draw(canvas, (x + 28, y), 9, color)?;
            }
            Sample::Band => {
                canvas.rectangle((x, y - 11), (x + 56, y + 11), BAND.mix(0.35).filled())?;
            }
            Sample::OffScale => panels::off_scale_mark(canvas, (x + 28, y - 8), QUIET)?,
        }
        canvas.text(&label, (x + 68, y), width, &Style::new(SMALL, INK))?;
        x += width + 36;
    }
    Ok(y + 36)
}

/// How a text looks and which of its points is put where it belongs. Vertically that is its middle.
#[derive(Clone)]
pub(super) struct Style {
    pub em: i32,
    pub color: RGBColor,
    pub anchor: HPos,
    pub turned: FontTransform,
}

impl Style {
    pub fn new(em: i32, color: RGBColor) -> Self {
        Self { em, color, anchor: HPos::Left, turned: FontTransform::None }
    }

    pub fn anchor(self, anchor: HPos) -> Self {
        Self { anchor, ..self }
    }

    /// Read from the bottom up, or from the top down.
    pub fn turned(self, turned: FontTransform) -> Self {
        Self { turned, ..self }
    }
}

/// plotters' drawing area in plain pixels, with the few shapes that the picture is made of.
pub(super) struct Canvas<DB: DrawingBackend> {
    pub area: DrawingArea<DB, Shift>,
}

impl<DB: DrawingBackend> Canvas<DB> {
    /// Draws a text, cut with an ellipsis to `room` pixels.
    pub fn text(
        &self,
        text: &str,
        (x, y): BackendCoord,
        room: i32,
        style: &Style,
    ) -> Result<(), PictureError> {
        let text = text::fit(&plain(text), style.em as f32, room);
        if text.is_empty() {
            return Ok(());
        }
        // Backends centre on the x-height; capitals, digits and Hangul are taller than that.
        let lower = style.em / 12;
        let at = match style.turned {
            FontTransform::Rotate90 => (x - lower, y),
            FontTransform::Rotate270 => (x + lower, y),
            _ => (x, y + lower),
        };
        let font = (text::FAMILY, f64::from(style.em) * LINE_HEIGHT).into_font();
        let look = font
            .into_text_style(&self.area)
            .transform(style.turned.clone())
            .color(&style.color)
            .pos(Pos::new(style.anchor, VPos::Center));
        self.draw(&Text::new(text, at, look))
    }

    pub fn path(&self, points: Vec<BackendCoord>, style: ShapeStyle) -> Result<(), PictureError> {
        if points.len() < 2 {
            return Ok(());
        }
        self.draw(&PathElement::new(points, style))
    }

    /// A straight line in dashes. `from` is above or left of `to`, or it is all one dash.
    pub fn dashes(
        &self,
        from: BackendCoord,
        to: BackendCoord,
        (dash, gap): (f64, f64),
        style: ShapeStyle,
    ) -> Result<(), PictureError> {
        let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
        let length = dx.hypot(dy);
        let at = |way: f64| {
            let part = (way / length).min(1.0);
            (from.0 + (dx * part).round() as i32, from.1 + (dy * part).round() as i32)
        };
        let mut way = 0.0;
        while way < length {
            self.path(vec![at(way), at(way + dash)], style)?;
            way += dash + gap;
        }
        Ok(())
    }

    pub fn disc(
        &self,
        center: BackendCoord,
        radius: i32,
        style: ShapeStyle,
    ) -> Result<(), PictureError> {
        self.draw(&Circle::new(center, radius, style))
    }

    pub fn rectangle(
        &self,
        corner: BackendCoord,
        opposite: BackendCoord,
        style: ShapeStyle,
    ) -> Result<(), PictureError> {
        self.draw(&Rectangle::new([corner, opposite], style))
    }

    pub fn polygon(&self, points: Vec<BackendCoord>, color: RGBAColor) -> Result<(), PictureError> {
        self.draw(&Polygon::new(points, color))
    }

    fn draw<E>(&self, element: &E) -> Result<(), PictureError>
    where
        for<'e> &'e E: PointCollection<'e, BackendCoord>,
        E: Drawable<DB>,
    {
        self.area.draw(element).map_err(refused)
    }
}

pub(super) fn refused(error: impl std::fmt::Display) -> PictureError {
    PictureError::Draw(error.to_string())
}
