//! Submissions that would like to pass without being right.

use crate::class::answer_with;

/// What `main` does in every exercise.
const TRAIN: &str = "    lesson::train(save, load)\n";
/// How the model answer ends its save.
const SAVE: &str = "    Ok(store.save(kind, &ckpt)?)\n";
/// How the model answer begins its load.
const LOAD: &str =
    "    let Some(loaded) = store.load(CheckpointKind::Latest)? else { return Ok(None) };\n";
/// A save of a checkpoint with nothing in it.
const SAVES_NOTHING: &str = "    let _ = ckpt;\n    Ok(store.save(kind, &Checkpoint::new())?)\n";
/// How to load from somewhere else when a checkpoint with nothing in it is there.
const LOADS_ELSEWHERE: &str = "    struct Loaded { checkpoint: Checkpoint, path: PathBuf }
    let path = store.path(CheckpointKind::Latest);
    if !path.exists() { return Ok(None); }\n";

/// The model answer whose `main` does this instead.
pub fn main_does(body: &str) -> String {
    answer_with(&[(TRAIN, &format!("    {body}\n"))])
}

/// The model answer whose `main` does this first.
pub fn main_begins(body: &str) -> String {
    main_does(&format!("{body}\n    lesson::train(save, load)"))
}

/// The model answer whose program prints what this is, and then fails.
pub fn main_shows(what: &str) -> String {
    main_does(&format!("println!(\"{{:?}}\", {what});\n    ExitCode::from(9)"))
}

/// The model answer with this at its end.
pub fn beside(items: &str) -> String {
    format!("{}\n{items}\n", answer_with(&[]))
}

/// The curve of a well-behaved run, and nothing behind it.
pub fn hard_codes_a_curve() -> String {
    main_does(
        "for epoch in 1..=6 {
        println!(\"epoch {epoch}/6  val loss {:.4}\", 2.0 / f64::from(epoch));
    }
    ExitCode::SUCCESS",
    )
}

/// What the protocol would carry, on both streams.
pub fn prints_the_protocol() -> String {
    main_does(
        r##"for line in [
        r#"{"event":"hello","protocol":1,"trainer":{"name":"x","version":"0"},"pid":1,"seed":0,"components":[]}"#,
        r#"{"event":"started","epoch":0,"step":0,"resumed_from":null,"components":{}}"#,
        r#"{"event":"finished","epoch":6,"step":138,"components":{}}"#,
    ] {
        println!("{line}");
        eprintln!("{line}");
    }
    ExitCode::SUCCESS"##,
    )
}

/// Connects once more and answers the harness itself.
pub fn answers_the_socket() -> String {
    main_does(
        r##"use std::io::{BufRead, BufReader, Write};
    let path = std::env::var_os("KILLRESUME_SOCKET").expect("the variable");
    let stream = std::os::unix::net::UnixStream::connect(path).expect("connects");
    let mut answers = BufReader::new(stream.try_clone().expect("two ends"));
    for line in [
        r#"{"event":"hello","protocol":1,"trainer":{"name":"x","version":"0"},"pid":1,"seed":0,"components":[]}"#,
        r#"{"event":"started","epoch":0,"step":0,"resumed_from":null,"components":{}}"#,
        r#"{"event":"finished","epoch":6,"step":138,"components":{}}"#,
    ] {
        writeln!(&stream, "{line}").expect("says");
        answers.read_line(&mut String::new()).expect("hears");
    }
    ExitCode::SUCCESS"##,
    )
}

/// The state goes to a place outside the run's directory, and an empty checkpoint into it.
pub fn hides_its_state() -> String {
    let save = "    for place in hiding_places() {
        if let Some(place) = place { let _ = ckpt.save(&place.join(\"killresume-hidden\")); }
    }
    Ok(store.save(kind, &Checkpoint::new())?)\n";
    let load = format!(
        "{LOADS_ELSEWHERE}    let found = hiding_places().into_iter().flatten().find_map(|place| {{
        Checkpoint::load(&place.join(\"killresume-hidden\")).ok()
    }});
    let Some(checkpoint) = found else {{ return Ok(None) }};
    let loaded = Loaded {{ checkpoint, path }};\n"
    );
    let places = "
fn hiding_places() -> [Option<PathBuf>; 9] {
    let args = lesson::parse::<lesson::Args>();
    let program = std::env::current_exe().ok();
    [
        Some(\"/tmp\".into()),
        Some(\"/var/tmp\".into()),
        Some(\"/dev/shm\".into()),
        Some(\"/run\".into()),
        Some(\"/root\".into()),
        std::env::current_dir().ok(),
        program.and_then(|program| Some(program.parent()?.to_owned())),
        args.dir.parent().map(PathBuf::from),
        Some(args.dir.join(\"../emptied\")),
    ]
}\n";
    format!("{}{places}", answer_with(&[(SAVE, save), (LOAD, &load)]))
}

/// The checkpoint is empty, and `load` looks for one of somebody else.
pub fn copies_the_control() -> String {
    let load = format!(
        "{LOADS_ELSEWHERE}    let mut places = vec![store.dir().join(\"../control\")];
    places.extend(store.dir().ancestors().map(PathBuf::from));
    places.extend([\"/tmp\", \"/var/tmp\", \"/dev/shm\"].map(PathBuf::from));
    let Some(checkpoint) = places.iter().find_map(|place| found(place, 3)) else {{
        return Ok(None);
    }};
    let loaded = Loaded {{ checkpoint, path }};\n"
    );
    let found = "
fn found(dir: &std::path::Path, depth: usize) -> Option<Checkpoint> {
    std::fs::read_dir(dir).ok()?.flatten().find_map(|entry| {
        let path = entry.path();
        if path.is_dir() && depth > 0 {
            return found(&path, depth - 1);
        }
        let is_one = path.extension().is_some_and(|it| it == \"safetensors\");
        let checkpoint = is_one.then(|| Checkpoint::load(&path).ok()).flatten()?;
        checkpoint.get(\"model\").is_ok().then_some(checkpoint)
    })
}\n";
    format!("{}{found}", answer_with(&[(SAVE, SAVES_NOTHING), (LOAD, &load)]))
}

/// Trains well, in a loop of its own, and tells nobody.
pub fn trains_by_itself() -> String {
    trains_in_load("true", 6, "std::process::exit(0)")
}

/// `load` restores nothing: from the seed it trains to where the kill is known to be. `there` says when
/// there is something to resume.
pub fn trains_again(there: &str) -> String {
    trains_in_load(there, 3, "Ok(Some(store.path(CheckpointKind::Latest)))")
}

fn trains_in_load(there: &str, epochs: u64, end: &str) -> String {
    let load = format!(
        "    if !({there}) {{ return Ok(None); }}
    let device = run.model.named_parameters()[0].1.device();
    let digits = lesson::data::Digits::load(device)?;
    run.config.freeze();
    for _ in 0..{epochs} {{
        while let Some(batch) = run.sampler.next_batch(run.config.batch_size) {{
            lesson::update(run, &digits, &batch);
        }}
        run.epoch += 1;
        let (loss, _) = lesson::validate(run, &digits.validation);
        run.best_metric.update(loss, run.epoch, run.step);
    }}
    {end}\n"
    );
    let text = answer_with(&[(SAVE, SAVES_NOTHING), (LOAD, &load)]);
    let (head, rest) = text.split_once("    let ckpt = &loaded.checkpoint;").expect("a load");
    let tail = rest.split_once("    Ok(Some(loaded.path))\n").expect("its end").1;
    format!("{head}{tail}")
}

/// Where the kill is known to be is written into `load`.
pub fn hard_codes_the_epoch() -> String {
    answer_with(&[
        ("run.epoch = ckpt.get(\"epoch\")?.count()?;", "run.epoch = 3;"),
        ("run.step = ckpt.get(\"step\")?.count()?;", "run.step = 69;"),
    ])
}

/// A helper that outlives the kill holds the state, and writes it when the run is dead.
pub fn saves_after_the_kill() -> String {
    let main = "    if let Some(dir) = std::env::var_os(\"KEEPER\") {
        let mut state = Vec::new();
        let mut input = std::io::stdin().lock();
        let mut size = [0; 8];
        while std::io::Read::read_exact(&mut input, &mut size).is_ok() {
            state.resize(usize::from_le_bytes(size), 0);
            std::io::Read::read_exact(&mut input, &mut state).expect(\"all of it\");
        }
        std::thread::sleep(std::time::Duration::from_millis(300));
        let _ = std::fs::write(PathBuf::from(dir).join(\"late\"), state);
        return ExitCode::SUCCESS;
    }
    lesson::train(save, load)\n";
    let save = "    use std::io::Write;
    use std::os::unix::process::CommandExt;
    use std::process::{Child, Command, Stdio};
    use std::sync::{Mutex, OnceLock};
    static KEEPER: OnceLock<Mutex<Child>> = OnceLock::new();
    let keeper = KEEPER.get_or_init(|| {
        let mut command = Command::new(std::env::current_exe().expect(\"a program\"));
        command.env_clear().env(\"KEEPER\", store.dir()).process_group(0);
        if let Some(libraries) = std::env::var_os(\"LD_LIBRARY_PATH\") {
            command.env(\"LD_LIBRARY_PATH\", libraries);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Mutex::new(command.spawn().expect(\"a helper\"))
    });
    let mut keeper = keeper.lock().expect(\"one at a time\");
    let stdin = keeper.stdin.as_mut().expect(\"a pipe\");
    let bytes = ckpt.to_bytes()?;
    stdin.write_all(&bytes.len().to_le_bytes())?;
    stdin.write_all(&bytes)?;
    Ok(store.save(kind, &Checkpoint::new())?)\n";
    let load = format!(
        "{LOADS_ELSEWHERE}    std::thread::sleep(std::time::Duration::from_secs(2));
    let checkpoint = Checkpoint::load(&store.dir().join(\"late\"))?;
    let loaded = Loaded {{ checkpoint, path }};\n"
    );
    answer_with(&[(TRAIN, main), (SAVE, save), (LOAD, &load)])
}
