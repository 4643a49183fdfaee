#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Chains of two, three and four levels, one for each profile of scripts/profiles, judged by OpenSSL's,
# GnuTLS's and Go's programs (R37 - R46).
set -euo pipefail

program=$BUILD_DIR/tests/unit_engine_test_profiles
if [[ ! -x $program ]]; then
    echo "SKIPPED: $program is not built"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
JUDGES_DIR=$work "$program" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
shopt -s nullglob
purposes=("$work"/*.purpose)
[[ ${#purposes[@]} -ge 39 ]] || { echo "expected 39 chains or more, found ${#purposes[@]}"; exit 1; }

levels=""
for purpose in "${purposes[@]}"; do
    base=${purpose%.purpose}
    name=$(basename "$base")
    options=(-x509_strict -check_ss_sig -purpose "$(cat "$purpose")" -CAfile "$base.root")
    [[ -s $base.chain ]] && options+=(-untrusted "$base.chain")
    openssl verify "${options[@]}" "$base.pem" > "$work/out" 2>&1 \
        || { echo "openssl refuses $name"; cat "$work/out"; exit 1; }
    between=$(grep -c "BEGIN CERTIFICATE" "$base.chain" || true)
    levels+=" $((between + $(cmp -s "$base.pem" "$base.root" && echo 1 || echo 2)))"
done
for level in 1 2 3 4; do
    [[ $levels == *" $level"* ]] || { echo "no chain of $level levels"; exit 1; }
done
echo "openssl: ${#purposes[@]} chains"

# What a name constraint forbids, another program forbids, too.
openssl verify -CAfile "$work/outside.root" -untrusted "$work/outside.chain" "$work/outside.pem" \
    > "$work/out" 2>&1 && { echo "openssl lets a name outside the constraints through"; exit 1; }
grep -q "permitted subtree violation" "$work/out"
echo "openssl: a name outside the constraints is refused"

if command -v certtool > /dev/null; then
    for purpose in "${purposes[@]}"; do
        base=${purpose%.purpose}
        cat "$base.pem" "$base.chain" > "$work/presented"
        certtool --verify --load-ca-certificate "$base.root" --infile "$work/presented" \
            > "$work/out" 2>&1 || { echo "certtool refuses $(basename "$base")"; cat "$work/out"; exit 1; }
        grep -q "Chain verification output: Verified" "$work/out"
    done
    echo "certtool: ${#purposes[@]} chains"
else
    echo "SKIPPED: certtool is not installed"
fi

if ! command -v go > /dev/null; then
    echo "SKIPPED: go is not installed, its judgement is missing"
    exit 77
fi
export GO111MODULE=off GOFLAGS=-mod=mod GOCACHE=$work/gocache GOPATH=$work/gopath GOPROXY=off
(cd "$SOURCE_DIR/tests/support/go/chaincheck" && go build -o "$work/chaincheck" main.go)
for purpose in "${purposes[@]}"; do
    base=${purpose%.purpose}
    "$work/chaincheck" "$base.root" "$base.chain" "$base.pem" > "$work/out" 2>&1 \
        || { echo "go refuses $(basename "$base")"; cat "$work/out"; exit 1; }
done
"$work/chaincheck" "$work/outside.root" "$work/outside.chain" "$work/outside.pem" > "$work/out" 2>&1 \
    && { echo "go lets a name outside the constraints through"; exit 1; }
grep -q "not permitted" "$work/out"
echo "go: ${#purposes[@]} chains"
