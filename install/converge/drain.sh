
# --- Draining: this host is a director ------------------------------------------------------------------------
#
# `drained` in the record has a line `BY ENTRY` for each entry that --drain set to the weight 0.

# entries_of NAME: the recorded commands of a real server; of every real server for an empty name.
entries_of() {
    cat "$state"/record/*.* 2>/dev/null | awk -v name="$1" '
        $1 == "entry" && (name == "" ? $2 != "-" : $2 == name) {
            sub(/^entry [^ ]* /, "")
            print
        }'
}

# kept_by_keepalived: whether keepalived keeps the recorded table, and takes drains from files.
kept_by_keepalived() { [ -d "$drains" ] && grep -q '^probe kept-table ' "$state"/record/*.* 2>/dev/null; }

# find_entries NAME: writes the entries of a real server and the live table. A rollout also takes real servers that come later.
find_entries() {
    entries_of "$1" >"$work/entries"
    [ -s "$work/entries" ] || [ "$by" = rollout ] || stop 2 "the record of $host has no real server $1"
    [ -s "$work/entries" ] || return 0
    ipvsadm -S -n >/dev/null || stop 3 "cannot read the IPVS table of $host"
    live_table >"$work/live"
    # An entry with a weight is not drained any more, whoever gave it back.
    [ ! -e "$state/drained" ] || awk -v live="$work/live" "$entry_functions"'
        BEGIN { read_live(live) }
        { key = substr($0, index($0, " ") + 1) }
        key in is && weight(is[key]) == 0' "$state/drained" >"$work/notes"
    keep_notes
}

# keep_notes: $work/notes become the notes.
keep_notes() {
    if [ -s "$work/notes" ]; then replace "$state/drained" <"$work/notes"; else rm -f "$state/drained"; fi
    : >"$work/notes"
}

# drain NAME: a real server gets no new connections.
drain() {
    if kept_by_keepalived; then
        [ -n "$(entries_of "$1")" ] || [ "$by" = rollout ] || stop 2 "the record of $host has no real server $1"
        drain_kept "$1"
        return
    fi
    find_entries "$1"
    awk -v live="$work/live" "$entry_functions"'
        BEGIN { read_live(live) }
        { read_command($0) }
        key in is && weight(is[key]) > 0 { print "-e", key, with_weight(is[key], 0) }' "$work/entries" >"$work/edits"
    # A note without its drain is harmless; a drain without its note would never be given back.
    while read -r edit; do
        note drained "$by $(printf '%s\n' "$edit" | keys)" || return
    done <"$work/edits"
    change_weights drained || return
    # An operator who drains an entry of a rollout keeps it.
    [ "$by" = rollout ] || take_over || return
    wait_for_connections "$1"
}

# take_over: the notes of a rollout about $work/entries become those of the operator.
take_over() {
    [ -e "$state/drained" ] || return 0
    keys "$work/entries" | sed 's/^/rollout /' >"$work/taken"
    awk -v taken="$work/taken" '
        BEGIN { while ((getline line <taken) > 0) mine[line] = 1 }
        $0 in mine { sub(/^rollout/, "operator") }
        !seen[$0]++' "$state/drained" >"$work/notes"
    keep_notes
}

# give_back NAME: the weights of the record return. A rollout returns only the weights that a rollout took. Without a name
# it returns those of every real server.
give_back() {
    if kept_by_keepalived; then
        give_back_kept "$1"
        return
    fi
    find_entries "$1"
    awk -v live="$work/live" -v notes="$state/drained" -v by="$by" "$entry_functions"'
        BEGIN {
            read_live(live)
            while ((getline line <notes) > 0) noted[line] = 1
        }
        { read_command($0) }
        by == "rollout" && !(("rollout " key) in noted) { next }
        key in is && weight(is[key]) == 0 && weight(options) > 0 { print "-e", key, with_weight(is[key], weight(options)) }
        ' "$work/entries" >"$work/edits"
    change_weights 'given back' || return
    keys "$work/edits" | awk '{ print "rollout " $0; print "operator " $0 }' >"$work/taken"
    [ -e "$state/drained" ] || return 0
    lines_without "$state/drained" "$work/taken" >"$work/notes"
    keep_notes
}

# keys [FILE]: the keys of commands.
keys() { awk "$entry_functions"'{ read_command($0); print key }' "$@"; }

# change_weights WORD: runs $work/edits, and prints one line for each.
change_weights() {
    [ -s "$work/edits" ] || return 0
    # The status of `ipvsadm -R` is that of its last line.
    ipvsadm -R <"$work/edits"
    live_table >"$work/live"
    awk -v live="$work/live" "$entry_functions"'
        BEGIN { read_live(live) }
        { read_command($0) }
        weight(is[key]) != weight(options) { print key; failed = 1 }
        END { exit failed }' "$work/edits" >"$work/refused" ||
        stop 3 "ipvsadm did not change the weights of: $(cat "$work/refused")"
    keys "$work/edits" | sed "s/^/$1 /"
}

# wait_for_connections NAME: waits until no connection of a real server is active, at most as long as --wait says.
wait_for_connections() {
    [ "$wait" != 0 ] && [ -s "$work/entries" ] || return 0
    # Other runs may work meanwhile.
    exec 9>&-
    keys "$work/entries" | sed 's/.* -r //' | sort -u >"$work/sockets"
    waited=0
    while active=$(active_connections) && [ "$active" != 0 ]; do
        if [ "$waited" -ge "$wait" ]; then
            complain "$1 still has $active active connections after $wait seconds"
            exit 1
        fi
        sleep 1
        waited=$((waited + 1))
    done
}

# active_connections: the number of active connections to $work/sockets.
active_connections() {
    ipvsadm -L -n 2>/dev/null | awk -v sockets="$work/sockets" '
        BEGIN { while ((getline line <sockets) > 0) mine[line] = 1 }
        $1 == "->" && $2 in mine { active += $5 }
        END { print active + 0 }'
}
