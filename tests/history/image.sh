# Images: the archive of a host, --root, and the script of cloud-init, whose hosts converge on their first boot.

# booted NAME: the image has converged, and equals a host that `push` set up.
booted() {
    local tries
    up aged >/dev/null
    for tries in $(seq 60); do
        inside aged test -e /var/lib/lvsgen/web/image || break
        sleep 0.5
    done
    check "$1: the first boot finishes" inside aged sh -c '! [ -e /var/lib/lvsgen/web/image ]'
    check "$1: every probe holds" pushed aged "$WORK/trees/b" web1 --verify
    check "$1: nothing differs" pushed aged "$WORK/trees/b" web1 --dry-run
    equal "$1"
    stop aged
}

if models "image" "$same" "$more"; then
    "$LVSGEN" render "$WORK/trees/b.yaml" -o "$WORK/trees/b" --delivery install,ansible,tar,cloud-init >/dev/null 2>&1
    check "image: B is applied to a bare host" bare web1
    # `start` boots the host at once, so the image is made before it.
    mkdir -p "$(change aged)/etc/systemd/system"
    check "an archive: it is unpacked" tar -xf "$WORK/trees/b/tar/web1.tar" -C "$(change aged)"
    start aged web1
    booted "an archive"
    mkdir -p "$(change aged)/etc/systemd/system"
    check "--root: the image is made" sh "$WORK/trees/b/install/converge.sh" --root "$(change aged)" web1
    start aged web1
    booted "--root"
    start aged web1
    check "user-data: the script of cloud-init runs" eval 'gzip -dc "$WORK/trees/b/cloud-init/web1/user-data" | inside aged sh'
    check "user-data: nothing differs" pushed aged "$WORK/trees/b" web1 --dry-run
    # The program of user-data has no comments.
    check "user-data: push brings the whole program" pushed aged "$WORK/trees/b" web1
    booted "user-data"
    mkdir -p "$(change aged)/var/lib/lvsgen/web" "$(change aged)/etc/systemd"
    echo "host other" >"$(change aged)/var/lib/lvsgen/web/host"
    check "--root: the image of another host is refused" eval '! sh "$WORK/trees/b/install/converge.sh" --root "$(change aged)" web1'
    rm -rf "${WORK:?}/aged"
fi
