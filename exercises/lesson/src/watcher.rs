//! Who watches a trainer: a harness, or a person.

use std::collections::BTreeMap;
use std::env;
use std::io::{self, Write};
use std::path::Path;
use std::process;
use std::sync::Mutex;

use anyhow::{Result, anyhow};
use killresume::protocol::{self, Client, ClientError, Event, Hello, Trainer};

use crate::args::Args;
use crate::messages::training as say;
use crate::run::Component;

/// A connection that was opened before the trainer's own code ran, see [`connect`].
static CONNECTION: Mutex<Option<Client>> = Mutex::new(None);

/// Connects to the harness now, and not only when [`train()`](crate::train()) is called. The harness takes
/// one connection, so that nothing that runs afterwards can speak in the trainer's place: from here on
/// this process cannot start a program either, which could take the connection from it (Linux with
/// Landlock).
///
/// # Errors
/// A harness is named and nobody listens, or the kernel keeps no rules though it could.
pub fn connect() -> Result<()> {
    let client = Client::from_environment().map_err(in_words)?;
    let mut connection = CONNECTION.lock().expect("nothing panics while it holds the lock");
    // Called again, it leaves the one that the harness hears.
    if connection.is_none() {
        *connection = client;
    }
    #[cfg(target_os = "linux")]
    start_nothing()?;
    Ok(())
}

/// Gives up the right to start programs, for this process and all that it forks. The dynamic loader is a
/// program that starts any other, so that it is not enough to keep to this program alone.
#[cfg(target_os = "linux")]
fn start_nothing() -> Result<(), landlock::RulesetError> {
    use landlock::{AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr};
    let rules = Ruleset::default().set_compatibility(CompatLevel::BestEffort);
    // No rule allows what is handled.
    rules.handle_access(AccessFs::Execute)?.create()?.restrict_self()?;
    Ok(())
}

/// Passes on what happens.
#[derive(Debug)]
pub(crate) enum Watcher {
    /// A harness gets every event; standard output stays empty.
    Harness { client: Client, wants_steps: bool },
    /// A person gets a line an epoch on standard output.
    Person { epochs: u64 },
}

impl Watcher {
    /// Greets the harness, if there is one.
    pub(crate) fn connect(args: &Args) -> Result<Self> {
        let open = CONNECTION.lock().expect("nothing panics while it holds the lock").take();
        let client = match open {
            Some(client) => Some(client),
            None => Client::from_environment().map_err(in_words)?,
        };
        let Some(mut client) = client else { return Ok(Self::Person { epochs: args.epochs }) };
        let hello = Event::Hello(Hello {
            protocol: protocol::VERSION,
            trainer: Trainer {
                name: program_name(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            pid: process::id(),
            seed: args.seed,
            components: Component::ALL.iter().map(|c| c.name().to_owned()).collect(),
            capabilities: vec!["steps".to_owned()],
            environment: environment(args),
        });
        let reply = client.say(&hello).map_err(in_words)?;
        Ok(Self::Harness { client, wants_steps: reply.steps })
    }

    /// Whether to tell every update.
    pub(crate) fn wants_steps(&self) -> bool {
        matches!(self, Self::Harness { wants_steps: true, .. })
    }

    /// Tells what happened.
    pub(crate) fn tell(&mut self, event: &Event) -> Result<()> {
        match self {
            Self::Harness { client, .. } => {
                client.say(event).map_err(in_words)?;
            }
            Self::Person { epochs } => {
                if let Some(line) = progress(event, *epochs) {
                    // Training goes on when nobody reads any more.
                    let _ = writeln!(io::stdout(), "{line}");
                }
            }
        }
        Ok(())
    }
}

/// What a person is told of an event.
fn progress(event: &Event, epochs: u64) -> Option<String> {
    let number = |value: Option<f64>| value.unwrap_or(f64::NAN);
    match event {
        Event::Started(started) => Some(match &started.resumed_from {
            Some(path) => say::resuming(started.epoch, path),
            None => say::starting_afresh(),
        }),
        Event::Epoch(epoch) => {
            let position = say::position(epoch.epoch, epochs, epoch.step);
            let metrics = say::metrics(
                number(epoch.train_loss),
                number(epoch.val_loss),
                100.0 * number(epoch.val_accuracy),
                epoch.lr,
                number(epoch.loss_scale),
            );
            Some(format!("{position}  {metrics}"))
        }
        Event::Finished(_) => Some(say::finished()),
        _ => None,
    }
}

/// What a learner is told when the harness cannot be talked to.
fn in_words(error: ClientError) -> anyhow::Error {
    anyhow!(match error {
        ClientError::Connect { path, source } => {
            say::no_harness(&path.display().to_string(), &source.to_string())
        }
        ClientError::Lost(error) => say::lost_harness(&error.to_string()),
        ClientError::Reply { line, source } => say::no_reply(&line, &source.to_string()),
    })
}

fn program_name() -> String {
    let program = env::args_os().next().unwrap_or_default();
    Path::new(&program).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// What the bits of the result depend on beside the program and its arguments.
fn environment(args: &Args) -> BTreeMap<String, String> {
    const VARIABLES: [&str; 5] = [
        "ATEN_CPU_CAPABILITY",
        "MKL_CBWR",
        "MKL_NUM_THREADS",
        "OMP_NUM_THREADS",
        "ONEDNN_MAX_CPU_ISA",
    ];
    let variables =
        VARIABLES.iter().filter_map(|name| Some(((*name).to_owned(), env::var(name).ok()?)));
    let mut facts: BTreeMap<String, String> = variables.collect();
    facts.insert("threads".to_owned(), args.threads.to_string());
    facts.insert("device".to_owned(), format!("{:?}", args.device).to_lowercase());
    // tch 0.26 builds with this libtorch and no other.
    facts.insert("libtorch".to_owned(), "2.13.0".to_owned());
    facts.insert("arch".to_owned(), env::consts::ARCH.to_owned());
    facts
}
