
# --- The IPVS table ------------------------------------------------------------------------------------------
#
# `entry NAME COMMAND` follows a `probe table`: the command of ipvsadm that makes one entry. NAME is the real server, or `-`
# for a service and for the timeouts. The table is changed entry by entry: an entry that is as wanted keeps its
# connections and counters.

# has_table SECTION
has_table() { grep -qxF 'probe table' "$1"; }

# has_any_table SECTION: whether lvsgen or keepalived keeps the table.
has_any_table() { grep -qE '^probe (kept-)?table' "$1"; }

# has_kept_table SECTION: whether keepalived keeps the table.
has_kept_table() { grep -q '^probe kept-table ' "$1"; }

# edit_table SECTION: makes the live table the table of a section.
edit_table() {
    has_table "$1" || return 0
    table_edits "$1"
    run_edits "$work/edits"
}

# run_edits FILE: runs commands of ipvsadm, or notes them for --dry-run.
run_edits() {
    [ -s "$1" ] || return 0
    if [ "$call" = dry-run ]; then
        while read -r edit; do planned run "ipvsadm $edit"; done <"$1"
        return
    fi
    run "ipvsadm -R <'$1'"
}

# reset_timeouts FILE: the table leaves; the kernel gets its own timeouts back.
reset_timeouts() { ! grep -q '^entry - --set ' "$1" || run '! command -v ipvsadm >/dev/null || ipvsadm --set 900 120 300'; }

# report_drained SECTION: lists the entries that stay drained. The last look at the table found them.
report_drained() {
    has_any_table "$1" || return 0
    while read -r entry; do report drained "$entry stays at the weight 0"; done <"$work/drained"
}
