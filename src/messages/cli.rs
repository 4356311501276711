//! The command line: help texts and what is wrong with an argument.

messages! {
    about() {
        en: "Kill a training run at any moment; prove whether it comes back as the same run, and name what did not",
        ko: "학습을 아무 때나 kill하고, 같은 run으로 돌아오는지 증명하고, 돌아오지 않은 상태가 무엇인지 알려 줘요",
    }
    about_run() {
        en: "Train, SIGKILL, resume, judge, plot (also what killresume does without a command)",
        ko: "학습하고, SIGKILL을 보내고, resume하고, 판정하고, 그림을 그려요 (명령을 적지 않아도 이렇게 해요)",
    }
    after_help() {
        en: "Exit codes: 0 the same run · 1 not the same run · 2 usage · 3 the trainer could not be judged · 4 the harness could not do its work",
        ko: "Exit code: 0 같은 run · 1 같은 run이 아님 · 2 잘못된 사용 · 3 trainer를 판정할 수 없음 · 4 harness가 일을 하지 못함",
    }
    help_template() {
        en: "{{about-with-newline}}\nUsage: {{usage}}\n\n{{all-args}}{{after-help}}",
        ko: "{{about-with-newline}}\n사용법: {{usage}}\n\n{{all-args}}{{after-help}}",
    }
    heading_commands() { en: "Commands", ko: "명령" }
    heading_options() { en: "Options", ko: "옵션" }
    heading_talk() { en: "Output", ko: "출력" }
    bad_value(argument: &str, value: &str, expected: &str) {
        en: "invalid value {value:?} for {argument}: {expected}",
        ko: "{argument}에 {value:?} 값은 쓸 수 없어요: {expected}",
    }
    missing_value(argument: &str) { en: "{argument} needs a value", ko: "{argument} 뒤에 값을 적어 주세요" }
    unknown_argument(argument: &str) {
        en: "unknown argument {argument}; --help lists them all",
        ko: "{argument} 인자는 없어요. --help를 쓰면 모든 인자를 볼 수 있어요",
    }
    unknown_command(command: &str) {
        en: "unknown command {command:?}; --help lists them all",
        ko: "{command:?} 명령은 없어요. --help를 쓰면 모든 명령을 볼 수 있어요",
    }
    conflict(argument: &str, other: &str) {
        en: "{argument} cannot be used together with {other}",
        ko: "함께 쓸 수 없어요: {argument}, {other}",
    }
    given_twice(argument: &str) { en: "{argument} cannot be given twice", ko: "{argument}: 두 번 쓸 수 없어요" }
    missing_argument(argument: &str) {
        en: "{argument} is missing; --help tells more",
        ko: "빠진 인자가 있어요: {argument}. 자세한 내용은 --help로 볼 수 있어요",
    }
    missing_command() { en: "name a command; --help lists them all", ko: "명령을 적어 주세요. --help를 쓰면 모든 명령을 볼 수 있어요" }
    about_gallery() {
        en: "Lose each component once, and draw what the curve shows of it",
        ko: "component를 하나씩 빠뜨려 보고, curve에 어떻게 나타나는지 그려요",
    }
    about_list() { en: "The exercises of the course, and how far you are", ko: "연습 문제 목록과 진행 상황을 보여 줘요" }
    about_next() { en: "Run the exercise that comes next", ko: "다음 연습 문제를 실행해요" }
    about_watch() {
        en: "Run an exercise, and run it again whenever you save it; has keys",
        ko: "연습 문제를 실행하고, 파일을 저장할 때마다 다시 실행해요. 키로 조작할 수 있어요",
    }
    about_hint() { en: "One more hint for an exercise, each time", ko: "실행할 때마다 힌트를 하나씩 더 보여 줘요" }
    about_reset() {
        en: "Put an exercise back as it was; what you wrote is kept as a backup",
        ko: "연습 문제를 처음 상태로 되돌려요. 작성한 코드는 백업으로 남겨요",
    }
    about_solution() { en: "The model answer of an exercise, once it passed", ko: "통과한 연습 문제의 모범 답안을 보여 줘요" }
    about_check_all() {
        en: "Run every exercise, one after the other; needs no terminal",
        ko: "모든 연습 문제를 차례로 실행해요. 터미널이 없어도 돼요",
    }
    help_exercise_to_run() {
        en: "An exercise of the course: name, number, folder or file [default: none, the reference trainer]",
        ko: "연습 문제의 이름, 번호, 폴더, 파일이에요 [기본값: 없음, reference trainer를 실행해요]",
    }
    help_exercise() {
        en: "The exercise: name, number, folder or file [default: the one you are at]",
        ko: "연습 문제의 이름, 번호, 폴더, 파일이에요 [기본값: 지금 하는 연습 문제]",
    }
    help_exercise_to_reset() {
        en: "The exercise: name, number, folder or file",
        ko: "연습 문제의 이름, 번호, 폴더, 파일이에요",
    }
    help_reset_all() { en: "Every exercise, and the progress", ko: "모든 연습 문제와 진행 상황을 되돌려요" }
    help_yes() { en: "Do not ask first", ko: "묻지 않고 바로 되돌려요" }
    help_spoil() { en: "Even though the exercise has not passed", ko: "아직 통과하지 못했어도 보여 줘요" }
    about_setup() {
        en: "Fetch libtorch and build the trainer, and do nothing else",
        ko: "libtorch를 내려받고 trainer를 빌드하기만 해요",
    }
    help_trainer() {
        en: "The trainer: a binary of the exercises package [default: reference]",
        ko: "trainer: exercises 패키지의 바이너리 이름이에요 [기본값: reference]",
    }
    help_epochs() {
        en: "Epochs before and after the kill [default: 5+5]",
        ko: "kill 전과 후의 epoch 수예요 [기본값: 5+5]",
    }
    help_kill() {
        en: "Where the SIGKILL lands: epoch:E (after the checkpoint of epoch E), step:N (after update N), event:N (the N-th thing that the process says: hello is 1, started 2, then steps, validations, epochs, and begin and end of saves), save:latest:begin, save:latest:write (in the middle of its first write), save:latest:end, and the same of save:best [default: epoch: the last one before the resume]",
        ko: "SIGKILL 지점이에요: epoch:E (epoch E의 checkpoint를 저장한 뒤), step:N (N번째 update 뒤), event:N (프로세스가 N번째로 알린 때. hello가 1, started가 2이고, 그 뒤로 step, validation, epoch, 저장의 begin과 end를 차례로 세요), save:latest:begin, save:latest:write (첫 write의 한가운데), save:latest:end, 그리고 save:best의 같은 지점 [기본값: epoch:E, E는 resume 전의 마지막 epoch]",
    }
    help_inject() {
        en: "A system call of the last save before the resume fails: save:latest:call:N:ENOSPC, where N counts the calls on the run's directory from 1, and ENOSPC may be EDQUOT, EIO, EINTR or short (half of a write). The kill is then at the end of that save, unless --kill says where",
        ko: "resume 전 마지막 저장의 시스템 콜 하나가 실패해요: save:latest:call:N:ENOSPC. N은 run의 폴더에 대한 시스템 콜을 1부터 센 번호이고, ENOSPC 자리에는 EDQUOT, EIO, EINTR, short (write를 절반만 함)도 쓸 수 있어요. --kill을 따로 적지 않으면 그 저장이 끝날 때 kill해요",
    }
    help_seed() { en: "The seed of the run [default: 0]", ko: "run의 seed예요 [기본값: 0]" }
    help_out() {
        en: "Where the picture and the report go [default: plots]",
        ko: "그림과 report를 둘 폴더예요 [기본값: plots]",
    }
    help_report() {
        en: "A report for a machine; again for another one. Formats: json, junit, github, gradescope, exercism, exercism-v2, html, csv [default: json=OUT/NAME.json]",
        ko: "프로그램이 읽을 report예요. 여러 번 쓸 수 있어요. 형식: json, junit, github, gradescope, exercism, exercism-v2, html, csv [기본값: json=OUT/NAME.json]",
    }
    summary_not_written(path: &str) {
        en: "cannot add to {path}, which GITHUB_STEP_SUMMARY names",
        ko: "GITHUB_STEP_SUMMARY의 {path} 파일에 덧붙일 수 없어요",
    }
    help_reports() {
        en: "A report for a machine; again for another one. Formats: json, junit, github, gradescope, exercism, exercism-v2, html, csv. Rewritten after each exercise",
        ko: "프로그램이 읽을 report예요. 여러 번 쓸 수 있어요. 형식: json, junit, github, gradescope, exercism, exercism-v2, html, csv. 연습 문제 하나가 끝날 때마다 새로 써요",
    }
    bad_report(formats: &str) {
        en: "expected FORMAT=FILE, such as junit=results.xml; formats: {formats}",
        ko: "junit=results.xml처럼 FORMAT=FILE로 적어 주세요. 형식: {formats}",
    }
    help_work() {
        en: "Keep the runs' own directories, checkpoints included, in this folder (new or empty)",
        ko: "run마다 쓴 폴더를 checkpoint까지 이 폴더에 남겨요 (새 폴더나 빈 폴더)",
    }
    help_tolerance() {
        en: "The largest difference in validation loss that still passes [default: none, the bits must be the same]",
        ko: "validation loss가 이만큼까지 달라도 통과로 봐요 [기본값: 없음, bit까지 같아야 해요]",
    }
    help_timeout() {
        en: "Kill a trainer that says nothing for this many seconds [default: 60; 20 for an exercise]",
        ko: "이 시간(초) 동안 아무것도 보내지 않는 trainer는 강제로 끝내요 [기본값: 60, 연습 문제는 20]",
    }
    help_no_plot() { en: "Draw no picture", ko: "그림을 그리지 않아요" }
    help_lang() {
        en: "Language of the messages [default: from LC_ALL, LC_MESSAGES, LANG]",
        ko: "메시지 언어예요 [기본값: LC_ALL, LC_MESSAGES, LANG에서 골라요]",
    }
    help_color() { en: "Colours in the terminal [default: auto]", ko: "터미널 색이에요 [기본값: auto]" }
    help_quiet() { en: "Print only errors", ko: "오류만 출력해요" }
    help_verbose() {
        en: "Also print what the trainers print",
        ko: "trainer가 출력하는 것도 보여 줘요",
    }
    help_trainer_args() {
        en: "Further arguments for the trainer, after --",
        ko: "-- 뒤의 인자는 trainer에 그대로 넘겨요",
    }
    help_help() { en: "Print help", ko: "도움말을 보여 줘요" }
    help_version() { en: "Print version", ko: "버전을 보여 줘요" }
    bad_tolerance() {
        en: "expected a number of 0 or more, such as 0.001",
        ko: "0.001처럼 0 이상의 수를 적어 주세요",
    }
    bad_timeout() {
        en: "expected seconds from 0.1 to 86400, such as 60",
        ko: "60처럼 0.1에서 86400 사이의 초를 적어 주세요",
    }
    bad_trainer() {
        en: "expected the name of a binary of the exercises package: letters, digits, - and _",
        ko: "exercises 패키지의 바이너리 이름을 적어 주세요 (영문자, 숫자, -, _)",
    }
    work_not_empty(dir: &str) {
        en: "--work {dir} is not empty: name a new or an empty folder, so that no old checkpoint is resumed or lost",
        ko: "--work {dir} 폴더가 비어 있지 않아요. 예전 checkpoint를 resume하거나 잃지 않도록 새 폴더나 빈 폴더를 적어 주세요",
    }
    reserved_argument(argument: &str) {
        en: "{argument} after --: killresume itself gives the trainer --dir, --epochs, --seed and --save-every; use killresume's own options before --",
        ko: "-- 뒤의 {argument}: --dir, --epochs, --seed, --save-every는 killresume이 직접 trainer에 넘겨요. -- 앞에 killresume의 옵션으로 적어 주세요",
    }
    bad_seed() {
        en: "expected a whole number from 0 to 18446744073709551615",
        ko: "0에서 18446744073709551615 사이의 정수를 적어 주세요",
    }
    about_torture() {
        en: "Kill a save at every one of its system calls, resume each time, and tell what came of it",
        ko: "저장하는 동안 모든 시스템 콜에서 한 번씩 kill하고, 매번 resume해서 어떻게 됐는지 알려 줘요",
    }
    help_save() {
        en: "Which save to kill: latest or best [default: both]",
        ko: "어느 것을 저장할 때 kill할지 적어요: latest나 best [기본값: 둘 다]",
    }
    bad_save() { en: "expected latest or best", ko: "latest나 best로 적어 주세요" }
    help_torture_epochs() {
        en: "Epochs up to the save that is killed, and after it [default: 2+1]",
        ko: "kill할 저장까지의 epoch 수와 그 저장 뒤의 epoch 수예요 [기본값: 2+1]",
    }
    help_torture_out() {
        en: "Where the files go that a power failure left and the trainer could not cope with, in the folder torture [default: plots]",
        ko: "정전 뒤에 남은 파일 가운데 trainer가 감당하지 못한 것을 이 폴더의 torture 폴더에 남겨요 [기본값: plots]",
    }
    help_torture_jobs() {
        en: "Kills side by side [default: the number of processors]",
        ko: "한꺼번에 시도할 kill의 수예요 [기본값: CPU 수]",
    }
    help_torture_only() {
        en: "Only this: kills, power (power failures) or faults, or one of them as the tables name it: call:3, call:3:half, call:3:ENOSPC; several with commas",
        ko: "이것만 시도해요: kills (kill), power (정전), faults (실패), 또는 표에 적힌 이름 하나: call:3, call:3:half, call:3:ENOSPC. 여러 개는 쉼표로 이어 적어요",
    }
    help_torture_json() {
        en: "Everything that was tried and what came of it, as JSON",
        ko: "시도한 것 전부와 그 결과를 JSON으로 적을 파일이에요",
    }
    help_torture_command() {
        en: "A program to torture, in any language, and its arguments, with {{dir}} for the directory that it saves to; with --trainer, further arguments for that trainer",
        ko: "시험할 프로그램과 그 인자예요. 어떤 언어로 만든 것이든 괜찮아요. checkpoint를 저장할 폴더 자리에는 {{dir}}을 적어 주세요. --trainer와 함께 쓰면 그 trainer에 넘길 인자예요",
    }
    not_for_programs() {
        en: "--epochs and --save are for a trainer that speaks killresume's protocol; a program knows its own epochs, and its save is found in what it does",
        ko: "--epochs와 --save는 killresume의 protocol을 쓰는 trainer에만 쓸 수 있어요. 프로그램의 epoch 수는 프로그램이 정하고, 저장은 시스템 콜에서 찾아내요",
    }
    no_directory(dir: &str) {
        en: "the program's arguments name no directory of the run: write {dir} where it takes the directory that it saves to, as in killresume torture -- python3 train.py --out {dir}; for arguments of the reference trainer give --trainer reference",
        ko: "프로그램의 인자에 run의 폴더가 없어요. checkpoint를 저장할 폴더를 받는 자리에 {dir} 표시를 적어 주세요. 예: killresume torture -- python3 train.py --out {dir}. reference trainer에 넘길 인자라면 --trainer reference를 함께 적어 주세요",
    }
    about_hazards() {
        en: "Let the surroundings of a run go wrong (second trainer, full disk, read-only or removed directory, clock), and tell how it takes it",
        ko: "run의 주변에 문제를 일으켜요 (두 번째 trainer, 가득 찬 디스크, 읽기 전용이 되거나 지워진 폴더, 시계). trainer가 어떻게 대처하는지 알려 줘요",
    }
    help_hazards_epochs() {
        en: "Epochs before it happens, and after it [default: 2+2]",
        ko: "문제가 생기기 전의 epoch 수와 그 뒤의 epoch 수예요 [기본값: 2+2]",
    }
    about_grade() {
        en: "Grade submissions: each a folder with a learner's exercise.rs files, in a sandbox of its own",
        ko: "제출물을 채점해요. 제출물은 학습자의 exercise.rs 파일이 든 폴더이고, 제출물마다 따로 만든 sandbox 안에서 실행해요",
    }
    about_merge() {
        en: "Join the gradebooks (JSON) that the shards of a class were graded into",
        ko: "제출물을 shard로 나누어 채점한 gradebook(JSON)을 하나로 합쳐요",
    }
    help_submission() {
        en: "A folder with NN_NAME/exercise.rs for each exercise (also below exercises/); its name is the submission's",
        ko: "연습 문제마다 NN_NAME/exercise.rs가 든 폴더예요 (exercises/ 아래에 있어도 돼요). 폴더 이름이 제출물 이름이 돼요",
    }
    help_graded_exercise() {
        en: "Grade this exercise; again for another one [default: all]",
        ko: "이 연습 문제만 채점해요. 여러 번 쓸 수 있어요 [기본값: 모두]",
    }
    help_points() {
        en: "What a pass is worth, as TOML: optimizer = 2.0 [default: 1 for each exercise]",
        ko: "통과하면 받는 점수를 적은 TOML 파일이에요: optimizer = 2.0 [기본값: 연습 문제마다 1점]",
    }
    help_jobs() {
        en: "Submissions side by side [default: the number of processors]",
        ko: "한꺼번에 채점할 제출물의 수예요 [기본값: CPU 수]",
    }
    bad_jobs() { en: "expected a number from 1 to 256", ko: "1에서 256 사이의 수를 적어 주세요" }
    help_shard() {
        en: "Only the K-th of N parts of the class: every N-th submission by name [default: 1/1]",
        ko: "전체 제출물을 N묶음으로 나눈 것 가운데 K번째만 채점해요. 이름순으로 N개마다 하나씩 골라요 [기본값: 1/1]",
    }
    bad_shard() { en: "expected K/N with K from 1 to N, such as 2/8", ko: "2/8처럼 K/N으로 적어 주세요. K는 1에서 N 사이예요" }
    help_grading_seed() {
        en: "Added to the seed of every trial, to repeat a grading [default: drawn at random, so that no submission can know it]",
        ko: "모든 시험의 seed에 더할 수예요. 같은 채점을 되풀이할 때 써요 [기본값: 제출물이 미리 알 수 없도록 무작위로 뽑아요]",
    }
    help_limit() {
        en: "What each process of a submission may use, the compiler included; again for another limit: wall=SECONDS, cpu=SECONDS, memory=MIB, file-size=MIB, processes=N [default: 60, 60, 2048, 256, 256]",
        ko: "제출물의 프로세스마다 적용하는 한도예요. 컴파일러에도 똑같이 적용해요. 여러 번 쓸 수 있어요: wall=초, cpu=초, memory=MIB, file-size=MIB, processes=N [기본값: 60, 60, 2048, 256, 256]",
    }
    help_grading_timeout() {
        en: "Kill a program that says nothing for this many seconds [default: 20]",
        ko: "이 시간(초) 동안 아무것도 보내지 않는 프로그램은 강제로 끝내요 [기본값: 20]",
    }
    bad_limit(names: &str) {
        en: "expected NAME=VALUE with a whole number from 1, such as memory=1024; names: {names}",
        ko: "memory=1024처럼 NAME=VALUE로 적어 주세요. VALUE는 1 이상의 정수예요. 쓸 수 있는 이름: {names}",
    }
    help_grade_report() {
        en: "A report for a machine; again for another one. Formats: json, junit, github, gradescope, exercism, exercism-v2, html, csv. With {{submission}} in FILE there is one for each submission. Rewritten after each exercise",
        ko: "프로그램이 읽을 report예요. 여러 번 쓸 수 있어요. 형식: json, junit, github, gradescope, exercism, exercism-v2, html, csv. FILE에 {{submission}}을 적으면 제출물마다 하나씩 써요. 연습 문제 하나가 끝날 때마다 새로 써요",
    }
    help_gradebook() {
        en: "The JSON that grade --report json=FILE wrote; of every shard",
        ko: "grade --report json=FILE로 쓴 JSON이에요. 모든 shard의 파일을 적어 주세요",
    }
    error() { en: "error", ko: "오류" }
}
