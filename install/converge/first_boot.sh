
# --- A first boot --------------------------------------------------------------------------------------------

# first_boot: converges until it succeeds. The hosts of a cluster boot at the same time, and the NFS server may be the last.
first_boot() {
    folder=$(CDPATH='' cd -- "$(dirname "$program")" && pwd) || exit 2
    [ -n "$host" ] || host=$(basename "$folder"/*.steps .steps)
    tries=30
    while :; do
        sh "$program" "$host" </dev/null
        status=$?
        tries=$((tries - 1))
        # Exit status 1 reports a kept file.
        if [ "$status" -le 1 ] || [ "$tries" = 0 ]; then break; fi
        sleep 10
    done
    case $status$folder in
    [01]/var/lib/lvsgen/*/image/install) remove_image "${folder%/install}" ;;
    esac
    exit "$status"
}
