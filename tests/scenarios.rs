//! What a scenario can ask for that `killresume run` has no option for: another program as the control, a
//! recorded control, a resume that has to be refused.

mod common;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use common::Ran;
use killresume::judge::{Answer, Case, FindingKind, Verdict, judge};
use killresume::protocol::Event;
use killresume::recording::{Outcome, Recording};
use killresume::report::{Report, words};
use killresume::scenario::{
    Cut, Epochs, Expect, KillPoint, LESSON_COMPONENTS, Resume, Scenario, TrainerCommand,
};
use killresume::supervise::{Cancel, Observer, Role, SuperviseError, Trial, carry_out};

struct Nobody;

impl Observer for Nobody {
    fn event(&self, _: Role, _: &Event) {}
    fn line(&self, _: Role, _: &str) {}
    fn killed(&self, _: u64, _: u64) {}
}

/// The trainers that were built. Whoever holds them is alone: carrying out ends with the death of every
/// child of the process, so the tests take turns.
fn alone() -> MutexGuard<'static, Vec<String>> {
    static BUILT: Mutex<Vec<String>> = Mutex::new(Vec::new());
    BUILT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A trainer that the harness has built, with arguments of its own.
fn trainer(name: &str, args: &[&str]) -> TrainerCommand {
    let mut built = alone();
    if !built.iter().any(|other| other == name) {
        // A run of it builds it, beside the harness.
        let ran = Ran::trainer(name, &["--epochs", "1+1", "--", "--no-such-option"]);
        assert_eq!(ran.code, Some(3), "{}", ran.transcript());
        built.push(name.to_owned());
    }
    let program = Path::new(env!("CARGO_BIN_EXE_killresume")).with_file_name(name);
    let args = args.iter().map(Into::into).collect();
    TrainerCommand { name: name.to_owned(), program, args, sandbox: None }
}

fn scenario(trainer: TrainerCommand) -> Scenario {
    Scenario {
        trainer,
        control: None,
        epochs: Epochs { before: 2, after: 2 },
        seed: 0,
        kill: KillPoint::Epoch(2),
        tolerance: None,
        timeout: Duration::from_secs(60),
        required: LESSON_COMPONENTS.map(str::to_owned).to_vec(),
        resume: Resume::default(),
        inject: None,
        scrambled: false,
        keep: None,
    }
}

/// The trainer is killed after two epochs and resumed with these arguments, which it has to refuse.
fn refusal(trainer: TrainerCommand, args: &[&str]) -> Scenario {
    let args = args.iter().map(Into::into).collect();
    Scenario { resume: Resume { args, expect: Expect::Refusal }, ..scenario(trainer) }
}

struct Carried {
    trial: Trial,
    verdict: Verdict,
    work: tempfile::TempDir,
}

impl Carried {
    fn kinds(&self) -> Vec<&FindingKind> {
        let causes = self.verdict.findings.iter().filter(|finding| finding.is_cause());
        causes.map(|finding| &finding.kind).collect()
    }

    fn report(&self, scenario: &Scenario) -> Report {
        Report::judged(scenario, &self.trial, self.verdict.clone(), Duration::ZERO)
    }
}

fn carry(scenario: &Scenario, control: Option<Recording>) -> Result<Carried, SuperviseError> {
    let _turn = alone();
    // It starts processes of killresume's own, and this program is not killresume.
    killresume::program::name(env!("CARGO_BIN_EXE_killresume").into());
    let work = tempfile::tempdir().expect("a temporary directory");
    let trial = carry_out(scenario, control, work.path(), &Nobody, &Cancel::default())?;
    let verdict = judge(Case {
        control: &trial.control,
        interrupted: &trial.interrupted,
        resumed: &trial.resumed,
        required: &scenario.required,
        tolerance: scenario.tolerance,
        same_program: scenario.control.is_none(),
        expect: scenario.resume.expect,
        scrambled: trial.scrambled.as_ref(),
    });
    Ok(Carried { trial, verdict, work })
}

fn carried(scenario: &Scenario) -> Carried {
    carry(scenario, None).expect("it can be judged")
}

/// The fault of the resumed run, in words.
fn fault(scenario: &Scenario) -> String {
    match carry(scenario, None) {
        Err(error @ SuperviseError::Trainer { role: Role::Resumed, .. }) => error.to_string(),
        Err(error) => panic!("another error: {error}"),
        Ok(carried) => panic!("a verdict: {:?}", carried.verdict),
    }
}

fn misbehaving(how: &str) -> TrainerCommand {
    trainer("misbehaving", &["--how", how])
}

#[test]
fn a_kept_control_run_stands_in_for_a_new_one() {
    let scenario = scenario(trainer("reference", &[]));
    let first = carried(&scenario);
    assert_eq!(first.verdict.answer, Answer::SameRun);
    let json = serde_json::to_string(&first.trial.control).expect("it serialises");
    let kept: Recording = serde_json::from_str(&json).expect("it reads back");
    assert_eq!(kept, first.trial.control);

    let second = carry(&scenario, Some(kept.clone())).expect("it can be judged");
    assert_eq!(second.trial.control, kept);
    assert_eq!(second.verdict, first.verdict);
    assert!(!second.work.path().join("control").exists(), "no control process was started");
}

#[test]
fn another_program_may_be_the_control() {
    let reference = trainer("reference", &[]);
    let faulty = trainer("faulty", &["--lose", "rng", "--at", "save"]);
    let scenario = Scenario { control: Some(reference), ..scenario(faulty) };
    let lost = carried(&scenario);
    assert_eq!(lost.kinds(), [&FindingKind::Cold], "the training before the kill is the same");

    // Another optimizer is another training, and no fault of the saving.
    let mut other = scenario;
    other.trainer = trainer("reference", &["--optimizer", "adamw"]);
    let other = carried(&other);
    assert_eq!(other.verdict.answer, Answer::NotSameRun);
    assert!(matches!(other.kinds()[..], [FindingKind::TrainingChanged { .. }]), "{other:?}");
}

impl std::fmt::Debug for Carried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.verdict.fmt(f)
    }
}

#[test]
fn the_reference_trainer_refuses_another_configuration_and_says_why() {
    let reference = trainer("reference", &[]);
    for args in [&["--optimizer", "adamw"][..], &["--epochs", "12"], &["--seed=9"]] {
        let scenario = refusal(reference.clone(), args);
        let carried = carried(&scenario);
        assert_eq!(carried.verdict.answer, Answer::SameRun, "{args:?}: {carried:?}");
        assert_eq!(carried.trial.resumed.outcome, Outcome::Exited { code: 1 });
        let report = carried.report(&scenario);
        assert!(report.curve.is_none() && report.components.is_empty());
        let said = report.trainer_output.as_deref().expect("the reason");
        assert!(said.contains("config"), "{said}");
        assert_eq!(words::headline(&report), "REFUSED");
        assert!(words::because(&report).contains("refused to resume"));
        assert!(!words::because(&report).contains("bit"));
    }
}

#[test]
fn training_on_where_a_refusal_was_due_does_not_pass() {
    let scenario = refusal(misbehaving("nothing"), &["--epochs", "12"]);
    let carried = carried(&scenario);
    assert_eq!(carried.kinds(), [&FindingKind::NotRefused]);
    let report = carried.report(&scenario);
    assert_eq!(words::headline(&report), "NOT REFUSED AS IT SHOULD BE");
    assert!(words::because(&report).contains("has to be refused"));
    assert_eq!(carried.trial.resumed.kill.as_ref().map(|kill| &*kill.at), Some("started"));
}

#[test]
fn a_refusal_has_to_leave_every_checkpoint_alone() {
    assert_eq!(carried(&refusal(misbehaving("refuse"), &[])).kinds(), [] as [&FindingKind; 0]);
    let removed = carried(&refusal(misbehaving("refuse-and-remove"), &[]));
    let path = "best".to_owned();
    assert_eq!(removed.kinds(), [&FindingKind::CheckpointChanged { path }]);
}

#[test]
fn a_crash_silence_success_or_a_misspelt_option_is_no_refusal() {
    let panic = fault(&refusal(misbehaving("refuse-by-panic"), &[]));
    assert!(panic.contains("exit code 101"), "{panic}");
    let silence = fault(&refusal(misbehaving("refuse-silently"), &[]));
    assert!(silence.contains("has to say why"), "{silence}");
    let success = fault(&refusal(misbehaving("refuse-with-zero"), &[]));
    assert!(success.contains("exit code 0"), "{success}");
    let misspelt = fault(&refusal(misbehaving("nothing"), &["--epoch-count", "12"]));
    assert!(misspelt.contains("never connected"), "{misspelt}");
}

#[test]
fn a_failed_start_after_any_other_kill_cannot_be_judged() {
    let failed = fault(&scenario(misbehaving("refuse")));
    assert!(failed.contains("ended in the middle"), "{failed}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_trainer_behind_a_wrapper_is_cut_all_the_same() {
    use killresume::protocol::CheckpointKind;

    let inner = misbehaving("nothing");
    let mut args = vec!["-c".into(), "\"$0\" \"$@\"; exit $?".into(), inner.program.into()];
    args.extend(inner.args);
    let wrapped =
        TrainerCommand { name: "wrapped".to_owned(), program: "sh".into(), args, sandbox: None };
    let kill = KillPoint::Inside(CheckpointKind::Latest, Cut::FirstWrite);
    let carried = carried(&Scenario { kill, ..scenario(wrapped) });
    assert_eq!(carried.verdict.answer, Answer::SameRun, "{carried:?}");
    let pid = carried.trial.interrupted.hello().expect("hello").pid;
    assert!(
        !Path::new(&format!("/proc/{pid}")).exists(),
        "nothing of it is left, not even a zombie"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn the_calls_of_every_save_before_the_kill_are_recorded() {
    use killresume::protocol::CheckpointKind;
    use killresume::recording::FileCall;

    let kill = KillPoint::Inside(CheckpointKind::Latest, Cut::FirstWrite);
    let epochs = Epochs { before: 4, after: 1 };
    let carried = carried(&Scenario { kill, epochs, ..scenario(trainer("reference", &[])) });
    let saves = &carried.trial.interrupted.traced_saves;
    assert_eq!(saves.len(), 3, "the fourth one was cut");
    let steps = |calls: &[FileCall]| -> Vec<String> {
        let name = |path: &str| match PathBuf::from(path).extension() {
            Some(ending) if ending == "tmp" => "tmp".to_owned(),
            _ => path.trim_end_matches(".safetensors").to_owned(),
        };
        let step = |call: &FileCall| match call {
            FileCall::Rename { from, to } | FileCall::Link { from, to } => {
                format!("{} {} {}", call.name(), name(from), name(to))
            }
            other => format!("{} {}", call.name(), name(other.path().unwrap_or_default())),
        };
        calls.iter().map(step).collect()
    };
    let whole = ["open tmp", "write tmp", "fsync tmp", "close tmp"];
    let (keep, publish) =
        (["link latest tmp", "rename tmp latest.previous"], ["rename tmp latest", "fsync ."]);
    assert_eq!(steps(&saves[0].followed.calls), [&whole[..], &publish].concat());
    for save in &saves[1..] {
        assert_eq!(save.path, "latest.safetensors");
        assert_eq!(steps(&save.followed.calls), [&whole[..], &keep, &publish].concat());
    }
}
