#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 What must not take longer for one secret than for another (sharing, the lookup
# of typed words, comparison), with all secrets marked undefined, under memcheck: gcc and clang, -O0 to -O3 and -Os.
# No report may come; from the same thing done with a table or a branch, one must.
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
cases=0
examine() { # COMPILER LEVEL PART WANTED
    status=0
    valgrind -q --error-exitcode=9 "$folder/program" "$3" >"$folder/out" 2>&1 || status=$?
    cases=$((cases + 1))
    [ "$status" -eq "$4" ] && return
    faults=$((faults + 1))
    if [ "$4" -eq 0 ]; then
        echo "$1 $2 $3: time depends on a secret (status $status):" >&2
        cat "$folder/out" >&2
    else
        echo "$1 $2 $3: it was not noticed, so this test sees nothing (status $status)" >&2
    fi
}
for compiler in gcc clang; do
    for level in -O0 -O1 -O2 -O3 -Os; do
        "$compiler" -std=gnu17 -D_GNU_SOURCE -gdwarf-4 "$level" -I"$SOURCE_DIR" -o "$folder/program" \
            "$SOURCE_DIR/tests/ct/constant_time.c" "$SOURCE_DIR/shamir/shamir_core.c" "$SOURCE_DIR/shamir/wordlist.c" \
            "$SOURCE_DIR/ceremony/base/words_find.c" "$SOURCE_DIR/ceremony/base/secret_compare.c"
        examine "$compiler" "$level" all 0
        for part in broken broken-word; do
            examine "$compiler" "$level" "$part" 9
        done
        echo "$compiler $level examined"
    done
done
echo "campaign: cases=$cases broken=$faults"
[ "$faults" -eq 0 ]
