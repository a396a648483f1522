
# --- The answers for a person ---------------------------------------------------------------------------------

# answer RESULT CHECK SEEN [WANTED]: one line of the table.
answer() { printf '%-7s %-38s %s\n' "$1" "$2" "$3${4:+ (wanted: $4)}"; }

# verify: prints every probe of the steps and whether it holds.
verify() {
    wrong=0
    answer RESULT CHECK SEEN
    while read -r id; do
        chosen "$id" || continue
        fields probe "$wanted/section/$id" >"$work/probes"
        while read -r probe; do
            ask "$wanted/section/$id" "$probe"
            case $? in
            0) answer ok "$check" "$seen" ;;
            2) answer - "$check" "$seen" ;;
            *)
                answer WRONG "$check" "$seen" "$wanted_answer"
                wrong=1
                case $probe in table | kept-table*) show_edits ;; esac
                ;;
            esac
        done <"$work/probes"
        fields report "$wanted/section/$id" >"$work/reports"
        while read -r _ command; do
            seen=$( (eval "$(printf '%b' "$command")") </dev/null 2>&1)
            [ -z "$seen" ] || answer note "$id" "$seen"
        done <"$work/reports"
        if has_any_table "$wanted/section/$id"; then
            while read -r entry; do answer drained "$entry" 'at the weight 0'; done <"$work/drained"
        fi
        if has_kept_table "$wanted/section/$id"; then
            while read -r entry; do answer down "$entry" 'its check fails'; done <"$work/down"
            while read -r entry; do
                answer WRONG "$entry" 'nobody answers' 'a real server that answers'
                wrong=1
            done <"$work/dead"
            while read -r entry; do answer foreign "$entry" 'not of lvsgen, and left alone'; done <"$work/foreign"
        fi
        if [ -e "$state/started/$id" ]; then
            answer WRONG "$id" 'an unfinished run' finished
            wrong=1
        fi
    done <"$wanted/order"
    if [ -e "$state/image" ]; then
        answer WRONG 'the first boot' 'still to come' finished
        wrong=1
    fi
    recorded >"$work/recorded"
    while read -r id; do
        if ! chosen "$id" || grep -qxF "$id" "$wanted/order"; then continue; fi
        answer WRONG "$id" 'still on the host' undone
        wrong=1
    done <"$work/recorded"
    return $wrong
}

# show_edits: the commands that the table lacks.
show_edits() { sed 's/^/        ipvsadm /' "$work/edits"; }
