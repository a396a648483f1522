
# --- Probes --------------------------------------------------------------------------------------------------

# ask SECTION PROBE: asks one probe; sets `check`, `wanted_answer` and `seen`. Status 2: it cannot be asked here.
ask() {
    probed=$1 question=$2
    # shellcheck disable=SC2086 # the fields of a statement
    set -- $2
    check='' wanted_answer='' seen=''
    case $1 in
    address)
        check="$3 on $2" wanted_answer=$3
        # `ip` prints a host address of a point-to-point interface without its length.
        seen=$(ip -oneline address show dev "$2" 2>/dev/null |
            awk -v net="$3" '$4 == net || $4 "/32" == net || $4 "/128" == net { print net; exit }')
        seen=${seen:-missing}
        ;;
    setting)
        check="$3 on $2" wanted_answer=$4
        # The kernel uses the larger value of `all` and the interface (IN_DEV_MAXCONF).
        # Not the `read` of the shell: the kernel gives the whole value to the first read, and dash reads one byte.
        all=$(cat "/proc/sys/net/ipv4/conf/all/$3" 2>/dev/null || echo 0)
        seen=$(cat "/proc/sys/net/ipv4/conf/$2/$3" 2>/dev/null || echo 0)
        [ "$all" -le "$seen" ] || seen=$all
        ;;
    sysctl)
        check=$2
        shift 2
        # A value of several numbers has tabulators in the kernel.
        wanted_answer=$*
        # shellcheck disable=SC2046 # several numbers
        set -- $(sysctl -n "$check" 2>/dev/null)
        seen=$*
        [ -n "$seen" ] || { seen='not asked: this kernel does not have it' && return 2; }
        ;;
    up)
        check=$2 wanted_answer=up
        seen=down
        [ -z "$(ip link show up dev "$2" 2>/dev/null)" ] || seen=up
        ;;
    via)
        check="answers of $2, $3 port $4" wanted_answer="via $5"
        # The kernel itself chooses the route, for some client of another network.
        case $2 in *:*) client=2001:db8::1 ;; *) client=192.0.2.1 ;; esac
        seen=$(ip route get "$client" from "$2" ipproto "$3" sport "$4" 2>/dev/null | sed -n 's/.* \(via [^ ]*\).*/\1/p')
        seen=${seen:-another way}
        ;;
    active)
        check=$2 wanted_answer=active
        seen=$(systemctl is-active "$2" 2>/dev/null)
        ;;
    command)
        # A command of the mechanism, after the item that it asks about.
        check="${probed##*/} $2" wanted_answer=yes seen=no
        ! (eval "$(printf '%b' "${question#command "$2" }")") </dev/null >/dev/null 2>&1 || seen=yes
        ;;
    mounted)
        check=$2 wanted_answer=$3
        # An access mounts the share.
        ! awk -v directory="$2" '$2 == directory { kind = $3 } END { exit kind != "autofs" }' /proc/mounts ||
            timeout -s KILL 40 stat "$2/." >/dev/null 2>&1
        seen=$(awk -v directory="$2" '$2 == directory && $3 != "autofs" { share = $1 } END { print share }' /proc/mounts)
        seen=${seen:-not mounted}
        ;;
    exported)
        check="export of $2" wanted_answer=exported
        exportfs -s 2>/dev/null | awk -v directory="$2" '$1 == directory { found = 1 } END { exit !found }' &&
            seen=exported || seen='not exported'
        ;;
    node)
        check=$2 wanted_answer=$3
        command -v curl >/dev/null || { seen='not asked: there is no curl here' && return 2; }
        seen=$(curl -sk -m 10 -o /dev/null -D - "$2" 2>/dev/null | tr -d '\r' |
            sed -n 's/^[Xx]-[Ll][Vv][Ss]-[Nn][Oo][Dd][Ee]: //p')
        seen=${seen:-no answer}
        ;;
    table)
        check='the IPVS table' wanted_answer='as rendered' seen='as rendered'
        table_edits "$probed"
        [ ! -s "$work/edits" ] || seen='another table'
        ;;
    *)
        # The user-data of a host whose table keepalived does not keep lacks this function.
        command -v ask_kept >/dev/null || stop 2 "a probe of a newer lvsgen: $1"
        ask_kept "$@" || return
        ;;
    esac
    [ "$seen" = "$wanted_answer" ]
}

# holds SECTION: whether every probe of a section holds, or cannot be asked.
holds() {
    fields probe "$1" >"$work/probes"
    while read -r probe; do
        ask "$1" "$probe" || [ $? = 2 ] || return 1
    done <"$work/probes"
}
