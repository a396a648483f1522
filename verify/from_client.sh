# The view of a client: asks every service of the cluster. Run it on a machine of the clients, never on a director, which
# cannot be its own client, nor on a real server, which serves itself:
#
#   sh verify/from_client.sh [REQUESTS]
#
# Exit status: 0 every answer is right; 1 an answer is wrong; 2 nothing could be asked.

requests=${1:-20}
answers=$(mktemp -d) || exit 2
trap 'rm -rf "$answers"' EXIT
count=0
printf '%-6s %-42s %s\n' RESULT CHECK SEEN

# ask COMMAND...: starts a check. All checks run at the same time, twenty at most.
ask() {
    count=$((count + 1))
    ("$@") >"$answers/$(printf %06d $count)" 2>/dev/null &
    [ $((count % 20)) != 0 ] || wait
}

# in_turn COMMAND...: checks that would disturb each other, one after the other.
in_turn() { for one in "$@"; do eval "$one"; done; }

# finish: prints the results in the order of the checks.
finish() {
    wait
    cat "$answers"/* 2>/dev/null
    echo 'note: a port of a VIP that no service uses, such as 22 (SSH), reaches the director itself' >&2
    ! grep -q '^WRONG ' "$answers"/* || exit 1
    grep -q '^ok ' "$answers"/* && exit
    echo 'nothing could be asked' >&2
    exit 2
}

# result CHECK WANTED SEEN: prints one line of the table.
result() {
    if [ "$2" = "$3" ]; then
        printf '%-6s %-42s %s\n' ok "$1" "$3"
    else
        printf '%-6s %-42s %s (wanted: %s)\n' WRONG "$1" "$3" "$2"
    fi
}

# not_asked CHECK REASON: the same for a check that this machine cannot make.
not_asked() { printf '%-6s %-42s %s\n' - "$1" "not asked: $2"; }

# has CHECK PROGRAM: whether this machine has a program.
has() { command -v "$2" >/dev/null || { not_asked "$1" "there is no $2 here" && false; }; }

# only_answer VIP DIRECTOR...: of all hosts that receive an ARP request for the VIP, only one of the directors answers.
only_answer() {
    vip=$1 check="who answers ARP for $1"
    shift
    has "$check" arping || return
    case $(ip -oneline route get "$vip") in
    *" via "*)
        not_asked "$check" 'this client is not on the segment'
        return
        ;;
    esac
    nic=$(ip -oneline route get "$vip" | sed -n 's/.* dev \([^ ]*\).*/\1/p')
    heard() { arping -b -c 3 -w 4 -I "$nic" "$1" | sed -n 's/.*\[\(.*\)\].*/\1/p' | sort -u | xargs; }
    wanted='' seen=$(heard "$vip")
    for director in "$@"; do
        mac=$(heard "$director")
        if [ -z "$wanted" ] || [ "$mac" = "$seen" ]; then wanted=$mac; fi
    done
    # Another program called arping prints other lines.
    if [ -z "$seen$wanted" ]; then
        not_asked "$check" 'arping hears nothing: it must be that of iputils, run by root'
        return
    fi
    result "$check" "${wanted:-the director}" "$seen"
}

# shares URL ROUND KIND NODE...: counts the requests that each node answers. ROUND: the requests of one round of the scheduler.
# KIND: `exactly NODE=SHARE...`; or `one`, if a client keeps its node; or `all NODE...`, if each of the nodes must answer some.
shares() {
    url=$1 round=$2 kind=$3
    shift 3
    has "requests to $url" curl || return
    # Only whole rounds show the weights.
    n=$(((requests + round - 1) / round * round))
    heads=$(curl -s -m 10 -H 'Connection: close' -o /dev/null -D - "$url?[1-$n]" | tr -d '\r' |
        sed -n 's/^[Xx]-[Ll][Vv][Ss]-[Nn][Oo][Dd][Ee]: //p')
    seen=$(printf '%s\n' "$heads" | awk -v n="$n" '
        /./ { node[$1]++; total++ }
        END { for (name in node) print name "=" node[name]; if (total < n) print "lost=" n - total }' | sort | xargs)
    wanted=$seen
    case $kind in
    exactly)
        wanted=
        for node in "$@"; do wanted="$wanted ${node%=*}=$((n * ${node#*=} / round))"; done
        wanted=${wanted# }
        ;;
    one) case $seen in '' | *" "* | *lost*) wanted='one node' ;; esac ;;
    all)
        for node in "$@"; do
            case " $seen" in *" $node="*) ;; *) wanted='some for each node' ;; esac
        done
        case $seen in *lost*) wanted='some for each node' ;; esac
        ;;
    esac
    result "$n requests to $url" "$wanted" "$seen"
    if command -v ab >/dev/null; then
        failed=$(ab -q -n 200 -c 10 "$url" 2>&1 | awk '/^Failed requests:/ { print $3 }')
        result "ab, 200 requests to $url" '0 failed' "${failed:-all} failed"
    fi
}

# page URL FIRST LAST [SITE]: a page has a status from FIRST to LAST. The certificate is not checked.
page() {
    has "$1" curl || return
    status=$(curl -s -k -m 10 -o /dev/null -w '%{http_code}' ${4:+-H "Host: $4"} "$1")
    if [ "$status" -ge "$2" ] && [ "$status" -le "$3" ]; then
        result "$1" "$status" "$status"
    else
        result "$1" "$2 to $3" "$status"
    fi
}

# connects VIP PORT: the port accepts a TCP connection.
connects() {
    has "TCP to $1 port $2" bash || return
    # shellcheck disable=SC2016 # the inner shell fills in the arguments
    if timeout 5 bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$1" "$2"; then seen=connected; else seen='no connection'; fi
    result "TCP to $1 port $2" connected "$seen"
}

# resolves VIP PORT NAME: the server answers a query, by whatever status.
resolves() {
    has "DNS query to $1 port $2" dig || return
    if dig +time=3 +tries=2 -p "$2" "@$1" "$3" >/dev/null; then seen=answered; else seen='no answer'; fi
    result "DNS query to $1 port $2" answered "$seen"
}

# datagram VIP PORT: nobody refuses a datagram. Only the service itself knows more.
datagram() {
    check="UDP to $1 port $2"
    has "$check" bash || return
    # The second datagram shows the refusal (ICMP) of the first.
    # shellcheck disable=SC2016 # the inner shell fills in the arguments
    if bash -c 'exec 3<>"/dev/udp/$1/$2" && echo >&3 && sleep 1 && echo >&3' bash "$1" "$2"; then
        result "$check" 'not refused' 'not refused'
    else
        result "$check" 'not refused' refused
    fi
}
