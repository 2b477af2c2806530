# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# Gets one file by package name through the registry's ordinary client, and checks its hash.
# Its globals are written here and read in the other files that deps/setup.sh sources, or the other way round.
# shellcheck shell=bash disable=SC2034,SC2153

readonly PYTHON=${BAKEOFF_PYTHON:-/usr/bin/python3}

# pip with what must not come from the caller's set-up: its cache (a second copy of every file) and its virtual
# environment rule. Index, mirror, proxy and certificates stay the user's own. Big files must not go through a small /tmp.
pip_download() {
  local to=$1
  shift
  mkdir -p "$to/tmp"
  env TMPDIR="$to/tmp" PIP_REQUIRE_VIRTUALENV=0 PYTHONDONTWRITEBYTECODE=1 "$PYTHON" -m pip download --no-deps \
    --require-hashes --no-cache-dir --disable-pip-version-check --no-input --progress-bar off --dest "$to" "$@"
}

# A wheel's file name ends in PYTHON-ABI-PLATFORM: asking for these makes the answer independent of this machine's Python.
fetch_wheel() {
  local requirement=$1 hash=$2 file=$3 to=$4 python abi platforms platform stem=${3%.whl}
  local -a tags=()
  platforms=${stem##*-} stem=${stem%-*}
  abi=${stem##*-} stem=${stem%-*}
  python=${stem##*-}
  for platform in ${platforms//./ }; do tags+=(--platform "$platform"); done
  if [[ $python == cp* ]]; then
    tags+=(--implementation cp --python-version "${python#cp}" --abi "$abi")
    # The stable ABI and pure wheels of a tagged package are found under these too.
    if [[ $abi == abi3 ]]; then tags+=(--abi none); fi
  else
    tags+=(--implementation py --python-version 3.11 --abi none)
  fi
  printf '%s --hash=sha256:%s\n' "$requirement" "$hash" >"$to/requirements.txt"
  pip_download "$to" --only-binary=:all: "${tags[@]}" -r "$to/requirements.txt"
}

# pip asks an sdist's build backend for its metadata even when it only downloads, and the real backends need half a
# tool chain. A stand-in of the same name answers instead, so nothing from the archive is run.
fetch_sdist() {
  local requirement=$1 hash=$2 to=$3 backend=$4
  write_stand_in "$to/backend" "$backend" "${requirement%%==*}" "${requirement##*==}"
  printf '%s --hash=sha256:%s\n' "$requirement" "$hash" >"$to/requirements.txt"
  PYTHONPATH=$to/backend pip_download "$to" --no-binary=:all: --no-build-isolation --use-pep517 \
    -r "$to/requirements.txt"
}

write_stand_in() {
  local folder=$1 module=${2//.//} name=${3//-/_} version=$4
  mkdir -p "$folder/${module%/*}"
  : >"$folder/${module%%/*}/__init__.py"
  cat >"$folder/$module.py" <<PYTHON
"""Stands in for a build backend while pip downloads a source archive: answers with the metadata only."""
import os
import sys

__legacy__ = sys.modules[__name__]


def get_requires_for_build_wheel(config_settings=None):
    return []


def prepare_metadata_for_build_wheel(directory, config_settings=None):
    name = "$name-$version.dist-info"
    os.makedirs(os.path.join(directory, name), exist_ok=True)
    with open(os.path.join(directory, name, "METADATA"), "w", encoding="utf-8") as metadata:
        metadata.write("Metadata-Version: 2.1\nName: $name\nVersion: $version\n")
    return name
PYTHON
}

# GROUP:ARTIFACT:VERSION[:CLASSIFIER]. A local repository beside TO: the jars would stay in the user's otherwise. Maven
# wants the parent POM too, though a single jar needs nothing of it, and registries are known to lose it.
fetch_maven() {
  local group artifact version classifier to=$2 parent=$3
  if [[ -n $parent ]]; then write_parent_pom "${to%/*}/m2" "$parent"; fi
  IFS=: read -r group artifact version classifier <<<"$1"
  mvn -B -ntp -Dmaven.repo.local="${to%/*}/m2" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy \
    -Dartifact="$group:$artifact:$version:jar${classifier:+:$classifier}" -DoutputDirectory="$to" \
    -Dmdep.overWriteReleases=true
}

write_parent_pom() {
  local group artifact version folder
  IFS=: read -r group artifact version <<<"$2"
  folder=$1/${group//.//}/$artifact/$version
  mkdir -p "$folder"
  printf '<project><modelVersion>4.0.0</modelVersion><groupId>%s</groupId><artifactId>%s</artifactId>%s</project>\n' \
    "$group" "$artifact" "<version>$version</version><packaging>pom</packaging>" >"$folder/$artifact-$version.pom"
}

# A Java client is installed only when a jar is really to be fetched.
need_maven() {
  command -v mvn >/dev/null || install_packages maven default-jre-headless
}

# NAME@VERSION. Cache and logs lie beside TO: they would stay in the user's otherwise. Nothing of the package is run.
fetch_npm() {
  local to=$2
  (cd "$to" && env npm_config_cache="$to/npm" npm pack --ignore-scripts --silent --pack-destination "$to" "$1")
}

# Debian's client only where there is none: it brings a few hundred small packages.
need_npm() {
  command -v npm >/dev/null || install_packages npm
}

# check_hash FILE EXPECTED NAME: a mismatch is never skipped over, whoever asked for the file.
check_hash() {
  local got
  got=$(sha256sum "$1") || fail "$1: cannot be read"
  got=${got%% *}
  [[ $got == "$2" ]] && return 0
  rm -f "$1"
  fail "$3: the content is not what $LOCK_FILE pins
  expected sha256 $2
  got      sha256 $got"
}

# fetch_file TMP KIND REQUIREMENT SIZE SHA256 FILE [backend=MODULE | parent=POM]: leaves the file in $CACHE/download, checked.
# Returns 1, with the reason in REASON, when it cannot be had. The caller holds the item's lock.
fetch_file() {
  local tmp=$1 kind=$2 requirement=$3 size=$4 hash=$5 file=$6 extra=${7:-} started=$EPOCHREALTIME
  local folder=$CACHE/download/${hash:0:16} to status=0 log=$1/fetch.log got
  # A finished file of a set-up that was cut short is used again.
  if [[ -f $folder/$file ]]; then
    check_hash "$folder/$file" "$hash" "$file"
    say "  $file: $(megabytes "$size"), already downloaded"
    return 0
  fi
  to=$tmp/fetch
  rm -rf "$to"
  mkdir -p "$to"
  : >"$log"
  # mvn and apt also bring plugins and lists: what they have says nothing about this file, so no total for them.
  case $kind in
    wheel) run_logged "$file" "$log" "$to" "$size" fetch_wheel "$requirement" "$hash" "$file" "$to" || status=$? ;;
    sdist) run_logged "$file" "$log" "$to" "$size" fetch_sdist "$requirement" "$hash" "$to" "${extra#backend=}" || status=$? ;;
    maven)
      need_maven
      run_logged "$file" "$log" "$to" 0 fetch_maven "$requirement" "$to" "${extra#parent=}" || status=$?
      ;;
    npm)
      need_npm
      run_logged "$file" "$log" "$to" "$size" fetch_npm "$requirement" "$to" || status=$?
      ;;
    deb) run_logged "$file" "$log" "$to" 0 fetch_deb "$requirement" "$to" || status=$? ;;
    *) fail "$LOCK_FILE: unknown kind of file \"$kind\"" ;;
  esac
  # pip refuses a wrong hash before the file is in place, and its words name both hashes.
  got=$(sed -n 's/^ *Got *\([0-9a-f]\{64\}\)$/\1/p' "$log" | head -n 1)
  if ((status != 0)) && [[ -n $got ]]; then
    fail "$file: the content is not what $LOCK_FILE pins
  expected sha256 $hash
  got      sha256 $got"
  fi
  if ((status != 0)) || [[ ! -f $to/$file ]]; then
    REASON="$file ($requirement) cannot be had: $(tail_of_log "$log")"
    return 1
  fi
  check_hash "$to/$file" "$hash" "$file"
  mkdir -p "$folder"
  mv -f "$to/$file" "$folder/$file"
  rm -rf "$to"
  say "  $file: $(megabytes "$size"), $(elapsed_since "$started")"
}
