#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# No program runs that could not close itself to others first: each call by which it does is refused once. And no program
# says that it did what it could not write.
set -u
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
faults=0
checks=0

fail() {
    echo "FAULT: $*" >&2
    faults=$((faults + 1))
}

# expect WORDS COMMAND...: the program fails, says WORDS, and says nothing else on standard output.
expect() {
    words=$1
    shift
    checks=$((checks + 1))
    got=0
    "$@" >"$folder/out" 2>"$folder/err" </dev/null || got=$?
    if [ "$got" -eq 0 ] || [ "$got" -gt 5 ]; then fail "$*: status $got"; fi
    grep -qiF -- "$words" "$folder/err" || fail "$*: does not say \"$words\": $(cat "$folder/err")"
    [ ! -s "$folder/out" ] || fail "$*: went on: $(cat "$folder/out")"
}

refuse() { # WHAT PROGRAM ARGUMENTS...
    what=$1
    shift
    env LD_PRELOAD="$BUILD_DIR/tests/refuse_module.so" REFUSE="$what" "$@"
}

for program in ceremony ceremony-audit slip39; do
    refuse nothing "$BUILD_DIR/bin/$program" --version >"$folder/out" || fail "$program does not run with the library"
    expect "core files could not be switched off" refuse core "$BUILD_DIR/bin/$program" --version
    expect "could not be closed to other programs" refuse dumpable "$BUILD_DIR/bin/$program" --version
    expect "new privileges could not be forbidden" refuse privileges "$BUILD_DIR/bin/$program" --version
done
for program in ceremony slip39; do # the auditor's program has no secrets
    expect "memory for secrets" refuse memory "$BUILD_DIR/bin/$program" --version
done

# A full disk.
for arguments in --help --version; do
    checks=$((checks + 1))
    for program in ceremony ceremony-audit slip39; do
        got=0
        "$BUILD_DIR/bin/$program" $arguments >/dev/full 2>"$folder/err" || got=$?
        [ "$got" -eq 1 ] || fail "$program $arguments on a full disk: status $got"
    done
done

echo "$checks checks, $faults faults"
[ "$faults" -eq 0 ] && [ "$checks" -ge 12 ]
