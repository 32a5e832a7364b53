# shellcheck shell=bash
# shellcheck disable=SC2154 # the names of the run (server, seconds, connections, …) are set by scripts/bench
# The two measurements, and the figures that come out of them.

floor_rates=()
service_rates=()
cpu_per_init=()
latencies_p50=()
latencies_p99=()
loaded_kib=0
floor_runs=0
service_runs=0
floor_work=(0 0 0)
service_work=(0 0 0)

field() { sed -nE "s/.*\"$2\":([0-9]+).*/\1/p" "$1"; }
median() { printf '%s\n' "$@" | sort -n | awk '{ all[NR] = $1 } END { print NR % 2 ? all[(NR + 1) / 2] : (all[NR / 2] + all[NR / 2 + 1]) / 2 }'; }
compute() { awk "BEGIN { printf \"%.$1f\", $2 }"; }

# A refused payment is faster than a started one, so a run with failures measures nothing.
assert_all_succeeded() {
    if [ "$(field "$1" failed)" != 0 ] || [ "$(field "$1" inits)" = 0 ]; then
        give_up "The service did not start every payment: $(cat "$1")"
    fi
}

run_floor() {
    pgbench --no-vacuum --protocol prepared --client "$connections" --jobs 2 --time "$seconds" \
        --file "$statements" "$floor_url" </dev/null 2>"$bench_folder/floor.log" ||
        { tail -n 10 "$bench_folder/floor.log" >&2; give_up "pgbench could not run $statements."; }
}

# PostgreSQL tells what an idle session did after ten seconds at the latest.
note_work_before() {
    sleep 11
    read -r -a floor_work <<<"$(work_done "$server" "$floor_name")"
    read -r -a service_work <<<"$(work_done "$server" "$service_name")"
}

note_work_after() {
    local floor service index
    sleep 11
    read -r -a floor <<<"$(work_done "$server" "$floor_name")"
    read -r -a service <<<"$(work_done "$server" "$service_name")"
    for index in 0 1 2; do
        floor_work[index]=$((floor[index] - floor_work[index]))
        service_work[index]=$((service[index] - service_work[index]))
    done
}

measure_floor() {
    local output rate
    pause_rig
    ask_database "$server" --command checkpoint
    output=$(run_floor) || exit 1
    rate=$(sed -nE 's/^tps = ([0-9.]+).*/\1/p' <<<"$output")
    floor_rates+=("$rate")
    floor_runs=$((floor_runs + $(sed -nE 's/^number of transactions actually processed: ([0-9]+).*/\1/p' <<<"$output")))
    resume_rig
    note "floor   $rate transactions/s"
}

measure_service() {
    local cpu_before cpu inits rate resident
    local report=$bench_folder/round.json
    ask_database "$server" --command checkpoint
    cpu_before=$(cpu_ms "$service_process")
    load "$connections" "$seconds" >"$report"
    cpu=$(($(cpu_ms "$service_process") - cpu_before))
    resident=$(resident_kib "$service_process")
    assert_all_succeeded "$report"
    inits=$(field "$report" inits)
    rate=$(compute 1 "$inits * 1000000 / $(field "$report" elapsedUs)")
    service_rates+=("$rate")
    service_runs=$((service_runs + inits))
    cpu_per_init+=("$(compute 3 "$cpu / $inits")")
    latencies_p50+=("$(field "$report" p50Us)")
    latencies_p99+=("$(field "$report" p99Us)")
    loaded_kib=$((resident > loaded_kib ? resident : loaded_kib))
    note "service $rate inits/s, $(compute 3 "$cpu / $inits") ms of processor each"
}

# Whether both did the same work, as the database counted it. The service's own jobs add a little to its side.
tell_work() {
    local names=(transactions "rows inserted" "rows updated") index floor service
    for index in 0 1 2; do
        floor=$(compute 2 "${floor_work[index]} / $floor_runs")
        service=$(compute 2 "${service_work[index]} / $service_runs")
        note "per paymentInit, ${names[index]}: service $service, floor $floor"
        if [ "$(compute 0 "($floor - $service > 0.5)")" = 1 ]; then
            note "WARNING: the floor does more, so $statements is not what the service does; compare with scripts/bench statements."
        elif [ "$(compute 0 "($service - $floor > 0.5)")" = 1 ]; then
            note "         (the rest is the service's own jobs: the cursors of events, and the timer)"
        fi
    done
}

tell_figures() {
    local service floor
    service=$(median "${service_rates[@]}")
    floor=$(median "${floor_rates[@]}")
    note "service              $service inits/s   (rounds: ${service_rates[*]})"
    note "floor (pgbench)      $floor tx/s   (rounds: ${floor_rates[*]})"
    note "ratio                $(compute 3 "$service / $floor")"
    note "processor            $(median "${cpu_per_init[@]}") ms per paymentInit, in the service alone"
    note "latency              p50 $(compute 2 "$(median "${latencies_p50[@]}") / 1000") ms, p99 $(compute 2 "$(median "${latencies_p99[@]}") / 1000") ms"
    note "resident memory      idle $(compute 1 "$1 / 1024") MiB, under load $(compute 1 "$loaded_kib / 1024") MiB, peak $(compute 1 "$(peak_resident_kib "$service_process") / 1024") MiB"
    tell_work
}

# What PostgreSQL saw of some hundred payments, most frequent first; what runs less than once in two payments is the
# work of a job, and left out.
tell_statements() {
    local inits
    ask_database "$service_url" --command 'create extension if not exists pg_stat_statements' \
        --command 'select count(*) from pg_stat_statements' >/dev/null ||
        give_up "This server does not load pg_stat_statements; leave BENCH_DATABASE_URL out, and one is started that does."
    load 1 2 >"$bench_folder/warm-up.json"
    ask_database "$service_url" --command 'select pg_stat_statements_reset()' >/dev/null
    load 1 5 >"$bench_folder/statements.json"
    assert_all_succeeded "$bench_folder/statements.json"
    inits=$(field "$bench_folder/statements.json" inits)
    heading "Statements of one paymentInit, counted over $inits"
    ask_database "$service_url" --command "
        select round(calls::numeric / $inits, 2) || ' x  ' || regexp_replace(query, '\s+', ' ', 'g')
        from pg_stat_statements join pg_database d on d.oid = dbid
        where d.datname = current_database() and calls * 2 > $inits
        order by calls desc, query"
}
