//! `killresume reset`: an exercise as it was shipped. What the learner wrote is kept.

use std::fs::{self, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::{Course, Stop, ended};
use crate::cli::{ResetArgs, Talk};
use crate::command::{print, print_error};
use crate::course::{Exercise, state_dir};
use crate::exit::Exit;
use crate::messages::course as say;
use crate::report::layout::{line, link, wrapped};
use crate::report::write_atomically;

/// Puts one exercise back, or all of them.
pub fn reset(args: &ResetArgs, talk: Talk) -> anyhow::Result<Exit> {
    let course = Course::open()?;
    ended(course.reset(args, talk))
}

impl Course {
    fn reset(&self, args: &ResetArgs, talk: Talk) -> Result<Exit, Stop> {
        let wanted: Vec<&Exercise> = match &args.exercise {
            Some(name) => vec![self.exercise(Some(name))?],
            None => self.catalogue.exercises().iter().collect(),
        };
        let edited: Vec<&Exercise> =
            wanted.iter().copied().filter(|exercise| !exercise.is_untouched()).collect();
        // A file that is gone has nothing to lose.
        let there = edited.iter().filter(|exercise| exercise.source().exists()).count();
        if there > 0 && !args.yes {
            if !io::stdin().is_terminal() {
                print_error(&say::reset_needs_yes());
                return Ok(Exit::Usage);
            }
            if !agreed(there)? {
                print(&format!("{}\n", say::reset_left()), talk.color)?;
                return Ok(Exit::SameRun);
            }
        }
        let mut text = String::new();
        for exercise in &edited {
            line(&mut text, &wrapped(&self.put_back(exercise)?, "", "  "));
        }
        self.progress.update(|progress| wanted.iter().for_each(|e| progress.forget(e)))?;
        if edited.is_empty() {
            line(
                &mut text,
                &match wanted[..] {
                    [exercise] => say::reset_nothing(&exercise.name),
                    _ => say::reset_nothing_at_all(),
                },
            );
        }
        print(&text, talk.color)?;
        Ok(Exit::SameRun)
    }

    /// Puts one file back and says where the learner's own is.
    fn put_back(&self, exercise: &Exercise) -> anyhow::Result<String> {
        let (source, original) = (exercise.source(), exercise.original());
        let shown = original.display().to_string();
        let shipped = fs::read(&original).with_context(|| say::text_not_read(&shown))?;
        // A link is replaced, and what it leads to is left alone; anything else but a file is not ours.
        let is_link = source.is_symlink();
        let own = match read_file(&source) {
            Ok(own) => Some(own),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                return Err(error)
                    .with_context(|| say::backup_failed(&source.display().to_string()));
            }
        };
        let backup = own.map(|own| self.keep(exercise, &own)).transpose()?;
        if is_link {
            fs::remove_file(&source)
                .with_context(|| say::backup_failed(&source.display().to_string()))?;
        }
        write_atomically(&source, &shipped)?;
        Ok(match backup {
            Some(backup) => say::reset_done(&link(&source), &link(&backup)),
            None => say::reset_done_missing(&link(&source)),
        })
    }

    /// Keeps what the learner wrote, under a number of its own.
    fn keep(&self, exercise: &Exercise, own: &[u8]) -> anyhow::Result<PathBuf> {
        let dir = state_dir(&self.project).join("backups").join(exercise.folder_name());
        let write = || -> io::Result<PathBuf> {
            fs::create_dir_all(&dir)?;
            let mut number = 1;
            loop {
                let path = dir.join(format!("exercise.{number}.rs"));
                match OpenOptions::new().write(true).create_new(true).open(&path) {
                    Ok(mut file) => {
                        file.write_all(own)?;
                        file.sync_all()?;
                        return Ok(path);
                    }
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
                    Err(error) => return Err(error),
                }
            }
        };
        write().with_context(|| say::backup_failed(&exercise.source().display().to_string()))
    }
}

/// A regular file's content: to read a pipe would take for ever.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    if fs::metadata(path)?.is_file() {
        fs::read(path)
    } else {
        Err(io::Error::other(say::not_a_file()))
    }
}

fn agreed(count: usize) -> anyhow::Result<bool> {
    let mut stderr = io::stderr();
    write!(stderr, "{}", say::reset_question(count)).and_then(|()| stderr.flush())?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "네" | "예"))
}
