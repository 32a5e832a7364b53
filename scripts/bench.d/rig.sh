# shellcheck shell=bash
# shellcheck disable=SC2154 # server, service_name and floor_name are set by scripts/bench
# What is measured and with what: a durable PostgreSQL, the service, the simulators, and readings of their processes.

service_process=
sandbox_process=
bench_folder=

ask_database() { psql --no-psqlrc --no-password --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 "$@" </dev/null; }

# The same URL with another database in it.
with_database() { sed -E "s|^([a-z]+://[^/?]*)(/[^?]*)?|\1/$2|" <<<"$1"; }

# A database that forgets on a power cut is faster, and no floor for one that must not.
assert_durable() {
    local name value folder
    for name in fsync synchronous_commit full_page_writes; do
        value=$(ask_database "$1" --command "show $name")
        [ "$value" = on ] || give_up "PostgreSQL has $name=$value, but what is measured must survive a power cut: set it to on."
    done
    folder=$(ask_database "$1" --command 'show data_directory')
    if [ -e "$folder" ] && [ "$(df --output=fstype "$folder" | tail -n 1)" = tmpfs ]; then
        give_up "PostgreSQL keeps its data in memory ($folder); set TMPDIR to a folder on a disk."
    fi
}

answers_200() {
    # shellcheck disable=SC2016 # the inner shell expands its own arguments
    timeout 5 bash -c '
        exec 3<>"/dev/tcp/127.0.0.1/$0" || exit 1
        printf "GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n" "$1" >&3
        read -r -u 3 status && [[ $status == *" 200 "* ]]' "$1" "$2" 2>/dev/null
}

start_sandbox() {
    env -u AMQP_URL -u DATABASE_URL MCPAY_LOG=warn "$1" sandbox --listen "127.0.0.1:$2" \
        >"$bench_folder/sandbox.log" 2>&1 </dev/null &
    sandbox_process=$!
    within 30 answers_200 "$2" /sandbox/payex/_control ||
        { tail -n 20 "$bench_folder/sandbox.log" >&2; give_up "The simulators did not start."; }
}

# start_service BINARY PORT DATABASE_URL SANDBOX_PORT. No broker: events stay in the outbox, which is the same work
# for the request.
start_service() {
    env -u AMQP_URL -u DATABASE_URL MCPAY_LOG=warn "$1" demo --database-url "$3" --rate-limit off \
        --listen "127.0.0.1:$2" --public-url "http://localhost:$2" --sandbox-url "http://localhost:$4" \
        >"$bench_folder/service.log" 2>&1 </dev/null &
    service_process=$!
    within 60 answers_200 "$2" /health/ready ||
        { tail -n 20 "$bench_folder/service.log" >&2; give_up "The service did not get ready."; }
}

end_process() {
    local process=$1
    [ -n "$process" ] || return 0
    kill -CONT "$process" 2>/dev/null || return 0
    kill "$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
}

drop_databases() {
    ask_database "$server" --command "drop database if exists $service_name with (force)" \
        --command "drop database if exists $floor_name with (force)" 2>/dev/null
}

stop_service() {
    end_process "$service_process"
    service_process=
}

stop_rig() {
    stop_service
    end_process "$sandbox_process"
    [ -z "$bench_folder" ] || rm -rf "$bench_folder"
}

# While the floor is measured the service stands still, so that its own jobs take nothing from it.
pause_rig() { kill -STOP "$service_process" "$sandbox_process"; }
resume_rig() { kill -CONT "$service_process" "$sandbox_process"; }

# Milliseconds of processor that a process has used, in user and kernel (proc(5), fields 14 and 15 of stat). The name in
# field 2 may hold spaces, so the counting starts behind it.
cpu_ms() { sed 's/.*) //' "/proc/$1/stat" | awk -v hz="$(getconf CLK_TCK)" '{ printf "%d\n", ($12 + $13) * 1000 / hz }'; }

resident_kib() { awk '/^VmRSS:/ { print $2 }' "/proc/$1/status"; }
peak_resident_kib() { awk '/^VmHWM:/ { print $2 }' "/proc/$1/status"; }

# Transactions, rows inserted and rows updated so far in a database.
work_done() {
    ask_database "$1" --field-separator ' ' --command "select xact_commit, tup_inserted, tup_updated
        from pg_stat_database where datname = '$2'"
}

tell_rig() {
    note "$(nproc) cores of $(awk -F': ' '/^model name/ { print $2; exit }' /proc/cpuinfo), $(awk '/^MemTotal/ { printf "%d MiB", $2 / 1024 }' /proc/meminfo), Linux $(uname -r)"
    note "$(ask_database "$1" --command 'select split_part(version(), $$ on $$, 1)'), shared_buffers $(ask_database "$1" --command 'show shared_buffers'), fsync, synchronous_commit and full_page_writes on"
    note "$(rustc --version), release profile, commit $(git rev-parse --short HEAD 2>/dev/null || echo unknown)$(git diff --quiet HEAD 2>/dev/null || echo ' with changes')"
}
