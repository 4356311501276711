//! What is said while a save is killed at every one of its calls.

messages! {
    no_such_save(kind: &str) {
        en: "the trainer never saved {kind} while it was followed, so there is nothing to kill",
        ko: "살펴보는 동안 trainer가 {kind} checkpoint를 한 번도 저장하지 않아서 kill할 지점이 없어요",
    }
    nothing_followed(kind: &str) {
        en: "the save of {kind} changed nothing in the run's directory by calls of the trainer's main thread; a save by another thread, by another process or through a memory map cannot be followed",
        ko: "{kind} checkpoint를 저장하는 동안 trainer의 main thread가 run의 폴더에서 아무것도 바꾸지 않았어요. 다른 thread나 다른 프로세스에서, 또는 메모리 맵으로 하는 저장은 따라갈 수 없어요",
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
    written_out(path: &str) { en: "It is written out for you to look at: {path}", ko: "직접 볼 수 있게 남겨 두었어요: {path}" }
    attempt_failed(why: &str) {
        en: "the process that made this attempt failed: {why}",
        ko: "이 시도를 맡은 프로세스가 실패했어요: {why}",
    }
}
