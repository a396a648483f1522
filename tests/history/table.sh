# The IPVS table of a director, which changes entry by entry; and real servers that are drained.

# edits: the commands of ipvsadm since the last call, without the timeouts of a start.
edits() {
    inside aged sort /run/ipvs-log
    inside aged sh -c ': >/run/ipvs-log'
}

weight() { inside aged ipvsadm -S -n | sed -n "s/.* -r $1:80 .*-w \([0-9]*\).*/\1/p"; }

two='s/rr }/wrr, persistence: 300, real_servers: [web1, { name: web2, weight: 3, upper_threshold: 100 }] }/'
if models "the table" "$two" "${two/weight: 3/weight: 2};s/upper_threshold: 100/lower_threshold: 50, upper_threshold: 90/;s/300/600/;$(by '')"; then
    a=$WORK/trees/a b=$WORK/trees/b
    start aged lvs1
    check "the table: A is applied" pushed aged "$a" lvs1
    edits >/dev/null
    check "the table: B is applied" pushed aged "$b" lvs1
    is "the table: only what differs is edited" \
        "-E -t 192.168.10.100:80 -s wrr -p 600
-e -t 192.168.10.100:80 -r 192.168.10.103:80 -g -w 2 -x 90 -y 50" "$(edits)"
    inside aged ipvsadm -d -t 192.168.10.100:80 -r 192.168.10.102:80
    inside aged ipvsadm -A -t 192.168.10.7:80 -s rr
    inside aged ipvsadm -a -t 192.168.10.7:80 -r 192.168.10.8:80 -g -w 1
    edits >/dev/null
    check "the table: an entry that is gone makes --verify fail" eval '! push aged "$b" lvs1 --verify'
    has "the table: with the command" "ipvsadm -a -t 192.168.10.100:80 -r 192.168.10.102:80 -g -w 1" "$(cat "$WORK/push")"
    check "the table: --dry-run shows it" eval '! push aged "$b" lvs1 --dry-run'
    has "the table: as a command" "run ipvsadm -D -t 192.168.10.7:80" "$(cat "$WORK/push")"
    is "the table: and runs nothing" "" "$(edits)"
    check "the table: the next run mends it" pushed aged "$b" lvs1
    is "the table: by two commands" "-D -t 192.168.10.7:80
-a -t 192.168.10.100:80 -r 192.168.10.102:80 -g -w 1" "$(edits)"

    # An operator's weight 0 stays, whoever set it.
    inside aged ipvsadm -e -t 192.168.10.100:80 -r 192.168.10.102:80 -g -w 0
    check "a drained real server: A is applied" pushed aged "$a" lvs1
    has "a drained real server: the run lists it" "drained   ipvs_rules.ipvsadm-service" "$(cat "$WORK/push")"
    is "a drained real server: it stays drained" 0 "$(weight 192.168.10.102)"
    check "a drained real server: it is no drift" pushed aged "$a" lvs1 --dry-run
    has "a drained real server: --dry-run lists it" "-r 192.168.10.102:80 stays at the weight 0" "$(cat "$WORK/push")"
    check "a drained real server: --verify holds" pushed aged "$a" lvs1 --verify
    has "a drained real server: --verify lists it" "at the weight 0" "$(cat "$WORK/push")"
    check "a drained real server: a rollout gives it back" pushed aged "$a" lvs1 --give-back web1 --by rollout
    is "a drained real server: which changes nothing" 0 "$(weight 192.168.10.102)"
    check "a drained real server: the operator gives it back" pushed aged "$a" lvs1 --give-back web1
    is "a drained real server: it has its weight" 1 "$(weight 192.168.10.102)"

    # A drained real server gets a new service with the weight 0.
    check "a new service: web1 is drained" pushed aged "$a" lvs1 --drain web1
    model "$two;s/^virtual_services:/&\n  - { name: more, vip: 192.168.10.99, port: 81, real_servers: [web1, web2] }/" | render c
    check "a new service: the model is applied" pushed aged "$WORK/trees/c" lvs1
    is "a new service: web1 stays drained there" "102=0 103=1" \
        "$(inside aged ipvsadm -S -n | sed -n 's/.*:81 -r 192.168.10.\([0-9]*\):81 .*-w \([0-9]*\).*/\1=\2/p' | sort | xargs)"
    check "a new service: web1 is given back" pushed aged "$WORK/trees/c" lvs1 --give-back web1
    is "a new service: there too" "102=1 103=1" \
        "$(inside aged ipvsadm -S -n | sed -n 's/.*:81 -r 192.168.10.\([0-9]*\):81 .*-w \([0-9]*\).*/\1=\2/p' | sort | xargs)"
    check "a new service: it goes again" pushed aged "$a" lvs1

    # A rollout drains, and an operator takes the drain over.
    edits >/dev/null
    check "a rollout drains web2" pushed aged "$a" lvs1 --drain web2 --by rollout
    is "a rollout drains web2: its thresholds stay" "-e -t 192.168.10.100:80 -r 192.168.10.103:80 -g -w 0 -x 100" "$(edits)"
    check "an operator drains it too" pushed aged "$a" lvs1 --drain web2 --wait 1
    pushed aged "$a" lvs1 --give-back web2 --by rollout
    is "an operator drains it too: the rollout leaves it" 0 "$(weight 192.168.10.103)"
    check "web2 is given back" pushed aged "$b" lvs1 --give-back web2
    is "web2 is given back: with the weight of the record" 3 "$(weight 192.168.10.103)"
    check "a real server that nobody knows is an error" eval '! push aged "$b" lvs1 --drain web9'
    check "a real server that nobody knows: a rollout goes on" pushed aged "$b" lvs1 --drain web9 --by rollout
    is "a real server that nobody knows: no command" "" "$(edits | grep -v 103)"
    check "a teardown is shown" eval '! push aged "$b" lvs1 --teardown --dry-run'
    has "a teardown is shown: with its commands" "run systemctl stop ipvsadm.service" "$(cat "$WORK/push")"
    check "a teardown is shown: and does nothing" pushed aged "$a" lvs1 --verify
    stop aged
fi
history "a timeout goes" lvs1 '$a\timeouts: { tcp: 600, udp: 60 }' '$a\timeouts: { udp: 60 }'
timeouts='$a\timeouts: { tcp: 600, udp: 60 }'
history "timeouts come" lvs1 "$same" "$timeouts"
history "timeouts go" lvs1 "$timeouts" "$same"
