//! From a scenario to its report: supervise → recording → judge → report, in this order.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::judge::{Case, judge};
use crate::recording::Recording;
use crate::report::Report;
use crate::scenario::Scenario;
use crate::supervise::{Cancel, Observer, SuperviseError, Trial, carry_out};

/// What came of a scenario.
#[derive(Debug)]
pub struct Proof {
    /// The verdict, or why there is none.
    pub report: Report,
    /// The control run, where there is a verdict.
    pub control: Option<Recording>,
}

/// Carries a scenario out in `work`, an empty directory, judges and reports it. Given the recording of
/// a control run, does not repeat that.
///
/// # Errors
/// As [`carry_out`], but for a trainer that cannot be judged: that is a report too.
pub fn prove(
    scenario: &Scenario,
    control: Option<Recording>,
    work: &Path,
    observer: &dyn Observer,
    cancel: &Cancel,
) -> Result<Proof, SuperviseError> {
    let begin = Instant::now();
    let trial = match carry_out(scenario, control, work, observer, cancel) {
        Ok(trial) => trial,
        Err(error @ SuperviseError::Trainer { .. }) => {
            let report = Report::not_judged(scenario, &error, begin.elapsed());
            return Ok(Proof { report, control: None });
        }
        Err(error) => return Err(error),
    };
    let report = judged(scenario, &trial, begin.elapsed());
    Ok(Proof { report, control: Some(trial.control) })
}

/// The report of what was carried out.
pub fn judged(scenario: &Scenario, trial: &Trial, total: Duration) -> Report {
    let verdict = judge(Case {
        control: &trial.control,
        interrupted: &trial.interrupted,
        resumed: &trial.resumed,
        required: &scenario.required,
        tolerance: scenario.tolerance,
        same_program: scenario.control.as_ref().is_none_or(|control| *control == scenario.trainer),
        expect: scenario.resume.expect,
        scrambled: trial.scrambled.as_ref(),
    });
    Report::judged(scenario, trial, verdict, total)
}
