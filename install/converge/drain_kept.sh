
# --- Draining where keepalived keeps the table ------------------------------------------------------------------
#
# keepalived adds the number of a real server's file to its weight. `drained` in the record has a line `BY server NAME` for
# each real server that --drain took away.

# drain_kept NAME: a real server gets no new connections until its file says 0 again: across restarts, and whatever its
# checks find.
drain_kept() {
    [ -d "$drains" ] && entries_of "$1" >"$work/entries" && [ -s "$work/entries" ] || return 0
    if [ "$by" = operator ]; then
        ! noted drained "rollout server $1" || drop drained "rollout server $1"
        note drained "operator server $1" || return
    elif ! drained_by_file "$1"; then
        note drained "rollout server $1" || return
    fi
    if ! drained_by_file "$1"; then
        write_number -65535 "$1"
        printf 'drained %s\n' "$1"
    fi
    wait_for_weights
    wait_for_connections "$1"
}

# give_back_kept NAME: the real server gets its weight back. A rollout gives back only its own drains. Without a name: all.
give_back_kept() {
    cat "$state"/record/*.* 2>/dev/null | sed -n "s|^undo-before $drains/\([^ ]*\) .*|\1|p" >"$work/names"
    while read -r server; do
        [ -z "$1" ] || [ "$1" = "$server" ] || continue
        [ "$by" != rollout ] || noted drained "rollout server $server" || continue
        for who in rollout operator; do
            ! noted drained "$who server $server" || drop drained "$who server $server"
        done
        drained_by_file "$server" || continue
        write_number 0 "$server"
        printf 'given back %s\n' "$server"
    done <"$work/names"
    wait_for_weights
}

# write_number NUMBER NAME: keepalived reads the file as soon as it changes.
write_number() { printf '%s\n' "$1" >"$drains/$2" || stop 3 "cannot write $drains/$2"; }

# wait_for_weights: the table has the weights of the drain files. keepalived needs less than a second.
wait_for_weights() {
    with_table=$(grep -l '^probe kept-table ' "$state"/record/*.* | head -n 1)
    waited=0
    while kept_edits "$with_table" && [ -s "$work/edits" ]; do
        if [ "$waited" -ge 10 ]; then
            stop 3 "keepalived did not change the table within 10 seconds: $(cat "$work/edits")"
        fi
        sleep 1
        waited=$((waited + 1))
    done
}
