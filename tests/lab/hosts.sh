# Hosts as systemd containers on one wire: the same on this machine (smoke test) and inside the virtual
# machine (lab). A host's root is three layers: the base system, what makes it look like its operating
# system (layer/), and its rendered tree.
#
# Takes: BASE (the base system), LAYERS (folders of layer/), WORK (a scratch folder). Everything that is
# made here is named lvsgen-lab-*, and `clear_hosts` takes it all away.

NS=${NS:-lvsgen-lab-$$}
NIC=ens33
ENGINE=${ENGINE:-nspawn}
. "$(dirname "${BASH_SOURCE[0]}")/engines.sh"

# The wire: a bridge in a namespace of its own.
make_wire() {
    ip netns add $NS-wire
    ip -n $NS-wire link add br0 type bridge
    ip -n $NS-wire link set br0 up
}

# plug NAME MAC ADDRESS... : a namespace with a NIC on the wire, and its own addresses.
plug() {
    local name=$1 mac=$2 ns=$NS-$1
    mkdir -p "$WORK/$name"
    echo "$@" >"$WORK/$name/plug"
    ip netns add "$ns"
    wire_up "$@"
}

# wire_up NAME MAC ADDRESS...: the NIC of a namespace, its wire, its own addresses. `via:GATEWAY` is a default route, `NIC=ADDRESS` a
# second NIC.
wire_up() {
    local name=$1 mac=$2 ns=$NS-$1
    shift 2
    ip -n "$ns" link add $NIC address "$mac" numrxqueues 2 numtxqueues 2 type veth peer name "v-$name" netns $NS-wire
    ip -n $NS-wire link set "v-$name" master br0 up
    ip -n "$ns" link set lo up
    ip -n "$ns" link set $NIC up
    local address
    for address in "$@"; do
        case $address in
        via:*) ip -n "$ns" route add default via "${address#via:}" ;;
        *=*)
            second_nic "$name" "${mac/52:54:00:00/52:54:00:01}" "${address%=*}"
            ip -n "$ns" address add "${address#*=}" brd + dev "${address%=*}"
            ;;
        *:*) ip -n "$ns" address add "$address" dev $NIC nodad ;;
        # With its broadcast address, as every system sets it: networkd fails to take over an address without.
        *) ip -n "$ns" address add "$address" brd + dev $NIC ;;
        esac
    done
}

# second_nic NAME MAC NIC: a NIC of a namespace on a second wire. `bond0.20` is a VLAN on a bond.
second_nic() {
    local ns=$NS-$1 mac=$2 nic=$3 wire=w-$1 vlan=${3#*.}
    ip -n $NS-wire link add br1 type bridge 2>/dev/null && ip -n $NS-wire link set br1 up
    case $nic in
    *.*)
        ip -n "$ns" link add slave address "$mac" type veth peer name "$wire" netns $NS-wire
        ip -n "$ns" link add "${nic%.*}" type bond mode active-backup miimon 100
        ip -n "$ns" link set slave master "${nic%.*}"
        ip -n "$ns" link set "${nic%.*}" up
        ip -n "$ns" link add link "${nic%.*}" name "$nic" type vlan id "$vlan"
        ip -n $NS-wire link set "$wire" up
        ip -n $NS-wire link add link "$wire" name "$wire.$vlan" type vlan id "$vlan"
        ip -n $NS-wire link set "$wire.$vlan" master br1 up
        ;;
    *)
        ip -n "$ns" link add "$nic" address "$mac" type veth peer name "$wire" netns $NS-wire
        ip -n $NS-wire link set "$wire" master br1 up
        ;;
    esac
    ip -n "$ns" link set "$nic" up
}

# replug NAME: the namespace anew, as a reboot makes it: what the last boot set there is gone.
replug() {
    # Mount namespaces of other containers may keep the old one alive, so its wire is cut by hand.
    ip -n $NS-wire link delete "v-$1"
    ip -n $NS-wire link delete "w-$1" 2>/dev/null
    ip netns delete "$NS-$1"
    # shellcheck disable=SC2046 # the words that `plug` was called with
    plug $(cat "$WORK/$1/plug")
}

# boot NAME TREE: starts the container in its namespace; its own changes survive a reboot. Each boot has
# an upper layer of its own, copied from the last one: the mount namespaces of other containers hold on to
# the old mount, and two overlays may not share their layers.
boot() {
    local name=$1 tree=$2 root=$WORK/$1 boot=0 nic
    if [ -e "$root/boot" ]; then
        boot=$(($(cat "$root/boot") + 1))
        replug "$name"
    fi
    mkdir -p "$root/$boot/work" "$root/$boot/root"
    if [ "$boot" = 0 ]; then mkdir -p "$root/0/up"; else cp -a "$root/$((boot - 1))/up" "$root/$boot/up"; fi
    echo "$boot" >"$root/boot"
    root=$root/$boot
    if [ ! -e "$root/up/etc/network/interfaces" ]; then
        # The addresses are there: `plug` set them.
        mkdir -p "$root/up/etc/network"
        {
            printf 'source interfaces.d/*\nauto lo\niface lo inet loopback\n'
            for nic in $NIC $(tr ' ' '\n' <"$WORK/$name/plug" | sed -n 's/=.*//p'); do
                printf 'auto %s\niface %s inet manual\n' "$nic" "$nic"
            done
        } >"$root/up/etc/network/interfaces"
    fi
    # NFS exports need file handles, which an overlay gives only with an index; the index in turn wants
    # the same lower layers at each boot, which a host whose tree is changed does not have.
    local options=redirect_dir=nofollow
    [ -e "$tree/etc/exports.d" ] && options=$options,index=on,nfs_export=on
    mount -t overlay overlay -o \
        "lowerdir=$tree:$LAYERS:$BASE,upperdir=$root/up,workdir=$root/work,$options" "$root/root" || return
    echo "$name" >"$root/root/etc/hostname"
    touch "$WORK/$name/running"
    "start_$ENGINE" "$name" "$root/root"
}

# The container's first process.
leader() { "leader_$ENGINE" "$1"; }

# inside NAME COMMAND...: runs a command in a container.
inside() {
    local pid
    pid=$(leader "$1") || return 125
    shift
    nsenter --target "$pid" --mount --uts --ipc --net --pid --root --wdns=/ -- "$@"
}

# up NAME: waits until the container has booted, and says how ("running", "degraded").
up() {
    local tries state
    for tries in $(seq "${UP_TRIES:-40}"); do
        state=$(inside "$1" systemctl is-system-running 2>/dev/null) || true
        case $state in
        running) echo running; return ;;
        degraded)
            echo "degraded: $(inside "$1" systemctl --failed --plain --no-legend | awk '{ print $1 }' | xargs)"
            return
            ;;
        esac
        sleep 0.5
    done
    echo "${state:-dead}"
}

# change NAME: where the harness puts files of its own before a first boot.
change() { mkdir -p "$WORK/$1/0/up" && echo "$WORK/$1/0/up"; }

# guard NAME STEPS...: the firewalls that the steps name run on the host from its first boot, and accept nothing of the cluster.
guard() {
    local etc manager unit
    etc=$(change "$1")/etc
    shift
    for manager in $(cat "$@" 2>/dev/null | sed -n 's/^mechanism firewall\.//p' | sort -u); do
        mkdir -p "$etc/systemd/system/multi-user.target.wants" "$etc/ufw" "$etc/firewalld"
        case $manager in
        firewalld*)
            unit=firewalld
            # As docs of the check firewalld-source-check say.
            sed 's/^IPv6_rpfilter=.*/IPv6_rpfilter=no/' "$BASE/etc/firewalld/firewalld.conf" >"$etc/firewalld/firewalld.conf"
            ;;
        ufw) unit=ufw && printf 'ENABLED=yes\nLOGLEVEL=off\n' >"$etc/ufw/ufw.conf" ;;
        nftables)
            unit=nftables
            cat >"$etc/nftables.conf" <<'END'
flush ruleset
table inet site {
    chain input {
        type filter hook input priority filter; policy drop;
        include "/etc/lvsgen/*-openings.nft"
        ct state established,related accept
        ct state invalid drop
        iif lo accept
        icmp type echo-request accept
        icmpv6 type { echo-request, nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert } accept
    }
}
END
            ;;
        esac
        ln -sf "/lib/systemd/system/$unit.service" "$etc/systemd/system/multi-user.target.wants/"
    done
}

# down NAME: powers the container off and takes its root apart; its upper layer stays.
down() {
    local root=$WORK/$1 pid tries
    [ -e "$root/running" ] || return 0
    pid=$(leader "$1")
    inside "$1" systemctl --no-block poweroff >/dev/null 2>&1 || true
    for tries in $(seq 40); do
        [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null || break
        sleep 0.25
    done
    "stop_$ENGINE" "$1"
    umount --recursive "$root/$(cat "$root/boot")/root" 2>/dev/null || true
    rm -f "$root/running"
}

# apply NAME PLAN: does what `lvsgen plan` says of the host, as a delivery would: directories, services,
# commands, need by need. Packages are part of the base system.
apply() {
    local mode
    sed -n "/^$1: /,/^\$/s/^    //p" "$2" | while read -r what value; do
        case $what in
        directory)
            mode=${value##*(}
            value=${value% (*}
            echo "mkdir -p '$value' && chmod '${mode%)}' '$value'"
            ;;
        # Not `enable --now`, which does not start a SysV script.
        service) echo "systemctl enable '$value' && systemctl start '$value'" ;;
        '>') printf '%s\n' "$value" ;;
        esac
    done >"$WORK/$1.apply"
    inside "$1" sh -ec 'while IFS= read -r line; do sh -c "$line" </dev/null >>/tmp/apply.log 2>&1 || { echo "$line"; cat /tmp/apply.log; exit 1; }; done' <"$WORK/$1.apply"
}

# clear_hosts: nothing is left, whatever happened before.
clear_hosts() {
    local root group
    for root in "$WORK"/*/; do
        [ -e "$root/boot" ] && down "$(basename "$root")"
    done
    ip netns list 2>/dev/null | awk -v p="^$NS-" '$1 ~ p { print $1 }' | while read -r ns; do
        ip netns pids "$ns" | xargs -r kill -KILL 2>/dev/null
        ip netns delete "$ns"
    done
    for group in /sys/fs/cgroup/$NS-* /sys/fs/cgroup/*/$NS-*; do
        [ -d "$group" ] && find "$group" -depth -type d -exec rmdir {} + 2>/dev/null
    done
    return 0
}
