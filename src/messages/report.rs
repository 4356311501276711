//! What a report says: the verdict, the components, the findings, the words on the picture.

messages! {
    headline(trainer: &str, before: u64, after: u64, seed: u64, kill: &str) {
        en: "{trainer} · {before}+{after} epochs · seed {seed} · SIGKILL at {kill}",
        ko: "{trainer} · {before}+{after} epoch · seed {seed} · SIGKILL 지점 {kill}",
    }

    // The verdict.
    verdict_same_run() { en: "THE SAME RUN", ko: "같은 run이에요" }
    verdict_not_same_run() { en: "NOT THE SAME RUN", ko: "같은 run이 아니에요" }
    verdict_refused() { en: "REFUSED", ko: "resume을 거절했어요" }
    verdict_not_refused() { en: "NOT REFUSED AS IT SHOULD BE", ko: "제대로 거절하지 않았어요" }
    verdict_not_judged() { en: "NOT JUDGED", ko: "판정하지 못했어요" }
    because_identical() {
        en: "the resumed run is, bit for bit, the run that was never killed",
        ko: "resume한 run이 kill된 적 없는 run과 bit 하나까지 똑같아요",
    }
    because_refused() {
        en: "the trainer refused to resume, as it has to here, said why and left every checkpoint as it was",
        ko: "거절해야 하는 resume을 이유를 밝히며 거절했고, checkpoint도 모두 그대로 두었어요",
    }
    because_continuous(tolerance: f64) {
        en: "every component came back and the curve stays within the tolerance of {tolerance}",
        ko: "모든 component가 돌아왔고 curve가 허용 오차 {tolerance} 안에 있어요",
    }
    because_lost(components: &str) { en: "did not come back: {components}", ko: "{components} 상태가 돌아오지 않았어요" }
    because_findings(count: usize) {
        en: "every component came back, but the run has {count} other findings",
        ko: "component는 모두 돌아왔지만 다른 문제가 {count}개 있어요",
    }

    // The table.
    column_component() { en: "component", ko: "component" }
    column_state() { en: "came back", ko: "resume 뒤 상태" }
    column_detail() { en: "detail", ko: "설명" }
    state_restored() { en: "restored", ko: "복원됨" }
    state_cold() { en: "cold", ko: "cold" }
    state_stale() { en: "stale", ko: "stale" }
    state_wrong() { en: "wrong", ko: "wrong" }
    state_not_observed() { en: "not observed", ko: "확인 못 함" }
    detail_cold() { en: "as in a fresh process: never restored", ko: "새 프로세스와 똑같아요. 복원된 적이 없어요" }
    detail_stale(epoch: u64) { en: "as it was at epoch {epoch}", ko: "epoch {epoch} 때의 상태예요" }
    detail_wrong(parts: &str) { en: "differs in {parts}", ko: "다른 부분: {parts}" }
    detail_wrong_whole() { en: "neither what was saved nor an earlier state", ko: "저장한 상태도, 예전 상태도 아니에요" }
    detail_not_observed() { en: "the trainer did not report it", ko: "trainer가 알려 주지 않았어요" }
    and_more(shown: &str, more: usize) { en: "{shown} and {more} more", ko: "{shown} 외 {more}개" }

    // The curve.
    curve_identical(points: u64) {
        en: "identical: all {points} validation points after the resume have the control's bits",
        ko: "identical: resume 뒤의 validation point {points}개가 모두 control과 bit까지 같아요",
    }
    curve_continuous(ratio: f64) {
        en: "no jump to be seen, but not the same values: {ratio:.1} times the control's own change at the resume",
        ko: "눈에 보이는 jump는 없지만 값이 달라요. 차이는 resume 지점에서 control이 원래 변하는 폭의 {ratio:.1}배예요",
    }
    curve_within(largest: f64, tolerance: f64) {
        en: "continuous: within the tolerance of {tolerance} (largest difference {largest:.2e})",
        ko: "continuous: 허용 오차 {tolerance} 안에 있어요 (가장 큰 차이 {largest:.2e})",
    }
    curve_jump_up(size: f64, ratio: f64, epoch: f64) {
        en: "jump up by {size:.4} at epoch {epoch:.2}: {ratio:.1} times the control's own change there",
        ko: "jump: epoch {epoch:.2}에서 위로 {size:.4}만큼 튀어요. 거기서 control이 원래 변하는 폭의 {ratio:.1}배예요",
    }
    curve_jump_down(size: f64, ratio: f64, epoch: f64) {
        en: "jump down by {size:.4} at epoch {epoch:.2}: {ratio:.1} times the control's own change there",
        ko: "jump: epoch {epoch:.2}에서 아래로 {size:.4}만큼 튀어요. 거기서 control이 원래 변하는 폭의 {ratio:.1}배예요",
    }
    curve_jump_not_finite(epoch: f64) {
        en: "jump at epoch {epoch:.2} to a loss that is not finite",
        ko: "jump: epoch {epoch:.2}에서 loss가 무한대나 NaN이 돼요",
    }
    curve_differs(size: f64, epoch: f64) {
        en: "the validation curve is another one from epoch {epoch:.2} on (largest difference in the first epoch after the resume: {size:+.2e}), though nobody could see it",
        ko: "눈에는 안 보이지만 epoch {epoch:.2}부터 validation curve의 값이 달라요 (resume 뒤 첫 epoch에서 가장 큰 차이 {size:+.2e})",
    }
    curve_missing() {
        en: "the resumed run has no validation point to compare",
        ko: "resume한 run에 비교할 validation point가 없어요",
    }
    curve_too_short(expected: u64, found: u64) {
        en: "the validation curve ends too early, after {found} of {expected} points; as far as it goes it has the control's bits",
        ko: "validation curve가 너무 일찍 끝나요. point {expected}개 가운데 {found}개뿐이고, 거기까지는 control과 bit까지 같아요",
    }

    // The kill.
    kill_confirmed(signal: i32, event: &str, epoch: u64, step: u64) {
        en: "signal {signal} (SIGKILL), confirmed by the kernel, at {event:?}: epoch {epoch}, step {step}",
        ko: "signal {signal} (SIGKILL), kernel이 확인했어요. 지점: {event:?} event, epoch {epoch}, step {step}",
    }

    kill_torn(path: &str, written: u64, wanted: u64) {
        en: "{written} of {wanted} bytes of its write to {path} had reached the file",
        ko: "쓰려던 {wanted} byte 가운데 {written} byte까지만 파일에 들어갔어요: {path}",
    }

    // Labels at the start of a line.
    label_curve() { en: "curve", ko: "curve" }
    label_kill() { en: "kill", ko: "kill" }
    label_time() { en: "time", ko: "시간" }
    label_picture() { en: "picture", ko: "그림" }
    label_report() { en: "report", ko: "report" }
    label_findings() { en: "findings", ko: "찾아낸 문제" }
    label_try() { en: "next", ko: "다음" }
    times(total: f64, ready: f64) {
        en: "{total:.1} s in all; {ready:.2} s from the SIGKILL until the resumed run was ready for its first step",
        ko: "모두 {total:.1}초 걸렸어요. SIGKILL부터 resume한 run의 첫 step 준비가 끝날 때까지는 {ready:.2}초예요",
    }
    visible_yes() { en: "visible on the curve: yes", ko: "curve에서 보이나요: 네" }
    visible_among_others() {
        en: "visible on the curve: a jump is, and it does not tell which of these made it",
        ko: "curve에서 보이나요: jump는 보이지만 이 가운데 무엇 때문인지는 알 수 없어요",
    }
    visible_no() { en: "visible on the curve: no", ko: "curve에서 보이나요: 아니요" }
    consequences() { en: "What followed from it:", ko: "그래서 생긴 일:" }
    not_written(what: &str, why: &str) { en: "cannot write {what}: {why}", ko: "{what}을(를) 쓸 수 없어요: {why}" }

    // Findings.
    finding_cold(component: &str) {
        en: "{component} was never restored: after the resume it is as in a fresh process. Missing from save, or not read by load",
        ko: "{component} 상태가 복원되지 않았어요. resume 뒤에도 새 프로세스와 똑같아요. save에서 빠졌거나 load가 불러오지 않은 거예요",
    }
    finding_stale(component: &str, epoch: u64) {
        en: "{component} came back as it was at epoch {epoch}: the checkpoint holds an old state",
        ko: "{component} 상태가 epoch {epoch} 때의 것으로 돌아왔어요. checkpoint에 예전 상태가 들어 있어요",
    }
    finding_wrong(component: &str, parts: &str) {
        en: "{component} is not what was saved; different: {parts}",
        ko: "{component} 상태가 저장할 때와 달라요. 다른 부분: {parts}",
    }
    finding_not_observed(component: &str) {
        en: "{component} is required, and the trainer reported nothing about it",
        ko: "{component} 상태는 꼭 필요한데 trainer가 아무것도 알려 주지 않았어요",
    }
    finding_no_checkpoint() {
        en: "no checkpoint was durable when the kill came, so there was nothing to resume from; if the trainer does save, choose a later --kill",
        ko: "kill될 때 안전하게 저장된 checkpoint가 하나도 없어서 resume할 것이 없었어요. 저장하는 trainer라면 --kill을 더 늦은 지점으로 바꿔 주세요",
    }
    finding_restarted_from_zero() {
        en: "a checkpoint had been saved, and yet the resumed run started from nothing: load found none, or did not read it",
        ko: "checkpoint를 저장했는데도 resume한 run이 처음부터 시작했어요. load가 checkpoint를 찾지 못했거나 불러오지 않은 거예요",
    }
    finding_older_checkpoint(epoch: u64, steps: u64) {
        en: "the resumed run went on from epoch {epoch} though a newer checkpoint was durable: {steps} steps of work were thrown away",
        ko: "더 최근 checkpoint가 안전하게 저장되어 있는데도 epoch {epoch}에서 이어 갔어요. {steps} step만큼 학습한 것을 버렸어요",
    }
    finding_wrong_whole(component: &str) {
        en: "{component} is neither what was saved nor an earlier state",
        ko: "{component} 상태가 저장한 것도, 예전 것도 아니에요",
    }
    finding_not_reproducible(step: u64) {
        en: "the interrupted run already differs from the control run at step {step}, before the kill: this training does not reproduce itself, so no one can judge it bit for bit; fix its seeds and thread count, or allow a difference with --tolerance",
        ko: "kill 전인 step {step}에서 이미 interrupted run과 control run이 달라요. 같은 학습을 다시 해도 결과가 똑같지 않아서 bit 단위로 판정할 수 없어요. seed와 thread 수를 고정하거나 --tolerance로 차이를 허용해 주세요",
    }
    finding_training_changed(step: u64) {
        en: "the run is another one than the control run at step {step} already, before any kill: this code changes the training itself; saving and loading must not touch the model, the optimizer or the random numbers",
        ko: "아직 kill하기 전인 step {step}에서 이미 control run과 다른 run이에요. 이 코드가 학습 자체를 바꾸고 있어요. 저장하고 불러오는 코드가 model, optimizer, 난수를 건드리면 안 돼요",
    }
    finding_not_from_checkpoint() {
        en: "started again with other content in every file of its folder, it came back all the same: what it resumed from is not the checkpoint that it saved there",
        ko: "폴더에 있는 모든 파일의 내용을 바꾸고 다시 시작했는데도 그대로 이어서 학습했어요. 폴더에 저장한 checkpoint에서 resume한 것이 아니에요",
    }
    finding_not_refused() {
        en: "this resume has to be refused, and training started all the same: what was asked for does not fit the checkpoint, and nobody was told",
        ko: "이 resume은 거절해야 하는데 그대로 학습을 시작했어요. 요청한 설정이 checkpoint와 맞지 않는데 아무 말도 하지 않았어요",
    }
    finding_checkpoint_changed(path: &str) {
        en: "the resume was to be refused, and {path} was changed or removed: a refusal has to leave every checkpoint as it was",
        ko: "resume을 거절하면서 {path} 파일을 바꾸거나 지웠어요. 거절할 때는 checkpoint를 모두 그대로 두어야 해요",
    }
    finding_refused_to_start(code: i32) {
        en: "after the kill inside the save the trainer could not start again (exit code {code}): nothing was left that it could resume from",
        ko: "저장 도중에 kill된 뒤로 trainer가 다시 시작하지 못했어요 (exit code {code}). resume할 수 있는 것이 남아 있지 않아요",
    }
    finding_written_in_place(path: &str) {
        en: "{path} is written over itself: a kill or a power failure in the middle leaves a torn checkpoint, and the one before is gone; the old one has to stay whole until the new one is complete",
        ko: "{path} 파일을 그 자리에서 바로 덮어써요. 도중에 kill되거나 전원이 꺼지면 반쯤 쓰인 checkpoint만 남고 바로 전 것은 사라져요. 새 checkpoint가 다 쓰일 때까지 바로 전 것이 온전히 남아 있어야 해요",
    }
    finding_renamed_before_sync(path: &str) {
        en: "{path} gets its name by a rename before its content was fsynced: after a power failure the name can be there and the content not; a SIGKILL never shows this, because the kernel still writes the file out",
        ko: "내용을 fsync하기 전에 rename으로 이름을 붙여요: {path}. 전원이 꺼지면 이름만 남고 내용은 없을 수 있어요. SIGKILL 뒤에는 kernel이 남은 내용을 마저 쓰기 때문에 이 문제가 드러나지 않아요",
    }
    finding_directory_not_synced(path: &str) {
        en: "the directory of {path} is not fsynced after the rename: a power failure can undo the rename though the save was reported as durable; a SIGKILL never shows this",
        ko: "rename한 뒤에 {path} 파일이 있는 폴더를 fsync하지 않아요. 저장이 끝났다고 알린 뒤에도 전원이 꺼지면 rename이 없던 일이 될 수 있어요. SIGKILL로는 드러나지 않는 문제예요",
    }
    finding_removed_too_early(path: &str) {
        en: "{path}, the checkpoint before, is removed before the new one is durable: a kill or a power failure in between leaves no checkpoint at all",
        ko: "새 checkpoint가 안전하게 저장되기 전에 바로 전 checkpoint인 {path} 파일을 지워요. 그 사이에 kill되거나 전원이 꺼지면 checkpoint가 하나도 남지 않아요",
    }
    finding_epochs_repeated(epochs: &str) { en: "trained again: epoch {epochs}", ko: "epoch {epochs}: 다시 학습했어요" }
    finding_epochs_skipped(epochs: &str) { en: "never trained: epoch {epochs}", ko: "epoch {epochs}: 학습하지 않고 건너뛰었어요" }
    finding_step_count(expected: u64, found: u64) {
        en: "the step count is off: {found} where the control run has {expected}",
        ko: "step 수가 어긋났어요. control run: {expected}, 이 run: {found}",
    }
    finding_learning_rate(expected: f64, found: f64, epoch: f64) {
        en: "the learning rate does not continue: {found:.3e} at epoch {epoch:.2} where the control run has {expected:.3e}",
        ko: "learning rate가 이어지지 않아요. epoch {epoch:.2}에서 control run: {expected:.3e}, 이 run: {found:.3e}",
    }
    finding_best_is_latest(path: &str) {
        en: "best and latest are one file, {path}: each save overwrites the other",
        ko: "best와 latest가 같은 파일({path})이라서 저장할 때마다 서로 덮어써요",
    }
    finding_best_not_kept(path: &str, epoch: u64) {
        en: "{path}, saved as best at epoch {epoch}, was changed or removed before a better one came: as a link to another checkpoint it changes whenever that one is written over",
        ko: "epoch {epoch}에서 best로 저장한 {path} 파일이 더 좋은 model이 나오기도 전에 바뀌거나 없어졌어요. 다른 checkpoint를 가리키는 링크로 만들면 그쪽을 덮어쓸 때마다 best도 함께 바뀌어요",
    }
    finding_best_overwritten(best: f64, by: f64, epoch: u64) {
        en: "a worse model replaced the best one at epoch {epoch}: validation loss {by:.4} over {best:.4}",
        ko: "epoch {epoch}에서 더 나쁜 model이 best를 덮어썼어요. best의 validation loss: {best:.4}, 덮어쓴 model: {by:.4}",
    }
    finding_samples(repeated: usize, which: &str, lost: usize, missed: &str, epoch: u64) {
        en: "in epoch {epoch}, {repeated} samples were seen again ({which}) and {lost} were never seen ({missed})",
        ko: "epoch {epoch}에서 sample {repeated}개를 다시 봤고 ({which}), {lost}개는 보지 못했어요 ({missed})",
    }
    finding_final_state(components: &str) {
        en: "training ends in another state: {components}",
        ko: "학습이 끝났을 때의 상태가 달라요: {components}",
    }

    // Why it matters, for the components of the lesson.
    why_model() { en: "Without the weights, training starts over.", ko: "weight를 잃으면 학습이 처음부터 다시 시작돼요." }
    why_buffers() {
        en: "BatchNorm's running statistics are buffers, not parameters: without them validation collapses while training looks fine.",
        ko: "BatchNorm의 running statistics는 parameter가 아니라 buffer예요. 이것을 잃으면 학습은 멀쩡해 보여도 validation이 무너져요.",
    }
    why_optimizer() {
        en: "Without its moments the optimizer takes its first steps blind.",
        ko: "moment를 잃은 optimizer는 처음 몇 step을 눈을 가린 채 움직여요.",
    }
    why_scheduler() { en: "The learning rate starts its schedule over.", ko: "learning rate schedule이 처음부터 다시 시작돼요." }
    why_scaler() {
        en: "The loss scale falls back to its first value: steps overflow and are skipped until it has found its place again.",
        ko: "loss scale이 처음 값으로 돌아가서, 다시 자리를 찾을 때까지 overflow가 나고 step을 건너뛰어요.",
    }
    why_step() { en: "Logs, schedules and saves count from the wrong step.", ko: "로그, schedule, 저장이 모두 틀린 step부터 세게 돼요." }
    why_epoch() { en: "Epochs are trained again or skipped.", ko: "epoch을 다시 학습하거나 건너뛰게 돼요." }
    why_config() {
        en: "Nobody checked that the resumed run trains with the same settings.",
        ko: "resume한 run의 설정이 원래 run과 같은지 아무도 확인하지 않았어요.",
    }
    why_best_metric() {
        en: "The next epoch looks like the best so far, and a worse model overwrites the best one.",
        ko: "다음 epoch이 무조건 최고 기록처럼 보여서, 더 나쁜 model이 best를 덮어써요.",
    }
    why_rng() {
        en: "Dropout and augmentation draw other numbers: another run, though the curve looks fine.",
        ko: "dropout과 augmentation이 다른 난수를 뽑아요. curve는 멀쩡해 보여도 다른 run이에요.",
    }
    why_sampler() {
        en: "The data comes in another order: samples may be seen twice or never, though the curve looks fine.",
        ko: "데이터 순서가 달라져요. curve는 멀쩡해 보여도 어떤 sample은 두 번 보고 어떤 sample은 못 볼 수 있어요.",
    }

    // The gallery.
    gallery_title() {
        en: "What a resume looks like when one component was lost",
        ko: "component 하나를 잃으면 resume이 이렇게 보여요",
    }
    gallery_nothing() { en: "nothing lost", ko: "잃은 것 없음" }
    gallery_same() { en: "same run", ko: "같은 run" }
    gallery_unseen() { en: "not visible", ko: "안 보여요" }
    gallery_jump(ratio: &str) { en: "jump {ratio} ×", ko: "jump {ratio}배" }
    gallery_jump_not_finite() { en: "jump, not finite", ko: "jump, 무한대나 NaN" }
    gallery_lost() { en: "lost", ko: "잃은 것" }
    gallery_curve() { en: "on the curve", ko: "curve에서는" }
    gallery_found() { en: "found", ko: "찾아낸 문제" }
    gallery_summary(unseen: usize, all: usize) {
        en: "The curve does not show {unseen} of {all} losses; the digests show all of them.",
        ko: "{all}가지 가운데 {unseen}가지는 curve에 보이지 않아요. digest로는 모두 찾아내요.",
    }
    gallery_not_found(component: &str) {
        en: "losing {component} was not found as exactly that",
        ko: "{component} 상태를 잃었는데 정확히 그 문제를 찾아내지 못했어요",
    }

    // The picture.
    picture_title(trainer: &str) {
        en: "{trainer}: validation loss through a SIGKILL and a resume",
        ko: "{trainer}: SIGKILL과 resume을 지나는 validation loss",
    }
    picture_loss() { en: "validation loss", ko: "validation loss" }
    picture_epoch() { en: "epoch", ko: "epoch" }
    picture_lr() { en: "learning rate", ko: "learning rate" }
    picture_scale() { en: "loss scale", ko: "loss scale" }
    picture_control() { en: "control run, never killed", ko: "control run (kill 없음)" }
    picture_before() { en: "before the kill", ko: "kill 전" }
    picture_after() { en: "after the resume", ko: "resume 뒤" }
    picture_band() { en: "3 × the control's own change", ko: "control이 원래 변하는 폭의 3배" }
    picture_zoom() { en: "around the resume", ko: "resume 부근" }
    picture_log_scale() { en: "log scale", ko: "log scale" }
    picture_off_scale() { en: "not finite or off the scale", ko: "무한대, NaN 또는 눈금 밖" }
    picture_more() { en: "and {{n}} more", ko: "외 {{n}}개" }
    picture_component(component: &str, state: &str) { en: "{component}: {state}", ko: "{component}: {state}" }
    picture_cold() { en: "never restored", ko: "복원되지 않음" }
    picture_stale(epoch: u64) { en: "from epoch {epoch}", ko: "epoch {epoch} 상태" }
    picture_wrong() { en: "not what was saved", ko: "저장한 것과 다름" }
    picture_not_observed() { en: "not observed", ko: "확인 못 함" }
    picture_kill() { en: "SIGKILL", ko: "SIGKILL" }

    // Several programs judged in one go.
    suite_summary(same: usize, all: usize) {
        en: "{same} of {all} came back as the same run",
        ko: "{all}개 가운데 {same}개가 같은 run으로 돌아왔어요",
    }
    suite_nothing() { en: "nothing was judged", ko: "판정한 것이 하나도 없어요" }
    suite_same_run() { en: "same run", ko: "같은 run" }
    suite_not_same_run() { en: "not the same run", ko: "같은 run이 아님" }
    suite_not_judged() { en: "not judged", ko: "판정 못 함" }
    suite_column_program() { en: "program", ko: "프로그램" }
    suite_column_verdict() { en: "verdict", ko: "판정" }
    suite_column_reason() { en: "why", ko: "이유" }
    suite_column_time() { en: "time", ko: "시간" }
    suite_seconds(seconds: f64) { en: "{seconds:.1} s", ko: "{seconds:.1}초" }
    suite_not_judged_because(reason: &str) { en: "Not judged, so no points: {reason}", ko: "판정하지 못해서 점수가 없어요. {reason}" }
    suite_truncated() { en: "… truncated", ko: "… 뒤는 잘렸어요" }
    suite_left_out(left: usize) {
        en: "This summary was cut: {left} more parts did not fit into 1 MiB.",
        ko: "이 요약은 잘렸어요. 1 MiB에 들어가지 않은 부분: {left}개",
    }

    // A class.
    class_submission() { en: "submission", ko: "제출물" }
    class_points() { en: "points", ko: "점수" }
    class_points_of(score: f64, max: f64) { en: "{score} of {max}", ko: "{max}점 중 {score}점" }
    class_summary(all: usize, submissions: usize) {
        en: "{all} of {submissions} submissions passed every exercise",
        ko: "제출물 {submissions}개 가운데 {all}개가 모든 연습 문제를 통과했어요",
    }
    class_to_be_graded() { en: "still to be graded", ko: "아직 채점하지 않았어요" }
    class_left(left: usize, submissions: usize) {
        en: "still to be graded: {left} of {submissions} submissions",
        ko: "제출물 {submissions}개 가운데 {left}개는 채점이 아직 끝나지 않았어요",
    }
    class_one_file(destination: &str, submissions: usize, example: &str) {
        en: "--report {destination}: this format holds one submission and there are {submissions}; put {{submission}} into the file's name, such as {example}",
        ko: "--report {destination}: 이 형식에는 제출물이 하나만 들어가는데 제출물이 {submissions}개예요. {example}처럼 파일 이름에 {{submission}}을 넣어 주세요",
    }
    class_table() { en: "points and results", ko: "점수와 결과" }
    class_passed() { en: "passed by", ko: "통과한 제출물" }
    class_nothing_yet() { en: "nothing has been graded yet", ko: "아직 채점한 것이 없어요" }

    // The page.
    page_title(result: &str) { en: "killresume: {result}", ko: "killresume: {result}" }
    page_result(passed: usize, failed: usize, errors: usize) {
        en: "{passed} passed, {failed} failed, {errors} with an error",
        ko: "통과 {passed}개, 실패 {failed}개, 오류 {errors}개",
    }
    page_nothing() { en: "nothing was judged", ko: "판정한 것이 없어요" }
    page_made_by(version: &str, seconds: f64) {
        en: "killresume {version} · {seconds:.1} s in all",
        ko: "killresume {version} · 모두 {seconds:.1}초",
    }
    page_contents() { en: "contents", ko: "차례" }
    page_pass() { en: "passed", ko: "통과" }
    page_fail() { en: "failed", ko: "실패" }
    page_error() { en: "error", ko: "오류" }
    page_curve() { en: "validation curve", ko: "validation curve" }
    page_components() { en: "components", ko: "component별 상태" }
    page_timeline() { en: "timeline of the kill", ko: "kill 전후의 시간 흐름" }
    page_seconds(seconds: f64) { en: "{seconds:.2} s", ko: "{seconds:.2}초" }
    page_after_kill(seconds: f64) { en: "{seconds:.2} s after the SIGKILL", ko: "SIGKILL {seconds:.2}초 뒤" }
    page_spawned() { en: "the run that will be killed starts", ko: "kill될 run이 시작했어요" }
    page_ready() {
        en: "the resumed run has loaded its state and is ready for its first step",
        ko: "resume한 run이 상태를 불러와 첫 step을 시작할 준비를 마쳤어요",
    }
    page_first_step() { en: "the resumed run has done its first step", ko: "resume한 run이 첫 step을 마쳤어요" }
    page_facts() { en: "environment and timings", ko: "실행 환경과 걸린 시간" }
    page_environment() { en: "environment", ko: "실행 환경" }
    page_timings() { en: "timings", ko: "걸린 시간" }
    page_name() { en: "name", ko: "이름" }
    page_value() { en: "value", ko: "값" }
    page_total() { en: "in all", ko: "전체" }
    page_to_ready() { en: "from the SIGKILL to ready", ko: "SIGKILL부터 준비까지" }
    page_to_first_step() { en: "from the SIGKILL to the first step", ko: "SIGKILL부터 첫 step까지" }
    page_file() { en: "file", ko: "파일" }
    page_output() { en: "output", ko: "출력" }
    page_output_cut(lines: usize, characters: usize) {
        en: "The output was cut: at most the last {lines} lines are shown, and the first {characters} characters of each.",
        ko: "출력이 길어서 잘랐어요. 마지막 {lines}줄까지, 줄마다 앞의 {characters}자까지만 보여 드려요.",
    }
}
