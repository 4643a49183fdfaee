#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# slip39 recover against blobs that stock openssl made, with 0 to 7 zero bytes after the key (as tokens
# leave them), and each thing that can be wrong.
set -u
slip39=$BUILD_DIR/bin/slip39
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
faults=0
checks=0

fail() {
    echo "FAULT: $*" >&2
    faults=$((faults + 1))
}

kek=$(openssl rand -hex 32)
kcv=$(head -c 16 /dev/zero | openssl mac -cipher AES-256-CBC -macopt "hexkey:$kek" -in - CMAC | tr A-F a-f | cut -c 1-16)
echo "$kek" | "$slip39" split --threshold 2 --shares 3 >shares || fail "split"
sed -n '1p;3p' shares >enough

wrap() { # plain blob
    openssl enc -id-aes256-wrap-pad -K "$kek" -iv A65959A6 -in "$1" -out "$2"
}

for kind in "EC -pkeyopt ec_paramgen_curve:P-384" "RSA -pkeyopt rsa_keygen_bits:2048" "ED25519"; do
    # shellcheck disable=SC2086
    openssl genpkey -algorithm $kind -outform DER -out traditional 2>/dev/null
    openssl pkcs8 -topk8 -nocrypt -inform DER -in traditional -outform DER -out key.p8
    spki=$(openssl pkey -inform DER -in key.p8 -pubout -outform DER | sha256sum | cut -d ' ' -f 1)
    for zeros in 0 1 2 3 4 5 6 7; do
        checks=$((checks + 1))
        { cat key.p8; head -c "$zeros" /dev/zero; } >plain
        wrap plain blob
        rm -f out.p8
        "$slip39" recover --blob blob --kcv "$kcv" --spki "$spki" --output out.p8 <enough >out 2>err \
            || fail "$kind, $zeros zeros: $(cat err)"
        cmp -s key.p8 out.p8 || fail "$kind, $zeros zeros: another key comes out"
        [ "$(stat -c %a out.p8)" = 600 ] || fail "mode $(stat -c %a out.p8)"
        [ ! -s out ] || fail "recover writes to stdout"
    done
done

# refused WORDS [OPTION VALUE]...: status 1, WORDS said, nothing written.
refused() {
    words=$1
    shift
    checks=$((checks + 1))
    rm -f out.p8
    status=0
    "$slip39" recover --output out.p8 "$@" <in >out 2>err || status=$?
    [ "$status" -eq 1 ] || fail "\"$words\": status $status: $(cat err)"
    grep -qF -- "$words" err || fail "does not say \"$words\": $(cat err)"
    [ ! -e out.p8 ] || fail "\"$words\": a file was written"
    grep -q "$folder" err && fail "a path of the machine is shown: $(cat err)"
}
cp key.p8 plain
wrap plain blob
cp enough in
refused "the check value does not fit" --blob blob --kcv 0000000000000000 --spki "$spki"
refused "another public key" --blob blob --kcv "$kcv" --spki "$(printf %064d 0)"
refused "could not be" --blob missing --kcv "$kcv" --spki "$spki"
{ cat key.p8; head -c 8 /dev/zero; } >plain
wrap plain long
refused "is not a private key" --blob long --kcv "$kcv" --spki "$spki"
{ cat key.p8; printf '\0\1'; } >plain
wrap plain odd
refused "something other than zeros" --blob odd --kcv "$kcv" --spki "$spki"
printf 'x' | dd of=blob bs=1 seek=20 conv=notrunc 2>/dev/null
refused "does not open" --blob blob --kcv "$kcv" --spki "$spki"
head -c 17 /dev/urandom >short
refused "no wrapped key" --blob short --kcv "$kcv" --spki "$spki"
: >empty
refused "0 bytes" --blob empty --kcv "$kcv" --spki "$spki"
sed -n 1p shares >in
refused "shares are missing" --blob blob --kcv "$kcv" --spki "$spki"

checks=$((checks + 1))
cp enough in
echo before >there
"$slip39" recover --output there --blob long --kcv "$kcv" --spki "$spki" <in >out 2>err && fail "overwrites"
grep -q "is there already" err || fail "existing output: $(cat err)"
[ "$(cat there)" = before ] || fail "an existing file was changed"

echo "$checks checks, $faults faults"
[ "$faults" -eq 0 ]
