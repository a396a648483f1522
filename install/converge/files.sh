
# --- Files ---------------------------------------------------------------------------------------------------
#
# `file MODE SHA256 PATH` is a whole file, `block MODE SHA256 PATH` the lines between our markers in a file of the
# administrator, `directory MODE OWNER PATH` a directory. The hash of a block includes its markers.

sum_of() {
    set -- "$(sha256sum <"$1")"
    say "${1%% *}"
}

mode_of() { stat -L -c 0%a "$1"; }

# sift ours|others FILE: our blocks of a file with their markers, or every other line. Status 1: a marker is missing. The
# markers of lvsgen 0.1 do not contain the cluster, but the banner after them does.
sift() {
    awk -v part="$1" -v begin="$block_begin" -v end="$block_end" -v banner=" from cluster $cluster " '
        { line[NR] = $0 }
        END {
            for (i = 1; i <= NR; i++) {
                if (last == "" && line[i] == begin) last = end
                else if (last == "" && line[i] == "# BEGIN lvsgen" && index(line[i + 1], banner)) last = "# END lvsgen"
                else if (last == "" && line[i] == end || last != "" && line[i] == begin) broken = 1
                if ((last != "") == (part == "ours")) print line[i]
                if (line[i] == last) last = ""
            }
            exit broken || last != ""
        }' "$2"
}

# disk_sum KIND PATH: the hash of our part of a file on this host; empty if there is none.
disk_sum() {
    [ -e "$2" ] || return 0
    case $1 in
    file) sum_of "$2" ;;
    block)
        sift ours "$2" >"$work/block"
        [ ! -s "$work/block" ] || sum_of "$work/block"
        ;;
    esac
}

# present PATH: whether there is anything at a path.
present() { [ -e "$1" ]; }

# noted LIST LINE: whether a list of the record has the line.
noted() { grep -qxF -- "$2" "$state/$1" 2>/dev/null; }

# note LIST LINE: adds a line to a list of the record, once.
note() { noted "$1" "$2" || printf '%s\n' "$2" >>"$state/$1"; }

# drop LIST LINE: removes a line of a list of the record.
drop() { grep -vxF -- "$2" "$state/$1" | replace "$state/$1"; }

# `written` in the record has a line `SHA256 PATH` for each contents that lvsgen wrote. It shows that a file is
# ours: a section whose work began may name files that no run has reached.

# recorded_sums PATH: every hash that lvsgen wrote there.
recorded_sums() { path=$1 awk '$2 == ENVIRON["path"] { print $1 }' "$state/written" 2>/dev/null; }

# forget PATH: the file is not ours any more.
forget() {
    [ -e "$state/written" ] || return 0
    lines_of_others 2 "$1" "$state/written" >"$state/written.new" && mv "$state/written.new" "$state/written"
}

# changed_by_hand KIND SHA PATH: the file is recorded, and holds neither its recorded nor its new contents. Sets `hand_sum`, the
# hash of its contents.
changed_by_hand() {
    hand_sum=$(disk_sum "$1" "$3")
    [ -n "$hand_sum" ] && [ "$hand_sum" != "$2" ] || return 1
    hand_recorded=$(recorded_sums "$3")
    [ -n "$hand_recorded" ] || return 1
    ! printf '%s\n' "$hand_recorded" | grep -qx "$hand_sum"
}

# with_block PATH SOURCE: the file with our block, which stays where it is; a new one goes before a last `exit 0`.
with_block() {
    sift ours "$2" >"$work/block"
    sift ours "$1" | head -n 1 >"$work/first"
    sift others "$1" >"$work/others"
    # Nothing of ours comes before our first line, so its number is the same in both files.
    at=$([ ! -s "$work/first" ] || grep -nxF -f "$work/first" "$1" | head -n 1 | cut -d : -f 1)
    [ -n "$at" ] || at=$(grep -n '^exit 0' "$work/others" | tail -n 1 | cut -d : -f 1)
    [ -n "$at" ] || at=$(($(wc -l <"$work/others") + 1))
    awk -v at="$at" 'NR < at' "$work/others" && cat "$work/block" && awk -v at="$at" 'NR >= at' "$work/others"
}

# put CONTENTS MODE PATH: replaces a file in one step.
put() {
    # A link of the administrator stays: its target is replaced. A link to a device is a decision: it stays too.
    [ ! -h "$3" ] || set -- "$1" "$2" "$(readlink -f "$3")"
    [ ! -e "$3" ] || [ -f "$3" ] || return
    # The directory is the file's own: a rename works only within one file system.
    new=${3%/*}/.${3##*/}.lvsgen-new
    make_folder "${3%/*}" || return
    # A user's command can leave a link here; `cat >` would follow it.
    rm -f "$new"
    if cat "$1" >"$new" && { [ ! -e "$3" ] || chown "$(stat -c %u:%g "$3")" "$new"; } && chmod "$2" "$new"; then
        # Some file systems would have an empty file after a loss of power.
        sync "$new" 2>/dev/null || sync
        [ -z "$selinux" ] || restorecon "$new" 2>/dev/null
        mv -f "$new" "$3" || return
        # The rename keeps the label of the temporary name.
        [ -z "$selinux" ] || restorecon "$3" 2>/dev/null
        return 0
    fi
    rm -f "$new"
    return 1
}

# make_folder PATH: makes the folder of a file if the system lacks it, and remembers it.
make_folder() {
    [ ! -d "$1" ] || return 0
    note created "$1"
    (umask 022 && mkdir -p "$1")
}

# leave_folder PATH: removes a folder that lvsgen made, if it is empty.
leave_folder() {
    if heir=$(neighbour_at "$1"); then
        hand_over created "$1" "$heir"
    elif [ "$call" != dry-run ]; then
        rmdir "$1" 2>/dev/null || :
    fi
}

# keep PATH REASON: reports that a file of the administrator's making stays.
keep() {
    report kept "$1 $2"
    kept="$kept $1"
}

# keep_changed PATH: the same, once, for a file that was changed by hand.
keep_changed() {
    case " $kept " in *" $1 "*) return ;; esac
    keep "$1" "was changed by hand since the last run; --force overwrites it"
}

# put_file KIND MODE SHA PATH: writes one file if it differs.
put_file() {
    source=$files$4
    [ ! -e "$work/filled$4" ] || source=$work/filled$4
    if changed_by_hand "$1" "$3" "$4" && [ -z "$force" ]; then
        keep_changed "$4"
        return 0
    fi
    if [ "$hand_sum" = "$3" ]; then
        [ "$call" = dry-run ] || note written "$3 $4" || return
        [ "$(mode_of "$4")" = "$2" ] && return 0
        if [ "$call" = dry-run ]; then planned chmod "$2 $4"; else chmod "$2" "$4"; fi
        return
    fi
    if [ "$1" = block ] && [ -e "$4" ]; then
        with_block "$4" "$source" >"$work/contents" || return
        source=$work/contents
    fi
    case $4 in /etc/systemd/system/*) units_changed=yes ;; esac
    if [ "$call" = dry-run ]; then
        show_change "$4" "$source"
        return
    fi
    tested "$source" "$4" || return
    { remember "$1" "$4" && note written "$3 $4" && put "$source" "$2" "$4"; } || failed "write $4" "the file system refused it"
}

# tested CONTENTS PATH: the program that a `test` statement names accepts the new file. The old file is still in its place.
tested() {
    case $(path=$2 awk '$1 == "test" && $3 == ENVIRON["path"] { print $2 }' "$section") in
    '') ;;
    keepalived) test_keepalived "$1" || failed "write $2" "keepalived refuses it: $fault" ;;
    *) failed "write $2" "a newer lvsgen made the steps" ;;
    esac
}

# remember KIND PATH: keeps the state of a path before the first run that wrote it.
remember() {
    [ -z "$(recorded_sums "$2")" ] || return 0
    if [ ! -e "$2" ]; then
        note created "$2"
    elif [ "$1" = block ]; then
        # The cluster that came first has the mode before lvsgen, and hands it over.
        neighbour_at "$2" >/dev/null || grep -qF " $2" "$state/modes" 2>/dev/null || printf '%s %s\n' "$(mode_of "$2")" "$2" >>"$state/modes"
    elif [ ! -e "$state/saved$2" ] && ! grep -q "Generated by lvsgen from cluster $cluster " "$2"; then
        mkdir -p "$state/saved${2%/*}" && cp -p "$2" "$state/saved$2.new" && mv "$state/saved$2.new" "$state/saved$2"
    fi
}

# put_directory MODE OWNER PATH: only a directory of our own gets a mode.
put_directory() {
    if [ -d "$3" ]; then
        # A directory of somebody else keeps its mode, and under a mounted share lies another one.
        if [ "$2" != lvsgen ] || [ "$(mode_of "$3")" = "$1" ] || ! noted created "$3" || mountpoint -q "$3"; then return 0; fi
        if [ "$call" = dry-run ]; then planned chmod "$1 $3"; else chmod "$1" "$3"; fi
        return
    fi
    if [ "$call" = dry-run ]; then
        planned mkdir "$3"
        return
    fi
    # Parents get the mode of any system directory, whatever our own umask is.
    note created "$3"
    { (umask 022 && mkdir -p "$3") && chmod "$1" "$3"; } || failed "mkdir $3" "the file system refused it" || return
    [ -z "$selinux" ] || restorecon "$3" 2>/dev/null
    return 0
}

# take_file KIND SHA PATH: removes a file or a block that the steps lack; gives back what a package had there.
take_file() {
    [ -e "$3" ] && [ -n "$(recorded_sums "$3")" ] || return 0
    if changed_by_hand "$1" "$2" "$3" && [ -z "$force" ]; then
        keep "$3" "was changed by hand since the last run, and is yours now"
        [ "$call" = dry-run ] || forget "$3"
        return 0
    fi
    case $3 in /etc/systemd/system/*) units_changed=yes ;; esac
    if [ "$1" = block ] && ! whole_block "$3"; then
        failed "remove our block of $3" "the line \`$block_end\` is gone: remove the block by hand"
        return
    fi
    if [ "$1" = block ] && ! only_ours "$3"; then
        if [ "$call" = dry-run ]; then
            show_change "$3" "$work/contents"
        else
            mode=$(mode_before "$3")
            # The block of another cluster stays, and needs the mode of now.
            if heir=$(neighbour_at "$3"); then mode=$(mode_of "$3") && hand_over_shared "$3" "$heir"; fi
            { put "$work/contents" "$mode" "$3" && forget "$3"; } || failed "remove our block of $3" "the file system refused it"
        fi
        return
    fi
    if [ "$call" = dry-run ]; then
        planned remove "$3"
    else
        { remove "$(readlink -f "$3")" "$3" && forget "$3"; } || failed "remove $3" "the file system refused it"
    fi
}

# whole_block FILE: our block has both markers, or there is none.
whole_block() { sift ours "$1" >/dev/null; }

# only_ours FILE: lvsgen made the file, and it holds nothing but the rendered lines. The rest is in $work/contents.
only_ours() {
    sift others "$1" >"$work/contents"
    # A first run that did not finish has no files in its record.
    rendered=$state/current/files$1
    [ -e "$rendered" ] || rendered=$files$1
    sift others "$rendered" >"$work/ours" 2>/dev/null
    noted created "$1" && cmp -s "$work/contents" "$work/ours"
}

# mode_before FILE: the mode that a shared file had before lvsgen's first run; else its mode now.
mode_before() {
    mode_now=$(path=$1 awk '$2 == ENVIRON["path"] { print $1; exit }' "$state/modes" 2>/dev/null)
    printf '%s\n' "${mode_now:-$(mode_of "$1")}"
}

# remove TARGET PATH: a link stays, its target goes. The file that a package had there comes back.
remove() {
    if [ -e "$state/saved$2" ]; then
        mv -f "$state/saved$2" "$1" || return
        [ -z "$selinux" ] || restorecon "$1" 2>/dev/null
        return 0
    fi
    rm -f "$1" || return
    ! noted created "${2%/*}" || leave_folder "${2%/*}"
}
