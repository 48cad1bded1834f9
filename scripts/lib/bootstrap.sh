# shellcheck shell=bash
# Sourced by the scripts in scripts/ after they have changed to the project's root.
#
# `bootstrap run` leaves Debian's packages, .venv and every dependency of requirements.lock in
# place; `bootstrap test` adds what checks and tests need. What is there already costs a few
# milliseconds; what is missing is installed with its progress shown. Two scripts that start at
# once wait for each other. Nothing is downloaded that a lock file does not name with its hash.

# What a bare Debian 12 lacks. Qt loads most of these at run time, so no package manager says so.
readonly RUN_PACKAGES=(
    espeak-ng                                                         # the kiosk's voice
    fonts-noto-core
    libdbus-1-3 libegl1 libfontconfig1 libgl1 libglib2.0-0            # QtGui itself
    libwayland-cursor0                                                # its Wayland platform
    libx11-xcb1 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1          # its X11 platform
    libxcb-shape0 libxcb-xkb1 libxkbcommon-x11-0
)
# Programs, as command:package; one that came another way is as good.
readonly TEST_PROGRAMS=(
    cage:cage turnserver:coturn chromium:chromium firefox-esr:firefox-esr ffmpeg:ffmpeg git:git
    gcc:gcc node:nodejs npm:npm openssl:openssl pulseaudio:pulseaudio systemd-analyze:systemd
    xdotool:xdotool Xvfb:xvfb Xwayland:xwayland
)

# Where systemd finds that a unit is masked.
readonly COTURN_UNIT=/etc/systemd/system/coturn.service

say() { printf '%s\n' "$*"; }

# Prints the Debian packages that are missing for $1 (run or test), one per line.
missing_packages() {
    local name installed
    installed=$(dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' \
        "${RUN_PACKAGES[@]}" 2>/dev/null || true)
    for name in "${RUN_PACKAGES[@]}"; do
        [[ $'\n'$installed$'\n' == *$'\n'"installed $name"$'\n'* ]] || say "$name"
    done
    if [[ ! -x .venv/bin/python ]] && ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
        say python3-venv
    fi
    if [[ $1 == test ]]; then
        for name in "${TEST_PROGRAMS[@]}"; do
            command -v "${name%%:*}" >/dev/null || say "${name##*:}"
        done
        has_headers "$(find_python || true)" || say python3-dev
    fi
}

# Whether Python $1 can have modules in C built for it.
has_headers() {
    "$1" - 2>/dev/null <<'PYTHON'
import pathlib, sys, sysconfig
sys.exit(not pathlib.Path(sysconfig.get_path("include"), "Python.h").exists())
PYTHON
}

install_packages() {
    local missing
    mapfile -t missing < <(missing_packages "$1")
    ((${#missing[@]})) || return 0
    # Coturn's package would start a TURN server for everybody; tests start one of their own.
    local mask=
    [[ " ${missing[*]} " == *" coturn "* ]] && mask=yes
    if ((EUID != 0)); then
        say "Debian packages are missing. Type this line, then start again:" >&2
        say "  ${mask:+sudo systemctl mask coturn && }sudo apt-get install --no-install-recommends ${missing[*]}" >&2
        return 1
    fi
    say "Installing Debian packages: ${missing[*]}"
    if [[ $mask && ! -e $COTURN_UNIT ]]; then
        mkdir -p "${COTURN_UNIT%/*}"
        ln -s /dev/null "$COTURN_UNIT"
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -q
    apt-get install -q --yes --no-install-recommends "${missing[@]}"
}

find_python() {
    local python
    for python in python3.11 python3; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            say "$python"
            return 0
        fi
    done
    say "Python 3.11 or newer is needed; on Debian 12: apt-get install python3" >&2
    return 1
}

make_venv() {
    # A .venv that an interrupted run left half made has no working pip: begin again.
    .venv/bin/python -m pip --version >/dev/null 2>&1 && return 0
    say "Making the virtual environment .venv"
    rm -rf .venv
    "$(find_python)" -m venv .venv
}

# Installs lock file $1 into .venv unless it is what was installed there last.
install_lock() {
    local lock=$1 stamp=.venv/$1.installed
    cmp --silent "$lock" "$stamp" && return 0
    make_venv
    say "Installing what $lock names"
    .venv/bin/python -m pip install --disable-pip-version-check --no-input \
        --require-hashes --requirement "$lock"
    cp "$lock" "$stamp"
}

# What this checkout's installation depends on, the C parts and whether they can be built included.
installation() {
    say "$PWD"
    cksum pyproject.toml setup.py relay/media/forwarding/loop.[ch] \
        relay/media/recorder/intake.[ch] operate/bench/load/pump.[ch]
    if can_compile; then say "with C parts"; fi
}

can_compile() {
    command -v cc >/dev/null && has_headers .venv/bin/python
}

# Puts this checkout itself into .venv: the commands parloir, parloir-relay, parloir-kiosk, and,
# where there is a compiler, the packet loop and the recorder's intake in C.
install_project() {
    local stamp=.venv/parloir.installed now
    now=$(installation)
    [[ -e $stamp && $(<"$stamp") == "$now" ]] && return 0
    say "Installing parloir itself"
    can_compile || say "No C compiler (gcc, python3-dev): the packet loop runs in Python, which" \
        "carries fewer visits a core"
    # The warning that is switched off tells everybody that this is an editable installation.
    PYTHONWARNINGS=ignore .venv/bin/python -m pip install \
        --disable-pip-version-check --no-input --quiet \
        --no-deps --no-build-isolation --editable .
    say "$now" >"$stamp"
}

install_node_modules() {
    local stamp=node_modules/package-lock.json.installed
    cmp --silent package-lock.json "$stamp" && return 0
    say "Installing what package-lock.json names"
    npm ci --no-audit --no-fund --loglevel=error
    cp package-lock.json "$stamp"
}

# bootstrap run|test
bootstrap() {
    command -v dpkg-query >/dev/null || {
        say "This is made for Debian 12; no dpkg-query was found here." >&2
        return 1
    }
    local gate
    exec {gate}<scripts/lib # a lock on the folder itself: no lock file to leave behind
    flock --nonblock "$gate" || {
        say "Another script is installing; waiting for it."
        flock "$gate"
    }
    install_packages "$1"
    # Node's modules come while pip works: neither needs the other.
    local node=
    if [[ $1 == test ]]; then
        install_node_modules &
        node=$!
    fi
    install_lock requirements.lock
    install_project
    if [[ $1 == test ]]; then
        install_lock requirements-test.lock
        wait "$node"
    fi
    exec {gate}<&-
}

# seconds_since $EPOCHREALTIME-as-it-was: the time since then, for people.
seconds_since() {
    local micros=$((${EPOCHREALTIME/./} - ${1/./}))
    printf '%d.%d s\n' $((micros / 1000000)) $((micros / 100000 % 10))
}
