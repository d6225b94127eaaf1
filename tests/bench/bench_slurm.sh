#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A search through a batch system beside the same search in the local pool: sets up Slurm with this machine as its only
# node (Debian: slurm-wlm, munge), runs both on the demo data, compares every trial, and takes the cluster down again.
# Changes nothing of an installed Slurm: configuration, keys, sockets and logs lie in a temporary folder.
#   tests/bench/bench_slurm.sh [--trials 40] [--jobs 2] [--kill]    as root, for munge and slurmd want it
# --kill ends workers, and the sruns that wait for them, by SIGKILL while the search through Slurm runs.
set -euo pipefail
cd "$(dirname "$0")/../.."
trials=40 jobs=2 kill_workers=
while [ $# -gt 0 ]; do
    case $1 in
        --trials) trials=$2; shift 2 ;;
        --jobs) jobs=$2; shift 2 ;;
        --kill) kill_workers=1; shift ;;
        *) echo "usage: bench_slurm.sh [--trials N] [--jobs N] [--kill]" >&2; exit 2 ;;
    esac
done
emberlab=${EMBERLAB:-build/release/bin/emberlab}
for tool in munged slurmctld slurmd srun python3; do
    PATH=$PATH:/usr/sbin command -v "$tool" >/dev/null || { echo "'$tool' is missing: apt-get install slurm-wlm munge" >&2; exit 5; }
done
[ -x "$emberlab" ] || { echo "'$emberlab' is not there: ./dev build" >&2; exit 5; }
[ "$(id -u)" = 0 ] || { echo "root is needed to start slurmd" >&2; exit 2; }
export PATH=$PATH:/usr/sbin

work=$(mktemp -d /tmp/emberlab-slurm-XXXXXX)
chmod 755 "$work"
pids=()
finish() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

start_cluster() {
    mkdir -p "$work"/{munge,state,spool,log}
    head -c 1024 /dev/urandom >"$work/munge/key"
    chmod 700 "$work/munge"; chmod 400 "$work/munge/key"
    munged --foreground --force --socket="$work/munge.socket" --key-file="$work/munge/key" --pid-file="$work/munge/pid" \
        --log-file="$work/munge/log" --seed-file="$work/munge/seed" 2>"$work/log/munged" &
    pids+=($!)
    cat >"$work/slurm.conf" <<CONF
ClusterName=emberlab
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket
CredType=cred/munge
SlurmctldPort=16817
SlurmdPort=16818
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/log/slurmctld
SlurmdLogFile=$work/log/slurmd
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
SwitchType=switch/none
NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
    export SLURM_CONF=$work/slurm.conf
    for _ in $(seq 100); do [ -S "$work/munge.socket" ] && break; sleep 0.1; done
    slurmctld -D -f "$SLURM_CONF" 2>"$work/log/slurmctld.err" &
    pids+=($!)
    slurmd -D -f "$SLURM_CONF" 2>"$work/log/slurmd.err" &
    pids+=($!)
    for _ in $(seq 100); do [ "$(sinfo -h -o %t 2>/dev/null)" = idle ] && return 0; sleep 0.2; done
    tail -n 20 "$work"/log/* >&2
    echo "the cluster did not come up" >&2
    exit 1
}

search() { # NAME EXECUTOR
    local project=$work/$1.ember begin
    "$emberlab" new "$project" -q >/dev/null
    "$emberlab" import --project "$project" resources/demo-data/human-activity/*.csv -q >/dev/null
    begin=$(date +%s.%N)
    EMBERLAB_STATE=$work/home "$emberlab" tune --project "$project" --target mps2-an386 --preset motion --trials "$trials" \
        --jobs "$jobs" --trainers trees.decision-tree,trees.random-forest,linear.logistic,bayes.gaussian \
        --executor "$2" --json -q >"$work/$1.json"
    printf '%s: %s trials in %.1f s\n' "$1" "$trials" "$(echo "$(date +%s.%N) - $begin" | bc)"
}

# Ends one process of every job that it sees, once: of one job the worker, of the next the srun that
# waits for it. Each is started again.
kill_some() {
    local -A ended=()
    local pid line job program turn=0
    while sleep 0.7; do
        for pid in $(pgrep -f "worker $work/home/jobs/" || true); do
            mapfile -d '' -t line 2>/dev/null <"/proc/$pid/cmdline" || continue
            [ "${#line[@]}" -ge 3 ] || continue
            job=${line[-2]} program=${line[0]##*/}
            [ -n "${ended[$job]:-}" ] && continue
            [ "$program" = "$([ $((turn % 2)) = 0 ] && echo emberlab || echo srun)" ] || continue
            kill -9 "$pid" 2>/dev/null || continue
            ended[$job]=1 turn=$((turn + 1))
            echo "killed $turn: $program $pid of ${job##*/}"
            break
        done
    done
}

start_cluster
sinfo
search local local
if [ -n "$kill_workers" ]; then kill_some & pids+=($!); fi
search slurm slurm
python3 - "$work/local.json" "$work/slurm.json" <<'PY'
import json, sys
runs = [json.load(open(path))["result"]["runs"] for path in sys.argv[1:]]
keep = lambda run: {key: run.get(key) for key in ("trial", "trainer", "parameters", "f1", "interval95", "cost", "pareto", "error")}
different = [a["trial"] for a, b in zip(*runs) if keep(a) != keep(b)]
print(f"{len(runs[0])} and {len(runs[1])} trials, {len(different)} different {different or ''}")
for name, of in zip(("local", "slurm"), runs):
    failed = [run for run in of if run.get("error")]
    print(f"{name}: {len(failed)} failed")
    for run in failed:
        print(f"    trial {run['trial']}: {run['error']}")
any_failed = any(run.get("error") for of in runs for run in of)
sys.exit(bool(different) or any_failed or len(runs[0]) != len(runs[1]))
PY
