//! `killresume gallery`: loses each component once.

use std::time::Duration;

use super::{
    REFERENCE, Work, build, cancel, no_report, out_dir, print, print_error, print_progress,
    write_pictures,
};
use crate::cli::{GalleryArgs, Talk};
use crate::exit::Exit;
use crate::judge::{Answer, FindingKind};
use crate::libtorch::Project;
use crate::messages::report as say;
use crate::pipeline::prove;
use crate::report::picture::gallery::Gallery;
use crate::report::progress::Progress;
use crate::report::{Report, frame, terminal, words};
use crate::scenario::{Epochs, KillPoint, LESSON_COMPONENTS, Resume, Scenario, TrainerCommand};

/// The reference trainer, and the same with one component left out.
const TRAINERS: [&str; 2] = [REFERENCE, "faulty"];
const EPOCHS: Epochs = Epochs { before: 5, after: 5 };
const TIMEOUT: Duration = Duration::from_secs(60);

/// Runs the reference trainer as it is, and then once without each component; draws and tabulates what
/// the curve shows. Exit 1 if the harness does not name exactly the lost component each time.
pub fn gallery(args: &GalleryArgs, talk: Talk) -> anyhow::Result<Exit> {
    let project = Project::find()?;
    let mut programs = Vec::new();
    for name in TRAINERS {
        match build(&project, name, talk)? {
            Ok(program) => programs.push(program),
            Err(exit) => return Ok(exit),
        }
    }
    let cancel = cancel()?;
    let losses = std::iter::once(None).chain(LESSON_COMPONENTS.map(Some));
    let mut reports = Vec::new();
    for lost in losses {
        let arguments: &[&str] = match &lost {
            None => &[],
            Some(component) => &["--lose", component, "--at", "save"],
        };
        let scenario = Scenario {
            trainer: TrainerCommand {
                name: lost.unwrap_or(REFERENCE).to_owned(),
                program: programs[usize::from(lost.is_some())].clone(),
                args: arguments.iter().map(Into::into).collect(),
                sandbox: None,
            },
            control: None,
            epochs: EPOCHS,
            seed: args.seed,
            kill: KillPoint::Epoch(EPOCHS.before),
            tolerance: None,
            timeout: TIMEOUT,
            required: LESSON_COMPONENTS.map(str::to_owned).to_vec(),
            resume: Resume::default(),
            inject: None,
            scrambled: false,
            keep: None,
        };
        let work = Work::open(None)?;
        let progress = Progress::new(EPOCHS.total(), true, true, talk.verbose);
        match prove(&scenario, None, work.path(), &progress, &cancel) {
            Ok(proof) => {
                if let Some(reason) = &proof.report.reason {
                    print_error(reason);
                    return Ok(Exit::NotJudged);
                }
                reports.push((lost, proof.report));
            }
            Err(error) => return no_report(error),
        }
        if !talk.quiet {
            let (name, caption) = words::gallery_entry(lost, &reports[reports.len() - 1].1);
            print_progress(&format!("{name}: {caption}"));
        }
    }

    let out = out_dir(args.out.as_deref(), &project);
    let frames = reports.iter().map(|(lost, report)| frame(*lost, report)).collect();
    let figure = Gallery { title: say::gallery_title(), frames };
    let pictures = write_pictures(&out, "gallery", &figure.svg()?, &figure.png()?)?;
    if !talk.quiet {
        print(&terminal::gallery(&reports, &pictures), talk.color)?;
    }

    let missed: Vec<_> = reports.iter().filter(|(lost, report)| !is_found(*lost, report)).collect();
    for (lost, _) in &missed {
        print_error(&say::gallery_not_found(lost.unwrap_or(REFERENCE)));
    }
    Ok(if missed.is_empty() { Exit::SameRun } else { Exit::NotSameRun })
}

/// Whether the report's causes are exactly this loss.
fn is_found(lost: Option<&str>, report: &Report) -> bool {
    let causes: Vec<_> =
        report.findings.iter().map(|f| &f.finding).filter(|f| f.is_cause()).collect();
    match (lost, &causes[..]) {
        (None, []) => report.verdict == Answer::SameRun,
        (Some(lost), [cause]) => {
            cause.component.as_deref() == Some(lost) && cause.kind == FindingKind::Cold
        }
        _ => false,
    }
}
