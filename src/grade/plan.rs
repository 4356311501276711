//! What is to be graded: which submissions, which exercises, for how many points.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::course::{Catalogue, CatalogueError};
use crate::messages::grade as say;
use crate::report::gradebook::{Shard, Task};

/// What is to be graded by one call.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The submissions of this shard by name, sorted.
    pub submissions: Vec<(String, PathBuf)>,
    /// The exercises, in the order of the course.
    pub exercises: Vec<Task>,
}

/// What is wrong with what was asked for.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A submission is not a folder.
    #[error("{}", say::no_such_submission(&.0.display().to_string()))]
    NoSuchSubmission(PathBuf),
    /// The path of a submission is not UTF-8, as every report is.
    #[error("{}", say::submission_not_utf8(&.0.display().to_string()))]
    NotUtf8(PathBuf),
    /// Two submissions have the same name.
    #[error("{}", say::same_name(.name, &.first.display().to_string(), &.second.display().to_string()))]
    SameName {
        /// The name.
        name: String,
        /// One of them.
        first: PathBuf,
        /// The other one.
        second: PathBuf,
    },
    /// An exercise that there is not.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The points file cannot be read.
    #[error("{}", say::points_not_read(&.path.display().to_string(), .why))]
    Points {
        /// Its path.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

/// The submissions of a shard, by the names of their folders: of all, sorted, every `of`th.
///
/// Each shard finds the same order, so that together they are the whole and no two have one in common.
///
/// # Errors
/// A path that is no folder, or not UTF-8; two folders of the same name.
pub fn submissions(paths: &[PathBuf], shard: Shard) -> Result<Vec<(String, PathBuf)>, PlanError> {
    let mut by_name: BTreeMap<String, PathBuf> = BTreeMap::new();
    for path in paths {
        let missing = || PlanError::NoSuchSubmission(path.clone());
        // `.` and a slash at the end have a name too.
        let folder = path.canonicalize().map_err(|_| missing())?;
        if !folder.is_dir() {
            return Err(missing());
        }
        if folder.to_str().is_none() {
            return Err(PlanError::NotUtf8(folder));
        }
        let name = folder.file_name().ok_or_else(missing)?.to_string_lossy().into_owned();
        if let Some(first) = by_name.insert(name.clone(), folder.clone()) {
            return Err(PlanError::SameName { name, first, second: folder });
        }
    }
    let all = by_name.into_iter().enumerate();
    let own = all.filter(|(place, _)| place % shard.of == shard.number - 1);
    Ok(own.map(|(_, submission)| submission).collect())
}

/// The exercises that are asked for, all if none is, and what each is worth.
///
/// # Errors
/// An exercise that there is not; a points file that cannot be read or names one.
pub fn points(
    catalogue: &Catalogue,
    wanted: &[String],
    file: Option<&Path>,
) -> Result<Vec<Task>, PlanError> {
    let wanted: Vec<&str> = wanted
        .iter()
        .map(|name| catalogue.find(name).map(|exercise| &*exercise.name))
        .collect::<Result<_, _>>()?;
    let worth = match file {
        Some(path) => read_points(catalogue, path)?,
        None => BTreeMap::new(),
    };
    let exercises = catalogue.exercises().iter();
    let graded = exercises.filter(|it| wanted.is_empty() || wanted.contains(&&*it.name));
    Ok(graded
        .map(|exercise| Task {
            name: exercise.name.clone(),
            points: worth.get(&exercise.name).copied().unwrap_or(1.0),
        })
        .collect())
}

fn read_points(catalogue: &Catalogue, path: &Path) -> Result<BTreeMap<String, f64>, PlanError> {
    let wrong = |why: String| PlanError::Points { path: path.to_owned(), why };
    let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    let given: toml::Table =
        toml::from_str(&text).map_err(|error| wrong(error.message().to_owned()))?;
    let mut points = BTreeMap::new();
    for (name, worth) in given {
        let exercise = catalogue.find(&name).map_err(|error| wrong(error.to_string()))?;
        let worth = worth.as_float().or_else(|| worth.as_integer().map(|whole| whole as f64));
        let worth = worth.filter(|worth| worth.is_finite() && *worth >= 0.0);
        let worth = worth.ok_or_else(|| wrong(say::bad_points(&name)))?;
        points.insert(exercise.name.clone(), worth);
    }
    Ok(points)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_disjoint_and_together_the_whole() {
        let class = tempfile::tempdir().expect("a directory");
        let paths: Vec<PathBuf> =
            ["e", "a", "c", "가", "b", "d", "나"].map(|name| class.path().join(name)).to_vec();
        paths.iter().for_each(|path| fs::create_dir(path).expect("a folder"));
        let shard = |number, of| submissions(&paths, Shard { number, of }).expect("folders");
        let whole = shard(1, 1);
        assert!(whole.is_sorted());
        for of in 1..=8 {
            let mut parts: Vec<_> = (1..=of).flat_map(|number| shard(number, of)).collect();
            parts.sort();
            assert_eq!(parts, whole, "{of} shards");
        }
    }

    #[test]
    fn two_submissions_of_one_name_are_refused() {
        let class = tempfile::tempdir().expect("a directory");
        let paths = ["a/kim", "b/kim"].map(|name| class.path().join(name));
        paths.iter().for_each(|path| fs::create_dir_all(path).expect("a folder"));
        let refused = submissions(&paths, Shard { number: 1, of: 1 });
        assert!(matches!(refused, Err(PlanError::SameName { .. })), "{refused:?}");
    }
}
