//! Why a checkpoint cannot be saved, loaded or used.

killresume::messages! {
    // What a checkpoint holds.
    missing_component(component: &str, present: &str) {
        en: "the checkpoint has no component {component:?}, it holds {present}; save that component too, or load a checkpoint that has it",
        ko: "checkpoint에 {component:?} component가 없어요. 들어 있는 것: {present}. 이 component도 저장하거나, 이 component가 있는 checkpoint를 불러와 주세요",
    }
    nothing() { en: "nothing", ko: "없음" }
    component_name(component: &str) {
        en: "a component cannot be named {component:?}: use a name that is not empty and has no '.'",
        ko: "component 이름으로 쓸 수 없어요: {component:?}. 비어 있지 않고 '.'이 없는 이름을 써 주세요",
    }
    unsaveable_tensor(component: &str, key: &str, problem: &str) {
        en: "tensor {component}.{key} cannot be saved: {problem}; convert it to a dense real tensor",
        ko: "tensor {component}.{key}: 저장할 수 없어요: {problem}. 실수(real) 값의 dense tensor로 바꿔 주세요",
    }
    sparse() { en: "it is sparse", ko: "sparse tensor예요" }
    dtype_is(dtype: &str) { en: "its dtype is {dtype}", ko: "저장할 수 없는 dtype이에요({dtype})" }
    header_size(bytes: usize, limit: usize) {
        en: "names and scalars take {bytes} bytes, more than the {limit} that a safetensors header may have; store large data as tensors",
        ko: "이름과 scalar의 크기가 {bytes} byte라서 safetensors header의 한도인 {limit} byte를 넘어요. 큰 데이터는 tensor로 저장해 주세요",
    }

    // Reading and writing a file.
    not_found(path: &str) {
        en: "{path}: no such file; check the path, or start a new run",
        ko: "{path}: 파일이 없어요. 경로를 확인하거나 새 run을 시작해 주세요",
    }
    cannot_read(path: &str, why: &str) {
        en: "{path}: cannot be read: {why}; check the path and its permissions",
        ko: "{path}: 읽을 수 없어요: {why}. 경로와 권한을 확인해 주세요",
    }
    not_a_regular_file() { en: "not a regular file", ko: "보통 파일이 아니에요" }
    no_file_name() {
        en: "the path does not end in a file name",
        ko: "경로가 파일 이름으로 끝나지 않아요",
    }
    // The action is a sentence in Korean, a verb in English.
    cannot_write(path: &str, action: &str, why: &str) {
        en: "{path}: cannot {action}: {why}; what was saved there before is untouched, so make room or correct the permissions and save again",
        ko: "{path}: {action}: {why}. 전에 저장한 것은 그대로 있어요. 공간을 비우거나 권한을 고치고 다시 저장해 주세요",
    }
    create_temporary() {
        en: "create a temporary file beside it",
        ko: "같은 폴더에 임시 파일을 만들 수 없어요",
    }
    write_content() { en: "write the new content", ko: "새 내용을 쓸 수 없어요" }
    sync_content() {
        en: "sync the new content to the disk",
        ko: "새 내용을 디스크에 fsync할 수 없어요",
    }
    put_in_place() {
        en: "put the new content in place",
        ko: "새 내용을 제자리로 rename할 수 없어요",
    }
    keep_previous() {
        en: "keep the checkpoint before under this name",
        ko: "바로 전 checkpoint를 이 이름으로 남겨 둘 수 없어요",
    }
    not_durable(path: &str, why: &str) {
        en: "{path}: saved, but its directory cannot be synced: {why}; save again",
        ko: "{path}: 저장했지만 폴더를 fsync할 수 없어요: {why}. 다시 저장해 주세요",
    }

    // What is wrong with the content of a file.
    empty() {
        en: "empty, 0 bytes; the save that made it never reached the disk, so load an older checkpoint",
        ko: "빈 파일이에요(0 byte). 저장한 내용이 디스크까지 가지 못했어요. 더 예전 checkpoint를 불러와 주세요",
    }
    truncated(found: usize, expected: usize) {
        en: "truncated, {found} of {expected} bytes; load an older checkpoint",
        ko: "잘린 파일이에요. {expected} byte 가운데 {found} byte만 있어요. 더 예전 checkpoint를 불러와 주세요",
    }
    header_length(claimed: u64, available: usize) {
        en: "the header is said to have {claimed} bytes, but {available} follow: truncated, or not a safetensors file; load an older checkpoint or check the path",
        ko: "header가 {claimed} byte라고 적혀 있는데 그 뒤에 있는 것은 {available} byte예요. 잘렸거나 safetensors 파일이 아니에요. 더 예전 checkpoint를 불러오거나 경로를 확인해 주세요",
    }
    foreign(found: &str) {
        en: "not a safetensors file but {found}; check the path, or convert the file to safetensors",
        ko: "safetensors 파일이 아니에요. 실제 종류: {found}. 경로를 확인하거나 safetensors로 변환해 주세요",
    }
    zip() { en: "a zip archive, as torch.save writes", ko: "torch.save가 쓰는 zip 파일" }
    pickle() {
        en: "a Python pickle, as torch.save wrote before PyTorch 1.6",
        ko: "PyTorch 1.6보다 예전의 torch.save가 쓰던 Python pickle",
    }
    hdf5() { en: "an HDF5 file", ko: "HDF5 파일" }
    numpy() { en: "a NumPy array", ko: "NumPy array 파일" }
    text() { en: "a text file", ko: "텍스트 파일" }
    not_safetensors(problem: &str) {
        en: "not a safetensors file: {problem}; check the path, or load an older checkpoint",
        ko: "safetensors 파일이 아니에요: {problem}. 경로를 확인하거나 더 예전 checkpoint를 불러와 주세요",
    }
    bytes_follow(bytes: usize) {
        en: "{bytes} bytes follow its last tensor",
        ko: "마지막 tensor 뒤에 {bytes} byte가 더 있어요",
    }
    not_a_checkpoint() {
        en: "a safetensors file but not a killresume checkpoint: its metadata has no `killresume.format`; check the path",
        ko: "safetensors 파일이지만 killresume checkpoint는 아니에요. metadata에 `killresume.format`이 없어요. 경로를 확인해 주세요",
    }
    checksum() {
        en: "damaged: its checksum does not match its content; load an older checkpoint",
        ko: "손상된 파일이에요. checksum이 내용과 맞지 않아요. 더 예전 checkpoint를 불러와 주세요",
    }
    newer(found: u32, known: u32) {
        en: "format {found}, and this killresume knows up to {known}; update killresume",
        ko: "format {found} 파일인데 이 killresume은 format {known}까지만 알아요. killresume을 업데이트해 주세요",
    }
    malformed(problem: &str) {
        en: "malformed: {problem}; the program that wrote it is at fault, so save it anew",
        ko: "형식이 잘못됐어요: {problem}. 이 파일을 쓴 프로그램에 문제가 있으니 새로 저장해 주세요",
    }
    no_metadata(key: &str) { en: "its metadata has no `{key}`", ko: "metadata에 `{key}` 항목이 없어요" }
    format_is_no_number() {
        en: "its `killresume.format` is not a number from 1 on",
        ko: "`killresume.format`이 1 이상의 수가 아니에요",
    }
    twice(name: &str) { en: "{name:?} is there twice", ko: "{name:?} 항목이 두 번 나와요" }
    bad_component(name: &str) {
        en: "component {name:?}: a name is not empty and has no '.'",
        ko: "component {name:?}: 이름은 비어 있지 않고 '.'이 없어야 해요",
    }
    place(start: usize, expected: usize) {
        en: "it starts at byte {start} of the data, but the next tensor must start at {expected}",
        ko: "데이터의 {start} byte에서 시작하는데, 다음 tensor는 {expected} byte에서 시작해야 해요",
    }
    size(needed: usize, start: usize, end: usize) {
        en: "shape and dtype ask for {needed} bytes, and its place is {start} to {end}",
        ko: "shape과 dtype대로라면 {needed} byte인데, 파일에 적힌 자리는 {start}에서 {end}까지예요",
    }
    shape_overflow() { en: "its shape is too large", ko: "shape이 너무 커요" }
    dimensions(found: usize, limit: usize) {
        en: "{found} dimensions, more than {limit}",
        ko: "{found}차원이라서 한도인 {limit}차원을 넘어요",
    }
    data_bytes(found: usize, expected: usize) {
        en: "its tensors take {expected} bytes, and it has {found}",
        ko: "tensor를 모두 합하면 {expected} byte인데 실제로는 {found} byte예요",
    }
    bad_scalar(key: &str, json: &str) {
        en: "scalar {key:?} cannot be {json}",
        ko: "scalar {key:?}에 쓸 수 없는 값이 있어요: {json}",
    }
    tensor_of_nothing(name: &str) {
        en: "tensor {name:?} belongs to no component",
        ko: "tensor {name:?}: 어느 component의 것인지 알 수 없어요",
    }
    bad_tensor(name: &str, problem: &str) { en: "tensor {name:?}: {problem}", ko: "tensor {name:?}: {problem}" }
    unsupported_dtype(dtype: &str) {
        en: "dtype {dtype} is not supported",
        ko: "지원하지 않는 dtype이에요({dtype})",
    }
    not_a_bool() { en: "a bool is 0 or 1", ko: "bool은 0이나 1이어야 해요" }

    // The directory of a run.
    locked(directory: &str) {
        en: "{directory} is in use by another run; wait for it to end, stop it, or choose another directory",
        ko: "{directory}: 다른 run이 쓰고 있는 폴더예요. 끝날 때까지 기다리거나, 그 run을 멈추거나, 다른 폴더를 골라 주세요",
    }
    locked_by(directory: &str, pid: u32) {
        en: "{directory} is in use by another run (process {pid}); wait for it to end, stop it, or choose another directory",
        ko: "{directory}: 다른 run(프로세스 {pid})이 쓰고 있는 폴더예요. 끝날 때까지 기다리거나, 그 run을 멈추거나, 다른 폴더를 골라 주세요",
    }
    // The action is a verb in English, and in Korean what comes before "수 없어요".
    directory(directory: &str, action: &str, why: &str) {
        en: "{directory}: cannot {action} the directory: {why}; check the path and its permissions",
        ko: "{directory}: 폴더를 {action} 수 없어요: {why}. 경로와 권한을 확인해 주세요",
    }
    create() { en: "create", ko: "만들" }
    tidy() { en: "tidy", ko: "정리할" }
    lock() { en: "lock", ko: "잠글" }
    none_valid(directory: &str, problems: &str) {
        en: "{directory} has no valid checkpoint left; move the directory away to start afresh{problems}",
        ko: "{directory}: 쓸 수 있는 checkpoint가 하나도 없어요. 처음부터 시작하려면 이 폴더를 다른 곳으로 옮겨 주세요{problems}",
    }
    fell_back(problem: &str, path: &str) {
        en: "warning: {problem}\n  falling back to {path}",
        ko: "경고: {problem}\n  대신 불러온 checkpoint: {path}",
    }
}
