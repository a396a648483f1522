
# --- Undoing and applying ------------------------------------------------------------------------------------
#
# `record/ID` is a section that was applied, written after its commands succeeded. `started/ID` is a section whose
# work began; it lies there until the work is done, and makes the next run do the work again.

# recorded: the ids on this host, in the order in which they were applied.
recorded() {
    [ -e "$state/order" ] || return 0
    while read -r one; do
        [ ! -e "$state/record/$one" ] && [ ! -e "$state/started/$one" ] || printf '%s\n' "$one"
    done <"$state/order"
}

# undo_all: takes away the parts of the record that the steps lack, the last mechanism first. All of it comes before
# anything is applied: a VIP leaves `lo` before the settings that keep it silent.
undo_all() {
    recorded | backwards >"$work/recorded"
    while read -r id <&8; do
        ! chosen "$id" || undo "$id" || return
    done 8<"$work/recorded"
}

# undo ID
undo() {
    section=$wanted/section/$1 leaves=''
    [ -e "$section" ] || section=/dev/null leaves=yes
    # Most runs find that nothing of a mechanism leaves.
    [ -e "$state/started/$1" ] || ! cmp -s "$state/record/$1" "$section" || return 0
    cat "$state/record/$1" "$state/started/$1" >"$work/old" 2>/dev/null
    lines_without "$work/old" "$section" >"$work/gone"
    units_changed='' changed=''
    # An unfinished run may have removed a unit without a reload of systemd.
    [ -z "$leaves" ] || ! has_units "$work/old" || units_changed=yes
    undo_commands undo-before || return
    for unit in $(fields unit "$work/gone"); do
        wants "unit $unit" && continue
        changed=yes
        stop_unit "$unit" || return
    done
    undo_services || return
    if [ -n "$leaves" ]; then reset_timeouts "$work/old" || return; fi
    undo_files || return
    undo_directories
    reload_units || return
    undo_commands undo-after || return
    [ -z "$leaves$changed" ] || report undone "$([ -n "$leaves" ] || echo 'in part')"
    [ -n "$leaves" ] || return 0
    [ "$call" = dry-run ] || rm -f "$state/record/$1" "$state/started/$1"
}

# undo_services: stops the services that lvsgen enabled. A service that was enabled before stays.
undo_services() {
    for unit in $(fields service "$work/gone"); do
        wants "service $unit" && continue
        # A unit of our own is gone already.
        grep -qxF "unit $unit" "$work/old" && continue
        noted enabled "$unit" || continue
        if heir=$(neighbour_with "service $unit"); then
            hand_over enabled "$unit" "$heir"
            continue
        fi
        changed=yes
        stop_unit "$unit" || return
        # Whoever enables it from now on is not lvsgen.
        [ "$call" = dry-run ] || drop enabled "$unit"
    done
}

# undo_commands KEYWORD: the commands of items that left; the mechanism's own if it leaves as a whole.
undo_commands() {
    # A run that was interrupted after it removed the files has run the commands before them.
    files_left=$leaves
    [ "$1" = undo-after ] || any_file "$work/old" present || files_left=
    fields "$1" "$work/gone" >"$work/undo"
    while read -r item command <&7; do
        if [ "$item" = - ]; then
            # A file that another mechanism takes over is still the old one: its own commands follow.
            if [ -z "$files_left" ] || { [ "$1" = undo-after ] && any_file "$work/old" wanted_path; }; then continue; fi
        elif [ "$1" = undo-after ]; then
            ! kept_by_other "$item" || { hand_over_value "$item" "$other" && continue; }
            still_silent "$item" || return
            value=$(value_before "$item")
            [ -z "$value" ] || command="sysctl -e -q -w '$item=$value'"
        fi
        changed=yes
        run_encoded "$command" && { [ "$1" = undo-before ] || drop_value "$item"; } && continue
        # The mechanism never came into effect, or the administrator removed its programs.
        [ "$item" = - ] && { [ -n "$force" ] || [ ! -e "$state/record/$id" ]; } || return
    done 7<"$work/undo"
}

# `settings` in the record has a line `KEY VALUE` for each kernel setting, with its value before lvsgen's first run.

# remember_values SECTION: notes the values of the settings that no earlier run set.
remember_values() {
    [ -z "$earlier" ] || return 0
    case $id in kernel_settings.*) ;; *) return 0 ;; esac
    fields undo-after "$1" | cut -d ' ' -f 1 | grep -vx -e - >"$work/keys"
    while read -r key; do
        grep -qF "undo-after $key " "$state/record/$id" "$state/started/$id" 2>/dev/null && continue
        # The cluster that set it first has the value before lvsgen, and hands it over.
        ! kept_by_other "$key" || continue
        # The kernel has tabulators between several numbers.
        value=$(sysctl -n "$key" 2>/dev/null | xargs)
        [ -z "$value" ] || note settings "$key $value"
    done <"$work/keys"
}

# value_before KEY
value_before() { key=$1 awk '$1 == ENVIRON["key"] { sub("[^ ]* ", ""); print; exit }' "$state/settings" 2>/dev/null; }

# drop_value KEY: lvsgen does not set it any more.
drop_value() { [ "$call" = dry-run ] || [ ! -e "$state/settings" ] || lines_of_others 1 "$1" "$state/settings" | replace "$state/settings"; }

# still_silent ITEM: the settings that keep a host silent stay while a VIP of any record is on `lo`.
still_silent() {
    case $1 in *.arp_ignore | *.arp_announce) ;; *) return 0 ;; esac
    [ "$call" != dry-run ] || return 0
    cat "${state%/*}"/*/record/*.* "${state%/*}"/*/started/*.* "$work/before" 2>/dev/null |
        sed -n 's/^probe address lo //p' | sort -u >"$work/vips"
    while read -r vip; do
        [ -n "$(ip -oneline address show dev lo to "$vip" 2>/dev/null)" ] || continue
        failed "nothing was undone" "the VIP $vip is still on lo, and $1 keeps this host from answering ARP for it"
        return
    done <"$work/vips"
}

undo_files() {
    files_of "$work/gone" >"$work/gone-files"
    while read -r kind _ sum path <&7; do
        wanted_path "$path" && continue
        changed=yes
        take_file "$kind" "$sum" "$path" || return
    done 7<"$work/gone-files"
}

undo_directories() {
    # The deepest directory goes first.
    awk '$1 == "directory" && $3 != "system" { print $4 }' "$work/gone" | sort -r >"$work/gone-directories"
    while read -r path; do
        wanted_path "$path" || ! noted created "$path" || leave_folder "$path"
    done <"$work/gone-directories"
}

# apply_all: applies every mechanism that differs, in the order of the steps.
apply_all() {
    while read -r id <&8; do
        chosen "$id" || continue
        section=$wanted/section/$id units_changed=''
        if same; then
            report unchanged ''
            report_drained "$section"
            continue
        fi
        if ! apply; then
            [ "$call" = dry-run ] || complain "$host: $id failed; the next run continues there"
            return 1
        fi
        report "$([ "$call" = dry-run ] && echo 'would change' || echo changed)" ''
        report_drained "$section"
    done 8<"$wanted/order"
}

# same: the record, the files and the probes of a mechanism are as wanted.
same() {
    [ ! -e "$state/started/$id" ] && cmp -s "$state/record/$id" "$section" || return 1
    files_of "$section" >"$work/files"
    while read -r kind mode sum path; do
        if changed_by_hand "$kind" "$sum" "$path" && [ -z "$force" ]; then
            keep_changed "$path"
            continue
        fi
        [ "$hand_sum" = "$sum" ] && [ "$(mode_of "$path")" = "$mode" ] || return 1
    done <"$work/files"
    for unit in $(fields service "$section"); do
        enabled "$unit" || return 1
    done
    holds "$section"
}

# apply: one mechanism.
apply() {
    guarded || return
    again=yes
    # The recorded items that are in force need no second command.
    [ ! -e "$state/started/$id" ] && [ -e "$state/record/$id" ] && holds "$state/record/$id" && again=
    # An unfinished run may have written a unit without a reload of systemd.
    [ ! -e "$state/started/$id" ] || ! has_units "$section" || units_changed=yes
    if [ "$call" != dry-run ]; then
        remember_values "$section"
        # The statements of an unfinished run stay until they are undone.
        cat "$state/started/$id" "$section" 2>/dev/null | awk '!seen[$0]++' >"$state/begun" || return
        mv "$state/begun" "$state/started/$id" || return
        note order "$id"
    fi
    install_packages "$section" || return
    fields directory "$section" >"$work/directories"
    while read -r mode owner path <&7; do
        put_directory "$mode" "$owner" "$path" || return
    done 7<"$work/directories"
    files_of "$section" >"$work/files"
    while read -r kind mode sum path <&7; do
        # A run that was killed leaves the new contents beside a file.
        [ "$call" = dry-run ] || rm -f "${path%/*}/.${path##*/}.lvsgen-new"
        put_file "$kind" "$mode" "$sum" "$path" || return
    done 7<"$work/files"
    reload_units || return
    start_services "$section" || return
    apply_commands || return
    edit_table "$section" || return
    ! has_kept_table "$section" || mend_table "$section" || return
    [ "$call" != dry-run ] || return 0
    settled || return
    ! has_kept_table "$section" || await_checks "$section"
    cp "$section" "$state/begun" && mv "$state/begun" "$state/record/$id" && rm -f "$state/started/$id"
}

# guarded: what must hold in the kernel before anything of the mechanism is applied.
guarded() {
    [ "$call" != dry-run ] || return 0
    fields guard "$section" >"$work/guards"
    while read -r guard; do
        ask "$section" "$guard" && continue
        failed "nothing was applied" "$check is $seen, and must be $wanted_answer before this host gets its VIPs"
        return
    done <"$work/guards"
}

apply_commands() {
    fields apply "$section" >"$work/apply"
    while read -r item command <&7; do
        # An item that is recorded and in force is left alone.
        [ "$item" = - ] || [ -n "$again" ] || ! grep -qxF "apply $item $command" "$state/record/$id" || continue
        run_encoded "$command" || return
    done 7<"$work/apply"
}

# settled: the probes hold within 15 seconds after the commands.
settled() {
    tries=0
    while [ $tries -lt 15 ]; do
        holds "$section" && return
        sleep 1
        tries=$((tries + 1))
    done
    ask "$section" "$probe"
    failed "$check" "$seen (wanted: $wanted_answer)"
}
