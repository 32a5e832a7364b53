# shellcheck shell=bash
# A PostgreSQL in which the tests may create databases: one that is there, or one that lives as long as the run.

postgres_default=postgres://postgres@127.0.0.1:5432/postgres
postgres_folder=
# The one we start for the tests is thrown away after the run, so it need not survive a power cut; many tests hold a pool.
own_postgres_settings="-c fsync=off -c max_connections=300"

# True when the URL leads to a PostgreSQL that lets us create databases; else tells why not.
postgres_serves() {
    local host port may_create
    read -r host port < <(host_and_port "$1" 5432) || { note "The database URL is not of the form postgres://user@host:port/name."; return 1; }
    port_answers "$host" "$port" || { note "Nothing answers at $(without_secret "$1")."; return 1; }
    # Without psql there is nothing to ask with; the tests themselves will say what is wrong.
    command -v psql >/dev/null || return 0
    may_create=$(PGCONNECT_TIMEOUT=5 psql --no-psqlrc --no-password --tuples-only --no-align "$1" \
        --command 'select rolcreatedb or rolsuper from pg_roles where rolname = current_user' 2>&1 </dev/null) || {
        note "PostgreSQL at $(without_secret "$1") refused: ${may_create%%$'\n'*}"
        return 1
    }
    [ "$may_create" = t ] || { note "The user of $(without_secret "$1") may not create databases."; return 1; }
}

# The folder of the newest version that is installed; nothing when none is.
postgres_programs() {
    local folder
    for folder in /usr/lib/postgresql/*/bin; do
        [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ] && echo "$folder"
    done | sort --version-sort | tail -n 1 | grep . ||
        { command -v initdb >/dev/null && dirname "$(command -v initdb)"; } || true
}

# PostgreSQL refuses to run as root: the package's own user owns it then.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

stop_own_postgres() {
    as_postgres "$(postgres_programs)/pg_ctl" --pgdata "$postgres_folder/data" --mode immediate stop >/dev/null
    rm -rf "$postgres_folder"
}

start_own_postgres() {
    local programs port
    [ -n "$(postgres_programs)" ] || install_packages postgresql || return 1
    programs=$(postgres_programs)
    [ -n "$programs" ] || return 1
    port=$(free_port) || return 1
    postgres_folder=$(mktemp -d "${TMPDIR:-/tmp}/mcpay-postgres.XXXXXX")
    [ "$(id -u)" != 0 ] || chown postgres "$postgres_folder"
    note "Starting a PostgreSQL of our own ($programs) on port $port."
    as_postgres "$programs/initdb" --pgdata "$postgres_folder/data" --username postgres --auth trust \
        --encoding UTF8 --locale C --no-sync >/dev/null || return 1
    stoppers+=(stop_own_postgres)
    as_postgres "$programs/pg_ctl" --pgdata "$postgres_folder/data" --log "$postgres_folder/log" --wait --timeout 60 \
        --options "-c listen_addresses=127.0.0.1 -p $port -k '$postgres_folder' $own_postgres_settings" \
        start >/dev/null || { cat "$postgres_folder/log" >&2; return 1; }
    TEST_DATABASE_URL=postgres://postgres@127.0.0.1:$port/postgres
}

start_postgres_in_compose() {
    local port
    engine_runs || return 1
    port=$(free_port) || return 1
    POSTGRES_PORT=$port start_in_compose postgres || return 1
    TEST_DATABASE_URL=postgres://mcpay:mcpay@127.0.0.1:$port/mcpay
}

# Exports TEST_DATABASE_URL.
need_postgres() {
    local url
    for url in "${TEST_DATABASE_URL:-}" "${DATABASE_URL:-}" "$postgres_default"; do
        if [[ $url == postgres* ]] && postgres_serves "$url"; then
            TEST_DATABASE_URL=$url
            export TEST_DATABASE_URL
            note "PostgreSQL: $(without_secret "$url")"
            return
        fi
    done
    start_postgres_in_compose || start_own_postgres ||
        give_up "PostgreSQL is needed: set DATABASE_URL to one in which the user may create databases, start Docker," \
            "or install the package postgresql."
    export TEST_DATABASE_URL
    postgres_serves "$TEST_DATABASE_URL" || give_up "The PostgreSQL that was started does not answer."
    note "PostgreSQL: $(without_secret "$TEST_DATABASE_URL")"
}
