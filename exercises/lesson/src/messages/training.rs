//! What a trainer says while it trains, and why it cannot.

killresume::messages! {
    // Progress.
    resuming(epoch: u64, path: &str) {
        en: "resuming after epoch {epoch} from {path}",
        ko: "epoch {epoch} 뒤부터 이어서 학습해요: {path}",
    }
    starting_afresh() { en: "starting afresh", ko: "처음부터 학습해요" }
    position(epoch: u64, epochs: u64, step: u64) {
        en: "epoch {epoch:>3}/{epochs}  step {step:>5}",
        ko: "epoch {epoch:>3}/{epochs}  step {step:>5}",
    }
    metrics(train_loss: f64, val_loss: f64, accuracy: f64, lr: f64, scale: f64) {
        en: "train loss {train_loss:.4}  val loss {val_loss:.4}  accuracy {accuracy:5.1} %  lr {lr:.2e}  loss scale {scale}",
        ko: "train loss {train_loss:.4}  val loss {val_loss:.4}  정확도 {accuracy:5.1} %  lr {lr:.2e}  loss scale {scale}",
    }
    finished() { en: "finished", ko: "학습이 끝났어요" }

    // Why training stopped.
    error(what: &str) { en: "error: {what}", ko: "오류: {what}" }
    cannot_resume() { en: "cannot resume", ko: "resume할 수 없어요" }
    last_read(place: &str) {
        en: "saved state was last read at {place}",
        ko: "저장된 상태를 마지막으로 읽은 곳: {place}",
    }
    cannot_save(path: &str) { en: "cannot save {path}", ko: "{path} 파일을 저장할 수 없어요" }
    saved_elsewhere(path: &str, directory: &str) {
        en: "save returned {path}, which is no file in the run's directory {directory}: it has to write one there, as `store.dir()` or `store.path(kind)` name it, and return its path",
        ko: "save가 돌려준 {path}: run의 폴더 {directory} 안에 있는 파일이 아니에요. `store.dir()`이나 `store.path(kind)`로 그 폴더 안에 파일을 쓰고 그 경로를 돌려주세요",
    }
    panic_in_load() {
        en: "the panic above happened in load, while resuming; fix the line that it names, or return an error there with `?`",
        ko: "위의 panic은 resume하는 동안 load 안에서 일어났어요. panic 메시지에 나온 줄을 고치거나, 그 자리에서 `?`로 오류를 돌려주세요",
    }
    panic_in_save(path: &str) {
        en: "the panic above happened in save, while saving {path}; fix the line that it names, or return an error there with `?`",
        ko: "위의 panic은 {path} 파일을 저장하는 동안 save 안에서 일어났어요. panic 메시지에 나온 줄을 고치거나, 그 자리에서 `?`로 오류를 돌려주세요",
    }
    no_cuda() {
        en: "--device cuda: this libtorch finds no CUDA device; use --device cpu, or set LIBTORCH to a libtorch with CUDA and build again",
        ko: "--device cuda: 이 libtorch가 CUDA device를 찾지 못했어요. --device cpu를 쓰거나, LIBTORCH에 CUDA를 지원하는 libtorch의 경로를 넣고 다시 빌드해 주세요",
    }
    cannot_listen_for_sigterm() {
        en: "cannot listen for SIGTERM",
        ko: "SIGTERM을 받을 준비를 할 수 없어요",
    }

    // The harness.
    no_harness(path: &str, why: &str) {
        en: "cannot connect to the harness at {path} (KILLRESUME_SOCKET): {why}; unset KILLRESUME_SOCKET to train without one",
        ko: "harness에 연결할 수 없어요: {path} (KILLRESUME_SOCKET): {why}. harness 없이 학습하려면 KILLRESUME_SOCKET을 unset해 주세요",
    }
    lost_harness(why: &str) {
        en: "lost the connection to the harness: {why}; start the harness again",
        ko: "harness와 연결이 끊겼어요: {why}. harness를 다시 실행해 주세요",
    }
    no_reply(line: &str, why: &str) {
        en: "the harness answered {line:?}, expected a reply such as {{\"go\":true}}: {why}",
        ko: "harness가 보낸 대답을 알 수 없어요: {line:?}. {{\"go\":true}} 같은 대답이 와야 해요: {why}",
    }

    // The data set.
    cannot_unpack_digits() {
        en: "cannot unpack digits.csv.gz",
        ko: "digits.csv.gz의 압축을 풀 수 없어요",
    }
    line_of_digits(line: usize) { en: "line {line} of digits.csv.gz", ko: "digits.csv.gz의 {line}번째 줄" }
    not_a_number(cell: &str) { en: "not a number: {cell:?}", ko: "수가 아니에요: {cell:?}" }
    wrong_columns(found: usize) {
        en: "expected 65 columns, found {found}",
        ko: "column은 65개여야 하는데 {found}개가 있어요",
    }
    wrong_label(found: i64) {
        en: "expected a label 0 to 9, found {found}",
        ko: "label은 0에서 9까지인데 다른 값이 있어요: {found}",
    }

    // Calls in the wrong order: panics.
    scaler_unscaled_twice() {
        en: "the gradients are unscaled already; call `update` once at the end of each iteration",
        ko: "gradient를 이미 unscale했어요. iteration이 끝날 때마다 `update`를 한 번 불러 주세요",
    }
    scaler_stepped_twice() {
        en: "`step` was called twice; call `update` once at the end of each iteration",
        ko: "`step`을 두 번 불렀어요. iteration이 끝날 때마다 `update`를 한 번 불러 주세요",
    }
    scaler_not_stepped() {
        en: "no gradients were checked; call `step` before `update`",
        ko: "gradient를 아직 검사하지 않았어요. `update`보다 먼저 `step`을 불러 주세요",
    }
    scaler_growth_factor(found: f64) {
        en: "the growth factor must be above 1, not {found}",
        ko: "growth factor는 1보다 커야 해요. 지금 값: {found}",
    }
    scaler_backoff_factor(found: f64) {
        en: "the backoff factor must be below 1, not {found}",
        ko: "backoff factor는 1보다 작아야 해요. 지금 값: {found}",
    }
    duplicate_parameter(name: &str) {
        en: "parameter {name:?} appears twice: the state is kept by name",
        ko: "parameter {name:?}: 이름이 두 번 나와요. 상태를 이름으로 구분하니 이름이 서로 달라야 해요",
    }
}
