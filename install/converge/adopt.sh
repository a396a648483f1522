
# --- Adoption of things that an administrator made -----------------------------------------------------------
#
# The list adopt.tsv has one line for each thing. Tabs separate the fields:
#   HOST file PATH         a file that lvsgen's own files make superfluous, or that one of them replaces
#   HOST line PATH TEXT    a line of a file
#   HOST address NIC NET   an address
#   HOST unit NAME         a unit that is enabled or active
# A run with --adopt takes them away, and a teardown gives them back. In the record, `adopted` has a line for each thing
# without the host, and `originals` holds the files as they were.

tab='	'

# listed: the list without the lines of other hosts, each line without its host.
listed() { [ ! -r "$list" ] || host=$host awk -F '\t' '$1 == ENVIRON["host"] { print substr($0, length($1) + 2) }' "$list"; }

# thing LINE: splits a line into `kind`, `place` and `text`. Only the last field may contain tabs.
thing() {
    kind=${1%%"$tab"*} text=${1#*"$tab"}
    place=${text%%"$tab"*}
    case $text in *"$tab"*) text=${text#*"$tab"} ;; *) text='' ;; esac
}

# check_list: every line of the list is understood, before anything changes.
check_list() {
    listed >"$work/listed"
    while IFS= read -r line; do
        thing "$line"
        case $place in
        *"'"*) unmet "adopt.tsv: a path or a name cannot contain a quote: $line" && continue ;;
        */../*) unmet "adopt.tsv: $place is no plain path" && continue ;;
        esac
        # A text may contain a colon, so the pattern has only the fact that there is a text.
        case $kind:${text:+text}:$place in
        file::/*)
            if [ -h "$place" ]; then unmet "adopt.tsv: $place is a link: name the file that it leads to"; fi
            ;;
        line:text:/*) ;;
        address:text:?*) case $text in *[!0-9a-fA-F:./]*) unmet "adopt.tsv: $text is no address with its prefix length" ;; esac ;;
        unit::?*.?*) ;;
        *) unmet "adopt.tsv: this is no line of the forms \`file PATH\`, \`line PATH TEXT\`, \`address NIC NET\` or \`unit NAME\`, with tabs between the fields: $line" ;;
        esac
    done <"$work/listed"
}

# adopts PATH: whether the list names the file.
adopts() { listed | grep -qxF -- "file$tab$1"; }

# lvsgens STATEMENT: this or another cluster of lvsgen has it by now.
lvsgens() { grep -qxF -- "$1" "$work/before" || neighbour_with "$1" >/dev/null; }

# whole_file_of_lvsgen PATH: a cluster of lvsgen has the whole file, and not only a block in it.
whole_file_of_lvsgen() {
    for folder in "$state" $(neighbours); do
        statements_of "$folder" | has_file "$1" && return
    done
    return 1
}

# adopt_listed: takes over everything that the list names and the host has.
adopt_listed() {
    id=adopted units_changed=''
    listed >"$work/listed"
    # A unit is stopped and disabled while its file is there.
    for part in unit address line file; do
        while IFS= read -r line <&8; do
            thing "$line"
            [ "$kind" != "$part" ] || "adopt_$kind" || return
        done 8<"$work/listed"
    done
    reload_units
}

# took LINE: records a thing, before it goes.
took() {
    report adopted "$(printf '%s' "$1" | tr '\t' ' ')"
    [ "$call" = dry-run ] || note adopted "$1"
}

# keep_original PATH: keeps a file as it was.
keep_original() {
    case $1 in /etc/systemd/system/* | /etc/fstab) units_changed=yes ;; esac
    if [ "$call" = dry-run ] || [ -e "$state/originals$1" ]; then return 0; fi
    { mkdir -p "$state/originals${1%/*}" && cp -p "$1" "$state/originals$1.new" && mv "$state/originals$1.new" "$state/originals$1"; } ||
        failed "keep $1" "the file system refused it"
}

adopt_file() {
    if [ ! -f "$place" ] || [ -n "$(recorded_sums "$place")" ] || neighbour_at "$place" >/dev/null; then return 0; fi
    if [ -e "$state/originals$place" ] && ! cmp -s "$state/originals$place" "$place"; then
        keep "$place" "is there again with other contents: move it away, or remove it from the list"
        return
    fi
    took "$line" || return
    keep_original "$place" || return
    if [ "$call" = dry-run ]; then planned remove "$place"; else rm -f "$place" || failed "remove $place" "the file system refused it"; fi
}

adopt_line() {
    [ -f "$place" ] && ! whole_file_of_lvsgen "$place" || return 0
    # A block of lvsgen has lines of its own. The empty texts make awk compare texts and not numbers.
    text=$text awk '
        /^# BEGIN lvsgen/ { block = 1 }
        !block && $0 "" == ENVIRON["text"] "" { taken = 1; next }
        { print }
        /^# END lvsgen/ { block = 0 }
        END { exit !taken }' "$place" >"$work/contents" || return 0
    took "$line" || return
    keep_original "$place" || return
    if [ "$call" = dry-run ]; then
        show_change "$place" "$work/contents"
    else
        put "$work/contents" "$(mode_of "$place")" "$place" || failed "write $place" "the file system refused it"
    fi
}

adopt_address() {
    shown=$(ip -oneline address show dev "$place" 2>/dev/null | awk -v net="$text" '$4 == net || $4 "/32" == net { print; exit }')
    # The address may be lvsgen's by now.
    if [ -z "$shown" ] || lvsgens "probe address $place $text"; then return 0; fi
    # The record has the command of `ip address` that gives it back.
    how=$(printf '%s\n' "$shown" | sed 's/\\.*//' | awk '{
        for (i = 5; i <= NF; i++) if ($i == "scope") scope = $(i + 1)
        printf "scope %s%s", scope, $3 == "inet" && index($NF, ":") ? " label " $NF : "" }')
    took "address$tab$place$tab$text $how" || return
    ! wants "probe address $place $text" || return 0
    run "ip address delete '$text' dev '$place'"
}

adopt_unit() {
    on=$(systemctl is-enabled "$place" 2>/dev/null) active=$(systemctl is-active "$place" 2>/dev/null)
    # `disable` and `enable` work on the links of these units only, and not on generated or static units.
    case $on in enabled | enabled-runtime) on=enabled ;; *) on='' ;; esac
    if [ -z "$on" ] && [ "$active" != active ] || lvsgens "service $place"; then return 0; fi
    took "unit$tab$place$tab$on $active" || return
    # A unit that lvsgen needs too goes on.
    wants "service $place" || stop_unit "$place"
}

# give_back_adopted: the last part of a teardown. The files come first, then the settings in them, then units and addresses.
give_back_adopted() {
    [ -s "$state/adopted" ] || return 0
    id=adopted units_changed=''
    for part in file line unit address; do
        while IFS= read -r line <&8; do
            thing "$line"
            [ "$kind" = "$part" ] || continue
            "return_$kind" || return
            # A teardown that fails goes on with the next thing.
            [ "$call" = dry-run ] || case " $kept " in *" $place "*) ;; *) [ "$kind" = line ] || drop adopted "$line" ;; esac
        done 8<"$state/adopted"
        [ "$part" != line ] || reload_units || return
    done
}

# settings_of PATH: a file of settings takes effect.
settings_of() {
    case $1 in
    /etc/systemd/system/* | /etc/fstab) units_changed=yes ;;
    # The table of lvsgen is gone by now.
    /etc/sysconfig/ipvsadm | /etc/ipvsadm.rules) run "ipvsadm -R <'$1'" ;;
    /etc/sysctl.conf | /etc/sysctl.d/*)
        # systemd sets each setting once, to the value of the last file, which another cluster may have.
        if [ -n "$(neighbours)" ]; then run 'systemctl restart systemd-sysctl.service'; else run "sysctl -e -q -p '$1'"; fi
        ;;
    esac
}

return_file() {
    [ -e "$state/originals$place" ] || return 0
    # A dry run has not removed lvsgen's file.
    if [ -e "$place" ] && [ -z "$(recorded_sums "$place")" ] && ! cmp -s "$state/originals$place" "$place"; then
        keep "$place" "is another file now; the original is $state/originals$place"
        return
    fi
    if [ "$call" = dry-run ]; then
        planned write "$place"
    else
        new=$place.lvsgen-new
        { make_folder "${place%/*}" && cp -p "$state/originals$place" "$new" && mv -f "$new" "$place"; } || failed "write $place" "the file system refused it" || return
    fi
    report 'gave back' "$place"
    settings_of "$place"
}

# return_line: all lines of one file at once, at their old places if nothing else has changed.
return_line() {
    original=$state/originals$place
    [ -e "$original" ] && [ -f "$place" ] || return 0
    place=$place awk -F '\t' '$1 == "line" && $2 == ENVIRON["place"] { print substr($0, length($1 $2) + 3) }' "$state/adopted" >"$work/lines"
    awk -v lines="$work/lines" 'BEGIN { while ((getline line <lines) > 0) gone[line] = 1 } !($0 in gone)' "$original" >"$work/without"
    if cmp -s "$work/without" "$place"; then
        cat "$original" >"$work/contents"
    else
        lines_without "$work/lines" "$place" >"$work/missing"
        awk -v missing="$work/missing" '
            BEGIN { while ((getline line <missing) > 0) text = text line "\n" }
            /^exit 0/ && !done { printf "%s", text; done = 1 }
            { print }
            END { if (!done) printf "%s", text }' "$place" >"$work/contents"
    fi
    ! cmp -s "$work/contents" "$place" || return 0
    mode=$(mode_of "$original")
    # The block of another cluster needs the mode of now.
    ! neighbour_at "$place" >/dev/null || mode=$(mode_of "$place")
    if [ "$call" = dry-run ]; then
        show_change "$place" "$work/contents"
    else
        put "$work/contents" "$mode" "$place" || failed "write $place" "the file system refused it" || return
    fi
    report 'gave back' "the lines of $place"
    settings_of "$place"
}

return_unit() {
    report 'gave back' "$place"
    case $text in enabled*) run "systemctl enable -q '$place'" || return ;; esac
    case $text in *' active') run "systemctl start '$place'" ;; esac
}

return_address() {
    report 'gave back' "$text on $place"
    run "ip address replace ${text%% *} dev '$place' ${text#* }"
}
