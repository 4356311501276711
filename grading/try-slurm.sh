#!/usr/bin/env bash
# Proves grading/slurm.sh on a real Slurm: one node on this machine, brought up for the purpose and taken down
# again. Needs Debian or Ubuntu and root, as in a container; what is missing is installed with apt-get. All
# configuration, keys, state and logs lie in a temporary folder; no installed service is touched.
#
#   grading/try-slurm.sh [SHARDS]      default 3
#
# KILLRESUME=PROGRAM as for slurm.sh. Exit code 0: every submission stands in the merged gradebook exactly
# once, also after a task was requeued.
set -euo pipefail

shards=${1:-3}
project=$(realpath "${BASH_SOURCE[0]%/*}/..")

fail() {
    printf 'error: %s\n' "$1" >&2
    exit 1
}

[[ $(id -u) == 0 ]] || fail "needs root, for its own munged and slurmd: run it in a container"
for program in sbatch slurmctld slurmd munged; do
    command -v "$program" >/dev/null && continue
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq slurm-wlm munge >/dev/null
    break
done

temporary=$(mktemp -d)
daemons=()
down() {
    scancel --user=root 2>/dev/null || true
    local index
    # Last started, first stopped: slurmd ends the steps that are left.
    for ((index = ${#daemons[@]} - 1; index >= 0; index--)); do
        kill "${daemons[index]}" 2>/dev/null || true
        wait "${daemons[index]}" 2>/dev/null || true
    done
    rm -rf "$temporary"
}
trap down EXIT

# One node with the processors of this machine. No accounting and no cgroups: neither is there in a container.
up() {
    local name socket=$temporary/munge.socket
    name=$(hostname -s)
    chmod 711 "$temporary"
    mkdir "$temporary/state" "$temporary/spool"
    (umask 077 && head -c 1024 /dev/urandom >"$temporary/munge.key")
    cat >"$temporary/slurm.conf" <<CONF
ClusterName=try
SlurmctldHost=$name(127.0.0.1)
SlurmctldPort=26817
SlurmdPort=26818
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$socket
CredType=cred/munge
StateSaveLocation=$temporary/state
SlurmdSpoolDir=$temporary/spool
SlurmctldPidFile=$temporary/slurmctld.pid
SlurmdPidFile=$temporary/slurmd.pid
SwitchType=switch/none
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$temporary/jobs.txt
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
MailProg=/bin/true
NodeName=$name NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=try Nodes=$name Default=YES MaxTime=INFINITE State=UP
CONF
    export SLURM_CONF=$temporary/slurm.conf
    munged --force --foreground --key-file="$temporary/munge.key" --socket="$socket" \
        --pid-file="$temporary/munged.pid" --log-file="$temporary/munged.log" \
        --seed-file="$temporary/munged.seed" &>"$temporary/munged.out" &
    daemons+=($!)
    until_true 20 test -S "$socket"
    slurmctld -D &>"$temporary/slurmctld.log" &
    daemons+=($!)
    slurmd -D -N "$name" &>"$temporary/slurmd.log" &
    daemons+=($!)
    until_true 60 node_is_idle
}

node_is_idle() { [[ $(sinfo --noheader --format=%t 2>/dev/null) == idle ]]; }
nothing_queued() { [[ -z $(squeue --noheader 2>&1) ]]; }

# Waits for at most so many seconds.
until_true() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        if ((SECONDS >= deadline)); then
            tail -n 20 "$temporary"/*.log >&2
            fail "waited in vain for: $*"
        fi
        sleep 0.5
    done
}

# Names that fall apart where a script forgets a quote. Every other one is the model answer.
submissions() {
    local name place=0
    # shellcheck disable=SC2016 # Not to be expanded: that is the test.
    for name in ann "bob o'neil" 김하나 '$HOME' "two  spaces" frank grace; do
        local source=exercise
        ((place++ % 2)) || source=solution
        mkdir -p "$temporary/class/$name/02_optimizer"
        cp "$project/exercises/02_optimizer/$source.rs" "$temporary/class/$name/02_optimizer/exercise.rs"
    done
}

# Whether the merged gradebook holds each folder of the class once, and who handed in the model answer passed.
check() {
    python3 - "$temporary/class" "$1" "$project/exercises/02_optimizer/solution.rs" <<'PYTHON'
import filecmp, json, os, sys
folder, book, solution = sys.argv[1:]
handed_in = lambda name: os.path.join(folder, name, "02_optimizer", "exercise.rs")
is_solved = lambda name: filecmp.cmp(handed_in(name), solution, shallow=False)
expected = sorted((name, "pass" if is_solved(name) else "fail") for name in os.listdir(folder))
submissions = json.load(open(book, encoding="utf-8"))["submissions"]
found = sorted((it["name"], *(case["status"] for case in it["suite"]["cases"])) for it in submissions)
print(*found, sep="\n")
if found != expected:
    sys.exit(f"error: expected {expected}")
print(f"{len(found)} submissions, each exactly once")
PYTHON
}

echo "== a Slurm of one node"
up
sinfo
submissions

echo "== grading/slurm.sh, $shards shards"
cd "$temporary"
began=$SECONDS
submitted=$("$project/grading/slurm.sh" --shards "$shards" --cpus 1 --out "$temporary/the grades" \
    -- "$temporary/class"/* --exercise optimizer --seed 7)
printf '%s\n' "$submitted"
array=${submitted#array } array=${array%%:*}
squeue --format='%.10i %.12j %.8T %.10M %E'
until_true 1800 nothing_queued
echo "ended after $((SECONDS - began)) s"
check "the grades/gradebook.json"

echo "== a task requeued"
before=$(stat --format='%i %y' "the grades/shards/2.json")
scontrol requeue "${array}_2"
# Slurm makes a requeued job wait for two minutes.
scontrol update JobId="${array}_2" StartTime=now
until_true 1800 nothing_queued
after=$(stat --format='%i %y' "the grades/shards/2.json")
[[ $before != "$after" ]] || fail "the requeued task did not replace its gradebook"
code=0
"${KILLRESUME:-$project/target/debug/killresume}" merge "the grades/shards"/*.json \
    --report "json=again.json" >/dev/null || code=$?
[[ $code == 0 || $code == 1 ]] || fail "merge ended with $code"
check again.json

echo "== jobs"
awk '{ line = ""
    for (i = 1; i <= NF; i++) if ($i ~ /^(JobId|JobState|ArrayTaskId|StartTime|EndTime|ExitCode)=/) line = line $i " "
    print line }' jobs.txt
echo "== log of the merge"
cat "the grades/logs/merge.log"
