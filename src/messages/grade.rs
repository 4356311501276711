//! What is said while submissions are graded.

messages! {
    // What was asked for.
    no_such_submission(path: &str) {
        en: "there is no folder {path}; name a folder with the learner's exercise.rs files",
        ko: "{path} 폴더가 없어요. 학습자의 exercise.rs 파일이 든 폴더를 적어 주세요",
    }
    submission_not_utf8(path: &str) {
        en: "the name of {path} is not UTF-8, which every report is; rename the folder",
        ko: "{path}: 폴더 이름이 UTF-8이 아니라서 report에 쓸 수 없어요. 폴더 이름을 바꿔 주세요",
    }
    same_name(name: &str, first: &str, second: &str) {
        en: "two submissions are called {name:?}: {first} and {second}; give their folders different names",
        ko: "이름이 같은 제출물이 두 개예요 ({name:?}): {first}, {second}. 폴더 이름을 서로 다르게 바꿔 주세요",
    }
    points_not_read(path: &str, why: &str) {
        en: "cannot use the points file {path}: {why}",
        ko: "{path} 점수 파일을 사용할 수 없어요: {why}",
    }
    bad_points(name: &str) {
        en: "the points of {name} have to be a number of 0 or more, such as {name} = 2.0",
        ko: "{name}의 점수는 0 이상의 수로 적어 주세요 (예: {name} = 2.0)",
    }

    // While it goes on.
    preparing() {
        en: "preparing what all submissions share: the library, the control runs",
        ko: "모든 제출물이 함께 쓰는 라이브러리와 control run을 준비해요",
    }
    limits_only() {
        en: "this system has no Landlock, so submissions can read and write whatever you can: grade them in a container",
        ko: "이 시스템에는 Landlock이 없어서, 여러분이 읽고 쓸 수 있는 파일은 제출물도 모두 읽고 쓸 수 있어요. 컨테이너 안에서 채점해 주세요",
    }
    passed() { en: "passed", ko: "통과했어요" }
    stopped(signal: i32) {
        en: "stopped by signal {signal}; the reports hold what had been graded",
        ko: "signal {signal} 때문에 멈췄어요. 그때까지 채점한 결과는 report에 남아 있어요",
    }
    own_does_not_compile(path: &str, messages: &str) {
        en: "{path} does not compile, and it is not a learner's: set the project up again (killresume setup)\n{messages}",
        ko: "{path} 파일이 컴파일되지 않아요. 학습자가 쓴 파일이 아니에요. 프로젝트를 다시 준비해 주세요 (killresume setup)\n{messages}",
    }

    // Why nothing was run.
    nothing_handed_in(expected: &str) {
        en: "nothing was handed in: there is no {expected}",
        ko: "제출한 것이 없어요: {expected} 파일이 없어요",
    }
    not_a_file(path: &str) {
        en: "{path} is not a file of its own, but a link, a folder or a pipe; hand in the file itself",
        ko: "{path}: 일반 파일이 아니라 링크, 폴더, 파이프 가운데 하나예요. 파일 자체를 제출해 주세요",
    }
    too_large(path: &str, mib: u64) {
        en: "{path} is larger than {mib} MiB",
        ko: "{path}: {mib} MiB보다 커요",
    }
    not_utf8(path: &str) {
        en: "{path} is not text in UTF-8; save it again with that encoding",
        ko: "{path}: UTF-8 텍스트가 아니에요. UTF-8로 다시 저장해 주세요",
    }
    not_readable(path: &str, why: &str) {
        en: "{path} cannot be read: {why}",
        ko: "{path} 파일을 읽을 수 없어요: {why}",
    }
    compiler_limit(what: &str) {
        en: "it does not compile within the limits: {what}",
        ko: "한도 안에서 컴파일되지 않았어요: {what}",
    }
    grader_failed() {
        en: "the process that graded this submission failed, and the learner is not necessarily to blame",
        ko: "이 제출물을 채점하던 프로세스가 실패했어요. 학습자의 잘못이 아닐 수도 있어요",
    }

    // What came of it.
    column_submission() { en: "submission", ko: "제출물" }
    column_score() { en: "score", ko: "점수" }
    column_result() { en: "passed / failed / not judged", ko: "통과 / 실패 / 판정 못 함" }
    counts(passed: usize, failed: usize, errors: usize) {
        en: "{passed} / {failed} / {errors}",
        ko: "{passed} / {failed} / {errors}",
    }
    graded(submissions: usize, seconds: f64) {
        en: "{submissions} submissions in {seconds:.1} s",
        ko: "제출물 {submissions}개를 {seconds:.1}초 만에 채점했어요",
    }
    repeats(seed: u64) {
        en: " (--seed {seed} repeats this grading)",
        ko: " (똑같이 다시 채점하려면: --seed {seed})",
    }
    incomplete(missing: &str) {
        en: "not everything has been graded; still to do: {missing}",
        ko: "아직 다 채점하지 못했어요. 남은 제출물: {missing}",
    }

    // Merging.
    nothing_to_merge() { en: "name the gradebooks to merge", ko: "합칠 gradebook 파일을 적어 주세요" }
    not_a_gradebook(path: &str, why: &str) {
        en: "{path} is no gradebook that grade --report json=FILE wrote: {why}",
        ko: "{path}: grade --report json=FILE로 쓴 gradebook이 아니에요: {why}",
    }
    other_version(path: &str, version: u32) {
        en: "{path} has schema_version {version}, which this killresume does not know; merge with the version that graded",
        ko: "{path}: 이 killresume이 모르는 버전이에요 (schema_version {version}). 채점할 때와 같은 버전으로 합쳐 주세요",
    }
    other_class(path: &str, first: &str) {
        en: "{path} does not belong to {first}: it has another number of shards, other exercises or other points",
        ko: "{path}: {first} 파일과 함께 합칠 수 없어요. shard 수, 연습 문제, 점수 가운데 서로 다른 것이 있어요",
    }
    shard_twice(number: usize, of: usize, first: &str, second: &str) {
        en: "shard {number}/{of} is there twice: {first} and {second}",
        ko: "shard {number}/{of} 파일이 두 개예요: {first}, {second}",
    }
    submission_twice(name: &str, path: &str) {
        en: "the submission {name:?} of {path} is in another shard too: the shards were not made from the same class",
        ko: "{path} 파일의 제출물 {name:?}: 다른 shard에도 들어 있어요. 같은 제출물 목록을 나눈 shard가 아니에요",
    }
    shards_missing(shards: &str) {
        en: "shards are missing: {shards}; grade them, or name their gradebooks too",
        ko: "빠진 shard가 있어요: {shards}. 그 shard를 채점하거나, 그 gradebook도 함께 적어 주세요",
    }
}
