# What runs a container: systemd-nspawn (the default, and what the lab has), podman or docker, chosen by ENGINE.
# Each starts the root folder that `boot` has stacked, in the namespace that `plug` has made.
#
# `start_ENGINE NAME ROOT` starts it, `leader_ENGINE NAME` gives its first process, `stop_ENGINE NAME` ends it
# for good.

start_nspawn() {
    local name=$1 root=$2 group
    (
        # Without a control group of its own, in each hierarchy that systemd uses, a container fails and says
        # nothing, or its services fail now and then: another container removes the group of the same name.
        for group in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do
            [ -e "$group/cgroup.procs" ] || continue
            mkdir -p "$group/$NS-$name"
            echo "$BASHPID" >"$group/$NS-$name/cgroup.procs"
        done
        # The kernel's settings of the namespace are the container's own to set.
        export SYSTEMD_NSPAWN_API_VFS_WRITABLE=network SYSTEMD_LOG_LEVEL=warning
        exec systemd-nspawn --quiet --directory="$root" --machine="$NS-$name" \
            --hostname="$name" --register=no --keep-unit --link-journal=no \
            --network-namespace-path="/run/netns/$NS-$name" --capability=CAP_NET_ADMIN,CAP_SYS_ADMIN \
            $([ ! -e /dev/autofs ] || echo --bind=/dev/autofs) \
            --console=pipe --boot >"$WORK/$name/console" 2>&1 </dev/null
    ) &
    echo $! >"$WORK/$name/pid"
}

leader_nspawn() { pgrep --parent "$(cat "$WORK/$1/pid")" | head -n 1; }

stop_nspawn() {
    local pid tries
    pid=$(cat "$WORK/$1/pid")
    # It cleans up after its first process; killed while it does so, it leaves half of that behind.
    for tries in $(seq 40); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.25
    done
    if kill -0 "$pid" 2>/dev/null; then kill -KILL "$(leader_nspawn "$1")" "$pid" 2>/dev/null; fi
    wait "$pid" 2>/dev/null
}

# Its own cgroup manager wants systemd on the machine, crun wants pure cgroups, and limits may be no root's to
# raise: each is said here.
podman_() {
    printf '[containers]\ndefault_ulimits = []\n' >"$WORK/containers.conf"
    CONTAINERS_CONF=$WORK/containers.conf podman --runtime runc --cgroup-manager cgroupfs "$@"
}

start_podman() {
    podman_ run --detach --name "$NS-$1" --systemd=always --ulimit host \
        --network "ns:/run/netns/$NS-$1" --hostname "$1" --cap-add NET_ADMIN,SYS_ADMIN \
        --security-opt unmask=ALL --security-opt seccomp=unconfined --security-opt apparmor=unconfined \
        --rootfs "$2" /sbin/init >"$WORK/$1/console" 2>&1
}

leader_podman() { podman_ inspect --format '{{.State.Pid}}' "$NS-$1"; }

stop_podman() { podman_ rm --force "$NS-$1" >/dev/null 2>&1; }

# docker starts images alone, and makes its own namespace: the folder becomes an image, and the NIC is moved
# into the container with its addresses.
start_docker() {
    local pid ns=$NS-$1
    tar -c -C "$2" --one-file-system --warning=no-file-changed . | docker import - "$ns" >/dev/null
    docker run --detach --name "$ns" --hostname "$1" --network none --cap-add NET_ADMIN --cap-add SYS_ADMIN \
        --security-opt systempaths=unconfined --security-opt seccomp=unconfined \
        --security-opt apparmor=unconfined --volume /sys/fs/cgroup:/sys/fs/cgroup:rw --tmpfs /run \
        --tmpfs /tmp --ulimit nofile=20000:20000 "$ns" \
        /bin/sh -c "until ip link show $NIC >/dev/null 2>&1; do sleep 0.1; done; exec /sbin/init" \
        >"$WORK/$1/console" 2>&1
    pid=$(leader_docker "$1")
    # From here on the namespace's name leads to the container's own.
    ip -n $NS-wire link delete "v-$1"
    ip netns delete "$ns"
    ip netns attach "$ns" "$pid"
    # shellcheck disable=SC2046 # the words that `plug` was called with
    set -- $(cat "$WORK/$1/plug")
    wire_up "$@"
}

leader_docker() { docker inspect --format '{{.State.Pid}}' "$NS-$1"; }

stop_docker() {
    # What a reboot finds again: the units that were enabled, the modules of httpd.
    docker cp "$NS-$1:/etc" - 2>/dev/null | tar -x -C "$WORK/$1/$(cat "$WORK/$1/boot")/up"
    docker rm --force "$NS-$1" >/dev/null 2>&1
    docker rmi "$NS-$1" >/dev/null 2>&1
}

# base_of_image IMAGE PLAN FOLDER: the base system from an image, with the packages that the plan says,
# installed by the image's own package manager, and what the tests themselves call.
base_of_image() {
    local packages
    packages=$(sed -n 's/^    package  *//p' "$2" | sort -u | xargs)
    case $ENGINE in
    podman) local engine=podman_ ;;
    *) local engine=docker ;;
    esac
    $engine build --tag "$NS-base" - <<END || return
FROM $1
RUN if command -v dnf; then dnf install -y systemd iproute procps-ng curl $packages; \\
    elif command -v zypper; then zypper --non-interactive install systemd iproute2 procps curl $packages; \\
    else apt-get update && apt-get install -y systemd systemd-sysv iproute2 procps curl $packages; fi
END
    mkdir -p "$3"
    $engine create --name "$NS-base" "$NS-base" /bin/true >/dev/null
    $engine export "$NS-base" | tar -x -C "$3"
    $engine rm "$NS-base" >/dev/null
}
