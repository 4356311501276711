//! What is said while libtorch is fetched and a trainer is built, and when that cannot be done.

messages! {
    // What is going on.
    fetching(version: &str, mb: u64) {
        en: "Fetching libtorch {version} ({mb} MB, one time, into .libtorch): about half a minute on a fast line …",
        ko: "libtorch {version}을(를) 내려받아요 ({mb} MB, 한 번만, .libtorch 안에). 빠른 회선에서 30초쯤 걸려요 …",
    }
    replacing(reason: &str) {
        en: "The libtorch in .libtorch cannot be used ({reason}), so it is replaced.",
        ko: ".libtorch 안의 libtorch를 쓸 수 없어서({reason}) 새로 받아요.",
    }
    fetched(seconds: u64) {
        en: "libtorch is in place ({seconds} s).",
        ko: "libtorch 준비가 끝났어요 ({seconds}초).",
    }
    waiting_for_fetch() {
        en: "Another killresume is fetching libtorch into this folder; waiting for it …",
        ko: "다른 killresume이 이 폴더에 libtorch를 내려받고 있어요. 끝날 때까지 기다려요 …",
    }
    compiling_torch() {
        en: "Compiling the trainer against libtorch (about 2 minutes on 2 cores, one time) …",
        ko: "trainer를 libtorch에 맞춰 컴파일해요 (코어 2개에서 2분쯤, 한 번만) …",
    }
    waiting_for_cargo() {
        en: "Another cargo is building in this folder; waiting for it …",
        ko: "다른 cargo가 이 폴더에서 빌드하고 있어요. 끝날 때까지 기다려요 …",
    }
    downloading_now() { en: "fetching libtorch", ko: "libtorch 내려받는 중" }
    unpacking_now() { en: "unpacking libtorch", ko: "libtorch 압축 푸는 중" }
    waiting_now() { en: "waiting for the other fetch", ko: "다른 내려받기를 기다리는 중" }
    compiling_now(krate: &str, done: usize) {
        en: "compiling {krate} ({done} crates done)",
        ko: "{krate} 컴파일 중 (crate {done}개 끝남)",
    }
    of_mb(done: u64, total: u64) { en: "{done} of {total} MB", ko: "{total} MB 중 {done} MB" }
    elapsed(minutes: u64, seconds: u64) {
        en: "{minutes} min {seconds:02} s",
        ko: "{minutes}분 {seconds:02}초",
    }

    // What went wrong, and the ways out.
    no_project(from: &str) {
        en: "no killresume project found in {from} or above it: run this inside your clone of the project, the folder that holds exercises/Cargo.toml",
        ko: "{from}과(와) 그 위 폴더에서 killresume 프로젝트를 찾지 못했어요. exercises/Cargo.toml이 있는, clone한 프로젝트 폴더 안에서 실행해 주세요",
    }
    unsupported(os: &str, arch: &str) {
        en: "there is no libtorch 2.13.0 to fetch for {os} {arch} (only for Linux x86_64, Linux aarch64 and macOS arm64)
  - set LIBTORCH to a libtorch 2.13.0 that you built or have
  - or work on one of those systems (a container or WSL 2 will do)",
        ko: "{os} {arch}에 맞는 libtorch 2.13.0은 받을 수 없어요 (Linux x86_64, Linux aarch64, macOS arm64만 있어요)
  - 직접 빌드했거나 갖고 있는 libtorch 2.13.0이 있으면 LIBTORCH에 그 경로를 넣어 주세요
  - 아니면 위 시스템에서 실행해 주세요 (컨테이너나 WSL 2도 괜찮아요)",
    }
    no_python() {
        en: "python3 is not on PATH, and its pip is what fetches libtorch
  - Debian, Ubuntu: sudo apt-get install python3 python3-pip
  - Fedora: sudo dnf install python3-pip
  - macOS: brew install python
  - or set LIBTORCH to a libtorch 2.13.0 that you have",
        ko: "PATH에 python3가 없어요. libtorch를 받으려면 python3의 pip이 필요해요
  - Debian, Ubuntu: sudo apt-get install python3 python3-pip
  - Fedora: sudo dnf install python3-pip
  - macOS: brew install python
  - 갖고 있는 libtorch 2.13.0이 있으면 LIBTORCH에 그 경로를 넣어 주세요",
    }
    no_pip(python: &str) {
        en: "{python} has no working pip, and pip is what fetches libtorch
  - Debian, Ubuntu: sudo apt-get install python3-pip
  - Fedora: sudo dnf install python3-pip
  - elsewhere: {python} -m ensurepip --user
  - or set LIBTORCH to a libtorch 2.13.0 that you have",
        ko: "{python}에서 pip을 쓸 수 없어요. libtorch를 받으려면 pip이 필요해요
  - Debian, Ubuntu: sudo apt-get install python3-pip
  - Fedora: sudo dnf install python3-pip
  - 그 밖에: {python} -m ensurepip --user
  - 갖고 있는 libtorch 2.13.0이 있으면 LIBTORCH에 그 경로를 넣어 주세요",
    }
    no_network(tail: &str) {
        en: "libtorch could not be fetched: pip did not reach the package index
  - check the network, then run the same command again
  - behind a proxy or a mirror: set HTTPS_PROXY, PIP_INDEX_URL or PIP_CERT, as for any pip
  - or set LIBTORCH to a libtorch 2.13.0 that you have
pip said:
{tail}",
        ko: "libtorch를 받지 못했어요. pip이 package index에 연결하지 못했어요
  - 네트워크를 확인하고 같은 명령을 다시 실행해 주세요
  - proxy나 mirror를 쓴다면 보통의 pip처럼 HTTPS_PROXY, PIP_INDEX_URL, PIP_CERT를 설정해 주세요
  - 갖고 있는 libtorch 2.13.0이 있으면 LIBTORCH에 그 경로를 넣어 주세요
pip이 남긴 말:
{tail}",
    }
    hash_mismatch(tail: &str) {
        en: "what pip fetched is not the libtorch that this project pins (sha256 differs), so it was thrown away
  - a download cut short looks the same: run the same command again
  - if it happens again, a proxy or mirror hands out another file: use another index (PIP_INDEX_URL)
pip said:
{tail}",
        ko: "받은 파일이 이 프로젝트에서 정한 libtorch와 달라서(sha256 불일치) 버렸어요
  - 내려받다 끊겨도 이렇게 보여요. 같은 명령을 다시 실행해 주세요
  - 또 그러면 proxy나 mirror가 다른 파일을 주는 거예요. 다른 index를 써 주세요 (PIP_INDEX_URL)
pip이 남긴 말:
{tail}",
    }
    too_little_space(dir: &str, needed_mb: u64, free_mb: u64) {
        en: "too little disk space in {dir}: fetching libtorch takes {needed_mb} MB for a moment, and {free_mb} MB are free
  - free some space there
  - or move the project to a larger disk
  - or set LIBTORCH to a libtorch 2.13.0 that you have",
        ko: "{dir}의 디스크 공간이 모자라요. libtorch를 받는 동안 {needed_mb} MB가 필요한데 {free_mb} MB만 남아 있어요
  - 공간을 비워 주세요
  - 아니면 프로젝트를 더 큰 디스크로 옮겨 주세요
  - 갖고 있는 libtorch 2.13.0이 있으면 LIBTORCH에 그 경로를 넣어 주세요",
    }
    disk_full(dir: &str, tail: &str) {
        en: "the disk (or your quota) filled up while working in {dir}; what was unfinished is not used
  - free some space there, then run the same command again
  - or move the project to a larger disk
the last output was:
{tail}",
        ko: "{dir}에서 작업하다가 디스크(또는 quota)가 가득 찼어요. 덜 끝난 것은 쓰지 않아요
  - 공간을 비우고 같은 명령을 다시 실행해 주세요
  - 아니면 프로젝트를 더 큰 디스크로 옮겨 주세요
마지막 출력:
{tail}",
    }
    not_writable(path: &str, reason: &str) {
        en: "cannot write {path}: {reason}
  - make the project's folder yours: check its owner, its permissions and whether the disk is mounted read-only
  - or clone the project into a folder where you may write",
        ko: "{path}에 쓸 수 없어요: {reason}
  - 프로젝트 폴더의 소유자와 권한, 디스크가 read-only로 mount됐는지 확인해 주세요
  - 아니면 쓸 수 있는 폴더에 프로젝트를 clone해 주세요",
    }
    no_wheel(pip: &str, tail: &str) {
        en: "pip {pip} finds no libtorch 2.13.0 that fits this machine
  - a pip older than 20.3 does not see it: python3 -m pip install --upgrade pip
  - Linux needs glibc 2.28 or newer (Debian 10, Ubuntu 20.04; not Alpine), macOS needs version 14
  - the network may be down, or a mirror may lack it: check the connection and PIP_INDEX_URL
  - or set LIBTORCH to a libtorch 2.13.0 that you have
pip said:
{tail}",
        ko: "pip {pip}이(가) 이 기기에 맞는 libtorch 2.13.0을 찾지 못했어요
  - 20.3보다 오래된 pip은 찾지 못해요: python3 -m pip install --upgrade pip
  - Linux는 glibc 2.28 이상(Debian 10, Ubuntu 20.04부터, Alpine은 안 돼요), macOS는 14 이상이 필요해요
  - 네트워크가 끊겼거나 mirror에 없을 수도 있어요. 연결과 PIP_INDEX_URL을 확인해 주세요
  - 갖고 있는 libtorch 2.13.0이 있으면 LIBTORCH에 그 경로를 넣어 주세요
pip이 남긴 말:
{tail}",
    }
    pip_failed(status: &str, tail: &str) {
        en: "pip could not fetch libtorch ({status}); run the same command again, or set LIBTORCH to a libtorch 2.13.0 that you have
pip said:
{tail}",
        ko: "pip이 libtorch를 받지 못했어요 ({status}). 같은 명령을 다시 실행하거나, 갖고 있는 libtorch 2.13.0이 있으면 LIBTORCH에 그 경로를 넣어 주세요
pip이 남긴 말:
{tail}",
    }
    fetched_wrong(flaw: &str) {
        en: "pip ended well, but what it fetched is not a whole libtorch ({flaw}), so it was thrown away: run the same command again",
        ko: "pip은 잘 끝났지만 받은 libtorch가 온전하지 않아서({flaw}) 버렸어요. 같은 명령을 다시 실행해 주세요",
    }
    interrupted() {
        en: "setting up was interrupted; nothing half-done is kept, and the next run starts it again",
        ko: "준비가 중단됐어요. 덜 끝난 것은 남기지 않고, 다음 실행에서 다시 시작해요",
    }
    missing(path: &str) { en: "{path} is missing or empty", ko: "{path}이(가) 없거나 비어 있어요" }
    version_is(found: &str) { en: "its version is {found}", ko: "버전이 달라요: {found}" }
    unknown_version() { en: "unknown", ko: "알 수 없음" }
    not_libtorch(path: &str, flaw: &str) {
        en: "LIBTORCH is {path}, which is not a libtorch: {flaw}
  - point LIBTORCH at the folder that has include/ and lib/ in it
  - or unset LIBTORCH, and libtorch 2.13.0 is fetched into .libtorch",
        ko: "LIBTORCH가 가리키는 {path}은(는) libtorch가 아니에요: {flaw}
  - include/와 lib/이 들어 있는 폴더를 LIBTORCH에 넣어 주세요
  - 아니면 LIBTORCH를 unset해 주세요. 그러면 libtorch 2.13.0을 .libtorch에 받아요",
    }
    wrong_version(path: &str, found: &str) {
        en: "the libtorch in {path} is version {found}, and tch 0.26 works with 2.13.0 alone
  - point LIBTORCH at a libtorch 2.13.0
  - or unset LIBTORCH and LIBTORCH_USE_PYTORCH, and it is fetched into .libtorch
  - or set LIBTORCH_BYPASS_VERSION_CHECK=1 to try this one all the same",
        ko: "{path}의 libtorch는 버전이 달라요({found}). tch 0.26은 2.13.0에서만 돌아가요
  - LIBTORCH에 libtorch 2.13.0의 경로를 넣어 주세요
  - 아니면 LIBTORCH와 LIBTORCH_USE_PYTORCH를 unset해 주세요. 그러면 .libtorch에 받아요
  - 그래도 이 버전으로 해 보려면 LIBTORCH_BYPASS_VERSION_CHECK=1을 설정해 주세요",
    }
    no_pytorch(python: &str) {
        en: "LIBTORCH_USE_PYTORCH is set, but {python} has no PyTorch
  - install it there: {python} -m pip install torch==2.13.0
  - or activate the environment that has it
  - or unset LIBTORCH_USE_PYTORCH, and libtorch 2.13.0 is fetched into .libtorch",
        ko: "LIBTORCH_USE_PYTORCH가 설정돼 있지만 {python}에 PyTorch가 없어요
  - 거기에 설치해 주세요: {python} -m pip install torch==2.13.0
  - 아니면 PyTorch가 있는 가상 환경을 activate해 주세요
  - 아니면 LIBTORCH_USE_PYTORCH를 unset해 주세요. 그러면 libtorch 2.13.0을 .libtorch에 받아요",
    }
    no_compiler(compiler: &str) {
        en: "no working C++ compiler ({compiler}), and the trainer needs one to be built against libtorch
  - Debian, Ubuntu: sudo apt-get install build-essential
  - Fedora: sudo dnf install gcc-c++
  - macOS: xcode-select --install
  - or set CXX to the compiler that you have",
        ko: "쓸 수 있는 C++ 컴파일러({compiler})가 없어요. trainer를 libtorch에 맞춰 빌드하려면 필요해요
  - Debian, Ubuntu: sudo apt-get install build-essential
  - Fedora: sudo dnf install gcc-c++
  - macOS: xcode-select --install
  - 갖고 있는 컴파일러가 있으면 CXX에 넣어 주세요",
    }
    no_cargo(cargo: &str) {
        en: "{cargo} was not found, and trainers are built with it
  - install Rust with rustup, and open a new terminal
  - or put the folder that holds cargo (usually ~/.cargo/bin) on PATH",
        ko: "{cargo}을(를) 찾지 못했어요. trainer를 빌드하려면 필요해요
  - rustup으로 Rust를 설치하고 터미널을 새로 열어 주세요
  - 아니면 cargo가 있는 폴더(보통 ~/.cargo/bin)를 PATH에 넣어 주세요",
    }
    no_crates(tail: &str) {
        en: "the trainer's crates could not be fetched: cargo did not reach the registry
  - check the network and HTTPS_PROXY, then run the same command again
cargo said:
{tail}",
        ko: "trainer에 필요한 crate를 받지 못했어요. cargo가 registry에 연결하지 못했어요
  - 네트워크와 HTTPS_PROXY를 확인하고 같은 명령을 다시 실행해 주세요
cargo가 남긴 말:
{tail}",
    }
    dependency_failed(krate: &str, tail: &str) {
        en: "{krate} could not be compiled, so no trainer can be built yet; your code is not the cause
  - \"Killed\" below means that memory ran out (it takes about 3 GB): close other programs and run again
  - a compiler error below: C++17 is needed (GCC 11, Clang 14 or newer)
cargo said:
{tail}",
        ko: "{krate}을(를) 컴파일하지 못해서 아직 trainer를 빌드할 수 없어요. 여러분의 코드 때문은 아니에요
  - 아래에 \"Killed\"가 있으면 메모리가 모자란 거예요(3 GB쯤 써요). 다른 프로그램을 닫고 다시 실행해 주세요
  - 아래가 컴파일러 오류라면 C++17이 필요해요 (GCC 11, Clang 14 이상)
cargo가 남긴 말:
{tail}",
    }
    cannot_run(program: &str, reason: &str) {
        en: "cannot run {program}: {reason}; check that it is a program that you may execute",
        ko: "{program}을(를) 실행할 수 없어요: {reason}. 실행할 수 있는 프로그램인지 확인해 주세요",
    }
    cargo_failed(tail: &str) {
        en: "cargo could not start the build; see what it said, mend that, and run the same command again
{tail}",
        ko: "cargo가 빌드를 시작하지 못했어요. 아래 내용을 고치고 같은 명령을 다시 실행해 주세요
{tail}",
    }
    does_not_compile(stderr: &str) {
        en: "the trainer does not compile: mend what the compiler shows, then run again
{stderr}",
        ko: "trainer가 컴파일되지 않아요. 컴파일러가 가리키는 곳을 고치고 다시 실행해 주세요
{stderr}",
    }
    no_such_trainer(name: &str, known: &str) {
        en: "there is no trainer {name:?}; there are: {known}",
        ko: "{name:?}(이)라는 trainer는 없어요. 쓸 수 있는 trainer: {known}",
    }
}
