# A drain leaves enough other real servers, where keepalived keeps the table.

three="$health;s/^virtual_services:/  - { name: web3, address: 192.168.10.105 }\n&/;s/rr }/rr, quorum: 2 }/"
if models "a quorum" "$three" "$same"; then
    a=$WORK/trees/a
    start aged lvs1
    check "a quorum: A is applied" pushed aged "$a" lvs1
    check "a quorum: one of three real servers is drained" pushed aged "$a" lvs1 --drain web1 --by rollout
    check "a quorum: draining it again changes nothing" pushed aged "$a" lvs1 --drain web1 --by rollout
    check "a quorum: not a second one" eval '! pushed aged "$a" lvs1 --drain web2 --by rollout >"$WORK/refused"'
    has "a quorum: with the numbers" "-t 192.168.10.100:80 would have the weight 1 of 2" "$(cat "$WORK/refused")"
    is "a quorum: it is not drained" 1 "$(inside aged ipvsadm -S -n | sed -n "s/.* -r 192.168.10.103:80 .*-w \([0-9]*\).*/\1/p")"
    check "a quorum: nor by an operator" eval '! push aged "$a" lvs1 --drain web2'
    check "a quorum: unless with --force" pushed aged "$a" lvs1 --drain web2 --force
    # Without the stand-in for keepalived, the entry stays away.
    inside aged pkill -STOP -f keepalived-table
    inside aged ipvsadm -d -t 192.168.10.100:80 -r 192.168.10.105:80
    check "a quorum: a dead real server takes nothing away" pushed aged "$a" lvs1 --drain web3 --by rollout
    inside aged pkill -CONT -f keepalived-table
    check "a quorum: all weights come back" pushed aged "$a" lvs1 --give-back-all
    stop aged
fi

if models "the last real server" "$health" "$same"; then
    a=$WORK/trees/a
    start aged lvs1
    check "the last real server: A is applied" pushed aged "$a" lvs1
    check "the last real server: the first one is drained" pushed aged "$a" lvs1 --drain web1
    check "the last real server: the last one is not" eval '! push aged "$a" lvs1 --drain web2 --by rollout'
    stop aged
fi
