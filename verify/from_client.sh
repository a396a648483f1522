# The view of a client. Run it on a machine of the clients, never on a director, which cannot be
# its own client, nor on a real server, which serves itself:
#
#   sh verify/from_client.sh [REQUESTS]

wrong=0
printf '%-6s %-38s %s\n' RESULT CHECK SEEN

# result CHECK WANTED SEEN: prints one line of the table.
result() {
    if [ "$2" = "$3" ]; then
        printf '%-6s %-38s %s\n' ok "$1" "$3"
    else
        printf '%-6s %-38s %s (wanted: %s)\n' WRONG "$1" "$3" "$2"
        wrong=1
    fi
}

# only_answer VIP DIRECTOR...: of all hosts that receive an ARP request for the VIP, only one of the directors answers.
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
    vip=$1 wanted='' seen=$(heard "$1")
    shift
    for director in "$@"; do
        mac=$(heard "$director")
        if [ -z "$wanted" ] || [ "$mac" = "$seen" ]; then wanted=$mac; fi
    done
    # Without root there is no answer, and neither if the director is down.
    result "who answers ARP for $vip" "${wanted:-the director}" "$seen"
}

# shares URL SHARES: counts the requests that each node answers, of N. SHARES is the wanted result,
# "web1=5 web2=5"; or `one` if a client keeps its node; or `all NODE...` if each of the nodes must answer some.
shares() {
    heads=$(curl -s -m 10 -H 'Connection: close' -o /dev/null -D - "$1?[1-$N]" 2>/dev/null | tr -d '\r' |
        sed -n 's/^[Xx]-[Ll][Vv][Ss]-[Nn][Oo][Dd][Ee]: //p')
    seen=$(printf '%s\n' "$heads" | awk -v n="$N" '
        /./ { node[$1]++; total++ }
        END { for (name in node) print name "=" node[name]; if (total < n) print "lost=" n - total }' | sort | xargs)
    case $2 in
    one)
        case $seen in
        *" "* | *lost*) result "$N requests to $1" "one node" "$seen" ;;
        *) result "$N requests to $1" "$seen" "$seen" ;;
        esac
        ;;
    all\ *)
        missing=
        for node in ${2#all }; do
            case " $seen" in *" $node="*) ;; *) missing="$missing $node" ;; esac
        done
        case "$missing$seen" in
        *lost* | " "*) result "$N requests to $1" "some for each node" "$seen" ;;
        *) result "$N requests to $1" "$seen" "$seen" ;;
        esac
        ;;
    *) result "$N requests to $1" "$2" "$seen" ;;
    esac
    if command -v ab >/dev/null; then
        failed=$(ab -q -n 200 -c 10 "$1" 2>&1 | awk '/^Failed requests:/ { print $3 }')
        result "ab, 200 requests to $1" "0 failed" "${failed:-all} failed"
    fi
}
