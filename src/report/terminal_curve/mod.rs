//! The small curve in the terminal: braille dots, about a dozen lines.
//!
//! The control is dotted and a run is solid, so the two differ without colour; what is left of the
//! kill line is the interrupted run and what is right of it the resumed one.

mod grid;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::picture::axis::Axis;
use super::picture::{KillMark, Labels};
use crate::recording::Point;
use grid::{Grid, HEIGHT, Ink};

/// Columns of the labels of the vertical axis, and the axis itself.
const MARGIN: usize = 7;
/// A narrower terminal gets no curve.
const LEAST_WIDTH: usize = 24;
/// A wider one gets no wider a curve.
const MOST_WIDTH: usize = 80;

/// What to draw; as in [`Picture`](super::picture::Picture).
#[derive(Debug, Clone)]
pub struct TerminalCurve<'a> {
    /// The curve of the control run.
    pub control: &'a [Point],
    /// The curve of the interrupted run, up to the kill.
    pub interrupted: &'a [Point],
    /// The curve of the resumed run.
    pub resumed: &'a [Point],
    /// Updates an epoch.
    pub steps_per_epoch: f64,
    /// The horizontal axis runs from 0 to this.
    pub epochs: u64,
    /// Where the SIGKILL landed.
    pub kill: Option<KillMark>,
    /// Texts.
    pub labels: &'a Labels,
}

impl TerminalCurve<'_> {
    /// The curve in lines of at most `width` columns, each ended by a newline, with ANSI colours if
    /// `colour`. Empty where the terminal is too narrow for a curve.
    pub fn draw(&self, width: usize, colour: bool) -> String {
        if width < LEAST_WIDTH {
            return String::new();
        }
        let width = width.min(MOST_WIDTH);
        let mut grid = Grid::new(width - MARGIN);
        let (x, y) = (self.x(), self.y());
        let steps = self.steps_per_epoch;
        let steps = if steps.is_finite() && steps > 0.0 { steps } else { 1.0 };
        if let Some(kill) = &self.kill {
            grid.kill = Some(grid.dot_x(x.place_clamped(kill.x)) / 2);
        }
        for (points, ink) in [
            (self.control, Ink::Control),
            (self.interrupted, Ink::Before),
            (self.resumed, Ink::After),
        ] {
            let mut last = None;
            for point in points {
                // A run that repeats epochs goes beyond the end.
                let Some(at_x) = x.place(point.step as f64 / steps) else { continue };
                let at_x = grid.dot_x(at_x);
                let Some(place) = point.val_loss.and_then(|loss| y.place(loss)) else {
                    grid.off_scale(at_x, ink);
                    last = None;
                    continue;
                };
                let at = (at_x, grid.dot_y(place));
                grid.line(last.unwrap_or(at), at, ink);
                last = Some(at);
            }
        }
        let mut lines = self.plot(&grid, &y, colour);
        lines.extend(self.bottom(&grid, &x, colour));
        lines.extend(self.legend(width, grid.has_off_scale, y.is_log(), colour));
        lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
    }

    fn x(&self) -> Axis {
        Axis::linear(0.0, self.epochs.max(1) as f64)
    }

    fn y(&self) -> Axis {
        let losses =
            |points: &[Point]| points.iter().filter_map(|p| p.val_loss).collect::<Vec<_>>();
        let runs = [losses(self.interrupted), losses(self.resumed)].concat();
        Axis::for_losses(losses(self.control), runs)
    }

    fn plot(&self, grid: &Grid, y: &Axis, colour: bool) -> Vec<String> {
        let mut labels = vec![String::new(); HEIGHT];
        for (value, text) in y.ticks(4) {
            if let Some(place) = y.place(value).filter(|_| text.len() < MARGIN) {
                labels[grid.dot_y(place) / 4] = text;
            }
        }
        let rows = grid.rows(colour).into_iter().zip(labels);
        rows.map(|(row, label)| {
            let axis = if label.is_empty() { '│' } else { '┤' };
            format!("{label:>room$}{axis}{row}", room = MARGIN - 1)
        })
        .collect()
    }

    /// The horizontal axis: its line, its ticks, and the name of the kill under the kill line.
    fn bottom(&self, grid: &Grid, x: &Axis, colour: bool) -> Vec<String> {
        let mut line = vec!['─'; grid.columns];
        let mut numbers = String::new();
        for (epoch, text) in x.whole_ticks((grid.columns / 6).clamp(1, 20)) {
            let column = grid.dot_x(x.place_clamped(epoch)) / 2;
            line[column] = '┬';
            // Centred under its tick, as far as the edges allow and the last number leaves room.
            let start = column.saturating_sub(text.len() / 2).min(grid.columns - text.len());
            if numbers.is_empty() || start > numbers.len() {
                numbers = format!("{numbers:<start$}{text}");
            }
        }
        let line: String = line.into_iter().collect();
        let margin = " ".repeat(MARGIN - 1);
        let mut lines = vec![format!("{margin}└{line}"), format!("{margin} {numbers}")];
        if let (Some(kill), Some(column)) = (&self.kill, grid.kill) {
            let text = cut(&kill.label, grid.columns);
            let start = column.saturating_sub(text.width() / 2).min(grid.columns - text.width());
            let text = Ink::Kill.style(colour).apply_to(text);
            lines.push(format!("{margin} {}{text}", " ".repeat(start)));
        }
        lines
    }

    fn legend(&self, width: usize, off_scale: bool, log: bool, colour: bool) -> Vec<String> {
        let labels = self.labels;
        let title = match log {
            true => format!("{} ({})", labels.val_loss, labels.log_scale),
            false => labels.val_loss.clone(),
        };
        let entries = [
            (true, Ink::Nothing, "", &title),
            (true, Ink::Control, "⠄⠄⠄ ", &labels.control),
            (true, Ink::Before, "⠤⠤⠤ ", &labels.before),
            (true, Ink::After, "⠤⠤⠤ ", &labels.after),
            (off_scale, Ink::Nothing, "^ ", &labels.off_scale),
        ];
        let mut lines = Vec::new();
        let (mut line, mut used) = (String::new(), 0);
        for (_, ink, sample, label) in entries.into_iter().filter(|(shown, ..)| *shown) {
            let label = cut(label, width - sample.width());
            let needed = sample.width() + label.width();
            if used > 0 && used + 3 + needed > width {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            if used > 0 {
                line.push_str("   ");
                used += 3;
            }
            let sample = ink.style(colour).apply_to(sample);
            line.push_str(&format!("{sample}{label}"));
            used += needed;
        }
        lines.push(line);
        lines
    }
}

/// The text on one line, cut to so many columns.
fn cut(text: &str, columns: usize) -> String {
    let mut used = 0;
    let visible = text.chars().filter(|c| !c.is_control());
    visible
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= columns
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use console::{measure_text_width, strip_ansi_codes};

    use super::*;
    use crate::report::samples::{self, Lost, Sample};

    fn curve<'a>(sample: &'a Sample, labels: &'a Labels) -> TerminalCurve<'a> {
        TerminalCurve {
            control: &sample.control,
            interrupted: &sample.interrupted,
            resumed: &sample.resumed,
            steps_per_epoch: samples::STEPS as f64,
            epochs: 10,
            kill: Some(KillMark { x: 5.0, label: "SIGKILL".into() }),
            labels,
        }
    }

    #[test]
    fn no_line_is_wider_than_asked_for() {
        for (name, sample) in samples::all() {
            let labels = sample.picture().labels;
            for width in 0..=100 {
                let text = curve(&sample, &labels).draw(width, false);
                let widest = text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0);
                assert!(widest <= width.min(80), "{name}: {widest} > {width}\n{text}");
                assert_eq!(text.is_empty(), width < 24);
            }
        }
    }

    #[test]
    fn colour_is_there_only_when_asked_for_and_changes_nothing_else() {
        let (sample, labels) = (Sample::new(Lost::Optimizer), samples::english());
        let curve = curve(&sample, &labels);
        let (plain, coloured) = (curve.draw(80, false), curve.draw(80, true));
        assert!(!plain.contains('\u{1b}') && coloured.contains('\u{1b}'));
        let widths = |text: &str| text.lines().map(measure_text_width).collect::<Vec<_>>();
        assert_eq!(strip_ansi_codes(&coloured), plain);
        assert_eq!(widths(&coloured), widths(&plain));
    }

    #[test]
    fn the_kill_the_legend_and_the_scale_are_written() {
        let (sample, labels) = (Sample::new(Lost::Buffers), samples::english());
        let text = curve(&sample, &labels).draw(80, false);
        for part in ["SIGKILL", "┊", "control run", "before the kill", "after the resume"] {
            assert!(text.contains(part), "no {part} in\n{text}");
        }
        assert!(text.contains("validation loss (log scale)") && text.contains("    10┤"), "{text}");
    }

    #[test]
    fn a_jump_looks_different_from_none_and_a_lost_point_is_marked() {
        let labels = samples::english();
        let draw = |lost| curve(&Sample::new(lost), &labels).draw(80, false);
        assert_ne!(draw(Lost::Nothing), draw(Lost::Optimizer));
        assert!(!draw(Lost::Nothing).contains('^'));
        let text = draw(Lost::Everything);
        assert!(text.contains('^') && text.contains("not finite or off the scale"), "{text}");
    }

    #[test]
    fn one_point_no_points_and_odd_points_are_drawn() {
        let (sample, labels) = (Sample::new(Lost::Nothing), samples::english());
        let odd = |loss| Point { val_loss: loss, step: u64::MAX, ..sample.control[0] };
        let odd = [None, Some(f64::INFINITY), Some(-1.0), Some(f64::MAX), Some(0.0)].map(odd);
        for points in [&[][..], &sample.control[..1], &odd] {
            for steps_per_epoch in [24.0, 0.0, f64::NAN] {
                let kill = Some(KillMark { x: f64::INFINITY, label: "\u{1b}[31m".repeat(50) });
                let text = TerminalCurve {
                    control: points,
                    interrupted: points,
                    resumed: &[],
                    steps_per_epoch,
                    epochs: 0,
                    kill,
                    labels: &labels,
                }
                .draw(40, false);
                assert!(text.lines().count() >= HEIGHT + 3 && !text.contains('\u{1b}'), "{text}");
            }
        }
        let text =
            TerminalCurve { control: &[], resumed: &[], kill: None, ..curve(&sample, &labels) };
        let text = TerminalCurve { interrupted: &sample.control[..1], ..text }.draw(40, false);
        let dots = text.lines().take(HEIGHT).flat_map(str::chars);
        let dots = dots.filter(|c| ('\u{2801}'..='\u{28ff}').contains(c)).count();
        assert_eq!(dots, 1, "{text}");
    }

    #[test]
    #[ignore = "prints the samples for a person to look at"]
    fn print_the_samples() {
        for (name, sample) in samples::all() {
            println!("{name}\n{}", curve(&sample, &sample.picture().labels).draw(80, false));
        }
    }
}
