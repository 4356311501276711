//! A plotters backend that draws at twice the size into memory, with our own text, and averages.
//!
//! Averaging four pixels into one smooths what plotters leaves jagged: the edges of thick lines.

use plotters::backend::{BitMapBackend, DrawingBackend};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind,
};

use super::text;

/// How many pixels are drawn, each way, for one that is kept.
const SCALE: i32 = 2;

/// plotters' font sizes are line heights; this many of them make an em, in its SVG backend too.
pub(super) const LINE_HEIGHT: f64 = 1.24;

/// Noto Sans's x-height in ems. SVG centres text on it.
const X_HEIGHT: f32 = 0.543;

/// RGB, 8 bits a channel, row by row.
pub(super) struct Pixels {
    size: (u32, u32),
    large: Vec<u8>,
}

impl Pixels {
    /// Black pixels, `size` of them to keep.
    pub fn new(size: (u32, u32)) -> Self {
        let (width, height) = (size.0 * SCALE as u32, size.1 * SCALE as u32);
        Self { size, large: vec![0; (width * height * 3) as usize] }
    }

    /// A backend that draws into the pixels.
    pub fn backend(&mut self) -> Raster<'_> {
        let large = (self.size.0 * SCALE as u32, self.size.1 * SCALE as u32);
        Raster { size: self.size, bitmap: BitMapBackend::with_buffer(&mut self.large, large) }
    }

    /// The average of each square of drawn pixels.
    pub fn finish(self) -> Vec<u8> {
        let row = (self.size.0 * 3 * SCALE as u32) as usize;
        let mut kept = Vec::with_capacity(self.large.len() / (SCALE * SCALE) as usize);
        for rows in self.large.chunks_exact(row * SCALE as usize) {
            let (above, below) = rows.split_at(row);
            for (a, b) in above.chunks_exact(6).zip(below.chunks_exact(6)) {
                for i in 0..3 {
                    let sum = [a[i], a[i + 3], b[i], b[i + 3]].map(u16::from).iter().sum::<u16>();
                    kept.push(((sum + 2) / 4) as u8);
                }
            }
        }
        kept
    }
}

/// See [`Pixels::backend`].
pub(super) struct Raster<'a> {
    size: (u32, u32),
    bitmap: BitMapBackend<'a>,
}

type Drawn<'a> = Result<(), DrawingErrorKind<<BitMapBackend<'a> as DrawingBackend>::ErrorType>>;

struct Scaled<'s, S>(&'s S);

impl<S: BackendStyle> BackendStyle for Scaled<'_, S> {
    fn color(&self) -> BackendColor {
        self.0.color()
    }

    fn stroke_width(&self) -> u32 {
        self.0.stroke_width() * SCALE as u32
    }
}

fn scaled((x, y): BackendCoord) -> BackendCoord {
    (x * SCALE, y * SCALE)
}

impl<'a> DrawingBackend for Raster<'a> {
    type ErrorType = <BitMapBackend<'a> as DrawingBackend>::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn<'a> {
        self.bitmap.ensure_prepared()
    }

    fn present(&mut self) -> Drawn<'a> {
        self.bitmap.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn<'a> {
        let (x, y) = scaled(point);
        self.bitmap.draw_rect((x, y), (x + SCALE - 1, y + SCALE - 1), &color, true)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn<'a> {
        // plotters' thin lines ignore the width, so every line is a path.
        self.bitmap.draw_path([scaled(from), scaled(to)], &Scaled(style))
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn<'a> {
        self.bitmap.draw_rect(scaled(upper_left), scaled(bottom_right), &Scaled(style), fill)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn<'a> {
        self.bitmap.draw_path(path.into_iter().map(scaled), &Scaled(style))
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn<'a> {
        self.bitmap.draw_circle(scaled(center), radius * SCALE as u32, &Scaled(style), fill)
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vertices: I,
        style: &S,
    ) -> Drawn<'a> {
        self.bitmap.fill_polygon(vertices.into_iter().map(scaled), &Scaled(style))
    }

    /// Places the text as SVG does: by its anchor, with the baseline at a fixed part of the em.
    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        pos: BackendCoord,
    ) -> Drawn<'a> {
        let em = (style.size() / LINE_HEIGHT) as f32 * SCALE as f32;
        let left = match style.anchor().h_pos {
            HPos::Left => 0.0,
            HPos::Center => -text::width(text, em) / 2.0,
            HPos::Right => -text::width(text, em),
        } as i32;
        let baseline = match style.anchor().v_pos {
            VPos::Top => 0.76 * em,
            VPos::Center => 0.5 * X_HEIGHT * em,
            VPos::Bottom => -0.5 * X_HEIGHT * em,
        } as i32;
        let origin = scaled(pos);
        let (right, bottom) = scaled((self.size.0 as i32, self.size.1 as i32));
        let mut drawn = Ok(());
        text::rasterise(text, em, |x, y, coverage| {
            let (x, y) = style.transform().transform(x + left, y + baseline);
            let (x, y) = (origin.0 + x, origin.1 + y);
            if (0..right).contains(&x) && (0..bottom).contains(&y) && drawn.is_ok() {
                let color = style.color().mix(f64::from(coverage.min(1.0)));
                drawn = self.bitmap.draw_pixel((x, y), color);
            }
        });
        drawn
    }
}
