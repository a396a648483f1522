# The VIPs of a director beside the site's own profile of the NIC, with the real program of each network stack: NetworkManager,
# systemd-networkd (also through netplan), ifupdown. The site's address stays, whatever happens; the VIPs come back.

# site STACK: the site's configuration of ens33 in the container `aged`, before its first boot. The NIC has no address yet.
site() {
    local etc wants
    etc=$(change aged)/etc
    wants=$etc/systemd/system/multi-user.target.wants
    mkdir -p "$wants" "$etc/systemd/network" "$etc/network" "$etc/netplan" "$etc/NetworkManager/system-connections" "$etc/NetworkManager/conf.d"
    printf 'source interfaces.d/*\nauto lo\niface lo inet loopback\n' >"$etc/network/interfaces"
    # This kernel has no NFS.
    ln -sfn /dev/null "$etc/systemd/system/run-rpc_pipefs.mount"
    case $1 in
    nm)
        ln -sf /lib/systemd/system/NetworkManager.service "$wants/"
        # There is no udev here, and NetworkManager leaves veth to others.
        printf '[device]\nmatch-device=interface-name:ens33\nmanaged=1\n' >"$etc/NetworkManager/conf.d/site.conf"
        printf '[connection]\nid=site\ntype=ethernet\ninterface-name=ens33\n[ipv4]\nmethod=manual\naddress1=192.168.10.101/24,192.168.10.2\n[ipv6]\nmethod=manual\naddress1=2001:db8:10::101/64\n' \
            >"$etc/NetworkManager/system-connections/site.nmconnection"
        chmod 600 "$etc/NetworkManager/system-connections/site.nmconnection"
        ;;
    ifupdown)
        cat >>"$etc/network/interfaces" <<'END'
auto ens33
iface ens33 inet static
    address 192.168.10.101/24
    gateway 192.168.10.2
iface ens33 inet6 static
    address 2001:db8:10::101/64
    dad-attempts 0
END
        ;;
    networkd | netplan)
        mkdir -p "$etc/systemd/system/sockets.target.wants"
        ln -sf /lib/systemd/system/systemd-networkd.service "$wants/"
        ln -sf /lib/systemd/system/systemd-networkd.service "$etc/systemd/system/dbus-org.freedesktop.network1.service"
        ln -sf /lib/systemd/system/systemd-networkd.socket "$etc/systemd/system/sockets.target.wants/"
        ;;
    esac
    case $1 in
    networkd)
        printf '[Match]\nName=ens33\n[Network]\nAddress=192.168.10.101/24\nAddress=2001:db8:10::101/64\nGateway=192.168.10.2\n' \
            >"$etc/systemd/network/10-uplink.network"
        ;;
    netplan)
        # The id is not the name, as installers of clouds write it.
        cat >"$etc/netplan/50-site.yaml" <<'END'
network:
  version: 2
  ethernets:
    primary:
      match: { name: ens33 }
      addresses: [192.168.10.101/24, "2001:db8:10::101/64"]
      routes: [{ to: default, via: 192.168.10.2 }]
END
        chmod 600 "$etc/netplan/50-site.yaml"
        ;;
    esac
}

# start_site STACK: boots the container with the site's configuration.
start_site() {
    plug aged 52:54:00:00:01:01
    site "$1"
    mkdir -p "$WORK/empty"
    boot aged "$WORK/empty"
    up aged >/dev/null
}

# on_nic: the addresses of the NIC, with the label or the mark of a deprecated address.
on_nic() {
    inside aged ip -oneline address show dev ens33 scope global |
        sed -E 's/.* inet6? ([^ ]*).*(deprecated).*/\1 \2/;t;s/.* inet6? ([^ ]*).*(ens33:[0-9]+).*/\1 \2/;t;s/.* inet6? ([^ ]*).*/\1/' | sort | paste -sd ,
}

# nic_has NAME ADDRESSES: within 15 seconds the NIC has these addresses, and keeps them. A program that sets up the NIC again first
# removes addresses and then adds them: one look may come before, and the next between.
nic_has() {
    local tries found seen=0
    for tries in $(seq 75); do
        found=$(on_nic)
        if [ "$found" = "$2" ]; then seen=$((seen + 1)); else seen=0; fi
        [ "$seen" -lt 3 ] || break
        sleep 0.2
    done
    is "$1" "$2" "$found"
}

own='192.168.10.101/24,2001:db8:10::101/64'
with_vips='192.168.10.100/32 ens33:0,192.168.10.101/24,2001:db8:10::100/128 deprecated,2001:db8:10::101/64'

# events STACK: the things that happen to a NIC; each one prints a name and a command for the host.
events() {
    case $1 in
    nm)
        echo 'connection up|nmcli connection up site'
        echo 'connection down and up|nmcli connection down site && nmcli connection up site'
        echo 'device reapply|nmcli device reapply ens33'
        echo 'restart|systemctl restart NetworkManager'
        echo 'networking off and on|nmcli networking off && sleep 1 && nmcli networking on'
        ;;
    ifupdown)
        echo 'ifdown and ifup|ifdown ens33 && ifup ens33'
        echo 'restart|systemctl restart networking'
        ;;
    *)
        echo 'reload|networkctl reload'
        echo 'reconfigure|networkctl reconfigure ens33'
        echo 'restart|systemctl restart systemd-networkd'
        ;;
    esac
}

# beside STACK MODEL-EDIT: the VIPs come beside the site's profile, survive events and a reboot, and go again.
beside() {
    local stack=$1 name command
    models "beside $stack" "$2" "$2;$more" || return 0
    start_site "$stack"
    nic_has "$stack: the site's profile is active" "$own"
    check "$stack: the run puts the VIPs beside it" pushed aged "$WORK/trees/a" lvs1
    nic_has "$stack: with label, and deprecated" "$with_vips"
    while IFS='|' read -r name command; do
        check "$stack: $name" inside aged sh -c "$command" </dev/null
        nic_has "$stack: the VIPs and the site's addresses are there after $name" "$with_vips"
    done < <(events "$stack")
    ip -n "$NS-wire" link set v-aged down
    # NetworkManager deactivates a profile after 6 seconds without carrier.
    if [ "$stack" = nm ]; then sleep 8; else sleep 1; fi
    ip -n "$NS-wire" link set v-aged up
    nic_has "$stack: after a loss of carrier" "$with_vips"
    down aged
    boot aged "$WORK/empty"
    up aged >/dev/null
    nic_has "$stack: after a reboot" "$with_vips"
    is "$stack: the host is as the boot of the site" running "$(up aged)"
    check "$stack: nothing is to be done" pushed aged "$WORK/trees/a" lvs1 --dry-run
    check "$stack: one VIP more" pushed aged "$WORK/trees/b" lvs1
    nic_has "$stack: it is there" "192.168.10.100/32 ens33:0,$own_and_more"
    check "$stack: and goes" pushed aged "$WORK/trees/a" lvs1
    nic_has "$stack: alone" "$with_vips"
    check "$stack: the teardown" pushed aged "$WORK/trees/a" lvs1 --teardown
    nic_has "$stack: it leaves the site's profile" "$own"
    while IFS='|' read -r name command; do
        check "$stack: $name without lvsgen" inside aged sh -c "$command" </dev/null
        nic_has "$stack: the site's profile is whole after $name" "$own"
    done < <(events "$stack")
    stop aged
}
own_and_more='192.168.10.101/24,192.168.10.99/32 ens33:1,2001:db8:10::100/128 deprecated,2001:db8:10::101/64'

two_families='s/subnet: .*, gateway: .* }/subnet: [192.168.10.0\/24, 2001:db8:10::\/64], gateway: [192.168.10.2, 2001:db8:10::1] }/;s/192\.168\.10\.10[1-9]/[&, 2001:db8:10::&]/;s/::192\.168\.10\./::/;s/vip: 192\.168\.10\.100/vip: [192.168.10.100, 2001:db8:10::100]/'
interface() { echo "s/interface: ens33/interface: { name: ens33, $1 }/"; }
beside ifupdown "$two_families"
beside nm "$two_families;$(by 'director_vip: nm-dispatcher')"
beside networkd "$two_families;$(by 'director_vip: networkd-drop-in');$(interface 'network_file: 10-uplink.network')"
beside netplan "$two_families;$(by 'director_vip: networkd-drop-in');$(interface 'netplan_id: primary')"

# A mechanism that writes the whole NIC refuses a NIC with parts that the model does not know.
if models "beside nothing: a whole NIC" "$(by 'director_vip: networkd')" "$same"; then
    start_site networkd
    nic_has "a whole NIC: the site's profile is active" "$own"
    inside aged ip link set ens33 mtu 1400
    inside aged ip route add 10.7.0.0/16 via 192.168.10.9
    inside aged sh -c "ip link add br7 type bridge && ip link set ens33 master br7"
    check "a whole NIC: the run is refused" eval "! push aged '$WORK/trees/a' lvs1"
    lost='would lose the address 2001:db8:10::101, the route 10.7.0.0/16 via 192.168.10.9, the MTU 1400, its part of br7'
    has "a whole NIC: with everything that would be lost" "$lost: choose" "$(cat "$WORK/push")"
    nic_has "a whole NIC: nothing was changed" "$own"
    inside aged ip link delete br7
    check "a whole NIC: --force replaces the profile" pushed aged "$WORK/trees/a" lvs1 --force
    check "a whole NIC: it is lvsgen's then" pushed aged "$WORK/trees/a" lvs1 --dry-run
    stop aged
fi

# A profile that an earlier run made is no profile of the site: its undo would take the NIC down.
if models "beside nothing: NetworkManager" "$(by 'director_vip: nm-keyfile')" "$(by 'director_vip: nm-dispatcher')"; then
    start_site nm
    nic_has "nm-keyfile: the site's profile is active" "$own"
    inside aged sh -c 'nmcli connection modify site ipv6.method ignore ipv6.addresses "" && nmcli connection up site' >/dev/null
    check "nm-keyfile: it replaces the profile" pushed aged "$WORK/trees/a" lvs1
    check "nm-keyfile becomes nm-dispatcher: refused while its own profile is active" eval "! push aged '$WORK/trees/b' lvs1"
    has "nm-keyfile becomes nm-dispatcher: with the reason" "which an earlier run made" "$(cat "$WORK/push")"
    inside aged nmcli connection up site >/dev/null
    check "nm-keyfile becomes nm-dispatcher: with the site's profile" pushed aged "$WORK/trees/b" lvs1
    nic_has "nm-keyfile becomes nm-dispatcher: the VIP is beside it" '192.168.10.100/32 ens33:0,192.168.10.101/24'
    stop aged
fi
