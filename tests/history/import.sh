# The tutorial's hosts as a person set them up: an import makes the model and the list, the list takes everything over, and a teardown
# gives everything back.

# set_up HOST: the files of the host, and their effect until the next boot.
set_up() {
    # systemd-networkd sets up the NIC itself.
    tar -C "$WORK/files/$1" -c --exclude=ifcfg-ens33 --exclude=hostname etc | inside aged tar -x -C /
    inside aged sh -c 'sysctl -q -p /etc/sysctl.conf' >/dev/null 2>&1
    case $1 in
    web1) inside aged sh -c 'chmod 0755 /etc/rc.d/rc.local && /etc/rc.d/rc.local' >/dev/null 2>&1 ;;
    lvs1) inside aged sh -c 'ip address add 192.168.10.100/32 dev ens33 label ens33:0 && ipvsadm -R </etc/sysconfig/ipvsadm' ;;
    esac
}

imported() {
    local host=$1 left
    rm -rf "$WORK/trees" "$WORK/files" "$WORK/adopt.tsv"
    mkdir "$WORK/files"
    # This kernel has no NFS.
    cp -r "$here"/../import/tutorial-trees/{lvs1,web1,web2} "$WORK/files"
    rm "$WORK"/files/*/etc/fstab
    LAYERS=$here/layer:$lab/layer/openeuler
    (cd "$WORK/files" && "$LVSGEN" import . --force --model "$WORK/imported.yaml") >"$WORK/import" 2>&1
    has "an import on $host: it writes the list" "wrote $WORK/adopt.tsv" "$(cat "$WORK/import")"
    check "an import on $host: its model renders" render b <"$WORK/imported.yaml" || return
    start aged "$host"
    set_up "$host"
    state_of aged >"$WORK/before.state"
    watch "$host"
    check "an import on $host: the list is taken over" adopted "$host"
    watched "an import on $host"
    check "an import on $host: the host does its work" pushed aged "$WORK/trees/b" "$host" --verify
    check "an import on $host: another run changes nothing" pushed aged "$WORK/trees/b" "$host" --dry-run
    check "an import on $host: nor with the list" adopted "$host" --dry-run
    case $host in
    web1) is "an import on web1: lines that lvsgen does not replace stay" "net.ipv4.conf.lo.arp_ignore = 1|net.ipv4.conf.lo.arp_announce = 2" \
        "$(inside aged paste -sd '|' /etc/sysctl.conf)" ;;
    lvs1) is "an import on lvs1: lines that lvsgen does not replace stay" "# director|net.ipv4.tcp_syncookies = 1" \
        "$(inside aged paste -sd '|' /etc/sysctl.conf)" ;;
    esac
    check "an import on $host: the model is applied to a bare host" bare "$host"
    # Lines of the administrator, and their values in the kernel. An address that is right stays, with its scope until the next boot.
    left='^/etc/rc.d/|^/etc/sysctl.conf|conf\.lo\.arp_'
    grep -v -E "$left" "$WORK/bare.state" | sed 's/scope host lo:0/scope global lo:0/' >"$WORK/bare.rest"
    state_of aged | grep -v -E "$left" >"$WORK/aged.rest"
    check "an import on $host: the rest equals a bare host" diff -u "$WORK/bare.rest" "$WORK/aged.rest"
    check "an import on $host: its teardown" pushed aged "$WORK/trees/b" "$host" --teardown
    state_of aged >"$WORK/after.state"
    check "an import on $host: the teardown gives everything back" diff -u "$WORK/before.state" "$WORK/after.state"
    stop aged
}

case 'an import' in *"${PAIRS:-}"*) imported "$ONLY" ;; esac
