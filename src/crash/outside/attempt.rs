//! One kill, power failure or fault of a program, and what came of the run after it.

use std::path::Path;

use anyhow::Context;

use super::{PLACE, Program, ProgramSurvey, ended, make_empty, read};
use crate::crash::power::State;
use crate::crash::said::says_something_new;
use crate::crash::survey::KEPT;
use crate::crash::{At, Happening, Outcome};
use crate::messages::crash as say;
use crate::recording::Outcome as Ended;
use crate::scenario::{CallFault, Cut};
use crate::supervise::{Cancel, Life, Orders, SuperviseError, live};

/// Kills, has the power fail or a call, starts the program again, and judges.
///
/// # Errors
/// As [`live`]. What the program does is an outcome.
pub fn attempt(
    program: &Program,
    survey: &ProgramSurvey,
    to: &Happening,
    work: &Path,
    cancel: &Cancel,
) -> Result<Outcome, SuperviseError> {
    let own = work.join("run");
    let dir = survey.place.as_deref().unwrap_or(&own);
    make_empty(dir)?;
    let run = Run { program, survey, dir, cancel };
    match to {
        Happening::Kill(at) => run.killed(*at),
        Happening::PowerLoss(state) => run.without_power(state),
        Happening::Fault(call, fault) => run.with_a_fault(*call, *fault),
    }
}

struct Run<'a> {
    program: &'a Program,
    survey: &'a ProgramSurvey,
    dir: &'a Path,
    cancel: &'a Cancel,
}

impl Run<'_> {
    fn live(&self, orders: Orders) -> Result<Life, SuperviseError> {
        live(&self.program.outside, self.dir, orders, None, self.cancel)
    }

    fn killed(&self, at: At) -> Result<Outcome, SuperviseError> {
        let Some(cut) = at.cut_after(self.survey.before as u32) else {
            return Ok(Outcome::NotJudged { why: say::no_such_point() });
        };
        let killed = self.live(Orders { cut: Some(cut), ..Orders::default() })?;
        if !killed.killed {
            return Ok(Outcome::NotJudged { why: say::point_not_reached(&ended(&killed)) });
        }
        if !self.survey.calls.starts_with(&super::names(&killed.followed.calls)) {
            return Ok(Outcome::NotJudged { why: say::other_calls_this_time() });
        }
        self.started_again()
    }

    fn without_power(&self, state: &State) -> Result<Outcome, SuperviseError> {
        let kept = self.program.survey.with_file_name(KEPT);
        state
            .write(self.dir, &kept)
            .with_context(|| format!("cannot write what is left into {}", self.dir.display()))?;
        self.started_again()
    }

    /// A call of the save fails. Whether the program then stops or goes on, its directory has to be good: where
    /// it goes on, it is killed when the save is over, and the whole run has to come to a good end too.
    fn with_a_fault(&self, call: u32, fault: CallFault) -> Result<Outcome, SuperviseError> {
        let inject = Some((self.survey.before as u32 + call, fault));
        let faulty = self.live(Orders { inject, ..Orders::default() })?;
        if !faulty.followed.injected {
            return Ok(Outcome::NotJudged { why: say::fault_not_met() });
        }
        if faulty.silent {
            return Ok(Outcome::NotJudged { why: ended(&faulty) });
        }
        if faulty.outcome != (Ended::Exited { code: 0 }) {
            return match faulty.output.trim().is_empty() {
                true => Ok(Outcome::FailedSilently),
                false => self.started_again(),
            };
        }
        let lost = self.survey.files.damaged(&read(self.dir)?);
        if !lost.is_empty() {
            return Ok(Outcome::SilentlyDifferent { why: say::other_files(&lost.join(", ")) });
        }
        let saves_less = self
            .survey
            .naming
            .as_ref()
            .is_some_and(|(naming, count)| naming.count(&faulty.followed.calls) < *count);
        let (lines, usual) = (faulty.output.lines(), &self.survey.output);
        let usual_dir = self.program.survey.with_file_name(PLACE);
        if saves_less && !says_something_new(lines, self.dir, usual, &usual_dir) {
            return Ok(Outcome::FailedSilently);
        }
        make_empty(self.dir)?;
        let end = self.survey.before + self.survey.save.calls.len();
        let cut = Some(Cut::Call(end as u32));
        let killed = self.live(Orders { inject, cut, ..Orders::default() })?;
        if killed.killed { self.started_again() } else { Ok(Outcome::SameRun) }
    }

    /// What the run leaves that is started on what lies in the directory now.
    fn started_again(&self) -> Result<Outcome, SuperviseError> {
        let resumed = self.live(Orders::default())?;
        let survey = self.survey;
        let made = survey.sign.as_ref().map_or(0, |sign| sign.count(&resumed.followed.calls));
        if resumed.silent {
            return Ok(Outcome::NotJudged { why: ended(&resumed) });
        }
        if resumed.outcome != (Ended::Exited { code: 0 }) {
            return Ok(match made {
                0 => Outcome::RefusedToStart,
                _ => Outcome::SilentlyDifferent { why: ended(&resumed) },
            });
        }
        // Of the save that was killed it may have all or nothing.
        let to_do = survey.saves - survey.saves_before;
        if survey.saves_before > 0 && made >= survey.saves {
            return Ok(Outcome::RestartedFromZero);
        }
        let lost = survey.files.damaged(&read(self.dir)?);
        if !lost.is_empty() {
            return Ok(Outcome::SilentlyDifferent { why: say::other_files(&lost.join(", ")) });
        }
        Ok(match made.checked_sub(to_do) {
            Some(saves_lost @ 1..) => Outcome::OlderSave { saves_lost },
            _ => Outcome::SameRun,
        })
    }
}
