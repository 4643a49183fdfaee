#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The ceremony program as a person at a shell meets it: help, usage errors, refusals before anything is touched.
set -u
ceremony=$BUILD_DIR/bin/ceremony
script=$SOURCE_DIR/scripts/root-ca.yaml
[ -x "$ceremony" ] || { echo "SKIPPED: $ceremony is not built"; exit 77; }
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
        head -n 1 err | grep -q '^ceremony: ' || fail "$*: the first line does not name the program"
    fi
}

# advises WORDS: the second line of the last usage error.
advises() {
    sed -n 2p err | grep -qF -- "$1" || fail "no advice \"$1\": $(cat err)"
}

# help
for word in --help -h help; do
    expect 0 "" "$ceremony" $word
    [ ! -s err ] || fail "$word: help goes to stdout"
done
commands=$(sed -n 's/^  \([a-z][a-z]*\) .*/\1/p' out)
[ -n "$commands" ] || fail "help names no command"
[ "$(awk 'length > 80' out | wc -l)" -eq 0 ] || fail "help is wider than 80"
for command in check approve run resume abort print tokens; do
    echo "$commands" | grep -qx "$command" || fail "help does not name $command"
done
for command in $commands; do
    for word in --help -h; do
        expect 0 "" "$ceremony" "$command" $word
        [ ! -s err ] || fail "$command $word: help goes to stdout"
        grep -q "^usage: ceremony $command" out || fail "$command $word says: $(head -n 1 out)"
        [ "$(awk 'length > 100' out | wc -l)" -eq 0 ] || fail "$command $word is wider than 100"
    done
    # Help is given whatever else stands there, and nothing is done.
    expect 0 "" "$ceremony" "$command" nothing --help
    expect 2 'unknown option "--nonsense"' "$ceremony" "$command" --nonsense
    advises "--help"
done
expect 0 "" "$ceremony" --version
grep -Eq '^ceremony [0-9]+\.[0-9]+\.[0-9]+ ' out || fail "--version: $(cat out)"

# words
expect 2 "a command is missing" "$ceremony"
expect 2 'unknown command "chekc"' "$ceremony" chekc
advises 'Did you mean "check"?'
expect 2 'unknown command "zzzzzzzz"' "$ceremony" zzzzzzzz
advises "ceremony --help"
expect 2 "a word is missing" "$ceremony" check --site site
advises "ceremony check SCRIPT --site DIR"
expect 2 'unexpected word "more"' "$ceremony" check "$script" more --site site
advises "ceremony check SCRIPT"
expect 2 'unknown option "--stie"' "$ceremony" check "$script" --stie site
advises "Did you mean --site?"
expect 2 'unknown option "--evidnce"' "$ceremony" run "$script" --evidnce e
advises "Did you mean --evidence?"
expect 2 "--site wants a value" "$ceremony" check "$script" --site
expect 2 "--site is given twice" "$ceremony" check "$script" --site a --site b

# what is needed
expect 2 "--site DIR is missing" "$ceremony" check "$script"
expect 2 "--evidence DIR is missing" "$ceremony" run "$script" --site site
expect 2 "--site DIR is missing" "$ceremony" run "$script" --evidence evidence
expect 2 "--output FILE is missing" "$ceremony" print "$script"
expect 2 "one of --site and --module is wanted" "$ceremony" tokens
expect 2 "one of --site and --module is wanted" "$ceremony" tokens --site s --module m
for missing in approver role date document; do
    set --
    for given in approver role date document; do
        [ "$given" = "$missing" ] || set -- "$@" "--$given" 2026-11-20
    done
    expect 2 "--$missing is missing" "$ceremony" approve "$script" --site site "$@"
done

# refusals: a sentence, and nothing is made
refused() {
    words=$1
    shift
    expect 1 "$words" "$@"
    [ ! -e evidence ] || fail "$*: left an evidence folder"
}
refused "" "$ceremony" check "$script" --site nowhere
refused "" "$ceremony" check nothing.yaml --site nowhere
echo "schema: 2" >bad.yaml
"$ceremony" check bad.yaml --site nowhere 2>&1 | grep -q "^bad.yaml:" || fail "the name of a file was changed"
"$ceremony" check bad.yaml --site nowhere 2>&1 | grep -q "^Bad.yaml" && fail "the name of a file was made a sentence"
refused "" "$ceremony" run "$script" --site nowhere --evidence evidence
refused "is not an evidence folder" "$ceremony" resume nothing --site nowhere
refused "is not an evidence folder" "$ceremony" abort nothing --site nowhere
refused "nly text can be printed" "$ceremony" print "$script" --output booklet.pdf
[ ! -e booklet.pdf ] || fail "print made the file that it refused"
expect 0 "" "$ceremony" print "$script" --output booklet.txt
grep -q "SHARE FORM" booklet.txt || fail "the booklet has no share form"
grep -q "RECOVERY CARD" booklet.txt || fail "the booklet has no recovery card"
expect 1 "" "$ceremony" print "$script" --output booklet.txt
[ -s err ] || fail "a refusal without a sentence"

# a site folder, if SoftHSM is there to fill it
if "$SOURCE_DIR/scripts/dev/make-site" root-ca "$folder/work" 2>/dev/null; then
    site=$folder/work/site
    expect 0 "" "$ceremony" check "$script" --site "$site"
    [ "$(cat out)" = ready ] || fail "check says: $(cat out)"
    expect 2 "--set wants NAME=VALUE" "$ceremony" check "$script" --site "$site" --set no-equals
    expect 1 "" "$ceremony" check "$script" --site "$site" --set no-such=x
    expect 0 "" "$ceremony" tokens --site "$site"
    grep -q "blank token" out || fail "tokens does not list the blank token: $(cat out)"
    expect 0 "" "$ceremony" approve "$script" --site "$site" --approver A --role R \
        --date 2026-11-20 --document D
    [ -s "$site/approval.yaml" ] || fail "approve wrote nothing"
    hash=$(sha256sum <"$site/approval.yaml" | cut -d' ' -f1)
    grep -q "$hash" out || fail "approve does not print the hash of what it wrote"
    expect 0 "" "$ceremony" check "$script" --site "$site"
    expect 1 "arameters come from the approval alone" \
        "$ceremony" check "$script" --site "$site" --set root-name=X
    printf '# one line more\n' >>"$site/roster.yaml"
    expect 1 "" "$ceremony" check "$script" --site "$site"
    # closed descriptors: what is printed must not go into the file that is opened next
    work=$folder/closed
    "$SOURCE_DIR/scripts/dev/make-site" root-ca "$work"
    answers=$SOURCE_DIR/scripts/root-ca.answers.yaml
    for closed in 1 2 12 012; do
        checks=$((checks + 1))
        (
            case $closed in *0*) exec 0<&- ;; esac
            case $closed in *1*) exec 1>&- ;; esac
            case $closed in *2*) exec 2>&- ;; esac
            exec "$ceremony" run "$script" --site "$work/site" --evidence "$work/evidence-$closed" --headless \
                --answers "$answers" --verbose
        ) >/dev/null 2>/dev/null
        [ "$(head -c 15 "$work/site/ledger.db" 2>/dev/null)" = "SQLite format 3" ] \
            || fail "descriptors $closed closed: the ledger is $(head -c 15 "$work/site/ledger.db")"
        rm -rf "$work"
        "$SOURCE_DIR/scripts/dev/make-site" root-ca "$work"
    done
else
    echo "note: without SoftHSM, check, tokens and approve were not tried"
fi

echo "$checks checks, $faults faults"
[ "$faults" -eq 0 ]
