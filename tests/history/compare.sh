# The state of a host as text, to compare two hosts, and the things that an administrator made on a host.

# state_of CONTAINER: files with mode and hash, addresses, routes, settings, running units, IPVS table, record. An enabled unit is a link
# among the files.
state_of() {
    local boot
    boot=$(cat "$WORK/$1/boot")
    # shellcheck disable=SC2086 # several layers
    "$here/changed" "$WORK/$1/$boot/up" "$WORK/$1/$boot/root" "$VOLATILE" ${LAYERS//:/ } "$BASE"
    inside "$1" sh -c '
        # The link-local address of IPv6 takes a second to come up, whatever lvsgen does.
        ip -oneline address show | grep -v fe80: | sed "s/.*: \([^ ]*  *inet\)/\1/; s/valid_lft.*//" | sort
        ip route show table all | grep -v fe80: | sort
        ip rule show && ip -6 rule show
        # The device of a tunnel stays, as long as its module is loaded.
        sysctl -a 2>/dev/null | grep -v -F conf.tunl0. | grep -E "^net\.ipv4\.(ip_forward|conf\..*(arp_|redirects|rp_filter|accept_local|martians)|tcp_(rmem|max_syn|slow))|^net\.core\.somaxconn" | sort
        systemctl list-units --type=service --state=running --no-legend --plain | awk "{ print \$1 }" | sort
        # A reload of ufw writes the chains of the rules of its user anew.
        nft list tables 2>/dev/null | sort | while read -r table; do nft list $table; done |
            sed "s/counter packets [0-9]* bytes [0-9]*/counter/; /chain ufw6*-user-/,/}/d"
        # firewalld keeps its own file of a zone that once had a rule.
        if systemctl -q is-active firewalld.service; then firewall-cmd --permanent --list-all-zones; fi
        ipvsadm -S -n | sort
        ipvsadm -L --timeout'
}

# Paths that differ between any two hosts. a2enmod(8) is not undone: the module may be the administrator's choice. The script of the
# metrics may be at work.
VOLATILE='\.prom\.[A-Za-z0-9]*$|^/etc/firewalld/zones/|^/etc/ufw/user|^/(run|tmp|proc|sys|dev|root)/|^/var/(log|cache|tmp|lib/systemd|lib/apt|lib/dpkg|lib/logrotate|lib/dbus)|^/etc/(machine-id|hostname|resolv.conf|mtab|\.updated|ld.so.cache|mods-enabled)|^/var/\.updated|/var/lib/(apache2|nginx|prometheus/metrics2)|^/etc/apache2/mods-enabled|^/var/lib/lvsgen/[^/]*/(log|returned|adopted|originals|settings|previous|next|created|enabled|written|modes)|lvsgen/[^/]*/saved'

# administrator CONTAINER: things that nobody may touch.
administrator() {
    inside "$1" sh -c '
        ip address add 10.9.9.9/32 dev lo
        ip route add 10.8.0.0/16 dev lo
        echo "net.ipv4.conf.all.log_martians = 1" >/etc/sysctl.d/50-administrator.conf
        mkdir -p /etc/lvsgen && echo mine >/etc/lvsgen/administrator
        [ ! -e /etc/rc.local ] || { sed -i --follow-symlinks "1a # a line of the administrator" /etc/rc.local && touch /etc/lvsgen/rc.local; }'
}

administrators() {
    inside "$1" sh -ec '
        [ -n "$(ip address show dev lo to 10.9.9.9/32)" ]
        [ -n "$(ip route show 10.8.0.0/16)" ]
        grep -qx "net.ipv4.conf.all.log_martians = 1" /etc/sysctl.d/50-administrator.conf
        grep -qx mine /etc/lvsgen/administrator
        [ ! -e /etc/lvsgen/rc.local ] || grep -qx "# a line of the administrator" /etc/rc.local'
}

without_administrator() {
    inside "$1" sh -c '
        ip address delete 10.9.9.9/32 dev lo
        ip route delete 10.8.0.0/16 dev lo 2>/dev/null
        sysctl -q -w net.ipv4.conf.all.log_martians=0
        rm -f /etc/sysctl.d/50-administrator.conf /etc/lvsgen/administrator /etc/lvsgen/rc.local
        rmdir /etc/lvsgen 2>/dev/null
        [ ! -e /etc/rc.local ] || sed -i --follow-symlinks "/# a line of the administrator/d" /etc/rc.local
        # A file that lvsgen made stays while it has a line of the administrator.
        [ "$(xargs -a /etc/rc.local 2>/dev/null)" != "#!/bin/sh exit 0" ] || rm "$(readlink -f /etc/rc.local)"
        rmdir /etc/rc.d 2>/dev/null || :'
}
