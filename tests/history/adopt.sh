# A cluster that was set up by hand, with the tutorial's own commands: adopt.tsv names them, `--adopt` takes them over,
# and a teardown gives them back.

# adopted HOST [OPTION...]: pushes B with the list.
adopted() {
    local host=$1
    shift
    echo aged >"$WORK/container"
    "$WORK/trees/b/install/push" --adopt "$WORK/adopt.tsv" "$host" -- "$@" >"$WORK/push" 2>&1
}

# by_hand HOST: the commands of a person, and the list that names their effects.
by_hand() {
    case $1 in
    web1)
        inside aged sh -ec '
            printf "%s\n" "# our own" "net.ipv4.conf.all.arp_ignore = 1" "net.ipv4.tcp_syncookies = 1" "net.ipv4.conf.all.arp_announce = 2" >/etc/sysctl.d/90-lvs.conf
            sysctl -q -p /etc/sysctl.d/90-lvs.conf
            mkdir -p /etc/rc.d
            printf "%s\n" "#!/bin/bash" "touch /var/lock/subsys/local" "ip addr add 192.168.10.100/24 dev lo label lo:0" "exit 0" >/etc/rc.d/rc.local
            chmod 0755 /etc/rc.d/rc.local
            ip addr add 192.168.10.100/24 dev lo label lo:0'
        ;;
    lvs1)
        inside aged sh -ec '
            echo "net.ipv4.ip_forward = 1" >/etc/sysctl.d/90-lvs.conf && sysctl -q -p /etc/sysctl.d/90-lvs.conf
            printf "%s\n" "DEVICE=ens33:0" "IPADDR=192.168.10.100" "NETMASK=255.255.255.0" >"/etc/sysconfig/network-scripts/ifcfg-ens33:0"
            ip addr add 192.168.10.100/24 dev ens33 label ens33:0
            printf "%s\n" "[Service]" "Type=oneshot" "RemainAfterExit=yes" "ExecStart=touch /run/lvs-is-up" "ExecStop=rm /run/lvs-is-up" "[Install]" "WantedBy=multi-user.target" >/etc/systemd/system/lvs.service
            systemctl enable -q --now lvs.service
            printf "%s\n" "-A -t 192.168.10.100:80 -s rr" "-a -t 192.168.10.100:80 -r 192.168.10.102:80 -g -w 1" >/etc/sysconfig/ipvsadm
            ipvsadm -R </etc/sysconfig/ipvsadm'
        ;;
    esac
    {
        printf 'web1\tline\t/etc/sysctl.d/90-lvs.conf\t%s\n' "net.ipv4.conf.all.arp_ignore = 1" "net.ipv4.conf.all.arp_announce = 2"
        printf 'web1\tline\t/etc/rc.d/rc.local\t%s\n' "ip addr add 192.168.10.100/24 dev lo label lo:0" "a line that is not there"
        printf 'web1\taddress\tlo\t192.168.10.100/24\n'
        printf 'lvs1\tfile\t%s\n' /etc/sysctl.d/90-lvs.conf /etc/sysconfig/network-scripts/ifcfg-ens33:0 /etc/sysconfig/ipvsadm /etc/systemd/system/lvs.service
        printf 'lvs1\taddress\tens33\t192.168.10.100/24\n'
        printf 'lvs1\tunit\tlvs.service\n'
    } >"$WORK/adopt.tsv"
}

# adopts HOST: A is the model before the adoption of B, on no host.
adopts() {
    local left
    start aged "$1"
    by_hand "$1"
    state_of aged >"$WORK/before.state"
    ! [ "$1" = lvs1 ] || check "adoption by a list on lvs1: without it the files are a precondition" eval "! push aged '$WORK/trees/b' lvs1"
    printf '%s\tline\t/etc/passwd\n' "$1" | cat "$WORK/adopt.tsv" - >"$WORK/bad.tsv"
    echo aged >"$WORK/container"
    check "adoption by a list on $1: a line without its text is refused" \
        eval "! '$WORK/trees/b/install/push' --adopt '$WORK/bad.tsv' '$1' >'$WORK/push' 2>&1"
    has "adoption by a list on $1: with the line" "/etc/passwd" "$(cat "$WORK/push")"
    check "adoption by a list on $1: a dry run" eval "! adopted '$1' --dry-run"
    has "adoption by a list on $1: it shows the address" "adopted: run ip address delete '192.168.10.100/24'" "$(cat "$WORK/push")"
    state_of aged >"$WORK/dry.state"
    check "adoption by a list on $1: a dry run changes nothing" diff "$WORK/before.state" "$WORK/dry.state"
    watch "$1"
    check "adoption by a list on $1" adopted "$1"
    check "adoption by a list on $1: the host does its work" push aged "$WORK/trees/b" "$1" --verify
    check "adoption by a list on $1: another run changes nothing" push aged "$WORK/trees/b" "$1" --dry-run
    check "adoption by a list on $1: nor with the list" adopted "$1" --dry-run
    watched "adoption by a list on $1"
    case $1 in
    web1)
        is "adoption by a list on web1: other lines stay" "# our own|net.ipv4.tcp_syncookies = 1" "$(inside aged paste -sd '|' /etc/sysctl.d/90-lvs.conf)"
        is "adoption by a list on web1: rc.local has our block alone" 1 "$(inside aged grep -c '^ip addr' /etc/rc.d/rc.local)"
        inside aged sh -c 'rm -f /etc/sysctl.d/90-lvs.conf; sed -i "/subsys/d" /etc/rc.d/rc.local'
        ;;
    lvs1)
        is "adoption by a list on lvs1: the unit is stopped" "" "$(inside aged ls /run/lvs-is-up /etc/systemd/system/lvs.service 2>/dev/null)"
        # A setting that no file sets any more stays in the kernel until the next boot.
        inside aged sysctl -q -w net.ipv4.ip_forward=0
        ;;
    esac
    check "adoption by a list on $1: B is applied to a bare host" bare "$1"
    left='^/etc/rc.d/rc.local'
    grep -v "$left" "$WORK/bare.state" >"$WORK/bare.rest"
    state_of aged | grep -v "$left" >"$WORK/aged.rest"
    check "adoption by a list on $1: the rest equals a bare host" diff -u "$WORK/bare.rest" "$WORK/aged.rest"
    stop aged
    start aged "$1"
    by_hand "$1"
    adopted "$1"
    check "adoption by a list on $1: its teardown is shown" eval "! push aged '$WORK/trees/b' '$1' --teardown --dry-run"
    check "adoption by a list on $1: its teardown" pushed aged "$WORK/trees/b" "$1" --teardown
    state_of aged >"$WORK/after.state"
    check "adoption by a list on $1: the teardown gives everything back" diff -u "$WORK/before.state" "$WORK/after.state"
    stop aged
}

# again: files of the administrator at the paths that were adopted.
again() {
    start aged lvs1
    by_hand lvs1
    adopted lvs1
    inside aged sh -c 'echo "# new" >/etc/sysctl.d/90-lvs.conf'
    check "an adopted path again: another run with the list keeps the new file" eval '! adopted lvs1'
    has "an adopted path again: with its path" "/etc/sysctl.d/90-lvs.conf is there again with other contents" "$(cat "$WORK/push")"
    check "an adopted path again: a teardown keeps it too" eval '! push aged "$WORK/trees/b" lvs1 --teardown'
    is "an adopted path again: both are there" "# new|net.ipv4.ip_forward = 1" \
        "$(inside aged sh -c 'cat /etc/sysctl.d/90-lvs.conf /var/lib/lvsgen/web/originals/etc/sysctl.d/90-lvs.conf' | paste -sd '|')"
    is "an adopted path again: the rest is given back" enabled "$(inside aged systemctl is-enabled lvs.service)"
    stop aged
}

# copied: the record of another host, of a copied image, is taken over with --adopt alone.
copied() {
    start aged "$1"
    pushed aged "$WORK/trees/b" "$1"
    inside aged sed -i 's/^host .*/host another/;s/^address .*/address 192.168.10.9/' "/var/lib/lvsgen/web/host"
    check "a copied host: its record is a precondition" eval "! push aged '$WORK/trees/b' '$1'"
    has "a copied host: with the way out" "if this host is a copy of another, use --adopt" "$(cat "$WORK/push")"
    check "a copied host: --adopt takes the record over" pushed aged "$WORK/trees/b" "$1" --adopt
    check "a copied host: it is this host's then" pushed aged "$WORK/trees/b" "$1" --dry-run
    stop aged
}

if models "by hand" "$openeuler" "$openeuler"; then
    adopts "$ONLY"
    case $ONLY in
    web1) copied web1 ;;
    lvs1) again ;;
    esac
fi
