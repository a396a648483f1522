# What a client sees: each probe prints one line.

# from CLIENT COMMAND...: runs a command as a client.
from() {
    local client=$1
    shift
    ip netns exec "$NS-$client" "$@"
}

# shares CLIENT URL COUNT: how many of COUNT requests each node answered, "web1=10 web2=10"; failures are
# counted as "lost".
shares() {
    local heads at port requests=()
    # A client port that is used again within the time that IPVS remembers its last connection goes to its
    # old server: the memory is made short first, and each request has a port of its own.
    inside lvs1 ipvsadm --set 0 1 0
    sleep 1.5
    port=$((20000 + $(date +%s) * 50 % 30000))
    for at in $(seq "$3"); do
        requests+=(--next -s -m 10 -H 'Connection: close' --local-port $((port + at)) -o /dev/null)
        requests+=(-w '%header{x-lvs-node}\n' "$2?$at")
    done
    heads=$(from "$1" curl "${requests[@]:1}")
    printf '%s\n' "$heads" | awk -v count="$3" '
        /./ { nodes[$1]++; seen++ }
        END { for (node in nodes) print node "=" nodes[node]; if (seen < count) print "lost=" count - seen }' |
        sort | xargs
}

# lossy CLIENT URL COUNT: the same, each request by itself with little patience.
lossy() {
    local at got=
    for at in $(seq "$3"); do
        got="$got $(from "$1" curl -s -m 2 -o /dev/null -w '%header{x-lvs-node}' "$2" | grep . || echo lost)"
    done
    echo "$got" | xargs -n1 | sort | uniq -c | awk '{ print $2 "=" $1 }' | xargs
}

# answers CLIENT ADDRESS: the MAC addresses that answer ARP for an address, by their last byte.
answers() {
    from "$1" arping -b -c 3 -w 4 -I ens33 "$2" | sed -n 's/.*\[\(.*\)\].*/\1/p' |
        sed 's/.*://' | sort -u | xargs
}

# table HOST: the kernel's IPVS table, sorted; rules FILE: the rendered one. Thresholds and timeouts are in no
# saved table. The kind of a tunnel is the default.
table() { inside "$1" ipvsadm-save -n | sed 's/ --tun-type ipip$//' | sort; }
rules() { sed -e '/^#/d' -e '/^--set/d' -e 's/ -[xy] [0-9]*//g' "$1" | sort; }

# pushed HOST [OPTION...]: install/push of $CASE, with a program that enters the containers in the place of ssh.
pushed() {
    local host=$1
    shift
    NS=$NS WORK=$WORK CASE=$CASE LVSGEN_SSH=/tmp/job/guest/enter "$CASE/rendered/install/push" "$host" -- "$@"
}

# masters: the directors that have the VIP on their NIC.
masters() {
    local director
    for director in lvs1 lvs2; do
        [ -z "$(inside $director ip -oneline address show dev ens33 to $VIP 2>/dev/null)" ] || printf '%s ' $director
    done | xargs
}

# until_is SECONDS WANTED COMMAND...: waits until a command prints a text, and prints its last output.
until_is() {
    local wanted=$2 most=$1 began=$SECONDS
    shift 2
    while [ "$("$@")" != "$wanted" ] && [ $((SECONDS - began)) -lt "$most" ]; do sleep 0.5; done
    "$@"
}

# entries DIRECTOR SERVICE: the real servers of a service with their weights, "102=1 103=1".
entries() {
    inside "$1" ipvsadm -S -n | sed -n "s/^-a -t $2:80 -r 192.168.10.\([0-9]*\):80 .*-w \([0-9]*\).*/\1=\2/p" | sort | xargs
}
