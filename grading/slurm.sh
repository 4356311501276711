#!/usr/bin/env bash
#SBATCH --job-name=killresume
#
# Grades a class as a Slurm job array: every task a shard, and a last job joins the shards. `-h` says how.
#
# One file with three entrances: called by hand it submits itself, as `shard` it is a task of the array, as
# `merge` it is the last job. sbatch runs a copy of it from its spool, so a job is told where the project lies.
set -euo pipefail

usage() {
    cat <<'USAGE'
usage: grading/slurm.sh [OPTION]… -- SUBMISSION… [GRADE OPTION]…

Sets up once, submits an array of `killresume grade --shard K/N` and a job that merges when all its tasks have
ended, however they ended.

  -n, --shards N      tasks in the array (default 4)
  -c, --cpus N        processors of a task, and submissions graded side by side in it (default 2)
  -o, --out DIR       where gradebooks, reports and logs go; a folder that all nodes see (default grades)
  -s, --sbatch OPTION an option for both jobs, as sbatch takes it, such as --time=2:00:00; repeatable
  -h, --help          this text

What follows `--` goes to `killresume grade`: the submissions, and options such as --points, --exercise,
--limit, --seed, --lang. --shard, --jobs and --report are given here.

KILLRESUME=PROGRAM uses a killresume that is already set up, and builds nothing.

A task that is run again (requeued by Slurm, or `scontrol requeue JOB_TASK`) replaces its own gradebook. Then:
  killresume merge DIR/shards/*.json --report json=DIR/gradebook.json --report csv=DIR/grades.csv
USAGE
}

refuse() {
    printf 'error: %s\n' "$1" >&2
    exit 2
}

# Grades were given: 0 all passed, 1 some failed, 3 some could not be judged. To Slurm that is success;
# anything else is a job that failed.
graded() {
    local code=0
    "$@" || code=$?
    case $code in
        0 | 1 | 3) return 0 ;;
        *) return "$code" ;;
    esac
}

# A task: its place in the array is its shard. Its gradebook has a name of its own and is replaced
# atomically, so it makes no difference how often the task runs.
shard() {
    local program=$1 out=$2
    shift 2
    # Of an array that is not 1-N, some shards would be graded by nobody.
    if [[ $SLURM_ARRAY_TASK_MIN != 1 || $SLURM_ARRAY_TASK_MAX != "$SLURM_ARRAY_TASK_COUNT" ]]; then
        refuse "the array has to be 1-N, or it is not the whole class"
    fi
    graded "$program" grade "$@" \
        --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \
        --jobs "${SLURM_CPUS_PER_TASK:-1}" \
        --report "json=$out/shards/$SLURM_ARRAY_TASK_ID.json" \
        --report "html=$out/html/{submission}.html"
}

# The last job. It runs however the tasks ended; a shard that is not there is named.
merge() {
    local program=$1 out=$2
    graded "$program" merge "$out"/shards/*.json \
        --report "json=$out/gradebook.json" \
        --report "csv=$out/grades.csv" \
        --report "junit=$out/junit.xml"
}

submit() {
    local shards=4 cpus=2 out=grades sbatch=()
    while (($#)); do
        case $1 in
            -h | --help) usage && exit 0 ;;
            --) shift && break ;;
            -n | --shards | -c | --cpus | -o | --out | -s | --sbatch)
                [[ $# -ge 2 && $2 != -- ]] || refuse "$1 needs a value; -h says which"
                case $1 in
                    -n | --shards) shards=$2 ;;
                    -c | --cpus) cpus=$2 ;;
                    -o | --out) out=$2 ;;
                    -s | --sbatch) sbatch+=("$2") ;;
                esac
                shift 2
                ;;
            *) refuse "'$1' stands before --; submissions and options of grade come after it" ;;
        esac
    done
    (($#)) || refuse "no submissions; -h says how to name them"
    [[ $shards =~ ^[1-9][0-9]*$ ]] || refuse "--shards takes a number from 1, not '$shards'"
    [[ $cpus =~ ^[1-9][0-9]*$ ]] || refuse "--cpus takes a number from 1, not '$cpus'"
    # One seed for all shards: a class is put through the same trials, and one number repeats them.
    local argument seed=(--seed "$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')")
    for argument in "$@"; do
        case $argument in
            --seed | --seed=*) seed=() ;;
            --shard | --shard=* | --jobs | --jobs=* | --report | --report=*)
                refuse "${argument%%=*} is given by this script; use --shards, --cpus, --out before --"
                ;;
        esac
    done
    command -v sbatch >/dev/null || refuse "no sbatch here: submit from a node of the cluster"

    mkdir -p "$out/shards" "$out/logs" "$out/html"
    out=$(realpath "$out")
    # Two gradings in one folder would be joined as one class.
    if compgen -G "$out/shards/*.json" >/dev/null; then
        refuse "$out holds the shards of another grading; choose another --out"
    fi

    local here program
    here=$(realpath "${BASH_SOURCE[0]}")
    program=${KILLRESUME:-}
    if [[ -z $program ]]; then
        # Once, here: a hundred tasks that each fetch libtorch would be a hundred downloads.
        local project=${here%/*/*}
        (cd "$project" && cargo run --quiet -- setup)
        program=$project/target/debug/killresume
    fi
    program=$(realpath "$(command -v "$program")") || refuse "cannot run $program"

    # Both jobs start in this folder, so that relative paths mean what they mean here. Logs are those of the
    # last run of a task.
    local common=(--parsable --chdir "$PWD" --open-mode=truncate "${sbatch[@]}") array last
    array=$(sbatch "${common[@]}" --array="1-$shards" --cpus-per-task="$cpus" --requeue \
        --output="${out//%/%%}/logs/shard-%a.log" -- "$here" shard "$program" "$out" "$@" "${seed[@]}")
    array=${array%%;*}
    last=$(sbatch "${common[@]}" --dependency="afterany:$array" --cpus-per-task=1 \
        --output="${out//%/%%}/logs/merge.log" -- "$here" merge "$program" "$out")
    last=${last%%;*}
    printf 'array %s: %s shards, %s processors each\n' "$array" "$shards" "$cpus"
    printf 'merge %s: %s when they have ended\n' "$last" "$out/gradebook.json"
}

case ${1:-} in
    shard | merge)
        [[ -n ${SLURM_JOB_ID:-} ]] || refuse "'$1' is for jobs; -h says how to submit them"
        "$@"
        ;;
    *) submit "$@" ;;
esac
