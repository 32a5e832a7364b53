# shellcheck shell=bash
# A RabbitMQ for the tests: one that is there, or one that lives as long as the run. The tests of a broker outage cut a
# proxy of their own in front of it, so nobody has to stop the broker itself.

rabbitmq_default=amqp://guest:guest@127.0.0.1:5672/%2f
rabbitmq_folder=
rabbitmq_home=/usr/lib/rabbitmq/bin
rabbitmq_environment=()

# True when an AMQP 0-9-1 broker answers our protocol header with its first method frame (type 1).
broker_answers() {
    # shellcheck disable=SC2016 # the inner shell expands its own arguments
    timeout 5 bash -c '
        exec 3<>"/dev/tcp/$0/$1" || exit 1
        printf "AMQP\0\0\11\1" >&3
        LC_ALL=C IFS= read -r -N 1 -u 3 first && [ "$first" = $'"'\\001'"' ]' "$1" "$2" 2>/dev/null
}

rabbitmq_serves() {
    local host port default_port=5672
    [[ $1 != amqps:* ]] || default_port=5671
    read -r host port < <(host_and_port "$1" "$default_port") || { note "The broker URL is not of the form amqp://user:password@host:port/vhost."; return 1; }
    if [[ $1 == amqps:* ]]; then
        port_answers "$host" "$port"
    else
        broker_answers "$host" "$port"
    fi || { note "No broker answers at $(without_secret "$1")."; return 1; }
}

in_own_rabbitmq() { env "${rabbitmq_environment[@]}" "$@"; }

process_is_gone() { ! kill -0 "$1" 2>/dev/null; }

stop_own_rabbitmq() {
    local process
    # A signal to its own process: rabbitmqctl would start a second Erlang machine only to say the same.
    if process=$(cat "$rabbitmq_folder/pid" 2>/dev/null) && kill "$process" 2>/dev/null; then
        within 30 process_is_gone "$process" || kill -9 "$process"
    fi
    rm -rf "$rabbitmq_folder"
}

start_own_rabbitmq() {
    local port
    [ -x "$rabbitmq_home/rabbitmq-server" ] || install_packages rabbitmq-server || return 1
    # The package may have started the broker, with the default user that the default URL names.
    if rabbitmq_serves "$rabbitmq_default"; then
        TEST_AMQP_URL=$rabbitmq_default
        return
    fi
    port=$(free_port) || return 1
    rabbitmq_folder=$(mktemp -d "${TMPDIR:-/tmp}/mcpay-rabbitmq.XXXXXX")
    rabbitmq_environment=(
        HOME="$rabbitmq_folder"
        RABBITMQ_NODENAME="mcpay_test_$$@localhost"
        RABBITMQ_NODE_IP_ADDRESS=127.0.0.1
        RABBITMQ_NODE_PORT="$port"
        RABBITMQ_DIST_PORT="$((port + 10000))"
        RABBITMQ_MNESIA_BASE="$rabbitmq_folder/mnesia"
        RABBITMQ_LOG_BASE="$rabbitmq_folder/log"
        RABBITMQ_CONFIG_FILE="$rabbitmq_folder/none"
        RABBITMQ_ENABLED_PLUGINS_FILE="$rabbitmq_folder/plugins"
        RABBITMQ_PID_FILE="$rabbitmq_folder/pid"
    )
    echo '[].' >"$rabbitmq_folder/plugins"
    note "Starting a RabbitMQ of our own on port $port."
    stoppers+=(stop_own_rabbitmq)
    (cd "$rabbitmq_folder" && in_own_rabbitmq "$rabbitmq_home/rabbitmq-server" </dev/null >console 2>&1 &)
    within 90 broker_answers 127.0.0.1 "$port" || { tail -n 20 "$rabbitmq_folder/console" >&2; return 1; }
    TEST_AMQP_URL=amqp://guest:guest@127.0.0.1:$port/%2f
}

start_rabbitmq_in_compose() {
    local port
    engine_runs || return 1
    port=$(free_port) || return 1
    RABBITMQ_PORT=$port RABBITMQ_MANAGEMENT_PORT=0 start_in_compose rabbitmq || return 1
    TEST_AMQP_URL=amqp://mcpay:mcpay@127.0.0.1:$port/%2f
}

# Exports TEST_AMQP_URL.
need_rabbitmq() {
    local url
    for url in "${TEST_AMQP_URL:-}" "${AMQP_URL:-}" "$rabbitmq_default"; do
        if [ -n "$url" ] && rabbitmq_serves "$url"; then
            TEST_AMQP_URL=$url
            export TEST_AMQP_URL
            note "RabbitMQ: $(without_secret "$url")"
            return
        fi
    done
    start_rabbitmq_in_compose || start_own_rabbitmq ||
        give_up "RabbitMQ is needed: set AMQP_URL to a broker, start Docker, or install the package rabbitmq-server."
    export TEST_AMQP_URL
    rabbitmq_serves "$TEST_AMQP_URL" || give_up "The RabbitMQ that was started does not answer."
    note "RabbitMQ: $(without_secret "$TEST_AMQP_URL")"
}
