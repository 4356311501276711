//! Many resumes on one figure: what each lost component does to the curve.

use plotters::prelude::{DrawingBackend, IntoDrawingArea};
use plotters::style::{Color, WHITE};

use super::canvas::{Canvas, EDGE, FAILED, INK, QUIET, SMALL, Style, TITLE, refused};
use super::curves::Panel;
use super::draw::legend;
use super::zoom::{close_up, reach};
use super::{Drawing, Picture, PictureError, SIZE};

const COLUMNS: i32 = 4;
/// Room for a frame's title and its axes' labels, in pixels.
const ABOVE: i32 = 46;
const BELOW: i32 = 46;
const BESIDE: i32 = 78;

/// Small multiples: one frame a resume, the epochs around it enlarged.
#[derive(Debug, Clone)]
pub struct Gallery<'a> {
    /// Above everything.
    pub title: String,
    /// One for each resume, row by row.
    pub frames: Vec<Frame<'a>>,
}

/// One resume.
#[derive(Debug, Clone)]
pub struct Frame<'a> {
    /// Its curves. Title and verdict are not drawn.
    pub picture: Picture<'a>,
    /// What was lost.
    pub name: String,
    /// What the curve shows of it.
    pub caption: String,
    /// Whether a person sees it on the curve.
    pub visible: bool,
}

impl Gallery<'_> {
    /// The figure as an SVG document that scales with the width it is shown at.
    ///
    /// # Errors
    /// [`PictureError::Draw`].
    pub fn svg(&self) -> Result<String, PictureError> {
        self.to_svg(SIZE)
    }

    /// The figure as a PNG file of [`SIZE`] pixels. The same figure gives the same bytes.
    ///
    /// # Errors
    /// [`PictureError::Draw`], [`PictureError::Encode`].
    pub fn png(&self) -> Result<Vec<u8>, PictureError> {
        self.to_png()
    }
}

impl Drawing for Gallery<'_> {
    fn summary(&self) -> String {
        let frames = self.frames.iter().map(|frame| format!("{}: {}", frame.name, frame.caption));
        format!("{} ({})", self.title, frames.collect::<Vec<_>>().join("; "))
    }

    fn draw<DB: DrawingBackend>(&self, backend: DB) -> Result<(), PictureError> {
        let area = backend.into_drawing_area();
        area.fill(&WHITE).map_err(refused)?;
        let canvas = Canvas { area };
        let (width, height) = canvas.size();
        canvas.text(&self.title, (EDGE, 52), width - 2 * EDGE, &Style::new(TITLE, INK))?;
        let top = match self.frames.first() {
            Some(frame) => legend(&frame.picture, &canvas, 88)?,
            None => 112,
        };
        let rows = (self.frames.len() as i32 + COLUMNS - 1) / COLUMNS;
        let cell = ((width - EDGE) / COLUMNS, (height - top - 12) / rows.max(1));
        for (i, frame) in self.frames.iter().enumerate() {
            let (column, row) = (i as i32 % COLUMNS, i as i32 / COLUMNS);
            let corner = (column * cell.0 + EDGE / 2, top + row * cell.1);
            draw_frame(frame, &canvas, corner, cell)?;
        }
        canvas.area.present().map_err(refused)
    }
}

fn draw_frame<DB: DrawingBackend>(
    frame: &Frame<'_>,
    canvas: &Canvas<DB>,
    (left, top): (i32, i32),
    (width, height): (i32, i32),
) -> Result<(), PictureError> {
    let Some(band) = frame.picture.band else { return Ok(()) };
    let x = reach(band);
    let panel = Panel {
        left: left + BESIDE,
        right: left + width - 22,
        top: top + ABOVE,
        bottom: top + height - BELOW,
        x: &x,
        steps_per_epoch: frame.picture.steps_per_epoch,
    };
    let (start, y) = (left + BESIDE / 2, top + ABOVE / 2);
    let color = if frame.visible { FAILED } else { QUIET };
    canvas.disc((start, y), 8, color.filled())?;
    let text = format!("{}: {}", frame.name, frame.caption);
    canvas.text(&text, (start + 18, y), panel.right - start - 18, &Style::new(SMALL, color))?;
    close_up(&frame.picture, canvas, &panel)
}
