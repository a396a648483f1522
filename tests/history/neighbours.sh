# Two clusters on one host: the models a and b have different names.

intranet='s/^name: web/name: intranet/;s/192.168.10.100/192.168.10.98/'

# neighbours NAME A-EDIT B-EDIT: web1 gets both clusters and loses the first one, then the other.
neighbours() {
    local name="two clusters, $1"
    models "$name" "$2" "$3;$intranet" || return
    start aged web1
    administrator aged
    watch web1
    check "$name: the first is applied" pushed aged "$WORK/trees/a" web1
    check "$name: the other is applied" pushed aged "$WORK/trees/b" web1
    for tree in a b; do
        check "$name: $tree does its work" pushed aged "$WORK/trees/$tree" web1 --verify
        check "$name: $tree is as wanted" pushed aged "$WORK/trees/$tree" web1 --dry-run
    done
    model "$2;s/192.168.10.100/192.168.10.99/" | render c
    check "$name: another VIP of the first" pushed aged "$WORK/trees/c" web1
    check "$name: the other is still as wanted" pushed aged "$WORK/trees/b" web1 --dry-run
    check "$name: a teardown of the first" pushed aged "$WORK/trees/c" web1 --teardown
    check "$name: the other does its work" pushed aged "$WORK/trees/b" web1 --verify
    check "$name: the other is as wanted then" pushed aged "$WORK/trees/b" web1 --dry-run
    watched "$name"
    check "$name: everything of the administrator is still there" administrators aged
    without_administrator aged
    rm -rf "$WORK/trees/c"
    check "$name: the other is applied to a bare host" bare web1
    equal "$name, after a teardown of the first"
    # The first one comes again, as the second cluster, and leaves after the other.
    check "$name: the first is applied again" pushed aged "$WORK/trees/a" web1
    check "$name: a teardown of the other" pushed aged "$WORK/trees/b" web1 --teardown
    check "$name: a teardown of the first, the last one" pushed aged "$WORK/trees/a" web1 --teardown
    start bare web1
    state_of bare >"$WORK/bare.state"
    stop bare
    equal "$name, after both teardowns"
    stop aged
}

# not_beside NAME HOST A-EDIT B-EDIT REASON [NEW]: the second cluster is refused before anything changes. NEW is the host's
# name there.
not_beside() {
    models "$1" "$3" "$4" || return
    start aged "$2"
    check "$1: the first is applied" pushed aged "$WORK/trees/a" "$2"
    check "$1: the other is refused" eval "! push aged '$WORK/trees/b' ${6:-$2}"
    has "$1: with the reason" "$5" "$(cat "$WORK/push")"
    check "$1: the first does its work" pushed aged "$WORK/trees/a" "$2" --verify
    is "$1: the other has no record" "" "$(inside aged sh -c 'ls /var/lib/lvsgen/intranet/order 2>/dev/null')"
    stop aged
}

if [ "$ONLY" = web1 ]; then
    unit=$(by "real_server_vip: systemd-unit")
    networkd=$(by "real_server_vip: networkd")
    ifupdown=$(by "real_server_vip: ifupdown")
    neighbours "by ifupdown" "$ifupdown" "$ifupdown"
    neighbours "by systemd-unit" "$unit" "$unit"
    neighbours "by rc-local" "s/^target: .*/target: openeuler/" "s/^target: .*/target: openeuler/"
    neighbours "by ifupdown and systemd-unit" "$ifupdown" "$unit"
    not_beside "a VIP of two clusters" web1 "" "s/^name: web/name: intranet/" \
        "the cluster web has the VIP 192.168.10.100 on this host already"
    not_beside "networkd beside a unit" web1 "$networkd" "$unit;$intranet" "the cluster web has its VIPs on lo by networkd"
    not_beside "networkd for two clusters" web1 "$networkd" "$networkd;$intranet" \
        "/etc/systemd/network/05-lvsgen-lo.network belongs to the cluster web of lvsgen"
    not_beside "two names of a host" web1 "" "$intranet;s/name: web1/name: node1/" \
        "the cluster web has another value for the same thing (the name of this host web1)" node1
    somaxconn='$a\tuning: { set: { net.core.somaxconn: 4096 } }'
    not_beside "another tuning of two clusters" web1 "$somaxconn" "$intranet;${somaxconn/4096/8192}" \
        "the cluster web has another value for the same thing (net.core.somaxconn 4096)"
    queues='$a\tuning: { queues: { count: 1 } }'
    not_beside "queues of two clusters" web1 "$queues" "$intranet;$queues" "the cluster web sets the queues of this host already"
fi
if [ "$ONLY" = lvs1 ]; then
    not_beside "a director of two clusters" lvs1 "" "$intranet" "this host is a director of the cluster web already"
fi
