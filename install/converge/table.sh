
# --- The IPVS table ------------------------------------------------------------------------------------------
#
# `entry NAME COMMAND` follows a `probe table`: the command of ipvsadm that makes one entry. NAME is the real server, or `-`
# for a service and for the timeouts. The table is changed entry by entry: an entry that is as wanted keeps its
# connections and counters.

# live_table: prints the table of the kernel as commands of ipvsadm.
live_table() {
    command -v ipvsadm >/dev/null || return 0
    # `ipvsadm -S` prints thresholds since 1.30 only. Both calls print the entries in the same order.
    ipvsadm -L -n --thresholds 2>/dev/null | awk '$1 == "->" && $3 ~ /^[0-9]+$/ { print $3, $4 }' >"$work/thresholds"
    ipvsadm -S -n 2>/dev/null | awk -v thresholds="$work/thresholds" '
        $1 == "-a" {
            sub(/ -x [0-9]+/, "")
            sub(/ -y [0-9]+/, "")
            getline pair <thresholds
            split(pair, threshold, " ")
            if (threshold[1] > 0) $0 = $0 " -x " threshold[1]
            if (threshold[2] > 0) $0 = $0 " -y " threshold[2]
        }
        { print }'
    ipvsadm -L --timeout 2>/dev/null | sed -n 's/^Timeout (tcp tcpfin udp): /--set /p'
}

# The functions of awk that read one command: its name, the key of its entry, and the options of the entry.
entry_functions='
    function read_entry(command,    at, rest) {
        name = substr(command, 1, 2)
        rest = substr(command, 4)
        if (name == "--") {
            key = "--set"
            options = substr(command, 7)
        } else if (name == "-A") {
            at = index(rest, " -s ")
            key = service = substr(rest, 1, at - 1)
            options = substr(rest, at + 1)
        } else {
            at = index(rest, " -r ")
            service = substr(rest, 1, at - 1)
            rest = substr(rest, at + 4)
            at = index(rest, " ")
            key = service " -r " substr(rest, 1, at - 1)
            options = substr(rest, at + 1)
        }
    }
    function weight(options) { return match(options, /-w [0-9]+/) ? substr(options, RSTART + 3, RLENGTH - 3) + 0 : 1 }
    function with_weight(options, new) { sub(/-w [0-9]+/, "-w " new, options); return options }'

# table_edits SECTION: the commands that make the live table the table of a section stand in $work/edits then, and the
# entries that stay drained in $work/drained. An entry is drained if it has the weight 0 in the kernel and another weight
# in the record.
table_edits() {
    live_table >"$work/live"
    fields entry "$1" | cut -d ' ' -f 2- |
        awk -v live="$work/live" -v applied="$work/applied" -v drained="$work/drained" "$entry_functions"'
            BEGIN {
                printf "" >drained
                while ((getline line <applied) > 0) { read_entry(line); had[key] = options }
                while ((getline line <live) > 0) {
                    read_entry(line)
                    is[key] = options
                    order[++count] = key
                    kind[key] = name
                    of[key] = service
                }
                # The default timeouts of the kernel (ip_vs_proto_tcp.c, ip_vs_proto_udp.c).
                if ("--set" in had) timeouts = "900 120 300"
            }
            {
                read_entry($0)
                wanted[key] = 1
                if (name == "--") { timeouts = options; next }
                if (!(key in is)) { print name, key, options; next }
                if (name == "-a" && weight(is[key]) == 0 && weight(options) > 0 && key in had && weight(had[key]) > 0) {
                    options = with_weight(options, 0)
                    print key >drained
                }
                if (is[key] != options) print (name == "-A" ? "-E" : "-e"), key, options
            }
            END {
                # ipvsadm(8): the timeout 0 keeps the value of the kernel.
                parts = split(timeouts, new, " ")
                split(is["--set"], old, " ")
                for (i = 1; i <= parts; i++) if (new[i] > 0 && new[i] != old[i]) differs = 1
                if (differs) print "--set", timeouts
                for (i = 1; i <= count; i++) {
                    key = order[i]
                    if (key in wanted || kind[key] == "--") continue
                    # A service takes its destinations with it.
                    if (kind[key] == "-A") print "-D", key
                    else if (of[key] in wanted) print "-d", key
                }
            }' >"$work/edits"
}

# has_table SECTION
has_table() { grep -qxF 'probe table' "$1"; }

# edit_table SECTION: makes the live table the table of a section.
edit_table() {
    has_table "$1" || return 0
    table_edits "$1"
    [ -s "$work/edits" ] || return 0
    if [ "$call" = dry-run ]; then
        while read -r edit; do planned run "ipvsadm $edit"; done <"$work/edits"
        return
    fi
    run "ipvsadm -R <'$work/edits'"
}

# reset_timeouts FILE: the table leaves; the kernel gets its own timeouts back.
reset_timeouts() { ! grep -q '^entry - --set ' "$1" || run '! command -v ipvsadm >/dev/null || ipvsadm --set 900 120 300'; }

# report_drained SECTION: lists the entries that stay drained.
report_drained() {
    has_table "$1" || return 0
    table_edits "$1"
    while read -r entry; do report drained "$entry stays at the weight 0"; done <"$work/drained"
}

# --- Draining: this host is a director ------------------------------------------------------------------------
#
# `drained` in the record has a line `BY ENTRY` for each entry that --drain set to the weight 0.

# entries_of NAME: the recorded commands of a real server.
entries_of() { cat "$state"/record/*.* 2>/dev/null | sed -n "s/^entry $1 //p"; }

# drain NAME: a real server gets no new connections.
drain() {
    entries_of "$1" >"$work/entries"
    live_table >"$work/live"
    awk -v live="$work/live" "$entry_functions"'
        BEGIN { while ((getline line <live) > 0) { read_entry(line); is[key] = options } }
        { read_entry($0) }
        key in is && weight(is[key]) > 0 { print "-e", key, with_weight(is[key], 0) }' "$work/entries" >"$work/edits"
    change_weights drained || return
    # An operator who drains an entry of a rollout keeps it.
    if [ "$by" != rollout ]; then
        keys "$work/entries" | sed 's/^/rollout /' >"$work/taken"
        drop_notes "$work/taken" || return
    fi
    while read -r edit; do note drained "$by $(printf '%s\n' "$edit" | keys)"; done <"$work/edits"
    wait_for_connections "$1"
}

# give_back NAME: the weights of the record return. A rollout returns only the weights that a rollout took.
give_back() {
    entries_of "$1" >"$work/entries"
    live_table >"$work/live"
    awk -v live="$work/live" -v notes="$state/drained" -v by="$by" "$entry_functions"'
        BEGIN {
            while ((getline line <live) > 0) { read_entry(line); is[key] = options }
            while ((getline line <notes) > 0) noted[line] = 1
        }
        { read_entry($0) }
        by == "rollout" && !("rollout " key in noted) { next }
        key in is && weight(is[key]) == 0 && weight(options) > 0 { print "-e", key, with_weight(is[key], weight(options)) }
        ' "$work/entries" >"$work/edits"
    change_weights 'given back' || return
    keys "$work/entries" | awk -v by="$by" '
        { print "rollout " $0 }
        by != "rollout" { print "operator " $0 }' >"$work/taken"
    drop_notes "$work/taken"
}

# keys [FILE]: the keys of commands.
keys() { awk "$entry_functions"'{ read_entry($0); print key }' "$@"; }

# drop_notes FILE: the lines of FILE leave `drained`.
drop_notes() {
    [ -e "$state/drained" ] || return 0
    lines_without "$state/drained" "$1" | replace "$state/drained"
    [ -s "$state/drained" ] || rm -f "$state/drained"
}

# change_weights WORD: runs $work/edits, and prints one line for each.
change_weights() {
    [ -s "$work/edits" ] || return 0
    ipvsadm -R <"$work/edits" || return
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
            complain "$1 still has $active connections after $wait seconds"
            return
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
