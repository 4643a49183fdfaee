# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Completion of ceremony, ceremony-audit and slip39 for bash:
#     . scripts/completion/ceremony.bash
# Commands and options come from the programs' own --help, so they cannot drift.

_ceremony_commands() {
    "$1" --help 2>/dev/null | sed -n -e 's/^  \([a-z][a-z]*\) .*/\1/p' -e 's/^slip39 \([a-z][a-z]*\) .*/\1/p' | sort -u
}

_ceremony_options() {
    "$1" "$2" --help 2>/dev/null | grep -o -- '--[a-z][a-z-]*' | sort -u
    echo --help
}

_ceremony() {
    local program=$1 word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_ceremony_commands "$program") --help --version" -- "$word")
        return
    fi
    case $before in
    --site | --evidence) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
    esac
    case $word in
    -*) mapfile -t COMPREPLY < <(compgen -W "$(_ceremony_options "$program" "${COMP_WORDS[1]}")" -- "$word") ;;
    *) mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    esac
}

complete -o filenames -F _ceremony ceremony ceremony-audit slip39
