# SPDX-License-Identifier: Apache-2.0
# Copyright 2026 The Bakeoff Authors
# Takes the wanted files out of the archives of one stanza and makes its folder in the cache.
# Its globals are written here and read in the other files that deps/setup.sh sources, or the other way round.
# shellcheck shell=bash disable=SC2034,SC2153

# The steps "take" that follow the file step number $2 of stanza $1, one per line.
takes_of_file() {
  local step index=0
  while IFS= read -r step; do
    if [[ $step == 'file '* ]]; then index=$((index + 1)); fi
    if ((index == $2)) && [[ $step == 'take '* ]]; then printf '%s\n' "${step#take }"; fi
  done <<<"${FIELD[$1.steps]}"
}

# unpack ARCHIVE TO TAKE...: only the wanted members are written to the disk.
unpack() {
  local archive=$1 to=$2 take
  local -a members=()
  shift 2
  for take in "$@"; do
    take=${take%% -> *}
    [[ $take == */ ]] && take+='*'
    members+=("$take")
  done
  mkdir -p "$to"
  case $archive in
    *.whl | *.jar | *.zip) unzip -q -o "$archive" "${members[@]}" -d "$to" ;;
    *.tar.gz | *.tgz) tar -xzf "$archive" -C "$to" --no-same-owner --wildcards "${members[@]}" ;;
    *.deb) dpkg-deb --fsys-tarfile "$archive" |
      tar -xf - -C "$to" --no-same-owner --wildcards "${members[@]/#/./}" ;;
    *) fail "$archive: no way to unpack this kind of file" ;;
  esac
}

# place FROM OUT TAKE: moves what one take names from the unpacked archive to its place in the new folder.
place() {
  local from=$1 out=$2 path=${3%% -> *} to='' pattern
  local -a found
  if [[ $3 == *' -> '* ]]; then to=${3##* -> }; fi
  if [[ $path == */ ]]; then
    [[ -n $to ]] || to=$path
    mkdir -p "$out/$to"
    cp -al "$from/$path." "$out/$to"
  else
    [[ -n $to ]] || { [[ $path == */* ]] && to=${path%/*}/ || to=./; }
    mkdir -p "$out/$to"
    pattern=$from/$path
    mapfile -t found < <(compgen -G "${pattern// /\\ }")
    ((${#found[@]})) || return 1
    cp -al "${found[@]}" "$out/$to"
  fi
}

# libX.so for every libX.so.N in a folder: packages for other languages leave these names out.
make_dev_links() {
  local library name
  for library in "$1"/lib*.so.*; do
    name=${library##*/}
    name=${name%%.so.*}.so
    if [[ ! -e $1/$name ]]; then ln -s "${library##*/}" "$1/$name"; fi
  done
}

# make_folder NAME TMP: runs the steps of a stanza in TMP/out. Returns 1, with REASON, when a file cannot be had.
make_folder() {
  local name=$1 tmp=$2 out=$2/out step kind rest index=0 file size
  local -a fields takes
  mkdir -p "$out"
  while IFS= read -r step; do
    [[ -n $step ]] || continue
    kind=${step%% *} rest=${step#* }
    case $kind in
      file)
        index=$((index + 1))
        read -ra fields <<<"$rest"
        fetch_file "$tmp" "${fields[@]}" || return 1
        size=${fields[2]} file=$CACHE/download/${fields[3]:0:16}/${fields[4]}
        mapfile -t takes < <(takes_of_file "$name" "$index")
        if ((${#takes[@]})); then
          unpack "$file" "$tmp/unpacked.$index" "${takes[@]}" ||
            fail "${fields[4]} ($(megabytes "$size")): cannot be unpacked (is the disk full?)"
        fi
        ;;
      take) place "$tmp/unpacked.$index" "$out" "$rest" ||
        fail "$LOCK_FILE: stanza \"$name\": ${fields[4]} has no $rest" ;;
      drop) find "$out" -path "$out/$rest" -prune -exec rm -rf {} + ;;
      link)
        mkdir -p "$(dirname "$out/${rest%% -> *}")"
        ln -s "${rest##* -> }" "$out/${rest%% -> *}"
        ;;
      dev-links) make_dev_links "$out/$rest" ;;
      rpath)
        # A library's own RUNPATH hides the program's: a wrong one cannot be mended when linking.
        command -v patchelf >/dev/null || install_packages patchelf
        find "$out/${rest%% -> *}" -type f -name '*.so*' -exec patchelf --set-rpath "${rest##* -> }" {} \; ;;
      build) "build_$rest" "$out" "$tmp" "$name" || return 1 ;;
    esac
  done <<<"${FIELD[$name.steps]}"
}

# The archives are of no use once the folder is there, but for what another missing item takes out of the same archive.
drop_downloads() {
  local step hash other wanted=
  [[ -z ${BAKEOFF_KEEP_DOWNLOADS:-} ]] || return 0
  for other in "${MISSING[@]}"; do
    if [[ $other != "$1" && ! -d ${FOLDER[$other]} && -z ${LEFT_OUT[$other]:-} ]]; then wanted+=${FIELD[$other.steps]}; fi
  done
  while IFS= read -r step; do
    if [[ $step == 'file '* ]]; then
      read -r _ _ _ _ hash _ <<<"$step"
      if [[ $wanted != *" $hash "* ]]; then rm -rf "$CACHE/download/${hash:0:16}"; fi
    fi
  done <<<"${FIELD[$1.steps]}"
}

# first_missing NAME FOLDER: prints the first file of the stanza's check lines that is not there.
first_missing() {
  local path
  for path in ${FIELD[$1.check]:-}; do
    if [[ ! -e $2/$path ]]; then
      printf '%s' "$path"
      return
    fi
  done
}

# can_install NAME: what is told before anything is downloaded. Returns 1 with REASON.
can_install() {
  local needed found wanted=${FIELD[$1.python]:-}
  for needed in ${FIELD[$1.needs]:-} ${FIELD[$1.build-needs]:-}; do
    if [[ ! -d ${FOLDER[$needed]:-} ]]; then
      REASON="it needs $needed, which is not there"
      return 1
    fi
  done
  [[ -n $wanted ]] || return 0
  found=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)
  if [[ $found != "$wanted" ]]; then
    REASON="its wheels are for Python $wanted, and $PYTHON is ${found:-not there} (BAKEOFF_PYTHON names another)"
    return 1
  fi
}

# discard_stale KEY: removes what killed set-ups left, for the holder of KEY's lock. A download client may have outlived its
# set-up and still write there: after the renaming it cannot, so the removal cannot lose the race against it.
discard_stale() {
  local left grave
  for left in "$CACHE/tmp/$1".*; do
    grave=$(mktemp -d "$CACHE/tmp/$1.stale.XXXXXX") || return 0
    mv -T "$left" "$grave" 2>/dev/null || true
    rm -rf "$grave" 2>/dev/null || true
  done
}

# install_item NAME: makes the folder of a stanza, once, however many set-ups run. Returns 1, with REASON, when it cannot be had.
install_item() {
  local name=$1 folder=${FOLDER[$1]} key=${FOLDER[$1]##*/} started=$EPOCHREALTIME tmp missing status=0
  can_install "$name" || return 1
  mkdir -p "$CACHE"/{pkg,lock,tmp,download}
  exec 9>"$CACHE/lock/$key"
  if ! flock -n 9; then
    say "$name: another set-up is at it, waiting"
    flock 9
  fi
  if [[ ! -d $folder ]]; then
    discard_stale "$key"
    TMP=$(mktemp -d "$CACHE/tmp/$key.XXXXXX")
    tmp=$TMP
    make_folder "$name" "$tmp" || status=1
    if ((status == 0)); then
      missing=$(first_missing "$name" "$tmp/out")
      [[ -z $missing ]] || fail "$LOCK_FILE: stanza \"$name\": the finished folder has no $missing"
      # No set-up ever sees a folder that is not complete.
      mv -T "$tmp/out" "$folder"
      drop_downloads "$name"
      say "$name ${FIELD[$name.version]}: ready, $(elapsed_since "$started")"
    fi
    rm -rf "$tmp"
    TMP=
  fi
  exec 9>&-
  return "$status"
}
