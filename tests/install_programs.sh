#!/usr/bin/env bash
# Sees to the programs that tests run: a Chromium that is there, Playwright's, or the distribution's;
# npm, which fetches what a page in the browser needs; and Firefox, tesseract and PostgreSQL, without
# which their tests are skipped. With "packages", the distribution's alone: they need no Playwright.
set -uo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
playwright="${1:-$here/.venv/bin/playwright}"

runs() { "$1" --headless --no-sandbox --disable-gpu --version >/dev/null 2>&1; }
found() {
    for name in chromium-headless-shell chromium chromium-browser google-chrome; do
        command -v "$name" >/dev/null && runs "$name" && return 0
    done
    return 1
}
as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo --non-interactive "$@"; fi
}

apt_install() {
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qy --no-install-recommends "$@" >>"$log" 2>&1
}

log="$(mktemp)"
trap 'rm -f "$log"' EXIT

packages=()
command -v npm >/dev/null || packages+=(npm)
command -v tesseract >/dev/null || packages+=(tesseract-ocr)
command -v firefox >/dev/null || command -v firefox-esr >/dev/null || packages+=(firefox-esr)
command -v initdb >/dev/null || compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null ||
    packages+=(postgresql)
found || packages+=(chromium-headless-shell fonts-noto-color-emoji)  # loads a page in half the time
if [ "${#packages[@]}" -gt 0 ]; then
    echo "for the tests, installing: ${packages[*]}"
    # Debian's packages; where snap is, they are shells of snaps.
    if command -v apt-get >/dev/null && ! command -v snap >/dev/null; then
        as_root apt-get update -q >"$log" 2>&1
        apt-cache show chromium-headless-shell >/dev/null 2>&1 ||
            packages=("${packages[@]/chromium-headless-shell/chromium}")
        apt_install "${packages[@]}" || for package in "${packages[@]}"; do
            apt_install "$package" || echo "No $package could be installed; see to it by hand." >&2
        done
    else
        echo "No apt-get of Debian's own; see to them by hand." >&2
    fi
fi

found && exit 0
[ "$playwright" = packages ] && exit 0
timeout 600 "$playwright" install --with-deps chromium >>"$log" 2>&1 && exit 0
timeout 600 "$playwright" install chromium >>"$log" 2>&1 && exit 0
tail -n 3 "$log" >&2
echo "No Chromium for the page's tests, and none could be installed: install it by hand" \
    "(Debian: apt-get install chromium-headless-shell), then run this again." >&2
exit 1
