#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# ceremony-audit as a person at a shell meets it: help, usage errors, exit status, lint on the vectors.
set -u
audit=$BUILD_DIR/bin/ceremony-audit
vectors=$SOURCE_DIR/tests/vectors
[ -x "$audit" ] || { echo "SKIPPED: $audit is not built"; exit 77; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
faults=0
checks=0

fail() {
    echo "FAULT: $*" >&2
    faults=$((faults + 1))
}

# expect STATUS WORDS COMMAND...: status, and that stderr says WORDS.
expect() {
    status=$1 words=$2
    shift 2
    checks=$((checks + 1))
    got=0
    "$@" </dev/null >out 2>err || got=$?
    [ "$got" -eq "$status" ] || fail "$*: status $got, wanted $status: $(cat err)"
    [ -z "$words" ] || grep -qF -- "$words" err || fail "$*: does not say \"$words\": $(cat err)"
    if [ "$status" -eq 2 ]; then
        [ "$(wc -l <err)" -eq 2 ] || fail "$*: a usage error is two lines: $(cat err)"
        [ ! -s out ] || fail "$*: a usage error wrote to stdout"
    fi
}

commands="verify show compare extract report lint"
for arguments in "--help" "help" "-h"; do
    expect 0 "" "$audit" "$arguments"
    [ ! -s err ] || fail "$arguments: help goes to stdout"
    for command in $commands; do
        grep -q "^  $command " out || fail "help does not name $command"
    done
done
for command in $commands; do
    expect 0 "" "$audit" "$command" --help
    grep -q "^usage: ceremony-audit $command " out || fail "$command --help"
    [ "$(awk 'length > 80' out | wc -l)" -eq 0 ] || fail "$command --help is wider than 80"
done
"$audit" --version | grep -Eq '^ceremony-audit [0-9]+\.[0-9]+\.[0-9]+' || fail "--version"

expect 2 "a command is missing" "$audit"
expect 2 "unknown command \"verfy\"" "$audit" verfy
grep -q 'Did you mean "verify"' err || fail "no advice for verfy"
expect 2 "a word is missing" "$audit" verify
expect 2 "unknown option \"--thrust\"" "$audit" verify x --thrust y
expect 2 "wants a value" "$audit" verify x --trust
expect 2 "is given twice" "$audit" verify x --json --json
expect 2 "unexpected word \"b\"" "$audit" show a b
expect 2 "a word is missing" "$audit" compare a

expect 1 "no evidence folder" "$audit" verify nothing
expect 1 "no evidence folder" "$audit" show nothing
expect 1 "no evidence folder" "$audit" report --ceremony nothing
expect 2 "is of one folder" "$audit" report --ceremony a b
expect 2 "for paper only" "$audit" report --ceremony a --json
expect 1 "" "$audit" lint nothing
mkdir empty
expect 4 "" "$audit" verify empty
head -n 1 out | grep -q '^FAULT: ' || fail "the verdict does not stand first"
grep -q "SHA256SUMS" out || fail "an empty folder: the sums are not named"
printf 'no trust\n' >trust
expect 1 "ine 1 of the trust file" "$audit" verify empty --trust trust
expect 4 "" "$audit" verify empty empty
expect 1 "" "$audit" extract empty empty

# Lint: nothing that is right is called wrong, nothing that is wrong passes.
for file in "$vectors"/x509test/ok-*.der; do
    expect 0 "" "$audit" lint "$file"
done
for file in "$vectors"/x509test/xf-*.der; do
    case $file in # its issuer's certificate is not among the vectors: nothing in the file is wrong
    */xf-ext-auth-keyid-serial-mismatch.der) continue ;;
    esac
    expect 4 "" "$audit" lint --issuer "$vectors/x509test/_issuer.der" "$file"
done
for file in "$vectors"/crl/ok-*.der; do
    expect 0 "" "$audit" lint --issuer "$vectors/crl/_issuer.der" "$file"
done
for file in "$vectors"/crl/xf-*.der; do
    expect 4 "" "$audit" lint --issuer "$vectors/crl/_issuer.der" "$file"
done
expect 4 "" "$audit" lint --json "$vectors"/x509test/xf-d*.der
python3 -c 'import json,sys; rows=json.load(open("out")); sys.exit(not all(r["faults"] for r in rows))' \
    || fail "lint --json"
expect 0 "" "$audit" lint "$vectors/x509test/ok-ca.der"
openssl x509 -inform DER -in "$vectors/x509test/ok-ca.der" -out ca.pem
expect 0 "" "$audit" lint ca.pem
head -c 300 /dev/urandom >noise
expect 4 "" "$audit" lint noise

echo "$checks checks, $faults faults"
[ "$faults" -eq 0 ]
