
# --- Preconditions: everything is asked before anything changes ----------------------------------------------

# unmet TEXT: notes a precondition that is not met.
unmet() {
    complain "$host: $*"
    unmet=yes
}

preconditions() {
    unmet=
    fill_secrets
    while read -r keyword value; do
        case $keyword in
        nic)
            nic=$value
            ip -oneline address show dev "$nic" >"$work/nic" 2>/dev/null && continue
            unmet "there is no NIC $nic: correct \`interface\` in the model"
            nic=
            ;;
        address)
            [ -z "$nic" ] || grep -qF " $value/" "$work/nic" ||
                unmet "the NIC $nic does not have the address $value: correct \`interface\` or \`address\` in the model"
            ;;
        esac
    done <"$wanted/host"
    for section in "$wanted"/section/*; do
        [ -e "$section" ] || continue
        id=${section##*/}
        for path in $(fields requires "$section"); do
            [ -e "$path" ] || unmet "there is no $path: the files of lvsgen have another meaning without it"
        done
        keeps_nics "$section"
        fields condition "$section" >"$work/conditions"
        while read -r condition; do
            why=$( (eval "$(printf '%b' "$condition")") </dev/null 2>&1) || unmet "$why"
        done <"$work/conditions"
        fields file "$section" >"$work/owners"
        while read -r mode sum path; do
            check_owner "$sum" "$path"
        done <"$work/owners"
        fields block "$section" >"$work/owners"
        while read -r mode sum path; do
            [ ! -e "$path" ] || whole_block "$path" ||
                unmet "$path has only one of the lines \`$block_begin\` and \`$block_end\`: correct it by hand"
        done <"$work/owners"
    done
    fits_neighbours
    [ -z "$adopt" ] || check_list
    [ "$unmet" = yes ] || answered_claims
    [ -n "$unmet" ] || return 0
    # A folder of the record that this run made.
    rmdir "$state/record" "$state/started" "$state" "${state%/*}" 2>/dev/null
    exit 2
}

# check_owner SHA PATH: only a file that is ours, or that a package brought, is replaced without --force.
check_owner() {
    [ -e "$2" ] || return 0
    owner=$(other_cluster "$2")
    if [ -n "$owner" ]; then
        unmet "$2 belongs to the cluster $owner of lvsgen, and a host has this file once: use another mechanism in one of the two models, or leave this part to one of them; if that cluster is gone, run its converge.sh --teardown"
        return
    fi
    if [ -n "$force" ] || { [ -n "$adopt" ] && adopts "$2"; }; then return; fi
    if [ "$(disk_sum file "$2")" = "$1" ] || [ -n "$(recorded_sums "$2")" ]; then return; fi
    made_by_earlier "$2" || owned_by_package "$2" || unmet "$2 exists, and lvsgen did not make it: move it away, or use --force to replace it"
}

# answered_claims: somebody else answers ARP for a VIP that this host is about to take. All are asked at once.
answered_claims() {
    fields claim "$wanted/host" >"$work/claims"
    [ -s "$work/claims" ] && [ "$call" = converge ] || return 0
    if grep -qsiE 'amazon|google|alibaba|tencent|openstack|digitalocean' /sys/class/dmi/id/sys_vendor; then
        complain "warning: $(cat /sys/class/dmi/id/sys_vendor) drops packets to addresses that it did not assign: allow the VIPs in its console"
    fi
    while read -r nic vip; do
        ip -oneline address show | grep -qF " $vip/" && continue
        (claim_answered "$vip" "$nic" "$work/claim-$vip") 9>&- &
    done <"$work/claims"
    wait
    while read -r nic vip; do
        [ -e "$work/claim-$vip" ] || continue
        read -r seen <"$work/claim-$vip"
        case $seen in
        answered) unmet "somebody answers ARP for $vip on $nic: a real server without arp_ignore, or another director" ;;
        silent) ;;
        *) complain "warning: nobody could ask who answers ARP for $vip: there is no arping of iputils here" ;;
        esac
    done <"$work/claims"
}

# claim_answered VIP NIC FILE: writes `answered`, `silent` or `unknown`.
claim_answered() {
    # The other program called arping exits with 0 for an answer, where this one exits with 1.
    if arping -V 2>/dev/null | grep -qi iputils; then
        arping -D -q -c 2 -w 3 -I "$2" "$1" >/dev/null 2>&1
        case $? in 0) echo silent ;; 1) echo answered ;; *) echo unknown ;; esac >"$3"
        return
    fi
    # The kernel itself asks before it sends a packet to an address of the segment.
    case $(ip -oneline route get "$1" 2>/dev/null) in
    *" via "* | local\ * | '') echo unknown >"$3" ;;
    *)
        ip neighbour flush to "$1" dev "$2" 2>/dev/null
        ping -c 1 -W 2 -I "$2" "$1" >/dev/null 2>&1
        sleep 1
        case $(ip neighbour show "$1" dev "$2") in
        *lladdr*) echo answered ;;
        *FAILED* | *INCOMPLETE*) echo silent ;;
        *) echo unknown ;;
        esac >"$3"
        ;;
    esac
}
