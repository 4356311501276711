//! The picture of one judgement: the three curves, the kill, and the verdict, as SVG and as PNG.
//!
//! One routine draws both ([`draw`]). The SVG holds text and asks for the viewer's fonts; the PNG
//! is drawn with a bundled font, so that it is the same on every machine.

pub(in crate::report) mod axis;
mod canvas;
mod curves;
mod draw;
pub mod gallery;
mod panels;
mod raster;
#[cfg(test)]
mod tests;
mod text;
mod zoom;

use std::borrow::Cow;

use plotters::backend::SVGBackend;
use plotters::prelude::DrawingBackend;

use crate::recording::Point;
pub use text::has_glyph;

/// Width and height of the picture in pixels. It is made to be read at half that size.
pub const SIZE: (u32, u32) = (1600, 1000);

/// Width and height of the picture for a phone, where the other one could not be read.
pub const NARROW: (u32, u32) = (720, 1200);

/// What to draw. Every text is in the reader's language already.
#[derive(Debug, Clone)]
pub struct Picture<'a> {
    /// Above everything, for example the trainer's name.
    pub title: String,
    /// The curve of the control run.
    pub control: &'a [Point],
    /// The curve of the interrupted run, up to the kill.
    pub interrupted: &'a [Point],
    /// The curve of the resumed run.
    pub resumed: Cow<'a, [Point]>,
    /// Updates an epoch: a point lies at `step / steps_per_epoch` epochs.
    pub steps_per_epoch: f64,
    /// The horizontal axis runs from 0 to this.
    pub epochs: u64,
    /// Where the SIGKILL landed.
    pub kill: Option<KillMark>,
    /// The control's own change at the resume.
    pub band: Option<Band>,
    /// The verdict, a short sentence.
    pub verdict: String,
    /// Whether it is a pass; `None`: not judged.
    pub passed: Option<bool>,
    /// What did not come back, a line each: `optimizer: cold (never restored)`.
    pub missing: Vec<String>,
    /// Every other text.
    pub labels: Labels,
}

/// Where the kill landed.
#[derive(Debug, Clone, PartialEq)]
pub struct KillMark {
    /// In epochs.
    pub x: f64,
    /// For example `SIGKILL`.
    pub label: String,
}

/// A shaded ribbon around the control's curve: what lies inside is no jump.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Where it begins, in epochs.
    pub from: f64,
    /// Where it ends, in epochs.
    pub to: f64,
    /// How far it reaches to either side of the control's curve, in units of the loss.
    pub half: f64,
}

/// The texts that are the same in every picture of one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// Title of the upper vertical axis: validation loss.
    pub val_loss: String,
    /// Put behind it, in brackets, where that axis is logarithmic: log scale.
    pub log_scale: String,
    /// Title of the horizontal axis: epoch.
    pub epoch: String,
    /// Title of the lower left axis: learning rate.
    pub lr: String,
    /// Title of the lower right axis: loss scale.
    pub loss_scale: String,
    /// Legend: the control run.
    pub control: String,
    /// Legend: the interrupted run, before the kill.
    pub before: String,
    /// Legend: the resumed run, after the resume.
    pub after: String,
    /// Legend: the band.
    pub band: String,
    /// Above the enlarged part: around the resume.
    pub zoom: String,
    /// Legend, where such a point exists: a loss that is not finite or off the scale.
    pub off_scale: String,
    /// The last line of a list too long to show, with `{n}` for how many are left: and {n} more.
    pub more: String,
}

/// Why a picture could not be drawn.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// plotters refused.
    #[error("cannot draw the picture: {0}")]
    Draw(String),
    /// The PNG encoder refused.
    #[error("cannot encode the picture as PNG: {0}")]
    Encode(#[from] png::EncodingError),
}

/// What can be drawn, once for both formats.
trait Drawing {
    /// For a reader who sees nothing.
    fn summary(&self) -> String;

    /// Draws onto a backend and presents it.
    fn draw<DB: DrawingBackend>(&self, backend: DB) -> Result<(), PictureError>;

    /// The drawing as an SVG document that scales with the width it is shown at.
    fn to_svg(&self, size: (u32, u32)) -> Result<String, PictureError> {
        let mut svg = String::new();
        self.draw(SVGBackend::with_string(&mut svg, size))?;
        // plotters writes `<svg width height viewBox xmlns>`; a reader who sees nothing needs a
        // title, and a page narrower than the picture needs it to shrink.
        let summary = escape(&canvas::plain(&self.summary()));
        let attributes = r#" role="img" style="max-width:100%;height:auto""#;
        if let Some(end) = svg.find('>') {
            svg.insert_str(end + 1, &format!("\n<title>{summary}</title>"));
            svg.insert_str(end, attributes);
        }
        Ok(svg)
    }

    /// The drawing as a PNG file of [`SIZE`] pixels. The same drawing gives the same bytes.
    fn to_png(&self) -> Result<Vec<u8>, PictureError> {
        let mut pixels = raster::Pixels::new(SIZE);
        self.draw(pixels.backend())?;
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, SIZE.0, SIZE.1);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::Balanced);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&pixels.finish())?;
        writer.finish()?;
        Ok(file)
    }
}

impl Drawing for Picture<'_> {
    fn summary(&self) -> String {
        format!("{}: {}", self.title, self.verdict)
    }

    fn draw<DB: DrawingBackend>(&self, backend: DB) -> Result<(), PictureError> {
        draw::draw(self, backend)
    }
}

impl Picture<'_> {
    /// The picture as an SVG document that scales with the width it is shown at.
    ///
    /// # Errors
    /// [`PictureError::Draw`].
    pub fn svg(&self) -> Result<String, PictureError> {
        self.to_svg(SIZE)
    }

    /// The same at [`NARROW`] pixels: no enlarged part, and the list of what is missing cut earlier.
    ///
    /// # Errors
    /// [`PictureError::Draw`].
    pub fn narrow_svg(&self) -> Result<String, PictureError> {
        self.to_svg(NARROW)
    }

    /// The picture as a PNG file of [`SIZE`] pixels. The same picture gives the same bytes.
    ///
    /// # Errors
    /// [`PictureError::Draw`], [`PictureError::Encode`].
    pub fn png(&self) -> Result<Vec<u8>, PictureError> {
        self.to_png()
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
