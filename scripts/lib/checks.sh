# shellcheck shell=bash
# The checks of scripts/test that are more than one command.

# What a check could not look at, to be told again at the end.
not_checked=()

tell_what_was_not_checked() {
    local sentence
    for sentence in "${not_checked[@]}"; do
        note "NOT CHECKED: $sentence"
    done
}

test_library() { (cd web/mediaconnectpay && node --test); }

check_dependencies() { cargo deny --all-features --locked check --hide-inclusion-graph licenses bans sources; }

# The database of advisories is on GitHub. Where that cannot be reached there is nothing to check against, which is
# said and is no failure of the code; where it can, an advisory that deny.toml does not explain is one.
check_advisories() {
    local log
    log=$(mktemp)
    if timeout 180 cargo deny --locked fetch db >"$log" 2>&1; then
        rm -f "$log"
        cargo deny --all-features --locked check --hide-inclusion-graph --disable-fetch advisories
    else
        not_checked+=("known vulnerabilities, because the advisory database could not be fetched.")
        tell_what_was_not_checked
        note "$(grep -iE 'error|failed|fatal' "$log" | tail -n 1)"
        rm -f "$log"
        return 75 # could_not_check in say.sh
    fi
}

# Sums what nextest wrote about this very run.
count_tests() {
    local report=$1 total failed
    total=$(sed -nE 's/^<testsuites .*\btests="([0-9]+)".*/\1/p' "$report")
    failed=$(sed -nE 's/^<testsuites .*\bfailures="([0-9]+)" errors="([0-9]+)".*/\1 + \2/p' "$report")
    failed=$((failed))
    echo "$((total - failed)) passed, $failed failed"
}
