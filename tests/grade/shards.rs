//! Shards of a class are disjoint, together they are the whole, and only what belongs together is joined.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use killresume::grade::submissions;
use killresume::report::gradebook::Shard;
use serde_json::{Value, json};

use crate::class::{Class, FOLDER, Graded, answer_with};
use crate::common::killresume;

const NAMES: [&str; 7] = ["ann", "bob", "choi", "dan", "eve", "김", "이"];

/// What makes a gradebook another one.
type Change<'a> = &'a dyn Fn(&mut Value);

/// One passes, one fails, the others do not compile.
fn class() -> Class {
    let mut class = Class::new();
    for name in NAMES {
        class.hand_in(name, format!("{name}!"));
    }
    class.hand_in("choi", answer_with(&[]));
    class.hand_in("eve", include_str!("../../exercises/originals/10_rng.rs"));
    class
}

/// What is the same however often a class is graded.
fn grades(book: &Value) -> Value {
    let grade = |case: &Value| {
        json!([case["name"], case["status"], case["message"], case["points"], case["file"]])
    };
    let grades = |submission: &Value| {
        let cases = submission["suite"]["cases"].as_array().expect("cases");
        json!([submission["name"], submission["path"], cases.iter().map(grade).collect::<Vec<_>>()])
    };
    let submissions = book["submissions"].as_array().expect("submissions");
    let keys = ["schema_version", "killresume", "exercises", "shard", "planned", "containment"];
    json!([keys.map(|key| &book[key]), submissions.iter().map(grades).collect::<Vec<_>>(),])
}

fn merged(class: &Class, parts: &[PathBuf]) -> Graded {
    let whole = class.path("merged.json");
    let mut command = killresume();
    command.arg("merge").args(parts).arg("--report").arg(format!("json={}", whole.display()));
    Graded::of(&mut command, &whole)
}

#[test]
fn shards_are_disjoint_and_together_the_whole_class() {
    let class = class();
    let paths: Vec<PathBuf> = NAMES.iter().map(|name| class.folder(name)).collect();
    for of in 1..=5 {
        let mut seen = BTreeSet::new();
        for number in 1..=of {
            let shard = submissions(&paths, Shard { number, of }).expect("folders");
            let fair = NAMES.len() / of..=NAMES.len().div_ceil(of);
            assert!(fair.contains(&shard.len()), "{number}/{of} has {}", shard.len());
            for (name, _) in shard {
                assert!(seen.insert(name.clone()), "{name} is in two shards of {of}");
            }
        }
        assert_eq!(seen, NAMES.map(str::to_owned).into(), "{of} shards");
    }
}

#[test]
fn the_shards_of_a_class_merge_into_what_one_grader_makes_of_it() {
    let class = class();
    let whole = class.graded_in_one(&["--seed", "5"]);
    assert_eq!(whole.code, Some(3), "{}", whole.transcript());
    assert_eq!(whole.names(), NAMES, "sorted by name");
    let mut parts = Vec::new();
    for number in 1..=3 {
        let shard = format!("{number}/3");
        let graded = class.graded_in_one(&["--seed", "5", "--shard", &shard]);
        assert_eq!(graded.book["shard"], json!({ "number": number, "of": 3 }));
        let part = class.path(&format!("{number}.json"));
        fs::rename(class.path("book.json"), &part).expect("keeps it");
        parts.push(part);
    }
    // In any order.
    parts.rotate_left(1);
    let joined = merged(&class, &parts);
    assert_eq!(joined.code, whole.code, "{}", joined.transcript());
    assert_eq!(grades(&joined.book), grades(&whole.book));
    let table = |graded: &Graded| {
        let rows = graded.stdout.lines().skip_while(|line| !line.starts_with("submission"));
        rows.take(1 + NAMES.len()).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(table(&joined), table(&whole));

    let refused = |parts: &[PathBuf], says: &[&str]| {
        let refused = merged(&class, parts);
        assert_eq!(refused.code, Some(2), "{}", refused.transcript());
        assert!(refused.book.is_null(), "a report was written: {}", refused.book);
        for part in says {
            assert!(refused.stderr.contains(part), "lacks {part:?}: {}", refused.stderr);
        }
    };
    // parts: 2, 3, 1.
    refused(&parts[..2], &["1/3"]);
    refused(&parts[..1], &["1/3", "3/3"]);
    refused(&[parts[0].clone(), parts[1].clone(), parts[1].clone()], &["3/3", "twice"]);
    refused(&[parts.clone(), vec![parts[0].clone()]].concat(), &["2/3", "twice"]);
    let changed = |name: &str, change: Change<'_>| {
        let text = fs::read_to_string(&parts[0]).expect("a part");
        let mut book: Value = serde_json::from_str(&text).expect("JSON");
        change(&mut book);
        let path = class.path(name);
        fs::write(&path, book.to_string()).expect("writes");
        vec![path, parts[1].clone(), parts[2].clone()]
    };
    let foreign: [(&str, Change<'_>, &str); 6] = [
        ("points.json", &|book| book["exercises"][0]["points"] = json!(2.0), "points.json"),
        ("other.json", &|book| book["exercises"][0]["name"] = json!("sampler"), "other.json"),
        ("shards.json", &|book| book["shard"]["of"] = json!(4), "shards.json"),
        ("version.json", &|book| book["schema_version"] = json!(99), "99"),
        ("class.json", &|book| book["planned"] = json!(["ann", "dan", "이"]), "class"),
        ("none.json", &|book| *book = json!({}), "none.json"),
    ];
    for (name, change, says) in foreign {
        refused(&changed(name, change), &[says]);
    }
    let torn = class.path("torn.json");
    let text = fs::read_to_string(&parts[0]).expect("a part");
    fs::write(&torn, &text[..text.len() / 2]).expect("writes");
    refused(&[torn, parts[1].clone(), parts[2].clone()], &["torn.json"]);
    refused(&[class.folder("ann").join(FOLDER)], &[FOLDER]);
}
