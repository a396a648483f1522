
# --- Draining where keepalived keeps the table ------------------------------------------------------------------
#
# keepalived adds the number of a real server's file to its weight. `drained` in the record has a line `BY server NAME` for
# each real server that --drain took away.

# drain_kept NAME: a real server gets no new connections until its file says 0 again: across restarts, and whatever its
# checks find.
drain_kept() {
    [ -d "$drains" ] && entries_of "$1" >"$work/entries" && [ -s "$work/entries" ] || return 0
    drained_by_file "$1" || [ -n "$force" ] || keep_quorums "$1"
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

# keep_quorums NAME: stops if the other real servers are too few without it. `quorum SUM SERVICE` is the smallest sum of weights of
# a service: without this statement, one real server must stay, where the service has another one.
keep_quorums() {
    with_table=$(grep -l '^probe kept-table ' "$state"/record/*.* | head -n 1)
    kept_edits "$with_table"
    awk -v live="$work/live" -v work="$work" -v name="$1" "$entry_functions"'
        BEGIN {
            read_live(live)
            while ((getline line <(work "/drained-names")) > 0) away[line] = 1
        }
        $1 == "quorum" {
            sum = $2
            sub(/^quorum [0-9]+ /, "")
            least[$0] = sum
        }
        $1 != "entry" { next }
        {
            read_entry(substr($0, 7))
            if (word != "-a" || weight(options) == 0) next
            of_service = substr(key, 1, index(key, " -r ") - 1)
            # A dead real server takes nothing away.
            if (server == name) { if (key in is && weight(is[key]) > 0) uses[of_service] = 1; next }
            others[of_service] = 1
            if (!(server in away) && key in is) has[of_service] += weight(is[key])
        }
        END {
            for (one in uses)
                if ((one in least || one in others) && has[one] + 0 < (one in least ? least[one] : 1))
                    print one " would have the weight " has[one] + 0 " of " (one in least ? least[one] : 1)
        }' "$with_table" | sort | awk '{ printf "%s%s", n++ ? "; " : "", $0 }' >"$work/short"
    [ ! -s "$work/short" ] ||
        stop 2 "$host: $1 is not drained, because too few other real servers work: $(cat "$work/short"). Bring them back first, drain fewer at once, or use --force"
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
