//! What is said while the surroundings of a run go wrong.

messages! {
    control() {
        en: "training once while nothing goes wrong",
        ko: "아무 문제 없이 한 번 학습해요",
    }
    trying(hazards: usize) {
        en: "{hazards} hazards, each in a run of its own",
        ko: "주변에 생기는 문제 {hazards}가지를 run 하나에 하나씩 겪게 해 봐요",
    }
    column_hazard() { en: "hazard", ko: "생긴 문제" }
    column_outcome() { en: "outcome", ko: "결과" }
    column_what() { en: "what happened", ko: "일어난 일" }
    second_trainer() { en: "second trainer", ko: "두 번째 trainer" }
    full_disk() { en: "full disk", ko: "가득 찬 디스크" }
    read_only() { en: "read-only directory", ko: "읽기 전용 폴더" }
    clock_jump() { en: "clock jump", ko: "시계가 튐" }
    removed() { en: "directory removed", ko: "지워진 폴더" }
    held() { en: "held", ko: "견딤" }
    broken() { en: "broken", ko: "무너짐" }
    not_tried() { en: "not tried", ko: "해 보지 못함" }
    not_judged() { en: "not judged", ko: "판정 못 함" }
    summary(held: usize, tried: usize, seconds: f64) {
        en: "{held} of {tried} hazards held, in {seconds:.1} s",
        ko: "문제 {tried}가지 가운데 {held}가지를 견뎠어요. {seconds:.1}초 걸렸어요",
    }
    process_failed(why: &str) {
        en: "the process that tried this failed: {why}",
        ko: "이 문제를 맡은 프로세스가 실패했어요: {why}",
    }

    // What held.
    stopped(code: i32, end: &str) {
        en: "it said that it could not save and stopped with exit code {code}; {end}",
        ko: "저장할 수 없다고 알리고 멈췄어요 (exit code {code}). {end}",
    }
    went_on(end: &str) {
        en: "it said that it could not save and trained on; {end}",
        ko: "저장할 수 없다고 알리고 학습을 계속했어요. {end}",
    }
    nothing_failed(end: &str) {
        en: "its saves went through all the same; {end}",
        ko: "그래도 모두 저장했어요. {end}",
    }
    same_run(epoch: u64) {
        en: "started again, it went on after epoch {epoch} as the same run",
        ko: "다시 시작하니 epoch {epoch} 뒤부터 같은 run으로 이어졌어요",
    }
    from_zero() {
        en: "nothing was left, and started again it was the same run from the beginning",
        ko: "남은 것이 없어서 다시 시작하니 처음부터 같은 run으로 끝났어요",
    }
    complete() {
        en: "started again, it is complete and its state is the control's",
        ko: "다시 시작하니 학습이 이미 끝나 있고 상태도 control과 같아요",
    }
    clock_held(end: &str) {
        en: "the times of its files did not mislead it; {end}",
        ko: "파일의 시각에 속지 않았어요. {end}",
    }
    second_refused(code: i32) {
        en: "the second one said why, ended with exit code {code} and changed nothing; the first one went on as the same run",
        ko: "두 번째는 이유를 알리고 끝났고 (exit code {code}) 아무 파일도 바꾸지 않았어요. 첫 번째는 같은 run으로 이어졌어요",
    }

    // What did not.
    second_changed(files: &str) {
        en: "a second trainer started on the run's directory while the first one lived and changed its files: {files}",
        ko: "첫 번째 trainer가 도는 동안 같은 폴더에서 시작한 두 번째 trainer가 파일을 바꿨어요: {files}",
    }
    second_started() {
        en: "a second trainer began to train on the run's directory while the first one lived",
        ko: "첫 번째 trainer가 도는 동안 두 번째 trainer가 같은 폴더에서 학습을 시작했어요",
    }
    second_zero() {
        en: "the second trainer ended with exit code 0, as if it had done its work",
        ko: "두 번째 trainer가 할 일을 다 한 것처럼 exit code 0으로 끝났어요",
    }
    second_silent(code: i32) {
        en: "the second trainer ended with exit code {code} and did not say why",
        ko: "두 번째 trainer가 이유를 알리지 않고 끝났어요 (exit code {code})",
    }
    second_died(signal: i32) {
        en: "the second trainer died of signal {signal} instead of saying that the directory is taken",
        ko: "두 번째 trainer가 폴더를 이미 쓰고 있다고 알리지 않고 signal {signal}번으로 죽었어요",
    }
    second_fault(why: &str) {
        en: "the second trainer did not end by itself: {why}",
        ko: "두 번째 trainer가 스스로 끝나지 않았어요: {why}",
    }
    first_differs(what: &str) {
        en: "the first trainer is not the same run after the second one came: {what}",
        ko: "두 번째 trainer가 다녀간 뒤에 첫 번째가 같은 run이 아니에요: {what}",
    }
    died(signal: i32) {
        en: "it died of signal {signal} instead of saying what is wrong",
        ko: "무엇이 잘못됐는지 알리지 않고 signal {signal}번으로 죽었어요",
    }
    quit_with_zero() {
        en: "it could not save and ended in the middle of training with exit code 0, as if training were complete",
        ko: "저장하지 못했는데 학습을 다 마친 것처럼 exit code 0으로 도중에 끝났어요",
    }
    silent(code: i32) {
        en: "it could not save and printed nothing about it (exit code {code})",
        ko: "저장하지 못했는데 아무것도 알리지 않았어요 (exit code {code})",
    }
    claimed(said: u64, found: u64) {
        en: "it said that the checkpoint of epoch {said} was saved, and started again it had no more than epoch {found}",
        ko: "epoch {said}의 checkpoint를 저장했다고 했는데, 다시 시작하니 epoch {found}까지밖에 없었어요",
    }
    another_run(what: &str) {
        en: "started again it is not the same run: {what}",
        ko: "다시 시작하니 같은 run이 아니에요: {what}",
    }
    nothing_left() {
        en: "it went on as if it had saved, and left no checkpoint",
        ko: "저장한 것처럼 학습을 계속했는데 checkpoint가 하나도 남지 않았어요",
    }
    unfinished(code: i32, line: &str) {
        en: "it ended with exit code {code} before training was complete: {line}",
        ko: "학습을 다 마치기 전에 끝났어요 (exit code {code}): {line}",
    }
    other_curve() {
        en: "its validation curve is not the control's",
        ko: "validation curve가 control과 달라요",
    }
    other_end(components: &str) {
        en: "its final state is not the control's: {components}",
        ko: "마지막 상태가 control과 달라요: {components}",
    }

    // Why there is no answer.
    no_moment(epoch: u64) {
        en: "the trainer never said that it had saved latest at the end of epoch {epoch}, after which this was to happen",
        ko: "이 문제는 epoch {epoch}의 latest를 저장한 뒤에 일으키려 했는데, trainer가 그것을 저장했다고 알리지 않았어요",
    }
    no_mount(why: &str) {
        en: "this system does not let us mount: {why}; run it as root, or where user namespaces are permitted",
        ko: "이 시스템에서는 mount를 할 수 없어요: {why}. root로 실행하거나 user namespace를 쓸 수 있는 곳에서 실행해 주세요",
    }
}
