//! What is said while a save is killed at every one of its calls.

messages! {
    no_such_save(kind: &str) {
        en: "the trainer never saved {kind} while it was followed, so there is nothing to kill",
        ko: "살펴보는 동안 trainer가 {kind} checkpoint를 한 번도 저장하지 않아서 kill할 지점이 없어요",
    }
    nothing_followed(kind: &str) {
        en: "the save of {kind} changed nothing in the run's directory by a system call; what is written by io_uring, or to another directory, cannot be followed",
        ko: "{kind} checkpoint를 저장하는 동안 run의 폴더를 바꾸는 시스템 콜이 하나도 없었어요. io_uring으로 쓰거나 다른 폴더에 쓰는 저장은 따라갈 수 없어요",
    }
    surveying() {
        en: "following one save to see which system calls it makes",
        ko: "저장 한 번을 따라가며 어떤 시스템 콜을 쓰는지 살펴봐요",
    }
    points(kind: &str, calls: usize, points: usize) {
        en: "save of {kind}: {calls} calls, {points} points to kill it at",
        ko: "{kind} 저장: 시스템 콜 {calls}개, kill할 지점 {points}개",
    }
    column_point() { en: "SIGKILL at", ko: "SIGKILL 지점" }
    column_call() { en: "when", ko: "kill 직전에 한 일" }
    column_outcome() { en: "outcome", ko: "결과" }
    before_the_first() { en: "before its first call", ko: "첫 시스템 콜 전" }
    after_the_last() { en: "after its last call", ko: "마지막 시스템 콜 뒤" }
    half(call: &str) { en: "half of {call}", ko: "{call} 도중 (절반)" }
    same_run(again: u64) {
        en: "same run, {again} steps again",
        ko: "같은 run, 다시 학습한 step {again}개",
    }
    same_run_uncounted() { en: "same run", ko: "같은 run" }
    older_save(saves: u64) {
        en: "older checkpoint, saves lost: {saves}",
        ko: "더 오래된 checkpoint, 잃은 저장 {saves}번",
    }
    failed_silently() {
        en: "says nothing of it",
        ko: "저장하지 못했는데 아무 말이 없음",
    }
    program() { en: "the program", ko: "프로그램" }
    surveying_program() {
        en: "running it twice from the beginning to the end, to see what it leaves and which system calls it makes",
        ko: "처음부터 끝까지 두 번 실행해서 무엇을 남기고 어떤 시스템 콜을 쓰는지 살펴봐요",
    }
    left_out(names: &str) {
        en: "not compared, because they are only appended to or differ from one run to the next: {names}",
        ko: "덧붙이기만 하거나 실행할 때마다 달라서 비교하지 않는 파일: {names}",
    }
    some_power_states(states: usize, seed: u64) {
        en: "power failure: {states} states that one may leave of this save, drawn from more with seed {seed}",
        ko: "정전: 이 저장을 하는 동안 정전이 나면 남을 수 있는 상태가 많아서 {states}가지를 골랐어요 (seed {seed})",
    }
    faults(faults: usize) {
        en: "faults: {faults} ways in which a call of this save can fail",
        ko: "실패: 이 저장의 시스템 콜이 실패하는 경우 {faults}가지",
    }
    column_fault() { en: "fault", ko: "실패" }
    column_failed_call() { en: "the call that fails", ko: "실패한 시스템 콜" }
    faults_summary(good: usize, faults: usize, seconds: f64) {
        en: "{good} of {faults} faults were survived: the trainer saved all the same or said that it did not, and came back as the same run, in {seconds:.1} s",
        ko: "실패 {faults}가지 가운데 {good}가지를 견뎠어요. 그래도 저장했거나 저장하지 못했다고 알렸고, 같은 run으로 돌아왔어요. {seconds:.1}초 걸렸어요",
    }
    older_checkpoint(steps: u64) {
        en: "older checkpoint, {steps} steps lost",
        ko: "더 오래된 checkpoint, 잃은 step {steps}개",
    }
    restarted_from_zero() { en: "restarted from zero", ko: "처음부터 다시 시작함" }
    refused_to_start() { en: "refuses to start", ko: "시작하지 못함" }
    silently_different() { en: "silently different", ko: "아무 말 없이 다른 run이 됨" }
    not_judged() { en: "not judged", ko: "판정 못 함" }
    worst(point: &str, why: &str) { en: "{point}: {why}", ko: "{point}: {why}" }
    summary(same: usize, points: usize, seconds: f64, rate: f64) {
        en: "{same} of {points} kills ended in the same run, in {seconds:.1} s ({rate:.1} kills a second, each resumed and judged)",
        ko: "{points}번 kill해서 {same}번은 같은 run으로 돌아왔어요. {seconds:.1}초 걸렸어요 (1초에 {rate:.1}번씩 kill하고, resume하고, 판정했어요)",
    }
    repeat(command: &str) { en: "to repeat the worst one: {command}", ko: "결과가 가장 나쁜 kill을 다시 해 보려면: {command}" }
    power_states(states: usize) {
        en: "power failure: {states} states that one may leave of this save",
        ko: "정전: 이 저장을 하는 동안 정전이 나면 남을 수 있는 상태 {states}가지",
    }
    power_summary(states: usize, same: usize, seconds: f64) {
        en: "{same} of {states} states that a power failure may leave ended in the same run, in {seconds:.1} s",
        ko: "정전 뒤에 남을 수 있는 상태 {states}가지 가운데 {same}가지에서 같은 run으로 돌아왔어요. {seconds:.1}초 걸렸어요",
    }
    after_calls(calls: usize) { en: "after {calls} of the save's calls", ko: "시스템 콜 {calls}개 뒤" }
    after_it_was_told() {
        en: "after the trainer had said that the save is durable",
        ko: "trainer가 저장이 끝났다고 알린 뒤",
    }
    worst_state(after: &str) {
        en: "The worst is a power failure {after}, which leaves:",
        ko: "가장 나쁜 정전 ({after})에서 남는 것:",
    }
    left_whole(bytes: u64) { en: "whole ({bytes} B)", ko: "온전함 ({bytes} B)" }
    left_short(bytes: u64, all: u64) { en: "{bytes} of {all} B", ko: "{all} B 가운데 {bytes} B" }
    left_zeros(bytes: u64) { en: "zeros ({bytes} B)", ko: "0으로 채워짐 ({bytes} B)" }
    left_empty() { en: "empty", ko: "비어 있음" }
    left_directory() { en: "a directory", ko: "폴더" }
    written_out(path: &str) { en: "It is written out for you to look at: {path}", ko: "직접 볼 수 있게 남겨 두었어요: {path}" }
    other_calls_this_time() {
        en: "this time the program made other calls than the first time, so the kill would have landed elsewhere",
        ko: "이번에는 프로그램이 처음과 다른 시스템 콜을 써서 kill이 다른 지점에 떨어졌을 거예요",
    }
    fault_not_met() {
        en: "the program did not come to the call that was to fail",
        ko: "프로그램이 실패하게 할 시스템 콜에 닿지 않았어요",
    }
    no_such_point() { en: "there is no such point", ko: "그런 지점이 없어요" }
    point_not_reached(how: &str) {
        en: "the program ended before it came to this point ({how})",
        ko: "프로그램이 이 지점에 닿기 전에 끝났어요 ({how})",
    }
    other_files(names: &str) {
        en: "these files are not what the run that was never killed leaves: {names}",
        ko: "한 번도 kill되지 않은 run이 남긴 것과 다른 파일: {names}",
    }
    exited(code: i32) { en: "exit code {code}", ko: "exit code {code}" }
    signaled(signal: i32) { en: "signal {signal}", ko: "signal {signal}" }
    was_silent() {
        en: "it neither printed anything nor touched its directory for too long",
        ko: "너무 오랫동안 아무것도 출력하지 않고 폴더도 건드리지 않았어요",
    }
    uses_io_uring() {
        en: "the program writes by io_uring, which makes no system calls that could be followed; if it has a switch for that, turn it off",
        ko: "이 프로그램은 io_uring으로 파일을 써요. 그러면 따라갈 시스템 콜이 없어요. io_uring을 끄는 설정이 있으면 꺼 주세요",
    }
    does_not_end_well(how: &str) {
        en: "the program does not come to a good end by itself in an empty directory ({how}); what nobody kills has to end with exit code 0",
        ko: "이 프로그램은 빈 폴더에서 혼자 실행해도 잘 끝나지 않아요 ({how}). kill하지 않으면 exit code 0으로 끝나야 해요",
    }
    touches_nothing() {
        en: "the program changed nothing in its directory; write {{dir}} in its arguments where it takes the directory that it saves to",
        ko: "이 프로그램은 폴더에서 아무것도 바꾸지 않았어요. checkpoint를 저장할 폴더를 받는 인자 자리에 {{dir}}을 적어 주세요",
    }
    other_calls_each_time() {
        en: "the program makes other calls on its directory each time it runs, so no kill could be placed twice; fix its seeds and let one thread save",
        ko: "이 프로그램은 실행할 때마다 폴더에 대한 시스템 콜이 달라져서 같은 지점에 다시 kill할 수 없어요. seed를 고정하고 저장은 한 thread에서 하게 해 주세요",
    }
    nothing_to_compare() {
        en: "two runs that nobody killed leave no file that is the same in both, so nothing can be compared; fix the seeds, and keep times and process ids out of the files",
        ko: "kill하지 않은 run 두 개가 남긴 파일 가운데 서로 같은 것이 하나도 없어서 비교할 수 없어요. seed를 고정하고, 시각이나 프로세스 번호를 파일에 넣지 않게 해 주세요",
    }
    attempt_failed(why: &str) {
        en: "the process that made this attempt failed: {why}",
        ko: "이 시도를 맡은 프로세스가 실패했어요: {why}",
    }
}
