#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The slip39 program as a person at a shell meets it: help, usage errors, exit status, round trips.
set -u
slip39=$BUILD_DIR/bin/slip39
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
faults=0
checks=0
secret=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f

fail() {
    echo "FAULT: $*" >&2
    faults=$((faults + 1))
}

# expect STATUS WORDS COMMAND...: status, and that stderr says WORDS; stdin is the file "in".
expect() {
    status=$1 words=$2
    shift 2
    checks=$((checks + 1))
    got=0
    "$@" <in >out 2>err || got=$?
    [ "$got" -eq "$status" ] || fail "$*: status $got, wanted $status: $(cat err)"
    [ -z "$words" ] || grep -qF -- "$words" err || fail "$*: does not say \"$words\": $(cat err)"
    [ "$status" -eq 0 ] || [ ! -s out ] || fail "$*: refused, but wrote to stdout"
    if [ "$status" -eq 2 ]; then
        [ "$(wc -l <err)" -eq 2 ] || fail "$*: a usage error is two lines: $(cat err)"
    fi
}

: >in
for arguments in "--help" "split --help" "recover --help"; do
    # shellcheck disable=SC2086
    "$slip39" $arguments >out 2>err || fail "$arguments: status $?"
    checks=$((checks + 1))
    if [ ! -s out ] || [ -s err ]; then fail "$arguments: help goes to stdout"; fi
    for command in split combine recover check; do
        grep -q "^slip39 $command" out || fail "help does not name $command"
    done
done
"$slip39" --version | grep -Eq '^slip39 [0-9]+\.[0-9]+\.[0-9]+$' || fail "--version"

expect 2 "a command is needed" "$slip39"
expect 2 "unknown command \"splitt\"" "$slip39" splitt
expect 2 "unknown option \"--treshold\"; did you mean \"--threshold\"?" "$slip39" split --treshold 2
expect 2 "needs a value" "$slip39" split --threshold
expect 2 "needs a value" "$slip39" split --threshold --shares 3
expect 2 "is given twice" "$slip39" split --threshold 2 --threshold 3 --shares 3
expect 2 "takes no value" "$slip39" split --threshold 2 --shares 3 --extendable=yes
expect 2 "are needed" "$slip39" split --threshold 2
expect 2 "are needed together" "$slip39" split --group 2/3
expect 2 "do not go with groups" "$slip39" split --group-threshold 1 --group 2/3 --threshold 2
for number in 0 17 two -1 2x 0x2 99999999999; do
    expect 2 "" "$slip39" split "--threshold=$number" --shares 3
done
for group in 2 2/ /3 2/17 2/3/4 2-3; do
    expect 2 "--group" "$slip39" split --group-threshold 1 --group "$group"
done
expect 2 "one word too many" "$slip39" split --threshold 2 --shares 3 file
expect 2 "one word too many" "$slip39" combine one two
expect 2 "is not what \"--kcv\" takes" "$slip39" combine --kcv 12
expect 2 "unknown option" "$slip39" check --verbose
expect 2 "option \"--blob\" is needed" "$slip39" recover
expect 2 "option \"--output\" is needed" "$slip39" recover --blob b --kcv 0011223344556677 --spki 00

expect 1 "there is no secret" "$slip39" split --threshold 2 --shares 3
expect 1 "there is no share" "$slip39" combine
expect 1 "there is no share" "$slip39" check
expect 1 "could not be opened" "$slip39" combine missing
echo "$secret" >in
expect 1 "4 of 3 shares" "$slip39" split --threshold 4 --shares 3
expect 1 "all be the same" "$slip39" split --threshold 1 --shares 3
expect 1 "a single share" "$slip39" split --threshold 1 --shares 1
expect 1 "2 of 1 groups" "$slip39" split --group-threshold 2 --group 2/3
echo "${secret}0" >in
expect 1 "an even number" "$slip39" split --threshold 2 --shares 3
echo "0g0102030405060708090a0b0c0d0e0f" >in
expect 1 "character 2 of the secret" "$slip39" split --threshold 2 --shares 3
echo "0001020304" >in
expect 1 "the secret has 5 bytes" "$slip39" split --threshold 2 --shares 3
printf '%s\n%s\n' "$secret" "$secret" >in
expect 1 "more than one line" "$slip39" split --threshold 2 --shares 3
head -c 5000 /dev/zero | tr '\0' a >in
expect 1 "longer than" "$slip39" split --threshold 2 --shares 3

# round OPTIONS -- LINES: split with the options, combine those lines, compare.
round() {
    options=$1 lines=$2 pass=$3
    checks=$((checks + 1))
    # shellcheck disable=SC2086
    echo "$secret" | "$slip39" split $options $pass >shares || fail "split $options"
    # shellcheck disable=SC2086
    found=$(sed -n "$lines" shares | "$slip39" combine $pass) || fail "combine $options"
    [ "$found" = "$secret" ] || fail "split $options | combine: $found"
}
printf 'correct horse\n' >passphrase
for pass in "" "--passphrase-file passphrase"; do
    round "--threshold 2 --shares 3" "1p;3p" "$pass"
    round "--threshold 16 --shares 16 --extendable" "p" "$pass"
    round "--group-threshold 2 --group 2/3 --group 3/5 --group 1/1" "2,3p;9p" "$pass"
    round "--group-threshold 2 --group 2/3 3/5 1/1" "4,6p;9p" "$pass"
done

echo "$secret" | "$slip39" split --threshold 2 --shares 3 >shares
cp shares in
expect 0 "" "$slip39" check
[ "$(grep -c 'group 1 (1 of 1 groups needed), share . (2 of the group needed), 33 words' out)" -eq 3 ] \
    || fail "check does not tell what there is: $(cat out)"
for word in $(tr ' ' '\n' <shares | sort -u); do
    case $word in
    group) continue ;; # also a word of ours
    esac
    grep -qw "$word" out && fail "check shows the word $word"
done
expect 1 "one too many" "$slip39" combine
sed -n 1p shares >in
expect 1 "shares are missing: group 1 needs 2 shares and has 1" "$slip39" combine
sed -n '1p;1p' shares >in
expect 1 "line 2: share 1 of group 1 is there already" "$slip39" combine
sed -n 2p shares | sed 's/[a-z]*$/zebra/' >in
expect 1 "line 1: word 33 is not in the word list" "$slip39" combine
sed -n '1,2p' shares >in
expect 0 "" "$slip39" combine --kcv 377822c09348ad3b
expect 1 "the check value does not fit" "$slip39" combine --kcv 377822c09348ad3c
echo "wrong" >other
expect 1 "the check value does not fit" "$slip39" combine --kcv 377822c09348ad3b --passphrase-file other
expect 0 "" "$slip39" combine --passphrase-file other
[ "$(cat out)" != "$secret" ] || fail "a passphrase changes nothing"
{ sed -n 1p shares; echo; sed -n 2p shares | tr '[:lower:]' '[:upper:]' | sed 's/ /  /g'; } >in
expect 0 "" "$slip39" combine
{ sed -n 1p shares; echo "abc def"; } >in
"$slip39" check <in >out 2>err && fail "check takes a share that is none"
grep -q "^line 2: words 1 and 2 are not in the word list" out || fail "check: $(cat out)"

# Nothing but libc and libcrypto.
needed=$(readelf -d "$slip39" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | grep -Ev '^(libc\.so|libcrypto\.so|ld-linux|libasan|libubsan|libm\.so|libgcc_s)')
[ -z "$needed" ] || fail "needs more than libcrypto: $needed"

echo "$checks checks, $faults faults"
[ "$faults" -eq 0 ]
