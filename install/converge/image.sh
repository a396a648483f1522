
# --- Images and the first boot -------------------------------------------------------------------------------
#
# `image` in the record holds the program, the steps and the files until the first boot. `first_boot_unit` prints the unit.

unit_of_image=lvsgen-first-boot.service

# install_image DIR: puts everything that the first boot needs into the image of a host. It runs no program of the image.
install_image() {
    [ -d "$1/etc/systemd" ] || stop 2 "$1 is no root directory of a system: there is no $1/etc/systemd"
    cluster=$(field cluster "$wanted/host")
    state=$1/var/lib/lvsgen/$cluster
    if [ -s "$state/host" ] && [ "$(field host "$state/host")" != "$host" ]; then
        stop 2 "the image has the record of the host $(field host "$state/host"): run --teardown there before you make the image"
    fi
    check_files
    { mkdir -p "$state" && copy_all "$state/image"; } || stop 2 "cannot write to $state"
    (umask 022 && mkdir -p "$1/etc/systemd/system" && first_boot_unit >"$1/etc/systemd/system/$unit_of_image") ||
        stop 2 "cannot write to $1/etc/systemd/system"
    systemctl --root="$1" enable -q "$unit_of_image" || stop 3 "cannot enable $unit_of_image in $1"
    say "installed: $host converges on its first boot"
}

# remove_image FOLDER: the image has done its work; its unit goes with the last one.
remove_image() {
    rm -rf "$1"
    for folder in /var/lib/lvsgen/*/image; do
        [ ! -e "$folder" ] || return 0
    done
    systemctl disable -q "$unit_of_image"
    rm -f "/etc/systemd/system/$unit_of_image"
    systemctl daemon-reload
}
