//! The course: exercises, progress, hints.

messages! {
    catalogue_not_read(path: &str, why: &str) {
        en: "cannot read the catalogue of the course {path}: {why}; restore it from the project's repository",
        ko: "연습 과정의 목록 {path} 파일을 읽을 수 없어요: {why}. 프로젝트 저장소에서 되살려 주세요",
    }
    catalogue_wrong(path: &str, why: &str) {
        en: "the catalogue of the course {path} is wrong: {why}",
        ko: "연습 과정의 목록 {path} 파일이 잘못되었어요: {why}",
    }
    catalogue_folder(folder: &str, number: usize) {
        en: "folder {folder:?}: expected {number:02}_NAME, for exercises are numbered in their order",
        ko: "폴더 {folder:?}: 연습 문제에는 순서대로 번호를 붙이니 이름이 {number:02}_NAME 꼴이어야 해요",
    }
    catalogue_entry(folder: &str) {
        en: "folder {folder:?}: expected a name of its own and at least one trial",
        ko: "폴더 {folder:?}: 다른 연습 문제와 겹치지 않는 이름과 시험이 하나 이상 있어야 해요",
    }
    catalogue_empty() { en: "it names no exercise", ko: "연습 문제가 하나도 없어요" }
    no_such_exercise(wanted: &str, known: &str) {
        en: "there is no exercise {wanted:?}; there are {known}",
        ko: "{wanted:?}(이)라는 연습 문제는 없어요. 고를 수 있는 연습 문제: {known}",
    }
    text_not_read(path: &str) {
        en: "cannot read {path}; restore it from the project's repository",
        ko: "{path} 파일을 읽을 수 없어요. 프로젝트 저장소에서 되살려 주세요",
    }
    text_without_title(path: &str) { en: "{path} has no title: a line that begins with \"# \"", ko: "{path} 파일에 \"# \"로 시작하는 제목이 없어요" }
    hints_wrong(path: &str, count: usize) {
        en: "{path}: expected {count} hints, below \"## 1\" and so on",
        ko: "{path}: \"## 1\"처럼 번호를 붙인 힌트가 {count}개 있어야 해요",
    }
    progress_unreadable(path: &str, why: &str) {
        en: "cannot read your progress {path}: {why}; correct the file, or move it away to begin anew",
        ko: "진행 상황 {path} 파일을 읽을 수 없어요: {why}. 파일을 바로잡거나, 다른 곳으로 옮기고 새로 시작해 주세요",
    }
    progress_version(found: u32, known: u32) {
        en: "it has version {found}, this killresume knows {known}",
        ko: "파일의 버전: {found}, 이 killresume이 아는 버전: {known}",
    }
    progress_not_written(path: &str) { en: "cannot write your progress {path}", ko: "진행 상황 {path} 파일을 쓸 수 없어요" }
    source_not_read(path: &str) {
        en: "{path} is not there or cannot be read",
        ko: "{path} 파일이 없거나 읽을 수 없어요",
    }
    try_reset(command: &str) { en: "put it back: {command}", ko: "처음 상태로 되돌리기: {command}" }
    try_main() {
        en: "does `main` still end with `lesson::train(save, load)`? Nothing trained",
        ko: "`main`이 아직 `lesson::train(save, load)`로 끝나나요? 학습이 시작되지 않았어요",
    }
    try_loop() {
        en: "look for a loop in `save` or `load` that does not end",
        ko: "`save`나 `load`에 끝나지 않는 반복문이 있는지 살펴보세요",
    }
    save_not_followed() {
        en: "a save ended without a write that the SIGKILL could have cut in two: this exercise needs `save` to write its file anew each time and from memory, not copied from another file",
        ko: "save가 끝날 때까지 SIGKILL로 끊을 write가 없었어요. 이 연습 문제에서는 `save`가 다른 파일을 복사하지 않고 매번 메모리에서 파일을 새로 써야 해요",
    }
    ended_before_the_kill(kill: &str) {
        en: "the training ended by itself before the SIGKILL at {kill}: does `load` set epoch or step where there is nothing to load, or does something end the program?",
        ko: "SIGKILL 지점({kill})에 이르기 전에 학습이 끝나 버렸어요. 불러올 checkpoint가 없을 때 `load`가 epoch이나 step을 바꾸거나, 어디선가 프로그램을 끝내지는 않나요?",
    }
    check_no_file() { en: "the file is not there", ko: "파일이 없어요" }

    status_untouched() { en: "· not begun", ko: "· 시작 전" }
    status_started() { en: "… begun", ko: "… 하는 중" }
    status_solved() { en: "✔ solved", ko: "✔ 통과" }
    status_edited_since() { en: "✔ solved, edited since", ko: "✔ 통과 뒤 수정함" }
    status_fails_again() { en: "✘ fails again", ko: "✘ 다시 실패" }
    column_exercise() { en: "exercise", ko: "연습 문제" }
    column_status() { en: "status", ko: "상태" }
    column_lesson() { en: "lesson", ko: "내용" }
    solved_of(solved: usize, all: usize) { en: "{solved} of {all} solved", ko: "{all}개 가운데 {solved}개 통과" }
    next_is(name: &str, command: &str) { en: "next: {name} ({command})", ko: "다음: {name} ({command})" }
    all_solved() {
        en: "Every exercise is solved. Your checkpoints miss nothing any more.",
        ko: "모든 연습 문제를 통과했어요. 이제 여러분의 checkpoint에는 빠진 것이 없어요.",
    }

    trial(number: usize, all: usize, epochs: &str, kill: &str) {
        en: "trial {number} of {all} · {epochs} epochs · SIGKILL at {kill}",
        ko: "시험 {number}/{all} · {epochs} epoch · SIGKILL 지점 {kill}",
    }
    trial_refusal(trial: &str, arguments: &str) {
        en: "{trial} · resumed with {arguments}, which has to be refused",
        ko: "{trial} · {arguments} 옵션을 더한 resume, 거절해야 통과",
    }
    solved(number: usize, name: &str) { en: "exercise {number}, {name}, is solved", ko: "{number}번 연습 문제 {name}: 통과했어요" }
    does_not_compile(path: &str) {
        en: "{path} does not compile; the compiler says above what is wrong",
        ko: "{path} 파일이 컴파일되지 않아요. 무엇이 잘못됐는지는 위의 컴파일러 메시지를 보세요",
    }
    heading_try() { en: "what to try", ko: "해 볼 것" }
    try_edit(path: &str, command: &str) { en: "edit {path}, then {command}", ko: "{path} 파일을 고친 다음 실행하기: {command}" }
    try_lesson(path: &str) { en: "read {path}", ko: "읽기: {path}" }
    try_hint(command: &str, shown: usize, all: usize) {
        en: "stuck? {command} ({shown} of {all} shown)",
        ko: "막혔다면 힌트 보기: {command} ({all}개 가운데 {shown}개 봤어요)",
    }
    try_solution(command: &str) { en: "compare with the model answer: {command}", ko: "모범 답안과 비교하기: {command}" }
    try_next(command: &str) { en: "go on: {command}", ko: "다음으로: {command}" }
    label_build() { en: "build", ko: "빌드" }
    build_and_run(build: f64, run: f64) {
        en: "{build:.1} s to compile and link, {run:.1} s to train, kill, resume and judge",
        ko: "컴파일과 링크 {build:.1}초, 학습과 kill, resume, 판정 {run:.1}초",
    }
    unchanged() {
        en: "the file is as it was shipped: it is meant to fail, look at what is missing",
        ko: "아직 고치지 않은 파일이라 실패하는 것이 맞아요. 무엇이 빠졌는지 살펴보세요",
    }

    hint_of(number: usize, all: usize) { en: "hint {number} of {all}", ko: "힌트 {all}개 가운데 {number}번째" }
    no_more_hints(command: &str) {
        en: "These were all the hints. The model answer: {command}",
        ko: "힌트는 이것이 마지막이에요. 모범 답안 보기: {command}",
    }
    one_more_hint(command: &str) { en: "One more: {command}", ko: "하나 더 보기: {command}" }

    reset_question(count: usize) {
        en: "Put {count} exercise(s) back as they were? What you wrote is kept as a backup. [y/N] ",
        ko: "연습 문제 {count}개를 처음 상태로 되돌릴까요? 작성한 코드는 백업으로 남겨요. [y/N] ",
    }
    reset_needs_yes() {
        en: "reset asks first, and there is no terminal to ask on; say --yes",
        ko: "reset은 먼저 물어보는데 물어볼 터미널이 없어요. --yes를 붙여 주세요",
    }
    reset_nothing(name: &str) { en: "{name} is as it was shipped; nothing to put back", ko: "{name}: 처음 상태 그대로라 되돌릴 것이 없어요" }
    reset_nothing_at_all() { en: "every exercise is as it was shipped; nothing to put back", ko: "모든 연습 문제가 처음 상태 그대로라 되돌릴 것이 없어요" }
    reset_done(path: &str, backup: &str) {
        en: "{path} is as it was shipped; what you wrote is in {backup}",
        ko: "{path}: 처음 상태로 되돌렸어요. 작성한 코드는 여기에 있어요: {backup}",
    }
    reset_done_missing(path: &str) { en: "{path} was not there, and is back", ko: "{path}: 없어진 파일을 되살렸어요" }
    reset_left() { en: "Nothing was changed.", ko: "아무것도 바꾸지 않았어요." }
    not_a_file() { en: "it is no regular file; move it away first", ko: "일반 파일이 아니에요. 먼저 다른 곳으로 옮겨 주세요" }
    backup_failed(path: &str) { en: "cannot keep a backup of {path}; nothing was changed", ko: "{path} 파일의 백업을 만들 수 없어요. 아무것도 바꾸지 않았어요" }

    solution_not_yet(name: &str, command: &str) {
        en: "{name} has not passed yet; --spoil shows the model answer all the same, {command} shows a hint",
        ko: "{name}: 아직 통과하지 않았어요. 그래도 보려면 --spoil을 붙여 주세요. 힌트 보기: {command}",
    }

    watch_needs_terminal() {
        en: "watch takes its keys from a terminal, and there is none; \"run NAME\" runs an exercise once, \"check-all\" runs them all",
        ko: "watch는 터미널에서 키를 받는데 터미널이 없어요. \"run NAME\"은 연습 문제를 한 번 실행하고, \"check-all\"은 모두 실행해요",
    }
    watch_begins(number: usize, all: usize, path: &str) {
        en: "{number} of {all} · {path} · runs on every save",
        ko: "{number}/{all} · {path} · 저장할 때마다 실행해요",
    }
    watch_solved(name: &str) { en: "{name} is solved", ko: "{name}: 통과했어요" }
    watch_next(next: &str) { en: "n goes on to {next}", ko: "n을 누르면 다음 연습 문제로 가요: {next}" }
    watch_fails(name: &str) {
        en: "{name} does not come back as the same run yet",
        ko: "{name}: 아직 같은 run으로 돌아오지 않아요",
    }
    watch_more(message: &str, others: usize) {
        en: "{message} ({others} more above)",
        ko: "{message} (위에 {others}개 더 있어요)",
    }
    watch_not_judged(name: &str) {
        en: "{name} could not be judged; what is above says why",
        ko: "{name}: 판정할 수 없어요. 이유는 위에 나와 있어요",
    }
    watch_not_run(name: &str) {
        en: "{name} could not be run; what is above says why, r tries again",
        ko: "{name}: 실행하지 못했어요. 이유는 위에 나와 있고, r을 누르면 다시 실행해요",
    }
    watch_missing(path: &str, command: &str) {
        en: "{path} is not there or cannot be read; in another terminal, {command} puts it back. It runs as soon as it is there",
        ko: "{path} 파일이 없거나 읽을 수 없어요. 다른 터미널에서 이 명령으로 되살릴 수 있어요: {command}. 되살아나면 바로 실행해요",
    }
    watch_only_one(name: &str) { en: "{name} is the only exercise left", ko: "남은 연습 문제: {name} 하나뿐이에요" }
    watch_no_plot(name: &str) {
        en: "the last run of {name} drew no plot: it had no curve",
        ko: "{name}: 마지막 실행에 curve가 없어서 그림이 없어요",
    }
    watch_opening(path: &str) { en: "opening {path}", ko: "여는 중: {path}" }
    watch_not_opened(path: &str) {
        en: "no program here could open the plot; it is {path}",
        ko: "그림을 열 수 있는 프로그램이 없어요. 그림 파일은 {path}",
    }
    key_hint() { en: "hint", ko: "힌트" }
    key_next() { en: "next", ko: "다음" }
    key_list() { en: "list", ko: "목록" }
    key_plot() { en: "open plot", ko: "그림 열기" }
    key_run() { en: "run again", ko: "다시 실행" }
    key_quit() { en: "quit", ko: "끝내기" }

    checking(number: usize, all: usize, name: &str) { en: "checking {number} of {all}: {name}", ko: "{number}/{all} 확인하는 중: {name}" }
    check_pass() { en: "passed", ko: "통과했어요" }
    check_compile() { en: "does not compile", ko: "컴파일되지 않아요" }
    check_summary(solved: usize, failed: usize, broken: usize) {
        en: "{solved} passed, {failed} failed, {broken} could not be judged",
        ko: "통과 {solved}개, 실패 {failed}개, 판정할 수 없음 {broken}개",
    }
}
