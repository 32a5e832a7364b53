# shellcheck shell=bash
# The Rust toolchain, found also where a login shell did not put it on the PATH, and a C compiler for the crates that need one.

need_rust() {
    PATH=$PATH:${CARGO_HOME:-${HOME:-/root}/.cargo}/bin
    export PATH
    command -v cargo >/dev/null || give_up "Rust is needed: install it from https://rustup.rs and run this again."
    { cargo fmt --version && cargo clippy --version; } >/dev/null 2>&1 ||
        give_up "rustfmt and clippy are needed; run: rustup component add rustfmt clippy"
    command -v cc >/dev/null || install_packages gcc libc6-dev ||
        give_up "A C compiler is needed for SQLite and aws-lc: install the package gcc."
    note "$(rustc --version), $(cc --version | head -n 1)"
}
