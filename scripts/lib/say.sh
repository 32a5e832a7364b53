# shellcheck shell=bash
# How the scripts speak: one line per step with the time since the start, and how long the step took.

note() { printf '          %s\n' "$*"; }

stamp() { printf '[%02d:%02d:%02d]' $((SECONDS / 3600)) $((SECONDS / 60 % 60)) $((SECONDS % 60)); }

heading() { printf '%s %s\n' "$(stamp)" "$*"; }

# Ends the run with one sentence that says what to do.
give_up() {
    printf '%s cannot go on: %s\n' "$(stamp)" "$*" >&2
    exit 1
}

# What was started here is stopped here, whatever happens: each starter adds the name of its stopper.
stoppers=()

stop_what_was_started() {
    local stopper
    for stopper in "${stoppers[@]}"; do
        "$stopper" || note "$stopper did not succeed; something may still be running."
    done
}

trap stop_what_was_started EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The checks of a run. One that fails is remembered and told again at the end, and the others still run.
failed_checks=()

# What a check answers with when this machine cannot do it at all, which is neither a success nor a failure.
readonly could_not_check=75

check() {
    local name=$1 started=$SECONDS status=0
    shift
    heading "$name: $*"
    "$@" </dev/null || status=$?
    case $status in
        0) heading "$name: passed after $((SECONDS - started)) s" ;;
        "$could_not_check") heading "$name: NOT CHECKED" ;;
        *)
            heading "$name: FAILED after $((SECONDS - started)) s"
            failed_checks+=("$name")
            ;;
    esac
}

# Lists the checks that failed, and is false when there is one.
all_checks_passed() {
    local name
    for name in "${failed_checks[@]}"; do
        note "FAILED: $name"
    done
    [ "${#failed_checks[@]}" = 0 ]
}

# True as soon as the command succeeds, false when it has not within that many seconds.
within() {
    local limit=$1 started=$SECONDS
    shift
    until "$@"; do
        ((SECONDS - started < limit)) || return 1
        sleep 0.2
    done
}
