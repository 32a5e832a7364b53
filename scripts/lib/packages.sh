# shellcheck shell=bash
# Installing what is missing: Debian packages as root or through sudo, Rust tools through cargo.

package_lists_are_fresh=no

may_install_packages() {
    command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || as_root true 2>/dev/null; }
}

# Asks for a password only where somebody is there to type it.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif ! command -v sudo >/dev/null; then
        return 1
    elif [ -t 0 ] && [ -z "${CI:-}" ]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

# Installs Debian packages; false when this machine or this user cannot.
install_packages() {
    local log
    may_install_packages || return 1
    log=$(mktemp)
    note "Installing Debian packages: $*"
    if [ "$package_lists_are_fresh" = no ]; then
        as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update >"$log" 2>&1 </dev/null || {
            tail -n 5 "$log" >&2
            note "apt-get update failed; going on with the package lists that are there."
        }
        package_lists_are_fresh=yes
    fi
    if ! as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -q -y install --no-install-recommends "$@" >"$log" 2>&1 </dev/null; then
        tail -n 15 "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

# need_cargo_tool NAME VERSION: a cargo subcommand, built from source where it is missing. Any version that is
# there will do; the named one is what gets installed, so that two fresh machines agree.
need_cargo_tool() {
    local name=$1 version=$2 started=$SECONDS
    if ! command -v "$name" >/dev/null; then
        note "$name is missing: building $name $version with cargo install, which takes some minutes."
        # Not into the project's target directory: the tool shares nothing with it.
        env -u CARGO_TARGET_DIR cargo install --quiet --locked "$name@$version" </dev/null ||
            give_up "cargo could not install $name; run: cargo install --locked $name@$version"
        note "$name was built in $((SECONDS - started)) s."
    fi
    note "$("$name" "${name#cargo-}" --version 2>/dev/null | head -n 1) is ready."
}
