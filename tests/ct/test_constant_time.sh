#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The core of the sharing, with all secrets marked undefined, under memcheck: gcc and clang, -O0 to -O3.
# No report may come; from the same thing done with a table, one must.
set -eu
for tool in valgrind gcc clang; do
    if ! command -v "$tool" >/dev/null; then
        echo "SKIPPED: $tool is not installed; constant time was NOT examined" >&2
        exit 77
    fi
done
if [ ! -e /usr/include/valgrind/memcheck.h ]; then
    echo "SKIPPED: valgrind's headers are not installed; constant time was NOT examined" >&2
    exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
faults=0
for compiler in gcc clang; do
    for level in -O0 -O1 -O2 -O3; do
        "$compiler" -std=gnu17 -gdwarf-4 "$level" -I"$SOURCE_DIR" -o "$folder/program" \
            "$SOURCE_DIR/tests/ct/constant_time.c" "$SOURCE_DIR/shamir/shamir_core.c"
        if ! valgrind -q --error-exitcode=9 "$folder/program" >"$folder/out" 2>&1; then
            echo "$compiler $level: time depends on a secret:" >&2
            cat "$folder/out" >&2
            faults=1
        fi
        status=0
        valgrind -q --error-exitcode=9 "$folder/program" broken >"$folder/out" 2>&1 || status=$?
        if [ "$status" -ne 9 ]; then
            echo "$compiler $level: the table was not noticed, so this test sees nothing" >&2
            faults=1
        fi
        echo "$compiler $level examined"
    done
done
exit $faults
