# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What app/run and tests/run share: the packages of Debian 12 that the program needs, installing those
# that are missing, and building. Sourced, never run. Quiet: one line a stage, a log only on failure.

# group  package                what it is for
gw_packages='
build    build-essential        C compiler, make, libc headers
build    meson                  build description
build    ninja-build            build runner
build    pkg-config             finds the libraries below
build    libglib2.0-dev         containers, errors, main loop
build    libgtk-4-dev           the window; brings Cairo and Pango
build    libadwaita-1-dev       GNOME widgets and styles
build    libcjson-dev           documents (JSON)
build    libopenblas-dev        matrix products, LAPACK
build    libprotobuf-c-dev      event files, GraphDef, checkpoints
build    protobuf-c-compiler    turns .proto files into C
build    libsnappy-dev          compressed checkpoint blocks
build    zlib1g-dev             compressed data files
build    libpng-dev             pictures in and out
build    graphviz               layout of graphs
build    dataset-fashion-mnist  the data of the examples
build    fonts-cantarell        the font the window is measured in
build    adwaita-icon-theme     icons of buttons and lists
build    librsvg2-common        shows SVG icons
test     xvfb                   a display for tests of the window
test     xauth                  access to that display
test     xdotool                real pointer and key events
test     dbus                   session bus; GTK warns without one
test     at-spi2-core           what a screen reader hears
test     gir1.2-atspi-2.0       heard from Python
test     python3-gi             the same
test     python3                lint, counting of results
test     desktop-file-utils     validates the desktop file
test     appstream              validates the software-centre entry
'

gw_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
gw_log=

# gw_say TEXT: one line to the user.
gw_say ()
{
  printf '%s\n' "$*"
}

# gw_die TEXT: says why nothing more can be done and ends with status 1.
gw_die ()
{
  printf '%s\n' "$*" >&2
  exit 1
}

# gw_stage TITLE COMMAND...: runs the command with its output in a log and prints the title with the
# seconds it took; on failure prints the end of the log, leaves the log and ends with status 1.
gw_stage ()
{
  local title=$1 begin=$SECONDS status=0
  shift
  gw_log=$(mktemp "${TMPDIR:-/tmp}/graphwright-XXXXXX.log") || gw_die "No space for a log in ${TMPDIR:-/tmp}."
  printf '%s ... ' "$title"
  "$@" >"$gw_log" 2>&1 </dev/null || status=$?
  if [ "$status" -ne 0 ]; then
    printf 'failed\n'
    tail -n 60 "$gw_log" >&2
    gw_die "$title failed with status $status. The whole log: $gw_log"
  fi
  printf '%d s\n' "$((SECONDS - begin))"
  rm -f "$gw_log"
}

# gw_list GROUP...: the packages of these groups, one a line.
gw_list ()
{
  local group
  for group in "$@"; do
    awk -v group="$group" '$1 == group { print $2 }' <<<"$gw_packages"
  done
}

# gw_missing GROUP...: those of them that are not installed.
gw_missing ()
{
  local package
  for package in $(gw_list "$@"); do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] \
      || printf '%s\n' "$package"
  done
}

# gw_as_root COMMAND...: directly as root, else through sudo (asked for by gw_install beforehand).
gw_as_root ()
{
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo -n "$@"
  fi
}

gw_apt ()
{
  gw_as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@"
}

# gw_install GROUP...: installs what is missing; with nothing missing it needs neither network nor root.
gw_install ()
{
  command -v dpkg-query >/dev/null \
    || gw_die "This script installs packages of Debian 12; here is no dpkg. Install by hand: $(gw_list "$@" | tr '\n' ' ')"
  local missing
  mapfile -t missing < <(gw_missing "$@")
  [ "${#missing[@]}" -eq 0 ] && return
  local by_hand="apt-get install --no-install-recommends ${missing[*]}"
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || gw_die "Packages are missing and there is no sudo. As root: $by_hand"
    # The password is asked for here, where the user sees the question, and not inside a stage.
    sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; } \
      || gw_die "Packages are missing and sudo wants a password. As root: $by_hand"
  fi
  gw_stage "Reading the package lists" gw_apt update
  gw_stage "Installing ${missing[*]}" \
    gw_apt install -y --no-install-recommends "${missing[@]}"
  mapfile -t missing < <(gw_missing "$@")
  [ "${#missing[@]}" -eq 0 ] || gw_die "Still not installed: ${missing[*]}"
}

# gw_configure FOLDER OPTION...: sets up a meson build folder of this checkout, unless it is one already.
# A folder that was interrupted or belongs to another path (a copied checkout) is made anew.
gw_configure ()
{
  local folder=$1
  shift
  if [ -f "$folder/build.ninja" ] \
     && grep -qF "\"source\": \"$gw_root\"" "$folder/meson-info/meson-info.json" 2>/dev/null; then
    return
  fi
  if [ -e "$folder" ] && [ ! -d "$folder/meson-private" ] && [ -n "$(ls -A "$folder" 2>/dev/null)" ]; then
    gw_die "$folder is in the way and no build folder. Move it elsewhere."
  fi
  rm -rf "$folder"
  gw_stage "Configuring ${folder#"$gw_root"/}" meson setup "$folder" "$gw_root" "$@"
}

# gw_compile FOLDER TARGET...: builds the targets, or everything.
gw_compile ()
{
  local folder=$1
  shift
  gw_stage "Building ${folder#"$gw_root"/}" ninja -C "$folder" "$@"
}

# gw_build_release: the folder that the user's program runs from and that the tests run against:
# optimised for speed (-O3 for the inner loops), assertions kept, with line numbers for crash reports.
# shellcheck disable=SC2120  # both callers build everything
gw_build_release ()
{
  gw_configure "$gw_root/build" --buildtype=release -Ddebug=true
  gw_compile "$gw_root/build" "$@"
}
