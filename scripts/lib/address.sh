# shellcheck shell=bash
# Host and port out of a URL, and a port that nobody uses.

# host_and_port URL DEFAULT_PORT: prints both with a space between; nothing and false for what is no URL with a host.
host_and_port() {
    local host
    local pattern='^[a-z][a-z0-9+.-]*://([^/?#]*@)?(\[[0-9a-fA-F:]+\]|[^]:/?#[]+)(:([0-9]+))?([/?#]|$)'
    [[ $1 =~ $pattern ]] || return 1
    host=${BASH_REMATCH[2]#[}
    echo "${host%]} ${BASH_REMATCH[4]:-$2}"
}

# The URL without user and password, for messages.
without_secret() { sed -E 's|//[^/?#]*@|//|; s|([?&]password=)[^&]*|\1…|' <<<"$1"; }

# In a shell of its own, because only a whole process can be given a time limit.
port_answers() {
    # shellcheck disable=SC2016 # the inner shell expands its own arguments
    timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>/dev/null
}

# A port between 20000 and 29999 on which nothing listens on this machine now.
free_port() {
    local port
    for _ in {1..50}; do
        port=$((20000 + RANDOM % 10000))
        if ! port_answers 127.0.0.1 "$port"; then
            echo "$port"
            return
        fi
    done
    give_up "No free port was found between 20000 and 29999; stop something that listens there."
}

engine_runs() { command -v docker >/dev/null && docker info >/dev/null 2>&1 && docker compose version >/dev/null 2>&1; }

# The services of docker-compose.yml under a project name of their own, so that no data of a person is touched.
# The master key belongs to the mcpay service, which is not started here, but compose wants it set.
compose_for_tests() { MCPAY_MASTER_KEY=not-used-here docker compose --project-name mcpay-test "$@"; }

stop_compose() { compose_for_tests down --volumes --timeout 5 >/dev/null 2>&1; }

# start_in_compose SERVICE: false when no engine runs or the service does not get healthy.
start_in_compose() {
    engine_runs || return 1
    note "Starting $1 with docker compose."
    [[ " ${stoppers[*]} " == *" stop_compose "* ]] || stoppers+=(stop_compose)
    compose_for_tests up --detach --wait --wait-timeout 180 "$1" </dev/null
}
