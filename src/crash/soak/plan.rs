//! Where each life is killed: pure arithmetic on what the control run said.
//!
//! A *moment* is something that a process says, or one call inside its save of latest. The way from one
//! durable save to the next is a *leg*: an epoch, unless the trainer saves more often. A life that is killed
//! before its first leg is over has gained nothing, so the moments are drawn uniformly from a bit more than
//! one leg, just enough to be through on the last kill and not before it.

use crate::crash::dice::SplitMix64;
use crate::crash::points;
use crate::protocol::{CheckpointKind, Event, Phase};
use crate::recording::{Recording, TracedSave};
use crate::scenario::KillPoint;

/// What every process says before it trains: `hello` and `started`.
const START_UP: usize = 2;

/// All that the control run said after it had started, as far as it matters here.
#[derive(Debug, Clone)]
pub struct Plan {
    said: Vec<Said>,
}

#[derive(Debug, Clone)]
enum Said {
    /// A save of latest begins that can be killed inside at these points.
    Begin { epoch: u64, inside: Vec<KillPoint> },
    /// A save of latest has ended.
    End { step: u64 },
    /// Anything else.
    Other,
}

/// Where a life is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The point.
    pub kill: KillPoint,
    /// For a point inside a save: it is the first one with so many epochs completed.
    pub epoch: u64,
}

impl Plan {
    /// From a control run that reported its steps, and from a save of latest if one could be followed.
    pub fn of(control: &Recording, save: Option<&TracedSave>) -> Self {
        let points = save.map(|save| points(&save.followed)).unwrap_or_default();
        let points = points.into_iter().map(|point| point.at.kill_point(CheckpointKind::Latest));
        let inside: Vec<KillPoint> = points.filter(|kill| kill.is_inside_save()).collect();
        let said = control.events.iter().skip(START_UP).map(|(_, event)| match event {
            Event::Checkpoint(save) if save.kind == CheckpointKind::Latest => match save.phase {
                Phase::Begin => Said::Begin { epoch: save.epoch, inside: inside.clone() },
                Phase::End => Said::End { step: save.step },
            },
            _ => Said::Other,
        });
        Self { said: said.collect() }
    }

    /// Whether there is anything to resume from at any time.
    pub fn has_saves(&self) -> bool {
        self.said.iter().any(|said| matches!(said, Said::End { .. }))
    }

    /// Draws the moment of the next kill. The life goes on after the save at this step, 0 before the
    /// first, and `kills` are left, this one included.
    ///
    /// The last save of all is left alone until the last kill: the training would be over.
    pub fn draw(&self, after: u64, kills: u64, dice: &mut SplitMix64) -> Moment {
        let moments = self.moments(after);
        let legs = moments.iter().filter(|(_, side)| *side == Side::End).count();
        let index_of = |wanted| moments.iter().rposition(|(_, side)| *side == wanted);
        let last = match (index_of(Side::Begin), index_of(Side::End)) {
            (Some(begin), Some(end)) if kills > 1 => {
                let leg = (end + 1 - START_UP) as f64 / legs as f64;
                let gain = (legs - 1) as f64 / kills as f64;
                (horizon(leg, gain).ceil() as usize).min(begin + 1)
            }
            _ => moments.len(),
        };
        moments[dice.below(last)].0
    }

    /// All moments of a life that goes on after this step, in order, and which of them are a side of a save
    /// of latest.
    fn moments(&self, after: u64) -> Vec<(Moment, Side)> {
        let is_before = |said: &Said| matches!(said, Said::End { step } if *step <= after);
        let from = self.said.iter().rposition(is_before).map_or(0, |end| end + 1);
        let event = |number: usize| Moment { kill: KillPoint::Event(number as u64), epoch: 0 };
        let mut moments: Vec<_> =
            (1..=START_UP).map(|number| (event(number), Side::Neither)).collect();
        let mut named = None;
        for (said, number) in self.said[from..].iter().zip(START_UP + 1..) {
            let side = match said {
                Said::Begin { .. } => Side::Begin,
                Said::End { .. } => Side::End,
                Said::Other => Side::Neither,
            };
            moments.push((event(number), side));
            // A point inside a save means the first one of its epoch.
            if let Said::Begin { epoch, inside } = said
                && named.replace(*epoch) != Some(*epoch)
            {
                let inside = inside.iter().map(|&kill| Moment { kill, epoch: *epoch });
                moments.extend(inside.map(|moment| (moment, Side::Neither)));
            }
        }
        moments
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Begin,
    End,
    Neither,
}

/// From how many moments to draw uniformly, so that a life gains so many legs on average.
///
/// A life that is killed at moment d has gained the whole legs in d - S, with S moments of start-up. Drawn from
/// 1..=H and at most k legs long, that is on average the sum over j = 1..=k of (H - S - jL) / H with L moments a
/// leg, so H = (kS + Lk(k+1)/2) / (k - gain), for the k that H does not reach beyond.
fn horizon(leg: f64, gain: f64) -> f64 {
    let start_up = START_UP as f64;
    let horizons = (1_u32..).map(f64::from).map(|k| {
        let horizon = (k * start_up + leg * k * (k + 1.0) / 2.0) / (k - gain);
        (k > gain && horizon <= start_up + (k + 1.0) * leg).then_some(horizon)
    });
    horizons.flatten().next().expect("one as long as twice the gain is enough")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::scenario::Cut;

    /// Epochs of 4 steps, each with a validation, and a save of 2 calls.
    fn plan(epochs: u64) -> Plan {
        let inside = [1, 2].map(|n| KillPoint::Inside(CheckpointKind::Latest, Cut::Call(n)));
        let epoch = |epoch: u64| {
            let updates = (0..9).map(|_| Said::Other);
            let begin = Said::Begin { epoch, inside: inside.to_vec() };
            updates.chain([begin, Said::End { step: 4 * epoch }])
        };
        Plan { said: (1..=epochs).flat_map(epoch).chain([Said::Other]).collect() }
    }

    /// Where the kills land and how far they come: a life gains the epochs whose end it has said.
    fn lives(epochs: u64, kills: u64, seed: u64) -> (Vec<Moment>, u64) {
        let plan = plan(epochs);
        let mut dice = SplitMix64::new(seed);
        let mut durable = 0;
        let mut drawn = Vec::new();
        for left in (1..=kills).rev() {
            let moment = plan.draw(durable, left, &mut dice);
            let moments = plan.moments(durable);
            let at = moments.iter().position(|(it, _)| *it == moment).expect("one of them");
            let ends = moments[..=at].iter().filter(|(_, side)| *side == Side::End).count();
            durable += 4 * ends as u64;
            drawn.push(moment);
        }
        (drawn, durable / 4)
    }

    #[test]
    fn every_moment_of_an_epoch_is_drawn() {
        let drawn: BTreeSet<String> =
            lives(20, 2000, 0).0.iter().map(|moment| moment.kill.to_string()).collect();
        for event in 1..=13 {
            assert!(drawn.contains(&format!("event:{event}")), "{event}: {drawn:?}");
        }
        for call in 1..=2 {
            assert!(drawn.contains(&format!("save:latest:call:{call}")), "{drawn:?}");
        }
    }

    #[test]
    fn the_run_moves_on_and_is_not_over_before_the_last_kill() {
        for seed in 0..50 {
            for (epochs, kills) in [(20, 200), (4, 12), (1, 30), (30, 10), (7, 1)] {
                let (drawn, done) = lives(epochs, kills, seed);
                assert_eq!(drawn.len() as u64, kills);
                assert!(done <= epochs);
                // With a few kills chance has its way; with many it is the average that counts.
                if kills == 200 {
                    assert!((15..=20).contains(&done), "{done} of {epochs} epochs");
                }
            }
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_plan_and_another_one_another() {
        assert_eq!(lives(4, 12, 3), lives(4, 12, 3));
        assert_ne!(lives(4, 12, 3).0, lives(4, 12, 4).0);
    }

    #[test]
    fn a_horizon_gains_what_it_was_asked_for() {
        for gain in [0.0, 0.1, 0.4, 0.5, 1.0, 3.7] {
            let horizon = horizon(50.0, gain);
            let legs = |moment: f64| ((moment - 2.0) / 50.0).floor().max(0.0);
            let many = 100_000;
            let sum: f64 = (0..many).map(|i| legs(horizon * f64::from(i) / f64::from(many))).sum();
            assert!((sum / f64::from(many) - gain).abs() < 0.01, "{gain}: {horizon}");
        }
    }

    #[test]
    fn a_point_inside_a_save_is_the_first_of_its_epoch() {
        let inside = vec![KillPoint::Inside(CheckpointKind::Latest, Cut::Call(1))];
        let save =
            |epoch, step| [Said::Begin { epoch, inside: inside.clone() }, Said::End { step }];
        let plan = Plan { said: [save(0, 5), save(0, 10), save(1, 12)].concat() };
        let epochs: Vec<u64> = plan
            .moments(0)
            .iter()
            .filter(|(moment, _)| moment.kill.is_inside_save())
            .map(|(moment, _)| moment.epoch)
            .collect();
        assert_eq!(epochs, [0, 1], "and no point inside the second save of epoch 0");
    }
}
