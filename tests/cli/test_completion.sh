#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Completion offers what the programs take, and nothing else.
set -u
[ -x "$BUILD_DIR/bin/ceremony" ] || { echo "SKIPPED: ceremony is not built"; exit 77; }
# shellcheck disable=SC1091
. "$SOURCE_DIR/scripts/completion/ceremony.bash"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
mkdir site-of-today
touch script.yaml
faults=0
checks=0

# offers WANTED PROGRAM WORD...: the last word is completed.
offers() {
    wanted=$1
    shift
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _ceremony "$BUILD_DIR/bin/$1"
    checks=$((checks + 1))
    got=$(printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' ')
    if [ "$got" != "$wanted " ]; then
        echo "FAULT: $*: offers \"$got\", wanted \"$wanted\"" >&2
        faults=$((faults + 1))
    fi
}

offers "resume run" ceremony r
offers "approve" ceremony ap
offers "--evidence" ceremony run --ev
offers "--answers" ceremony resume evidence --a
offers "--approver" ceremony approve --a
offers "site-of-today" ceremony run script.yaml --site s
offers "script.yaml" ceremony check sc
offers "verify" ceremony-audit v
offers "--trust" ceremony-audit verify evidence --t
offers "recover" slip39 re

echo "$checks checks, $faults faults"
[ "$faults" -eq 0 ]
