//! The commands of the course.

mod check_all;
mod hint;
mod list;
mod reset;
mod run;
mod solution;
mod watch;

pub use check_all::check_all;
pub use hint::hint;
pub use list::list;
pub use reset::reset;
pub use run::{How, next, run_exercise};
pub use solution::solution;
pub use watch::watch;

use super::{Stop, command, ended, print_error};
use crate::course::{Catalogue, CatalogueError, Exercise, Position, ProgressFile};
use crate::exit::Exit;
use crate::libtorch::Project;

/// A learner's course.
struct Course {
    project: Project,
    catalogue: Catalogue,
    progress: ProgressFile,
}

impl Course {
    fn open() -> anyhow::Result<Self> {
        let project = Project::find()?;
        let catalogue = Catalogue::read(&project)?;
        let progress = ProgressFile::of(&project);
        Ok(Self { project, catalogue, progress })
    }

    /// The exercise that is asked for; `None` is where the learner is, and the first one when all are
    /// solved.
    fn exercise(&self, wanted: Option<&str>) -> Result<&Exercise, Stop> {
        let Some(wanted) = wanted else {
            return Ok(match self.progress.read()?.position(&self.catalogue) {
                Position::At(exercise) => exercise,
                Position::Done => &self.catalogue.exercises()[0],
            });
        };
        self.catalogue.find(wanted).map_err(|error| match error {
            CatalogueError::NoSuchExercise { .. } => {
                print_error(&error.to_string());
                Stop::Exit(Exit::Usage)
            }
            error => Stop::Error(error.into()),
        })
    }
}
