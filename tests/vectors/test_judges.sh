#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Roots and CRLs of every key type, judged by OpenSSL's, GnuTLS's and Go's programs.
set -euo pipefail

program=$BUILD_DIR/tests/unit_pki_test_build
if [[ ! -x $program ]]; then
    echo "SKIPPED: $program is not built"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
JUDGES_DIR=$work "$program" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
shopt -s nullglob
roots=("$work"/*.root.pem)
[[ ${#roots[@]} -eq 7 ]] || { echo "expected 7 roots, found ${#roots[@]}"; exit 1; }

for root in "${roots[@]}"; do
    base=${root%.root.pem}
    type=$(basename "$base")
    openssl verify -x509_strict -check_ss_sig -CAfile "$root" "$root" > /dev/null
    for crl in "$base.empty.pem" "$base.full.pem"; do
        openssl crl -in "$crl" -CAfile "$root" -noout 2>&1 | grep -q "verify OK" \
            || { echo "openssl refuses $crl"; exit 1; }
    done
    [[ $(openssl crl -in "$base.full.pem" -noout -text | grep -c "Serial Number:") -eq 3 ]]
    openssl crl -in "$base.empty.pem" -noout -text | grep -q "No Revoked Certificates"
    echo "openssl: $type"
done

openssl verify -x509_strict -CAfile "$work/all.issuer.pem" "$work/all.extensions.pem" > /dev/null
echo "openssl: a child with every extension"

if command -v certtool > /dev/null; then
    for root in "${roots[@]}"; do
        base=${root%.root.pem}
        certtool --verify --load-ca-certificate "$root" \
            --infile "$root" > "$work/out" 2>&1 || { cat "$work/out"; exit 1; }
        grep -q "Chain verification output: Verified" "$work/out"
        for crl in "$base.empty.pem" "$base.full.pem"; do
            certtool --verify-crl --load-ca-certificate "$root" --infile "$crl" > "$work/out" 2>&1 \
                || { cat "$work/out"; exit 1; }
            grep -q "Verification output: Verified" "$work/out" || { cat "$work/out"; exit 1; }
        done
        echo "certtool: $(basename "$base")"
    done
else
    echo "SKIPPED: certtool is not installed"
fi

if ! command -v go > /dev/null; then
    echo "SKIPPED: go is not installed, its judgement is missing"
    exit 77
fi
export GO111MODULE=off GOFLAGS=-mod=mod GOCACHE=$work/gocache GOPATH=$work/gopath GOPROXY=off
(cd "$SOURCE_DIR/tests/support/go/x509check" && go build -o "$work/x509check" main.go)
for root in "${roots[@]}"; do
    base=${root%.root.pem}
    "$work/x509check" "$root" "$base.empty.pem" "$base.full.pem" > "$work/out"
    grep -q "full.pem: number 2, 3 revoked" "$work/out"
    echo "go: $(basename "$base")"
done
