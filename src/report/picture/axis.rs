//! One axis: the range that it shows, where its ticks are and what they say.

/// A linear or logarithmic axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::report) struct Axis {
    low: f64,
    high: f64,
    log: bool,
}

/// Beyond this many times the control's highest loss the axis ends and a value is off the scale.
const MOST_TIMES_CONTROL: f64 = 1e3;

/// A value beyond this is no value: arithmetic on a range of them overflows.
const LARGEST: f64 = 1e100;

/// A logarithmic axis spans no more than this.
const LARGEST_RATIO: f64 = 1e12;

impl Axis {
    /// From `low` to `high`; where that is no range, one around it.
    pub fn linear(low: f64, high: f64) -> Self {
        if high > low {
            Self { low, high, log: false }
        } else {
            let half = if low == 0.0 { 1.0 } else { low.abs() / 2.0 };
            Self { low: low - half, high: low + half, log: false }
        }
    }

    /// From 0 to a little above the highest of the values. Negative values extend it downwards.
    pub fn from_zero(values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = range(values).unwrap_or((0.0, 1.0));
        let (low, high) = (low.min(0.0), high.max(0.0));
        let room = (high - low) * 0.08;
        Self::linear(if low < 0.0 { low - room } else { 0.0 }, high + room)
    }

    /// From a little below the lowest of the values to a little above the highest.
    pub fn around(values: impl IntoIterator<Item = f64>) -> Self {
        let (low, high) = range(values).unwrap_or((0.0, 1.0));
        let room = (high - low) * 0.1;
        Self::linear(low - room, high + room)
    }

    /// For losses. Logarithmic where a jump would otherwise press the control flat: it rises above
    /// three times the control's highest loss, or the highest is 30 times the lowest.
    pub fn for_losses(
        control: impl IntoIterator<Item = f64>,
        runs: impl IntoIterator<Item = f64>,
    ) -> Self {
        let (control, runs) = (range(control), range(runs));
        let Some((low, high)) =
            range([control, runs].into_iter().flatten().flat_map(|r| [r.0, r.1]))
        else {
            return Self::linear(0.0, 1.0);
        };
        let usual = control.map_or(high, |(_, high)| high);
        let log_fits = low > 0.0 && high <= low * LARGEST_RATIO;
        let high = if usual > 0.0 { high.min(usual * MOST_TIMES_CONTROL) } else { high };
        if log_fits && (high > 3.0 * usual || high > 30.0 * low) {
            // Whole powers make a poor range where the data fill half of it; 8 % of room do better.
            let room = (high / low).max(2.0).powf(0.08);
            return Self { low: low / room, high: high * room, log: true };
        }
        Self::from_zero([low, high])
    }

    /// From one power of two to another, with room for the line; one apart at least.
    pub fn powers_of_two(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let exponents = values.into_iter().filter(|value| *value > 0.0).map(f64::log2);
        let (low, high) = range(exponents)?;
        Some(Self::linear(low.floor() - 0.5, high.ceil().max(low.floor() + 1.0) + 0.5))
    }

    /// Whether it is logarithmic.
    pub fn is_log(&self) -> bool {
        self.log
    }

    /// Where the value lies, 0 at the low end and 1 at the high end; `None` where it is not on the
    /// axis.
    pub fn place(&self, value: f64) -> Option<f64> {
        let place = if self.log {
            (value / self.low).ln() / (self.high / self.low).ln()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        // Two ends that are computed in different ways differ in the last bits.
        (-1e-9..=1.0 + 1e-9).contains(&place).then(|| place.clamp(0.0, 1.0))
    }

    /// [`Axis::place`], with what lies beyond an end put on that end.
    pub fn place_clamped(&self, value: f64) -> f64 {
        let inside = value.clamp(self.low, self.high);
        self.place(inside).unwrap_or(0.0)
    }

    /// At most about `most` round values with what to write at them, in ascending order.
    pub fn ticks(&self, most: usize) -> Vec<(f64, String)> {
        let values = if self.log { self.log_ticks(most) } else { self.linear_ticks(most, 0.0) };
        values.into_iter().map(|value| (value, number(value))).collect()
    }

    /// [`Axis::ticks`] on whole numbers only.
    pub fn whole_ticks(&self, most: usize) -> Vec<(f64, String)> {
        let values = self.linear_ticks(most, 1.0);
        values.into_iter().map(|value| (value, number(value))).collect()
    }

    fn linear_ticks(&self, most: usize, smallest_step: f64) -> Vec<f64> {
        let rough = ((self.high - self.low) / most.max(1) as f64).max(smallest_step);
        let power = 10f64.powf(rough.log10().floor());
        let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
        let step = steps.into_iter().find(|step| *step >= rough * 0.999).unwrap_or(rough);
        let first = (self.low / step - 1e-9).ceil();
        (0..=2 * most as i32 + 2)
            .map(|i| (first + f64::from(i)) * step)
            .take_while(|value| *value <= self.high + step * 1e-9)
            .collect()
    }

    fn log_ticks(&self, most: usize) -> Vec<f64> {
        let decades = self.low.log10().floor() as i32..=self.high.log10().ceil() as i32;
        let within = |factors: &[f64], stride: usize| -> Vec<f64> {
            let powers = decades.clone().filter(|d| d.rem_euclid(stride as i32) == 0);
            powers
                .flat_map(|decade| factors.iter().map(move |f| f * 10f64.powi(decade)))
                .filter(|value| self.place(*value).is_some())
                .collect()
        };
        let candidates = [
            within(&[1.0, 2.0, 5.0], 1),
            within(&[1.0, 3.0], 1),
            within(&[1.0], 1),
            within(&[1.0], 2),
            within(&[1.0], 5),
        ];
        let fallback = within(&[1.0], 50);
        candidates.into_iter().find(|ticks| ticks.len() <= most + 1).unwrap_or(fallback)
    }
}

/// The lowest and the highest value, of those that are finite and no larger than [`LARGEST`].
fn range(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|value| value.abs() <= LARGEST).fold(None, |range, value| {
        let (low, high) = range.unwrap_or((value, value));
        Some((value.min(low), value.max(high)))
    })
}

/// A round value, as short as it can be written: `0.25`, `10`, `5e-5`.
fn number(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e6).contains(&size) {
        let text = format!("{value:.1e}");
        return text.replace(".0e", "e");
    }
    let text = format!("{value:.6}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(ticks: Vec<(f64, String)>) -> Vec<String> {
        ticks.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(written(Axis::linear(0.0, 1.3).ticks(5)), ["0", "0.5", "1"],);
        assert_eq!(written(Axis::linear(0.0, 0.01).ticks(2)), ["0", "0.005", "0.01"]);
        assert_eq!(written(Axis::linear(0.0, 3.0).whole_ticks(10)), ["0", "1", "2", "3"]);
        assert_eq!(written(Axis::linear(0.0, 400.0).whole_ticks(10)).len(), 9);
    }

    #[test]
    fn a_jump_far_above_the_control_makes_the_axis_logarithmic() {
        let control = [1.2, 0.15];
        assert!(!Axis::for_losses(control, [1.2, 0.15]).is_log());
        assert!(!Axis::for_losses(control, [1.2, 0.2, 2.3]).is_log());
        let axis = Axis::for_losses(control, [1.2, 0.2, 12.0]);
        assert!(axis.is_log());
        assert_eq!(written(axis.ticks(6)), ["0.2", "0.5", "1", "2", "5", "10"]);
    }

    #[test]
    fn a_value_that_no_axis_could_show_is_off_the_scale() {
        let axis = Axis::for_losses([1.2, 0.15], [1e30, 0.2]);
        assert_eq!(axis.place(1e30), None);
        assert!(axis.place(0.15).is_some());
        assert!(axis.ticks(6).len() <= 7);
    }

    #[test]
    fn no_values_and_equal_values_still_make_an_axis() {
        for axis in [Axis::for_losses([], []), Axis::for_losses([0.5], []), Axis::from_zero([0.0])]
        {
            assert!(!axis.ticks(5).is_empty(), "{axis:?}");
        }
        assert_eq!(Axis::powers_of_two([]), None);
        let axis = Axis::powers_of_two([1024.0]).expect("one value");
        assert!(axis.place(10.0).is_some_and(|place| place > 0.0 && place < 1.0));
    }

    #[test]
    fn extreme_values_do_not_break_an_axis() {
        for value in [f64::MAX, f64::MIN_POSITIVE, -f64::MAX, 5e-324, 1e100, 1e-90, f64::NAN] {
            let axis = Axis::for_losses([value, 1.0], [value]);
            assert!(axis.ticks(5).len() <= 20, "{value} {axis:?}");
            assert!((0.0..=1.0).contains(&axis.place_clamped(value)));
        }
    }
}
