
# --- A mechanism that writes the whole profile of a NIC -------------------------------------------------------

# keeps_nics SECTION: before such a mechanism writes a NIC for the first time, everything of the NIC must be in the model, or it
# would be lost.
keeps_nics() {
    id=${1##*/}
    [ -z "$force" ] || return 0
    for nic in $(fields whole-nic "$1"); do
        cat "$state/record/$id" "$state/started/$id" 2>/dev/null | grep -qxF "whole-nic $nic" && continue
        { fields address "$wanted/host" && sed -n "s/^probe address $nic \([^/]*\).*/\1/p" "$1"; } >"$work/kept-addresses"
        fields name-server "$1" >"$work/kept-servers"
        parts_of_nic >"$work/lost"
        [ ! -s "$work/lost" ] ||
            unmet "$id replaces the profile of $nic, and would lose $(paste -sd , "$work/lost" | sed 's/,/, /g'): choose the default mechanism of this need, or use --force"
    done
}

# parts_of_nic: prints the parts of the NIC that the model does not know, one on a line.
parts_of_nic() {
    # The router gives an address of SLAAC anew.
    ip -oneline address show dev "$nic" scope global | awk '!($3 == "inet6" && / dynamic /) { sub("/.*", "", $4); print $4 }' |
        grep -vxF -f "$work/kept-addresses" | sed 's/^/the address /'
    for family in -4 -6; do
        ip $family route show dev "$nic" | grep -vE '^(default|fe80|multicast|ff00)| proto (kernel|ra)' | sed 's/\( via [^ ]*\)\{0,1\} .*/\1/; s/^/the route /'
    done
    mtu=$(cat "/sys/class/net/$nic/mtu")
    [ "$mtu" = 1500 ] || echo "the MTU $mtu"
    for upper in "/sys/class/net/$nic"/upper_*; do
        [ ! -e "$upper" ] || echo "its part of ${upper##*/upper_}"
    done
    { resolvectl dns "$nic" 2>/dev/null | sed 's/^Link [^:]*: *//' && nmcli -e no -g IP4.DNS,IP6.DNS device show "$nic" 2>/dev/null; } |
        tr -s '| ' '\n' | grep . | sort -u | grep -vxF -f "$work/kept-servers" | sed 's/^/the name server /'
}
