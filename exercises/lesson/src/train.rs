//! The training loop, and what surrounds it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Error, Result, anyhow};
use killresume::protocol::CheckpointKind;
use tch::{Cuda, Device};

use crate::args::{Args, DeviceKind, parse};
use crate::call_site;
use crate::checkpoint::Store;
use crate::data::Digits;
use crate::messages::training as say;
use crate::panic::say_where;
use crate::run::Run;
use crate::session::{Next, Session};

/// Trains until every epoch is done.
fn fit(run: &mut Run, digits: &Digits, session: &mut Session<'_>) -> Result<Next> {
    run.config.freeze();
    while run.epoch < run.config.epochs {
        while let Some(batch) = run.sampler.next_batch(run.config.batch_size) {
            let lr = run.optimizer.lr();
            let loss = update(run, digits, &batch);
            if session.after_step(run, loss, lr, &batch)? == Next::Stop {
                return Ok(Next::Stop);
            }
        }
        run.epoch += 1;
        session.after_epoch(run)?;
    }
    Ok(Next::GoOn)
}

/// One update from the training samples with these ids. Returns the batch's loss.
pub fn update(run: &mut Run, digits: &Digits, batch: &[i64]) -> f64 {
    run.rng.seed_libtorch();
    let samples = digits.augmented(batch, run.config.shift, run.config.noise);

    run.optimizer.zero_grad();
    let logits = run.model.forward(&samples.images, true);
    let loss = logits.cross_entropy_for_logits(&samples.labels);
    run.scaler.scale(&loss).backward();
    run.scaler.step(&mut run.optimizer);
    run.scaler.update();
    run.scheduler.step(&mut run.optimizer);

    run.step += 1;
    loss.double_value(&[])
}

/// Runs a trainer whose checkpoints `save` writes and `load` reads. The arguments come from the
/// command line, see [`Args`], the language from the environment, see [`parse`]; everything else is the
/// trainer's business.
///
/// `load` puts the run into its saved state and returns the file that it read, or `None` when there
/// is nothing to resume from. `save` writes a checkpoint and returns its file. It is called when an
/// epoch ends, for [`CheckpointKind::Best`] if the epoch was the best so far and then for
/// [`CheckpointKind::Latest`].
///
/// The exit code is 0 when training is complete, 1 after an error, and 143 after SIGTERM. A panic in
/// `save` or `load` goes on, after a line that says in which.
pub fn train(
    save: impl FnMut(&Run, &Store, CheckpointKind) -> Result<PathBuf>,
    load: impl FnOnce(&mut Run, &Store) -> Result<Option<PathBuf>>,
) -> ExitCode {
    train_with(&parse::<Args>(), save, load)
}

/// [`train()`] with the arguments already parsed, by [`parse`], for a trainer that has arguments of its
/// own.
pub fn train_with(
    args: &Args,
    mut save: impl FnMut(&Run, &Store, CheckpointKind) -> Result<PathBuf>,
    load: impl FnOnce(&mut Run, &Store) -> Result<Option<PathBuf>>,
) -> ExitCode {
    match start(args, &mut save, load) {
        Ok(Next::GoOn) => ExitCode::SUCCESS,
        // What a shell reports for a process that SIGTERM ended.
        Ok(Next::Stop) => ExitCode::from(128 + 15),
        Err(error) => {
            eprintln!("{}", say::error(&format!("{error:#}")));
            ExitCode::FAILURE
        }
    }
}

fn start(
    args: &Args,
    save: &mut dyn FnMut(&Run, &Store, CheckpointKind) -> Result<PathBuf>,
    load: impl FnOnce(&mut Run, &Store) -> Result<Option<PathBuf>>,
) -> Result<Next> {
    keep_freed_memory();
    let device = device(args.device)?;
    tch::set_num_threads(args.threads);
    let store = Store::open(&args.dir)?;
    let digits = Digits::load(device)?;
    let mut session = Session::open(args, &digits.validation, &store, save)?;

    let mut run = Run::new(args.config(), digits.train_len(), device);
    let resumed_from = say_where(say::panic_in_load, || load(&mut run, &store));
    let resumed_from = resumed_from.map_err(cannot_resume)?;
    session.started(&run, resumed_from.as_deref())?;
    let next = fit(&mut run, &digits, &mut session)?;
    if next == Next::GoOn {
        session.finished(&run)?;
    }
    Ok(next)
}

/// What went wrong in `load`, and where to look.
fn cannot_resume(error: Error) -> Error {
    let error = error.context(say::cannot_resume());
    match call_site::last() {
        Some(place) => anyhow!("{error:#}\n  {}", say::last_read(&place)),
        None => error,
    }
}

fn device(kind: DeviceKind) -> Result<Device> {
    match kind {
        DeviceKind::Cpu => Ok(Device::Cpu),
        DeviceKind::Cuda if Cuda::is_available() => Ok(Device::Cuda(0)),
        DeviceKind::Cuda => Err(anyhow!(say::no_cuda())),
    }
}

/// Makes glibc keep the memory of freed tensors for the next ones.
///
/// It returns free memory to the system when there is more of it than twice the largest block that
/// was ever mapped and freed, 128 KiB at first, and every update would fault its pages in anew: a
/// fifth of the run. So one large block is mapped and freed, untouched. With another allocator this
/// does nothing.
fn keep_freed_memory() {
    // Just below 32 MiB, the largest block that counts (mallopt(3), M_MMAP_THRESHOLD).
    drop(std::hint::black_box(Vec::<u8>::with_capacity(31 << 20)));
}
