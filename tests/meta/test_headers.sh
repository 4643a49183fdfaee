#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every header compiles alone, with each compiler that is there. A *_rows.h is no header but the rows of a table,
# which its one user gives a meaning.
set -eu
cd "$SOURCE_DIR"
flags=$(pkg-config --cflags p11-kit-1 libcrypto jansson libfyaml sqlite3 panelw ncursesw 2>/dev/null || true)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=0
headers=0
compilers=
for compiler in gcc clang; do
    command -v "$compiler" >/dev/null || continue
    compilers="$compilers $compiler"
    # A header that leans on another's must be noticed, or the rest of this says nothing.
    echo 'size_t leaning(uint8_t byte);' >"$work/leaning.h"
    echo '#include "leaning.h"' >"$work/alone.c"
    if "$compiler" -std=gnu17 -fsyntax-only -I"$work" "$work/alone.c" 2>/dev/null; then
        echo "$compiler: a header that cannot stand alone was not noticed" >&2
        exit 1
    fi
    for header in $(find ceremony shamir p11 transcripts tests -name '*.h' ! -name '*_rows.h' | LC_ALL=C sort); do
        headers=$((headers + 1))
        printf '#include "%s"\n#include "%s"\n' "$header" "$header" >"$work/alone.c"
        # shellcheck disable=SC2086
        if ! "$compiler" -std=gnu17 -D_GNU_SOURCE -DTEST_SOURCE_DIR='""' \
            -DTEST_BINARY_DIR='""' -fsyntax-only -Wall -Wextra -Werror -Wno-unused-function \
            -Wno-unused-const-variable -I. $flags "$work/alone.c" 2>"$work/said"; then
            echo "$header does not compile alone ($compiler):" >&2
            head -n 5 "$work/said" >&2
            faults=$((faults + 1))
        fi
    done
done
[ -n "$compilers" ] || {
    echo "SKIPPED: neither gcc nor clang is installed; headers were NOT examined" >&2
    exit 77
}
echo "$headers headers with$compilers, $faults faults"
[ "$faults" -eq 0 ] && [ "$headers" -ge 50 ]
