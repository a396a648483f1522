
# --- The edits of the IPVS table -----------------------------------------------------------------------------
#
# Only a host with a table needs this part: the user-data of another host lacks it.

# live_table: prints the table of the kernel as commands of ipvsadm.
live_table() {
    command -v ipvsadm >/dev/null || return 0
    # `ipvsadm -S` prints thresholds since 1.30 only. Both calls print the entries in the same order.
    ipvsadm -L -n --thresholds 2>/dev/null | awk '$1 == "->" && $3 ~ /^[0-9]+$/ { print $3, $4 }' >"$work/thresholds"
    ipvsadm -S -n 2>/dev/null | awk -v thresholds="$work/thresholds" '
        $1 == "-a" {
            sub(/ -x [0-9]+/, "")
            sub(/ -y [0-9]+/, "")
            # The default: ipvsadm prints it since 1.31.
            sub(/ --tun-type ipip/, "")
            getline pair <thresholds
            split(pair, threshold, " ")
            if (threshold[1] > 0) $0 = $0 " -x " threshold[1]
            if (threshold[2] > 0) $0 = $0 " -y " threshold[2]
        }
        { print }'
    ipvsadm -L --timeout 2>/dev/null | sed -n 's/^Timeout (tcp tcpfin udp): /--set /p'
}

# The functions of awk that read one command: its word, the key of its entry, and the options of the entry.
entry_functions='
    function read_command(command,    at, rest) {
        word = substr(command, 1, 2)
        rest = substr(command, 4)
        if (word == "--") {
            key = "--set"
            options = substr(command, 7)
        } else if (word == "-A") {
            at = index(rest, " -s ")
            key = service = substr(rest, 1, at - 1)
            options = substr(rest, at + 1)
        } else if (word == "-D") {
            key = service = rest
            options = ""
        } else {
            at = index(rest, " -r ")
            service = substr(rest, 1, at - 1)
            rest = substr(rest, at + 4)
            at = index(rest, " ")
            key = service " -r " substr(rest, 1, at - 1)
            options = substr(rest, at + 1)
        }
    }
    # The statement without its keyword: the name of the real server comes first.
    function read_entry(entry,    at) {
        at = index(entry, " ")
        server = substr(entry, 1, at - 1)
        read_command(substr(entry, at + 1))
    }
    function weight(options) { return match(options, /-w [0-9]+/) ? substr(options, RSTART + 3, RLENGTH - 3) + 0 : 1 }
    function with_weight(options, new) { sub(/-w [0-9]+/, "-w " new, options); return options }
    function read_live(file,    line) {
        while ((getline line <file) > 0) {
            read_command(line)
            is[key] = options
            order[++count] = key
            kind[key] = word
            of[key] = service
        }
    }'

# table_edits SECTION: the commands that make the live table the table of a section stand in $work/edits then, and the
# entries that stay drained in $work/drained. An entry is drained if it has the weight 0 in the kernel and another weight
# in the record. If all recorded entries of a real server are drained, its new entries are drained too.
table_edits() {
    live_table >"$work/live"
    fields entry "$1" |
        awk -v live="$work/live" -v applied="$work/applied" -v drained="$work/drained" "$entry_functions"'
            BEGIN {
                printf "" >drained
                read_live(live)
                while ((getline line <applied) > 0) {
                    read_entry(line)
                    had[key] = options
                    if (word != "-a" || weight(options) == 0 || !(key in is)) continue
                    if (weight(is[key]) == 0) zero[server] = 1; else serves[server] = 1
                }
                # The default timeouts of the kernel (ip_vs_proto_tcp.c, ip_vs_proto_udp.c).
                split("900 120 300", default_timeout, " ")
                if ("--set" in had) timeouts = "0 0 0"
            }
            {
                read_entry($0)
                wanted[key] = 1
                if (word == "--") { timeouts = options; next }
                if (word == "-a" && weight(options) > 0 && is_drained()) {
                    options = with_weight(options, 0)
                    print key >drained
                }
                if (!(key in is)) print word, key, options
                else if (is[key] != options) print (word == "-A" ? "-E" : "-e"), key, options
            }
            function is_drained() {
                if (key in had) return weight(had[key]) > 0 && key in is && weight(is[key]) == 0
                return server in zero && !(server in serves)
            }
            END {
                # ipvsadm(8): the timeout 0 keeps the value of the kernel. If lvsgen set it before, its default comes back.
                parts = split(timeouts, new, " ")
                split(is["--set"], old, " ")
                for (i = 1; i <= parts; i++) {
                    if (new[i] == 0 && "--set" in had) new[i] = default_timeout[i]
                    if (new[i] > 0 && new[i] != old[i]) differs = 1
                }
                if (differs) print "--set", new[1], new[2], new[3]
                for (i = 1; i <= count; i++) {
                    key = order[i]
                    if (key in wanted || kind[key] == "--") continue
                    # A service takes its destinations with it.
                    if (kind[key] == "-A") print "-D", key
                    else if (of[key] in wanted) print "-d", key
                }
            }' >"$work/edits"
}
