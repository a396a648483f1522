
# --- A table that keepalived keeps -----------------------------------------------------------------------------
#
# `probe kept-table SECONDS` and its entries: keepalived makes the table from its file, and takes dead real servers out.
# SECONDS is the time until the first checks are done. The program changes only what a reload does not: the timeouts, and
# the thresholds of an entry. `sorry KEY` is an entry that may stand in the place of dead real servers. `hidden SERVICE` is a
# service that only health checks use.

drains=/etc/lvsgen/drain

# drained_by_file NAME: whether the drain file of a real server has a number below 0.
drained_by_file() {
    read -r number 2>/dev/null <"$drains/$1" || return
    case $number in -[1-9]*) ;; *) return 1 ;; esac
}

# kept_edits SECTION: compares the live table with a section. Afterwards $work/edits has the differences that are faults,
# $work/mend the commands for those that a reload leaves, $work/drained and $work/down the keys of real servers without
# new connections, $work/dead the services that nobody answers, and $work/foreign those that keepalived does not know.
kept_edits() {
    table_edits "$1"
    mv "$work/edits" "$work/all-edits"
    for server in $(fields entry "$1" | cut -d ' ' -f 1 | sort -u); do
        [ "$server" = - ] || ! drained_by_file "$server" || printf '%s\n' "$server"
    done >"$work/drained-names"
    fields sorry "$1" >"$work/sorry"
    fields hidden "$1" >"$work/hidden"
    for part in edits mend drained down dead foreign; do : >"$work/$part"; done
    awk -v live="$work/live" -v entries="$1" -v work="$work" "$entry_functions"'
        BEGIN {
            read_live(live)
            while ((getline line <(work "/drained-names")) > 0) away[line] = 1
            while ((getline line <(work "/sorry")) > 0) sorry[line] = 1
            while ((getline line <(work "/hidden")) > 0) hidden[line] = 1
            while ((getline line <entries) > 0) {
                if (line !~ /^entry /) continue
                read_entry(substr(line, 7))
                name[key] = server
                if (word == "-a") { had[key] = options; list[++total] = key }
            }
        }
        # The commands that would make the live table the table of the section.
        {
            read_command($0)
            if (service in hidden && word != "--") next
            if (word == "--") print >(work "/mend")
            else if (word == "-D") print key >(work "/foreign")
            else if (word == "-d" && key in sorry) next
            # The lists of drained and dead real servers have these.
            else if (word == "-a" || word == "-e" && weight(is[key]) == 0) next
            else if (word == "-e" && plain(is[key]) == plain(options)) print "-e", key, with_weight(options, weight(is[key])) >(work "/mend")
            else print >(work "/edits")
        }
        function plain(options) { sub(/ -x [0-9]+/, "", options); sub(/ -y [0-9]+/, "", options); return options }
        END {
            for (i = 1; i <= total; i++) {
                key = list[i]
                if (weight(had[key]) == 0) continue
                at = index(key, " -r ")
                of_service = substr(key, 1, at - 1)
                waits[of_service] = 1
                if (key in is && weight(is[key]) > 0) {
                    answers[of_service] = 1
                    # The number of the file has not reached the table.
                    if (name[key] in away) print "-e", key, with_weight(is[key], 0) >(work "/edits")
                } else if (name[key] in away) print key >(work "/drained")
                else print key >(work "/down")
            }
            for (key in sorry) if (key in is) answers[substr(key, 1, index(key, " -r ") - 1)] = 1
            for (service in waits) if (!(service in answers)) print service >(work "/dead")
        }' "$work/all-edits"
}

# mend_table SECTION: the changes that a reload leaves.
mend_table() {
    kept_edits "$1"
    run_edits "$work/mend"
}

# await_checks SECTION: waits until every real server has passed its first check, at most as long as the section says.
await_checks() {
    seconds=$(fields 'probe kept-table' "$1")
    while kept_edits "$1" && [ -s "$work/down" ] && [ "${seconds:-0}" -gt 0 ]; do
        sleep 1
        seconds=$((seconds - 1))
    done
    while read -r key; do report down "$key is out of the table: its check fails"; done <"$work/down"
}

# test_keepalived FILE: sets `fault` to the fault of a new configuration, if it has one.
test_keepalived() {
    fault=$(sed -n -E 's/^ *(script|misc_path|notify) "([^ "]*).*/\2/p' "$1" | sort -u |
        while read -r path; do [ -x "$path" ] || echo "there is no program $path"; done)
    [ -z "$fault" ] || return 1
    fault=$(keepalived -t -f "$1" 2>&1) || return
    # Up to 2.1, an unknown keyword within a block is only printed. Without a fault, nothing is.
    case $fault in *[Uu]nknown\ keyword*) return 1 ;; esac
}

# ask_kept PROBE: the probes of a host where keepalived has the VIPs or the table, for `ask`.
ask_kept() {
    case $1 in
    held)
        check="$3 on $2" wanted_answer='here or on another director'
        if [ -n "$(ip -oneline address show dev "$2" to "$3" 2>/dev/null)" ]; then
            seen=here
        elif [ -n "$(ip -oneline address show dev lo to "$3" 2>/dev/null)" ]; then
            # A real server too: the host itself would answer an echo request.
            claim_answered "${3%/*}" "$2" "$work/held"
            case $(cat "$work/held") in
            answered) seen='on another director' ;;
            silent) seen=nowhere ;;
            *) seen='not asked: the VIP is on lo too, and there is no arping of iputils here' && return 2 ;;
            esac
        elif held_elsewhere "$2" "${3%/*}"; then
            seen='on another director'
        else
            seen=nowhere
        fi
        [ "$seen" = nowhere ] || wanted_answer=$seen
        ;;
    kept-table)
        check='the IPVS table' wanted_answer='as rendered' seen='as rendered'
        kept_edits "$probed"
        [ ! -s "$work/edits" ] || seen='another table'
        ;;
    *) stop 2 "a probe of a newer lvsgen: $1" ;;
    esac
}

# held_elsewhere NIC VIP: whether another host of the segment has the VIP.
held_elsewhere() {
    ! ping -n -c 1 -W 1 -I "$1" "$2" >/dev/null 2>&1 || return 0
    # A firewall may drop the request: the kernel has found the neighbour anyway.
    ip neighbour show "$2" dev "$1" 2>/dev/null | grep -q lladdr
}
