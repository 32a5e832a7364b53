# shellcheck shell=bash
# Chromium with its driver for the tests in a browser, and Node.js for the tests of the library.

first_program() {
    local name
    for name in "$@"; do
        command -v "$name" && return
    done
    return 1
}

find_browser() {
    CHROMIUM=$(first_program "${CHROMIUM:-chromium}" chromium chromium-browser google-chrome google-chrome-stable) &&
        CHROMEDRIVER=$(first_program "${CHROMEDRIVER:-chromedriver}" chromedriver /usr/lib/chromium/chromedriver)
}

major_version() { "$1" --version 2>/dev/null </dev/null | grep -oE '[0-9]+\.[0-9.]+' | head -n 1 | cut -d. -f1; }

# Exports CHROMIUM and CHROMEDRIVER, both as paths.
need_browser() {
    local browser driver
    find_browser || { install_packages chromium chromium-driver && find_browser; } ||
        give_up "A Chromium and its ChromeDriver are needed: install the packages chromium and chromium-driver," \
            "or set CHROMIUM and CHROMEDRIVER to their paths."
    browser=$(major_version "$CHROMIUM")
    driver=$(major_version "$CHROMEDRIVER")
    [ -n "$browser" ] || give_up "$CHROMIUM does not start; run it with --version to see why."
    [ "$browser" = "$driver" ] ||
        give_up "$CHROMIUM is version $browser, but $CHROMEDRIVER is version ${driver:-unknown}: install the same version of both."
    export CHROMIUM CHROMEDRIVER
    note "Browser: $CHROMIUM and $CHROMEDRIVER, version $browser"
}

node_is_new_enough() {
    command -v node >/dev/null && [ "$(node --print 'Number(process.versions.node.split(".")[0]) >= 18')" = true ]
}

need_node() {
    node_is_new_enough || { install_packages nodejs && hash -r && node_is_new_enough; } ||
        give_up "Node.js 18 or newer is needed for the tests of web/mediaconnectpay: install the package nodejs."
    note "Node.js: $(node --version)"
}
