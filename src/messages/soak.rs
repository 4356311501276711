//! What is said while a run is killed again and again, and of what came of it.

messages! {
    // The command line.
    about_soak() {
        en: "Kill one run again and again at random moments until it is through, and tell whether it is still the same run",
        ko: "run 하나를 끝날 때까지 무작위 지점에서 되풀이해 kill하고, 그래도 같은 run인지 알려 줘요",
    }
    help_kills() { en: "How many kills, from 1 to 100000 [default: 200]", ko: "kill 횟수를 1에서 100000 사이로 적어요 [기본값: 200]" }
    help_soak_epochs() { en: "Epochs of the run [default: 20]", ko: "run의 epoch 수예요 [기본값: 20]" }
    help_soak_seed() {
        en: "The seed of the run and of the moments of the kills: the same one kills at the same places [default: 0]",
        ko: "run의 seed이자 kill 지점의 seed예요. 같은 seed는 같은 곳에서 kill해요 [기본값: 0]",
    }
    help_json() { en: "Write the result as JSON to this file", ko: "결과를 이 파일에 JSON으로 써요" }
    bad_kills() { en: "expected a number of kills from 1 to 100000", ko: "kill 횟수를 1에서 100000 사이로 적어 주세요" }
    bad_soak_epochs() { en: "expected a number of epochs from 1 to 10000", ko: "epoch 수를 1에서 10000 사이로 적어 주세요" }

    // While it goes on.
    looking() {
        en: "a control run that is never killed, and a look at the calls of a save",
        ko: "kill되지 않는 control run을 학습하고, 저장이 어떤 시스템 콜을 쓰는지 살펴봐요",
    }
    killing(kills: u64) { en: "{kills} kills", ko: "kill {kills}번" }
    killed_so_far(kills: u64, of: u64, epoch: u64, epochs: u64) {
        en: "{kills} of {of} kills, at epoch {epoch} of {epochs}",
        ko: "kill {of}번 가운데 {kills}번, epoch {epoch}/{epochs}",
    }
    bar_epoch(epoch: u64, epochs: u64) { en: "kills · epoch {epoch}/{epochs}", ko: "번 · epoch {epoch}/{epochs}" }
    no_kill_inside(why: &str) {
        en: "no kill lands inside a save: {why}",
        ko: "저장 도중에는 kill하지 않아요: {why}",
    }

    // Why there is no verdict.
    never_saved() {
        en: "the trainer saved no latest checkpoint in the whole control run, so there is nothing to resume from",
        ko: "control run이 끝날 때까지 trainer가 latest checkpoint를 한 번도 저장하지 않아서 resume할 것이 없어요",
    }
    not_reproducible(step: u64) {
        en: "the training does not reproduce itself: started from zero, it was already another one than the control by step {step}",
        ko: "같은 학습이 재현되지 않아요. 처음부터 시작했는데도 step {step}에서 이미 control과 달랐어요",
    }
    no_kill_landed() {
        en: "no kill landed: the training ended before; give it more --epochs",
        ko: "kill하기 전에 학습이 끝났어요. --epochs를 늘려 주세요",
    }
    life_failed(life: u64, kill: &str, why: &str) {
        en: "life {life}, after the SIGKILL at {kill}: {why}",
        ko: "{life}번째 프로세스 (SIGKILL 지점 {kill} 다음): {why}",
    }
    first_life_failed(why: &str) { en: "life 1: {why}", ko: "첫 번째 프로세스: {why}" }

    // The result.
    headline(trainer: &str, epochs: u64, seed: u64, kills: u64) {
        en: "{trainer} · {epochs} epochs · seed {seed} · {kills} kills",
        ko: "{trainer} · {epochs} epoch · seed {seed} · kill {kills}번",
    }
    because_same(kills: u64) {
        en: "killed {kills} times and started again each time, it is, bit for bit, the run that was never killed",
        ko: "{kills}번 kill하고 매번 다시 시작했는데도 kill된 적 없는 run과 bit 하나까지 똑같아요",
    }
    because_life(life: u64, kill: &str) {
        en: "life {life}, after the SIGKILL at {kill}, did not come back as it should",
        ko: "{life}번째 프로세스가 제대로 돌아오지 못했어요 (SIGKILL 지점 {kill} 다음)",
    }
    because_first_life() { en: "life 1 did not start as it should", ko: "첫 번째 프로세스가 제대로 시작하지 못했어요" }
    because_unreported() {
        en: "every life came back as what was saved, and yet the run is another one: some state is neither saved nor reported",
        ko: "프로세스마다 저장한 대로 돌아왔는데도 다른 run이 됐어요. 저장하지도, 알려 주지도 않은 상태가 있어요",
    }
    refused_to_start(code: i32) {
        en: "it refused to start (exit code {code}); a trainer has to cope with whatever a kill leaves, and to fall back to a checkpoint that it can load",
        ko: "다시 시작하지 못했어요 (exit code {code}). kill 뒤에 무엇이 남아 있든 불러올 수 있는 checkpoint에서 이어 가야 해요",
    }
    further_lives(count: usize) {
        en: "{count} further lives came back otherwise than they should; the JSON has them all",
        ko: "그 뒤로도 프로세스 {count}개가 제대로 돌아오지 못했어요. JSON에 모두 있어요",
    }
    final_state(components: &str) {
        en: "training ended with another state than the control's: {components}",
        ko: "학습이 끝났을 때의 상태가 control과 달라요: {components}",
    }
    epochs_missing(epochs: &str) { en: "never said: epoch {epochs}", ko: "끝냈다고 알리지 않은 epoch: {epochs}" }

    // Where kills landed.
    column_place() { en: "SIGKILL landed", ko: "SIGKILL 지점" }
    column_kills() { en: "kills", ko: "횟수" }
    place_start_up() { en: "before the first update", ko: "첫 update 전" }
    place_update() { en: "after an update", ko: "update 뒤" }
    place_validation() { en: "after a validation", ko: "validation 뒤" }
    place_epoch() { en: "end of an epoch", ko: "epoch 끝" }
    place_best() { en: "save of best", ko: "best 저장" }
    place_before_latest() { en: "save of latest, before", ko: "latest 저장 전" }
    place_half(call: u32, name: &str) { en: "  half of {call}, {name}", ko: "  {call} {name} 도중" }
    place_call(call: u32, name: &str) { en: "  after {call}, {name}", ko: "  {call} {name} 뒤" }
    place_after_latest() { en: "save of latest, after", ko: "latest 저장 뒤" }
    place_finished() { en: "training complete", ko: "학습이 끝난 뒤" }

    // The figures.
    label_lives() { en: "lives", ko: "실행" }
    lives(lives: usize, kills: u64, seconds: f64) {
        en: "{lives} started in {seconds:.1} s, {kills} of them ended by a SIGKILL",
        ko: "프로세스 {lives}개, 그중 SIGKILL로 끝난 것 {kills}개. {seconds:.1}초 걸렸어요",
    }
    ended_before(kills: u64, wanted: u64) {
        en: "training ended after {kills} of the {wanted} kills",
        ko: "kill {wanted}번 가운데 {kills}번 만에 학습이 끝났어요",
    }
    label_again() { en: "again", ko: "재학습" }
    again(sum: f64, median: f64, max: f64) {
        en: "{sum} updates done again; {median} a kill in the median, {max} at most",
        ko: "다시 학습한 update {sum}개. kill 한 번에 중앙값 {median}개, 가장 많게는 {max}개",
    }
    label_recover() { en: "recover", ko: "회복" }
    recover(median: f64, p95: f64, max: f64) {
        en: "from the start of a life to its first update done: {median:.2} s in the median, {p95:.2} s for 95 %, {max:.2} s at most",
        ko: "프로세스를 시작해서 첫 update를 끝내기까지 중앙값 {median:.2}초, 95 % {p95:.2}초, 가장 길게 {max:.2}초",
    }
    curve_same(points: u64) {
        en: "all {points} validation points, as last trained, have the control's bits",
        ko: "마지막으로 학습한 validation point {points}개가 모두 control과 bit까지 같아요",
    }
    curve_different(same: u64, points: u64) {
        en: "{same} of {points} validation points, as last trained, have the control's bits",
        ko: "validation point {points}개 가운데 {same}개만 control과 bit까지 같아요",
    }
    first_different_epoch(epoch: u64) { en: "the first other epoch is {epoch}", ko: "처음으로 다른 epoch은 {epoch}" }
    label_repeat() { en: "repeat", ko: "반복" }
    label_json() { en: "json", ko: "json" }
    point_of_epoch(kill: &str, epoch: u64) { en: "{kill} of epoch {epoch}", ko: "epoch {epoch}의 {kill}" }
}
