#!/usr/bin/env bash
# What action.yml runs. Its inputs arrive in the environment, each in a variable of its own: as data, never as
# text of a shell.
#
#   grading/action.sh cache     names what is kept from one job to the next, and its key
#   grading/action.sh setup     fetches libtorch, builds
#   grading/action.sh grade     grades INPUT_SUBMISSIONS
#   grading/action.sh merge     joins INPUT_GRADEBOOKS
set -euo pipefail
# `**` for any number of folders.
shopt -s globstar

project=$(realpath "${BASH_SOURCE[0]%/*}/..")
# What relative paths start from: the caller's checkout.
root=$(realpath "${GITHUB_WORKSPACE:?}/${INPUT_DIRECTORY:-.}")

killresume() {
    # From its own folder: what lies around the current folder (another project, .cargo/config.toml,
    # rust-toolchain.toml) would decide what runs, and the caller's checkout may be anybody's.
    (cd "$project" && cargo run --quiet -- "$@")
}

fail() {
    printf '::error title=killresume::%s\n' "$1"
    exit 2
}

output() {
    # A second line would be a second output.
    [[ $2 != *$'\n'* ]] || fail "the output '$1' has two lines"
    printf '%s=%s\n' "$1" "$2" >>"${GITHUB_OUTPUT:?}"
}

absolute() {
    case $1 in
        /*) printf '%s\n' "$1" ;;
        *) printf '%s\n' "$root/$1" ;;
    esac
}

# The paths that a list of patterns names, one pattern a line. A line may hold blanks.
expand() {
    local pattern path
    while IFS= read -r pattern; do
        # Blanks around it, and the CR of a file from Windows.
        pattern=${pattern#"${pattern%%[![:space:]]*}"} pattern=${pattern%"${pattern##*[![:space:]]}"}
        [[ -n $pattern ]] || continue
        path=$(absolute "$pattern")
        # A name that is no pattern stays, so that killresume can say that it is not there.
        compgen -G "$path" || printf '%s\n' "$path"
    done <<<"$1"
}

# The words of a list, one a line.
words() { tr -s ', \t\r\n' '\n' <<<"$1" | sed '/^$/d'; }

cache() {
    local lock
    lock=$(cd "$project" && { rustc -vV && cat Cargo.lock src/libtorch/requirements.txt; } | sha256sum)
    # The image too: what was compiled there may need its C++ library.
    output key "killresume-${RUNNER_OS:-}-${RUNNER_ARCH:-}-${ImageOS:-}-${lock%% *}"
    output project "$project"
    output cargo "${CARGO_HOME:-$HOME/.cargo}"
}

# Shows annotations, on the files as the caller's repository knows them.
annotate() {
    local line
    while IFS= read -r line; do
        printf '%s\n' "${line/#"::error file=$root/"/::error file=}"
    done
}

# Runs a command that writes reports, and tells where they lie. Grades were given if it ends with 0 (all
# passed), 1 (some failed) or 3 (some could not be judged).
report() {
    local artifact=$1 reports token code=0
    shift
    reports=$(mktemp -d "${RUNNER_TEMP:?}/killresume.XXXXXX")
    # Said first: what a grading that is cut off leaves behind is uploaded too.
    output artifact "$artifact"
    output reports "$reports"
    output gradebook "$reports/gradebook.json"

    # Names of folders and files are printed, and are anybody's: until the token no line is a command.
    token=$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')
    printf '::stop-commands::%s\n' "$token"
    killresume "$@" \
        --report "json=$reports/gradebook.json" \
        --report "csv=$reports/grades.csv" \
        --report "junit=$reports/junit.xml" \
        --report "html=$reports/report.html" \
        --report "github=$reports/annotations.txt" || code=$?
    printf '::%s::\n' "$token"

    output exit-code "$code"
    case $code in
        0 | 1 | 3) ;;
        *) return "$code" ;;
    esac
    # The shards have shown theirs.
    [[ $1 == merge ]] || annotate <"$reports/annotations.txt"
}

grade() {
    local arguments=() artifact=${INPUT_ARTIFACT:-grades} path word
    while IFS= read -r path; do
        # A pattern for the class takes its README and its list of names along.
        [[ -f $path ]] || arguments+=("$path")
    done < <(expand "${INPUT_SUBMISSIONS:-}")
    ((${#arguments[@]})) || fail "the input 'submissions' names no folder"

    # In one word with its option, so that no value is taken for an option.
    while read -r word; do arguments+=("--exercise=$word"); done < <(words "${INPUT_EXERCISES:-}")
    while read -r word; do arguments+=("--limit=$word"); done < <(words "${INPUT_LIMITS:-}")
    [[ -z ${INPUT_POINTS:-} ]] || arguments+=("--points=$(absolute "$INPUT_POINTS")")
    [[ -z ${INPUT_JOBS:-} ]] || arguments+=("--jobs=$INPUT_JOBS")
    [[ -z ${INPUT_SEED:-} ]] || arguments+=("--seed=$INPUT_SEED")
    [[ -z ${INPUT_LANG:-} ]] || arguments+=("--lang=$INPUT_LANG")
    if [[ -n ${INPUT_SHARD:-} ]]; then
        arguments+=("--shard=$INPUT_SHARD")
        # The name of an artifact has no slash.
        artifact=$artifact-${INPUT_SHARD/\//-of-}
    fi
    report "$artifact" grade "${arguments[@]}"
}

merge() {
    local arguments=()
    mapfile -t arguments < <(expand "${INPUT_GRADEBOOKS:-}")
    ((${#arguments[@]})) || fail "the input 'gradebooks' names no file"
    [[ -z ${INPUT_LANG:-} ]] || arguments+=("--lang=$INPUT_LANG")
    report "${INPUT_ARTIFACT:-grades}" merge "${arguments[@]}"
}

case ${1:-} in
    cache | grade | merge) "$1" ;;
    setup) killresume setup ;;
    *) fail "the input 'command' is grade, merge or setup, not '${1:-}'" ;;
esac
