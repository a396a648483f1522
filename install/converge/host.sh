
# --- Commands, packages and units ----------------------------------------------------------------------------

# run COMMAND: runs a command of a mechanism, or notes it for --dry-run. The only text that is evaluated.
run() {
    if [ "$call" = dry-run ]; then
        planned run "$1"
        return
    fi
    # Descriptor 9 is the lock: a daemon that the command starts must not keep it.
    (umask 022 && exec sh -c "$1") </dev/null >"$work/output" 2>&1 7>&- 8>&- 9>&- && return
    failed "$1" "$(cat "$work/output")"
}

# run_encoded TEXT: the same for a command as it stands in the steps.
run_encoded() { run "$(printf '%b' "$1")"; }

# failed COMMAND OUTPUT: reports a failure.
failed() {
    report failed "$1${2:+: $2}"
    return 1
}

# report RESULT TEXT: one line for one mechanism.
report() { printf '%-9s %-34s %s\n' "$1" "$id" "$2"; }

installed() {
    case $packages in
    apt) [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ] ;;
    *) rpm -q --quiet --whatprovides "$1" 2>/dev/null ;;
    esac
}

# install_packages FILE: installs the packages of a section. No package manager runs if all are installed.
install_packages() {
    missing=
    for package in $(fields package "$1"); do
        installed "$package" || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    # Debian's packages enable their services: such a service is there because of lvsgen.
    for unit in $(fields service "$1"); do
        [ "$call" = dry-run ] || enabled "$unit" || note enabled "$unit"
    done
    case $packages in
    apt)
        # A fresh image has no lists. A lock of another run is waited for.
        if [ -z "$(find /var/lib/apt/lists -name '*_Packages*' -print 2>/dev/null | head -n 1)" ]; then
            run 'apt-get -q -o DPkg::Lock::Timeout=300 update' || return
        fi
        run "DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold install --no-install-recommends$missing"
        ;;
    zypper) run "ZYPP_LOCK_TIMEOUT=300 zypper --non-interactive install --no-recommends$missing" ;;
    *) run "dnf -q -y install$missing" ;;
    esac
}

# owned_by_package PATH
owned_by_package() {
    case $packages in
    apt) dpkg-query -S "$1" >/dev/null 2>&1 ;;
    *) rpm -qf "$1" >/dev/null 2>&1 ;;
    esac
}

# has_units FILE: whether the statements have a unit file of systemd.
has_units() { grep -q '^file .* /etc/systemd/system/' "$1"; }

reload_units() {
    [ "$units_changed" = yes ] || return 0
    run 'systemctl daemon-reload' || return
    units_changed=
}

# start_services FILE: enables and starts the services of a section.
start_services() {
    for unit in $(fields service "$1"); do
        # Not `enable --now`: for a SysV script systemd passes over the start.
        if ! enabled "$unit"; then
            # The record of this host: a service that ran before lvsgen stays when the model drops it.
            [ "$call" = dry-run ] || note enabled "$unit"
            run "systemctl enable '$unit'" || return
        fi
        [ "$(systemctl is-active "$unit" 2>/dev/null)" = active ] && continue
        case $unit in
        # The NFS server may still be on its way up.
        *.mount) run "for try in 1 2 3 4 5 6; do systemctl start '$unit' && exit; sleep 5; done; exit 1" ;;
        *) run "systemctl start '$unit'" ;;
        esac || return
    done
}

# stop_unit UNIT: stops and disables a unit. A unit that is gone already is no failure.
stop_unit() {
    # A socket would start its service again.
    sockets=$(systemctl show --property=TriggeredBy --value "$1" 2>/dev/null)
    run "systemctl stop ${sockets:+$sockets }'$1' 2>/dev/null || ! systemctl is-active -q '$1'" || return
    run "systemctl disable -q '$1' 2>/dev/null || :"
}

# enabled UNIT: `static` and the like have nothing to enable.
enabled() {
    case $(systemctl is-enabled "$1" 2>/dev/null) in
    enabled | enabled-runtime | static | generated | indirect | alias) ;;
    *) return 1 ;;
    esac
}
