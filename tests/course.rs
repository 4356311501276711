//! Every exercise teaches: untouched it compiles and fails as it says it does, and its solution passes.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::thread;

use common::course::{CourseCopy, exercises, project_is_as_shipped};
use killresume::course::{Catalogue, Exercise, HINTS, hints, title};
use killresume::libtorch::Project;
use killresume::messages::Lang;
use serde_json::Value;

fn catalogue(root: &Path) -> Catalogue {
    let project = Project::around(root).expect("is a project");
    Catalogue::read(&project).expect("is a catalogue")
}

/// Runs an exercise and returns exit code, everything printed, and its JSON report.
fn tried(course: &CourseCopy, exercise: &Exercise, out: &Path) -> (Option<i32>, String, Value) {
    let report = out.join(format!("{}.json", exercise.name));
    let arguments = ["run", &exercise.name, "--no-plot", "--out", &out.to_string_lossy()]
        .map(str::to_owned)
        .to_vec();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let _ = fs::remove_file(&report);
    let (code, stdout, stderr) = course.run(&arguments);
    let value = fs::read(&report)
        .map_or(Value::Null, |bytes| serde_json::from_slice(&bytes).expect("the report is JSON"));
    (code, format!("{stdout}\n{stderr}"), value)
}

/// The causes of a report, as `info.toml` writes them.
fn causes(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().into_iter().flatten();
    findings
        .filter(|finding| finding["consequence_of"].as_array().is_some_and(Vec::is_empty))
        .map(|finding| match (&finding["component"], finding["kind"].as_str()) {
            (Value::String(component), Some(kind)) => format!("{component} {kind}"),
            (_, kind) => kind.unwrap_or_default().to_owned(),
        })
        .collect()
}

/// What is wrong with an exercise, if anything is.
fn check(course: &CourseCopy, exercise: &Exercise, out: &Path) -> Result<(), String> {
    let folder = exercise.folder_name();
    let (code, printed, report) = tried(course, exercise, out);
    let failing = exercise.trials.iter().find(|trial| !trial.findings.is_empty());
    let Some(failing) = failing else { return Err(format!("{folder} declares no finding")) };
    if code != Some(1) {
        return Err(format!("{folder}, untouched: exit {code:?} and not 1\n{printed}"));
    }
    let curve = report["curve"]["kind"].as_str().map(str::to_owned);
    let found = (report["scenario"]["kill"].as_str(), causes(&report), curve);
    let kill = failing.kill().to_string();
    let declared = (Some(kill.as_str()), failing.findings.clone(), failing.curve.clone());
    if found != declared {
        return Err(format!(
            "{folder}, untouched: declared {declared:?}, found {found:?}\n{printed}"
        ));
    }
    course.solve(&folder);
    match tried(course, exercise, out) {
        (Some(0), ..) => Ok(()),
        (code, printed, _) => {
            Err(format!("{folder}, solution: exit {code:?} and not 0\n{printed}"))
        }
    }
}

#[test]
fn every_exercise_fails_untouched_as_it_declares_and_its_solution_passes() {
    let course = CourseCopy::fresh();
    let catalogue = catalogue(course.root());
    let out = tempfile::tempdir().expect("a directory");
    let waiting = Mutex::new(catalogue.exercises().iter());
    let problems = Mutex::new(Vec::new());
    // Two at a time: most of an exercise's time goes by in one process.
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(exercise) = { waiting.lock().expect("no panic").next() } {
                    if let Err(problem) = check(&course, exercise, out.path()) {
                        problems.lock().expect("no panic").push(problem);
                    }
                }
            });
        }
    });
    let problems = problems.into_inner().expect("no panic");
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

#[test]
fn every_exercise_has_its_texts_in_both_languages_and_its_programs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let catalogue = catalogue(root);
    assert!(catalogue.exercises().len() >= 14);
    let manifest = fs::read_to_string(root.join("exercises/Cargo.toml")).expect("a manifest");
    let manifest: toml::Value = toml::from_str(&manifest).expect("is TOML");
    let programs: BTreeMap<&str, &str> = manifest["bin"]
        .as_array()
        .expect("programs")
        .iter()
        .filter_map(|bin| Some((bin["name"].as_str()?, bin["path"].as_str()?)))
        .collect();
    let mut expected = BTreeMap::new();
    let mut folders = Vec::new();
    for exercise in catalogue.exercises() {
        let folder = exercise.folder_name();
        expected.insert(exercise.name.clone(), format!("{folder}/exercise.rs"));
        expected.insert(format!("{}_solution", exercise.name), format!("{folder}/solution.rs"));
        folders.push(folder);
        for lang in [Lang::En, Lang::Ko] {
            let has_hangul =
                |text: &str| text.chars().any(|c| ('\u{ac00}'..='\u{d7a3}').contains(&c));
            let wanted = lang == Lang::Ko;
            let title = title(exercise, lang).expect("a title");
            assert!(!title.is_empty());
            let lesson = fs::read_to_string(exercise.lesson(lang)).expect("a lesson");
            assert_eq!(has_hangul(&lesson), wanted, "{}", exercise.lesson(lang).display());
            let hints = hints(exercise, lang).expect("the hints");
            assert_eq!(hints.len(), HINTS);
            assert_eq!(has_hangul(&hints.join("")), wanted, "{}", exercise.hints(lang).display());
        }
    }
    let programs: BTreeMap<String, String> =
        programs.into_iter().map(|(name, path)| (name.to_owned(), path.to_owned())).collect();
    assert_eq!(programs, expected, "exercises/Cargo.toml and exercises/info.toml");
    let lying_there = exercises(root);
    assert_eq!(lying_there, folders, "a folder that exercises/info.toml does not name");
}

#[test]
fn what_is_shipped_is_what_reset_brings_back() {
    // In a learner's own checkout the files are theirs.
    if !project_is_as_shipped() {
        return;
    }
    let catalogue = catalogue(Path::new(env!("CARGO_MANIFEST_DIR")));
    for exercise in catalogue.exercises() {
        assert!(exercise.is_untouched(), "{} differs", exercise.source().display());
    }
}
