//! The help of a trainer's command line.

killresume::messages! {
    about() {
        en: "Trains a small model on handwritten digits, resuming from the checkpoint in --dir if there is one",
        ko: "손글씨 숫자로 작은 model을 학습해요. --dir에 checkpoint가 있으면 거기서 resume해요",
    }
    help_template() {
        en: "{{about-with-newline}}\nUsage: {{usage}}\n\n{{all-args}}",
        ko: "{{about-with-newline}}\n사용법: {{usage}}\n\n{{all-args}}",
    }
    heading_options() { en: "Options", ko: "옵션" }
    help_dir() {
        en: "Where the checkpoints are; made if it is not there [default: checkpoints]",
        ko: "checkpoint를 두는 폴더예요. 없으면 만들어요 [기본값: checkpoints]",
    }
    help_epochs() {
        en: "How many epochs the whole run has, 1 to 100000 [default: 10]",
        ko: "run 전체의 epoch 수예요. 1에서 100000 사이예요 [기본값: 10]",
    }
    help_seed() {
        en: "What everything random follows from [default: 0]",
        ko: "모든 난수가 여기서 나와요 [기본값: 0]",
    }
    help_optimizer() {
        en: "Which optimizer trains the model: adamw, sgd [default: sgd]",
        ko: "model을 학습하는 optimizer예요: adamw, sgd [기본값: sgd]",
    }
    help_device() {
        en: "Where to compute: cpu, or cuda with a libtorch that has it [default: cpu]",
        ko: "계산하는 곳이에요: cpu, 또는 CUDA를 지원하는 libtorch라면 cuda [기본값: cpu]",
    }
    help_save_every() {
        en: "Save after every STEPS updates too, 0 for only at an epoch's end [default: 0]",
        ko: "STEPS번 update할 때마다 한 번 더 저장해요. 0이면 epoch이 끝날 때만 저장해요 [기본값: 0]",
    }
    help_threads() {
        en: "Threads that libtorch computes with; the same bits need the same number [default: 1]",
        ko: "libtorch가 계산에 쓰는 thread 수예요. bit까지 같으려면 이 수도 같아야 해요 [기본값: 1]",
    }
    help_help() { en: "Print help", ko: "도움말을 보여 줘요" }
    help_version() { en: "Print version", ko: "버전을 보여 줘요" }
    usage_error() {
        en: "the command line cannot be used; --help lists what it may hold",
        ko: "명령줄 인자가 잘못됐어요. 아래 내용을 보고 고쳐 주세요. --help를 쓰면 모든 인자를 볼 수 있어요",
    }
}
