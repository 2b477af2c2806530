# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# Debian packages: what is missing here, and single files from another suite.
# shellcheck shell=bash

# missing_packages NAME...: prints those that are not installed, with one dpkg-query for all.
missing_packages() {
  local name state
  local -A installed=()
  while read -r name state; do
    if [[ $state == installed ]]; then installed[$name]=1; fi
  done < <(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null)
  for name in "$@"; do
    if [[ -z ${installed[$name]:-} ]]; then printf '%s\n' "$name"; fi
  done
}

# as_root COMMAND...: with sudo where needed. Without a terminal sudo must not ask for a password.
as_root() {
  if ((EUID == 0)); then
    "$@"
  elif [[ -t 0 ]]; then
    sudo "$@"
  else
    sudo -n "$@"
  fi
}

can_be_root() {
  ((EUID == 0)) && return 0
  command -v sudo >/dev/null || return 1
  [[ -t 0 ]] || sudo -n true 2>/dev/null
}

# install_packages NAME...: installs those that are missing; another apt at work is waited for.
install_packages() {
  local -a missing
  local log started=$EPOCHREALTIME
  [[ -z ${BAKEOFF_SKIP_APT:-} ]] || return 0
  if ! command -v dpkg-query >/dev/null; then
    fail "this is not a Debian system (no dpkg): install what the apt lines of $LOCK_FILE name, then set BAKEOFF_SKIP_APT=1"
  fi
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0
  if ! can_be_root; then
    fail "Debian packages are missing and this user is neither root nor able to use sudo. As root, run:
  apt-get install --no-install-recommends ${missing[*]}"
  fi
  say "Debian packages to install: ${missing[*]}"
  mkdir -p "$CACHE/lock" "$CACHE/log"
  exec 9>"$CACHE/lock/apt"
  flock 9
  log=$CACHE/log/apt.$$.log
  : >"$log"
  mapfile -t missing < <(missing_packages "$@")
  if ((${#missing[@]})); then
    run_logged 'apt-get update' "$log" "$CACHE/log" 0 apt_update ||
      fail "apt-get update failed: $(tail_of_log "$log")"
    run_logged 'apt-get install' "$log" "$CACHE/log" 0 as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y \
      --no-install-recommends -o DPkg::Lock::Timeout=600 -- "${missing[@]}" ||
      fail "apt-get install failed: $(tail_of_log "$log")
  the whole log: $log"
    say "Debian packages installed, $(elapsed_since "$started")"
  fi
  rm -f "$log"
  exec 9>&-
}

# The package lists have a lock of their own, which no apt option waits for.
apt_update() {
  local try
  for try in 1 2 3 4 5 6; do
    if as_root apt-get update; then return 0; fi
    echo "apt-get update: try $try failed" >&2
    sleep $((try * 2))
  done
  return 1
}

# The mirror that this machine is configured for, as apt itself tells it.
configured_mirror() {
  local codename=$1 lists
  # shellcheck disable=SC2016  # apt expands these, not the shell
  lists=$(apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' 2>/dev/null)
  awk -v suite="$codename" '$1 == suite && $2 == "main" { print $3; exit }' <<<"$lists"
}

# fetch_deb SUITE/PACKAGE=VERSION TO: downloads one package of another suite of the same distribution, by an apt state
# of its own, so that nothing of this machine's configuration changes.
fetch_deb() {
  local suite=${1%%/*} package=${1#*/} to=$2 mirror codename state keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
  mirror=$(configured_mirror "$codename")
  if [[ -z $mirror ]]; then
    # The lists may never have been fetched on this machine (a bare container).
    apt_update
    mirror=$(configured_mirror "$codename")
  fi
  if [[ -z $mirror ]]; then
    echo "error: apt knows no mirror for $codename main, so the suite $suite cannot be asked" >&2
    return 1
  fi
  state=$to/apt
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
  [[ -r $keyring ]] && keyring="[signed-by=$keyring] " || keyring=
  printf 'deb %s%s %s main\n' "$keyring" "$mirror" "$suite" >"$state/sources.list"
  local -a options=(-o "Dir::Etc::sourcelist=$state/sources.list" -o Dir::Etc::sourceparts=-
    -o "Dir::State::Lists=$state/lists" -o "Dir::Cache=$state/cache" -o Acquire::Languages=none
    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false -o Debug::NoLocking=1 -o Acquire::Retries=3)
  # root reads and writes a private folder here, which apt's own download user cannot.
  if ((EUID == 0)); then options+=(-o APT::Sandbox::User=root); fi
  apt-get "${options[@]}" update &&
    (cd "$to" && apt-get "${options[@]}" download "$package")
}
