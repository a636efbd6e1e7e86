#!/usr/bin/env bash
# Sees to a Chromium for the page's tests: one that is there, Playwright's, or the distribution's.
set -uo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
playwright="${1:-$here/.venv/bin/playwright}"

runs() { "$1" --headless --no-sandbox --disable-gpu --version >/dev/null 2>&1; }
found() {
    for name in chromium chromium-browser google-chrome; do
        command -v "$name" >/dev/null && runs "$name" && return 0
    done
    return 1
}
as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo --non-interactive "$@"; fi
}

found && exit 0
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
echo "Chromium for the page's tests: installing it"
if command -v apt-get >/dev/null && ! command -v snap >/dev/null; then
    as_root apt-get update -q >"$log" 2>&1
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -qy --no-install-recommends chromium fonts-noto-color-emoji >>"$log" 2>&1
    found && exit 0
fi
timeout 600 "$playwright" install --with-deps chromium >>"$log" 2>&1 && exit 0
timeout 600 "$playwright" install chromium >>"$log" 2>&1 && exit 0
tail -n 3 "$log" >&2
echo "No Chromium for the page's tests, and none could be installed: install it by hand" \
    "(Debian: apt-get install chromium), then run this again." >&2
exit 1
