//! A plot in braille characters, two by four dots each.

use console::Style;

/// Lines of the plot itself, without the horizontal axis and the legend.
pub(super) const HEIGHT: usize = 12;

/// Who owns a cell, from the one that is drawn first to the one that keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    Nothing,
    Control,
    Before,
    After,
    Kill,
}

impl Ink {
    pub fn style(self, colour: bool) -> Style {
        let style = Style::new().force_styling(colour);
        match self {
            Ink::Nothing => style,
            Ink::Control => style.dim(),
            Ink::Before => style.blue(),
            Ink::After => style.yellow(),
            Ink::Kill => style.bold(),
        }
    }
}

/// Cells of two by four dots each.
pub(super) struct Grid {
    pub columns: usize,
    dots: Vec<u8>,
    ink: Vec<Ink>,
    /// The column of the kill line.
    pub kill: Option<usize>,
    pub has_off_scale: bool,
    /// Whose loss is off the scale, by column.
    off_scale: Vec<Ink>,
}

impl Grid {
    pub fn new(columns: usize) -> Self {
        let cells = columns * HEIGHT;
        let (dots, ink) = (vec![0; cells], vec![Ink::Nothing; cells]);
        let off_scale = vec![Ink::Nothing; columns];
        Self { columns, dots, ink, kill: None, has_off_scale: false, off_scale }
    }

    pub fn dot_x(&self, place: f64) -> usize {
        (place * (self.columns * 2 - 1) as f64).round() as usize
    }

    /// From the top.
    pub fn dot_y(&self, place: f64) -> usize {
        ((1.0 - place) * (HEIGHT * 4 - 1) as f64).round() as usize
    }

    pub fn off_scale(&mut self, x: usize, ink: Ink) {
        self.has_off_scale = true;
        self.off_scale[x / 2] = ink;
    }

    /// A straight line; every third dot of one for the control.
    pub fn line(&mut self, from: (usize, usize), to: (usize, usize), ink: Ink) {
        let (across, down) = (from.0.abs_diff(to.0), from.1.abs_diff(to.1));
        let steps = across.max(down).max(1);
        for i in 0..=steps {
            let between = |a: usize, b: usize| {
                (a as f64 + (b as f64 - a as f64) * i as f64 / steps as f64).round() as usize
            };
            let (x, y) = (between(from.0, to.0), between(from.1, to.1));
            if ink != Ink::Control || (if across >= down { x } else { y }).is_multiple_of(3) {
                self.dot(x, y, ink);
            }
        }
    }

    fn dot(&mut self, x: usize, y: usize, ink: Ink) {
        /// Which bit of a braille character a dot is, by row and column.
        const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
        let cell = (y / 4) * self.columns + x / 2;
        // A run in a cell drives the control's dots out, or it would look dotted itself.
        if self.ink[cell] == Ink::Control && ink != Ink::Control {
            self.dots[cell] = 0;
        }
        self.dots[cell] |= BITS[y % 4][x % 2];
        self.ink[cell] = ink;
    }

    pub fn rows(&self, colour: bool) -> Vec<String> {
        let row = |row: usize| {
            let cells = (0..self.columns).map(|column| self.cell(row, column));
            let cells: Vec<(char, Ink)> = cells.collect();
            let runs = cells.chunk_by(|a, b| a.1 == b.1).map(|run| {
                let text: String = run.iter().map(|(c, _)| c).collect();
                run[0].1.style(colour).apply_to(text).to_string()
            });
            runs.collect()
        };
        (0..HEIGHT).map(row).collect()
    }

    fn cell(&self, row: usize, column: usize) -> (char, Ink) {
        let cell = row * self.columns + column;
        if row == 0 && self.off_scale[column] != Ink::Nothing {
            return ('^', self.off_scale[column]);
        }
        match (self.dots[cell], self.kill == Some(column)) {
            (0, true) => ('┊', Ink::Kill),
            (0, false) => (' ', Ink::Nothing),
            (dots, _) => {
                let braille = char::from_u32(0x2800 + u32::from(dots)).unwrap_or(' ');
                (braille, self.ink[cell])
            }
        }
    }
}
