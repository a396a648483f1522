# What each check does: it prints one line of the table, and remembers what was wrong.

wrong=0
printf '%-6s %-38s %s\n' RESULT CHECK SEEN

# told CHECK WANTED SEEN: a line of the table.
told() {
    if [ "$2" = "$3" ]; then
        printf '%-6s %-38s %s\n' ok "$1" "$3"
    else
        printf '%-6s %-38s %s (wanted: %s)\n' WRONG "$1" "$3" "$2"
        wrong=1
    fi
}

# has INTERFACE ADDRESS/PREFIX: the interface has the address.
has() {
    seen=$(ip -oneline address show dev "$1" 2>/dev/null | awk -v a="$2" '$4 == a || $4 "/32" == a { print a; exit }')
    told "$2 on $1" "$2" "${seen:-missing}"
}

# counts INTERFACE NAME WANTED: what the kernel takes of `all` and the NIC's own, the larger of the two.
counts() {
    all=$(cat "/proc/sys/net/ipv4/conf/all/$2" 2>/dev/null || echo 0)
    own=$(cat "/proc/sys/net/ipv4/conf/$1/$2" 2>/dev/null || echo 0)
    [ "$all" -gt "$own" ] && own=$all
    told "$2 on $1" "$3" "$own"
}

# active UNIT: the unit runs.
active() { told "$1" active "$(systemctl is-active "$1" 2>/dev/null)"; }

# mounted DIRECTORY SHARE: the share is mounted there.
mounted() {
    seen=$(awk -v d="$1" '$2 == d { s = $1 } END { print s }' /proc/mounts)
    told "$1" "$2" "${seen:-not mounted}"
}

# exported DIRECTORY: the directory is exported.
exported() {
    seen=$(exportfs -s 2>/dev/null | awk -v d="$1" '$1 == d { print d; exit }')
    told "export of $1" "$1" "${seen:-not exported}"
}

# page URL TEXT: the page can be had, and its answer names the node.
named() {
    seen=$(curl -s -m 10 -o /dev/null -D - "$1" 2>/dev/null | tr -d '\r' | sed -n 's/^[Xx]-[Ll][Vv][Ss]-[Nn][Oo][Dd][Ee]: //p')
    told "$1" "$2" "${seen:-no answer}"
}

# table: the IPVS table that the kernel has is the one on stdin.
table() {
    wanted=$(sort)
    seen=$(ipvsadm-save -n 2>/dev/null | sed 's/ -[xy] [0-9]*//g' | sort)
    if [ "$wanted" = "$seen" ]; then
        told "the IPVS table" "as rendered" "as rendered"
    else
        told "the IPVS table" "as rendered" "another one"
        printf '%s\n' "$wanted" | sed 's/^/       - /'
        printf '%s\n' "$seen" | sed 's/^/       + /'
    fi
}

# only_answer VIP DIRECTOR: of all that hear an ARP request for the VIP, the director alone answers.
only_answer() {
    if ! command -v arping >/dev/null; then
        printf '%-6s %-38s %s\n' - "who answers ARP for $1" "not asked: there is no arping here"
        return
    fi
    nic=$(ip -oneline route get "$1" | sed -n 's/.* dev \([^ ]*\).*/\1/p')
    case $(ip -oneline route get "$1") in
    *" via "*)
        printf '%-6s %-38s %s\n' - "who answers ARP for $1" "not asked: this client is not on the segment"
        return
        ;;
    esac
    heard() { arping -b -c 3 -w 4 -I "$nic" "$1" | sed -n 's/.*\[\(.*\)\].*/\1/p' | sort -u | xargs; }
    wanted=$(heard "$2")
    # Nobody is asked in vain without root, and a director that is down has no answer to compare with.
    told "who answers ARP for $1" "${wanted:-the director}" "$(heard "$1")"
}

# shares URL SHARES: how many of N requests each node answers. SHARES is what N requests have to show,
# "web1=5 web2=5"; or `one`, where a client keeps its node; or `all`, where each node named gets some.
shares() {
    heads=$(curl -s -m 10 -H 'Connection: close' -o /dev/null -D - "$1?[1-$N]" 2>/dev/null | tr -d '\r' |
        sed -n 's/^[Xx]-[Ll][Vv][Ss]-[Nn][Oo][Dd][Ee]: //p')
    seen=$(printf '%s\n' "$heads" | awk -v n="$N" '
        /./ { node[$1]++; total++ }
        END { for (name in node) print name "=" node[name]; if (total < n) print "lost=" n - total }' | sort | xargs)
    case $2 in
    one)
        case $seen in
        *" "* | *lost*) told "$N requests to $1" "one node" "$seen" ;;
        *) told "$N requests to $1" "$seen" "$seen" ;;
        esac
        ;;
    all\ *)
        missing=
        for node in ${2#all }; do
            case " $seen" in *" $node="*) ;; *) missing="$missing $node" ;; esac
        done
        case "$missing$seen" in
        *lost* | " "*) told "$N requests to $1" "some for each node" "$seen" ;;
        *) told "$N requests to $1" "$seen" "$seen" ;;
        esac
        ;;
    *) told "$N requests to $1" "$2" "$seen" ;;
    esac
    if command -v ab >/dev/null; then
        failed=$(ab -q -n 200 -c 10 "$1" 2>&1 | awk '/^Failed requests:/ { print $3 }')
        told "ab, 200 requests to $1" "0 failed" "${failed:-all} failed"
    fi
}
