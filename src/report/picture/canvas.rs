//! What everything is drawn with: colours, sizes, and the few shapes and texts that a picture needs.
//!
//! Every coordinate is in pixels of the canvas. Texts hang on explicit anchors, because the width of a
//! text in an SVG is the viewer's business.

use plotters::coord::Shift;
use plotters::element::{Circle, Drawable, PathElement, PointCollection, Polygon, Rectangle, Text};
use plotters::prelude::{DrawingArea, DrawingBackend, RGBAColor, RGBColor};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontTransform, IntoFont, IntoTextStyle, ShapeStyle};
use plotters_backend::BackendCoord;

use super::raster::LINE_HEIGHT;
use super::{PictureError, text};

/// What drawing returns.
pub(super) type Drawn = Result<(), PictureError>;

// Okabe and Ito's palette, which colour-blind readers tell apart.
pub(super) const BEFORE: RGBColor = RGBColor(0, 114, 178);

pub(super) const AFTER: RGBColor = RGBColor(213, 94, 0);
pub(super) const BAND: RGBColor = RGBColor(0, 158, 115);
pub(super) const LOSS_SCALE: RGBColor = RGBColor(160, 82, 127);
pub(super) const PASSED: RGBColor = RGBColor(0, 128, 92);
pub(super) const FAILED: RGBColor = RGBColor(190, 38, 38);
pub(super) const INK: RGBColor = RGBColor(33, 37, 41);
pub(super) const QUIET: RGBColor = RGBColor(90, 98, 107);
pub(super) const GRID: RGBColor = RGBColor(228, 231, 235);
pub(super) const HALO: RGBColor = RGBColor(198, 204, 211);
/// The font size of axes, legend and list: 12 pixels when the picture is shown at 800.
pub(super) const SMALL: i32 = 24;

pub(super) const VERDICT: i32 = 32;
pub(super) const TITLE: i32 = 38;
pub(super) const LEFT: i32 = 150;
/// Room to the right of the panels.
const BESIDE: i32 = 150;
pub(super) const EDGE: i32 = 48;
/// The text on one line, without the characters that XML forbids.
pub(super) fn plain(text: &str) -> String {
    text.replace(|c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'), " ")
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
    /// Width and height in pixels.
    pub fn size(&self) -> (i32, i32) {
        let (width, height) = self.area.dim_in_pixel();
        (width as i32, height as i32)
    }

    /// Where the panels end.
    pub fn right(&self) -> i32 {
        self.size().0 - BESIDE
    }

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
