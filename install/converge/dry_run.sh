
# --- Showing changes -----------------------------------------------------------------------------------------
#
# `plan` in the folder of the run has a line for each change: the mechanism, the action, the subject and the difference.

# planned ACTION SUBJECT [DIFF]: notes one change for the report of --dry-run.
planned() {
    printf '%s\t%s\t%s\t%s\n' "$id" "$1" "$(one_line "$2")" "$(one_line "${3-}")" >>"$work/plan"
}

# one_line TEXT: the text with `\\`, `\t` and `\n` for a backslash, a tab and a line break.
one_line() {
    case $1 in
    *[\\'	
']*) printf '%s\n' "$1" | awk '{ gsub(/\\/, "&&"); gsub(/\t/, "\\t"); printf "%s%s", n++ ? "\\n" : "", $0 }' ;;
    *) printf %s "$1" ;;
    esac
}

# show_change PATH CONTENTS: what --dry-run shows of a file.
show_change() {
    old=$1
    [ -e "$old" ] || old=/dev/null
    { hidden "$1" "$old" >"$work/old" && hidden "$1" "$2" >"$work/new"; } || return
    if cmp -s "$work/old" "$work/new"; then
        planned write "$1" "(the value of a secret differs)"
        return
    fi
    diff -u "$work/old" "$work/new" 2>/dev/null | sed "1s|.*|--- $1|;2s|.*|+++ $1|" >"$work/diff"
    planned write "$1" "$(cat "$work/diff")"
}

dry_run() {
    : >"$work/plan"
    planned_all=yes
    { undo_all && adopt_all && apply_all && give_back_all; } >"$work/results" || planned_all=
    if [ "$format" = json ]; then
        print_json
    else
        print_plan
    fi
    [ -n "$planned_all" ] || exit 3
    [ ! -s "$work/plan" ] && [ -z "$kept" ]
}

print_plan() {
    cat "$work/results"
    while IFS='	' read -r one action subject difference; do
        printf '\n%s: %s %b\n' "$one" "$action" "$subject"
        [ -z "$difference" ] || printf '%b\n' "$difference"
    done <"$work/plan"
}

# print_json: the plan as JSON. Its texts have `\\`, `\n` and `\t` already.
print_json() {
    separator=''
    printf '{\n  "format": 1,\n  "cluster": "%s",\n  "host": "%s",\n  "recorded": "%s",\n  "changes": [' \
        "$cluster" "$host" "$([ -z "$(recorded)" ] || field host "$state/host")"
    awk -F '\t' '
        {
            gsub(/"/, "\\\"")
            gsub(/[\001-\010\013-\037]/, "?")
            printf "%s\n    { \"mechanism\": \"%s\", \"action\": \"%s\", \"subject\": \"%s\"", n++ ? "," : "", $1, $2, $3
            printf $4 == "" ? " }" : ", \"diff\": \"%s\" }", $4
        }
        END { printf n ? "\n  ]" : "]" }' "$work/plan"
    printf ',\n  "kept": ['
    for path in $kept; do printf '%s\n    "%s"' "$separator" "$path" && separator=,; done
    printf '%s]' "${kept:+
  }"
    # Only a director with a table has this list.
    printf ',\n  "drained": ['
    [ ! -e "$work/drained" ] || awk '{ printf "%s\n    \"%s\"", n++ ? "," : "", $0 } END { if (n) printf "\n  " }' "$work/drained"
    printf ']\n}\n'
}
