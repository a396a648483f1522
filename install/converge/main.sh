
# --- A run ---------------------------------------------------------------------------------------------------

# open_state: the folder of this cluster on this host, and one run at a time.
open_state() {
    cluster=$(field cluster "$wanted/host")
    packages=$(field packages "$wanted/host")
    block_begin=$(field block-begin "$wanted/host")
    block_end=$(field block-end "$wanted/host")
    state=/var/lib/lvsgen/$cluster
    # The sections that earlier runs applied or began to apply.
    statements_of "$state" >"$work/before"
    # A run that failed may have set the timeouts.
    { sed -n 's/^entry //p' "$state"/record/*.* && sed -n '/^entry - --set /s/^entry //p' "$state"/started/*.*; } 2>/dev/null >"$work/applied"
    if [ -n "$only" ]; then named || stop 2 "$host has no mechanism $only"; fi
    detached=
    ! command -v setsid >/dev/null || detached=setsid
    selinux=
    ! selinuxenabled 2>/dev/null || selinux=yes
    case $call in
    verify | dry-run)
        same_host
        return 0
        ;;
    confirm | return) return 0 ;;
    drain | give-back) [ -d "$state/record" ] || { complain "$host has no record: there is nothing to drain" && exit 0; } ;;
    esac
    mkdir -p "$state/record" "$state/started" || stop 2 "cannot write to $state"
    # The run that was stored has the lock already.
    [ -z "$stored" ] || return 0
    # One lock for all clusters: they may share a file.
    exec 9>/run/lvsgen.lock
    # A command of a run that was killed may hold the lock for some seconds more.
    flock -w 10 9 2>/dev/null || flock -n 9 || stop 2 "another run of lvsgen is under way on this host"
    ! unconfirmed || stop 2 "a run on this host waits to be confirmed: use --confirm, or wait until it returns the host"
    mkdir -p "$state/record" "$state/started"
    if [ -s "$state/format" ] && [ "$(cat "$state/format")" != 1 ]; then
        stop 2 "$state was written by a newer lvsgen (format $(cat "$state/format"))"
    fi
    same_host
    if [ -n "$adopt" ] && [ -n "$within" ] && [ -e "$state/current" ]; then
        stop 2 "--confirm-within cannot give back the things that --adopt takes from a host with a record: use one of them"
    fi
}

# same_host: the record is of this host. A host that only has another name has its old addresses. A copy of another host,
# and a host at the address of a retired one, have a record of that other host.
same_host() {
    [ -s "$state/host" ] || return 0
    recorded_host=$(field host "$state/host") addresses=$(fields address "$wanted/host")
    [ "$recorded_host" != "$host" ] || return 0
    # A retired host has no addresses in its steps.
    if [ -n "$addresses" ] && [ "$(fields address "$state/host")" = "$addresses" ]; then return 0; fi
    # A list goes to many hosts, so it is no answer to the question whose record this is.
    if [ -n "$adopt" ] && [ ! -r "$list" ] && [ -z "$teardown" ]; then
        complain "$host: the record of the host $recorded_host is taken over"
        return
    fi
    stop 2 "$state is the record of the host $recorded_host, not of $host: correct the destination or the address; if this host is a copy of $recorded_host, use --adopt; to undo $recorded_host here, run its own --teardown"
}

# named: whether --only names a mechanism of the steps or of the record.
named() {
    for one in $(cat "$wanted/order") $(recorded); do
        ! chosen "$one" || return 0
    done
    return 1
}

# find_steps: the steps and files that came along; for a teardown those of the record do as well.
find_steps() {
    here=$(CDPATH='' cd -- "$(dirname "$program")" && pwd) || exit 2
    steps=$here/$host.steps files=$here/../hosts/$host list=$here/../adopt.tsv
    # The record keeps program, steps and files in one folder.
    [ -d "$files" ] || files=$here/files
    # The record keeps the steps under the name that the host had then.
    if [ ! -r "$steps" ] && [ -d "$here/files" ]; then
        for steps in "$here"/*.steps; do host=$(field host "$steps"); done
    fi
    [ -r "$steps" ] || stop 2 "there is no $steps: render the cluster, and send its install folder as a whole"
    [ "$(field format "$steps")" = 1 ] || stop 2 "$steps was written by a newer lvsgen (format $(field format "$steps"))"
    [ "$(field host "$steps")" = "$host" ] || stop 2 "$steps is of the host $(field host "$steps")"
    wanted=$work/wanted
    { split_steps "$steps" "$wanted" && read -r keywords <"$wanted/keywords"; } || stop 2 "cannot read $steps"
    keywords=" $keywords "
    # A retired host has nothing that is wanted.
    [ "$(field retired "$wanted/host")" != yes ] || teardown=yes
    [ -z "$teardown" ] || [ "$call" != converge ] || call=teardown
    [ -z "$within" ] || [ "$call" != teardown ] || stop 2 "--confirm-within cannot bring back the things that a teardown undoes: run it without"
}

# check_files: every file arrived whole.
check_files() {
    files_of "$steps" >"$work/arrived"
    while read -r kind _ sum path; do
        [ "$(disk_sum "$kind" "$files$path")" = "$sum" ] ||
            stop 2 "$files$path is not the file of $steps: render the cluster again, and send all of it"
    done <"$work/arrived"
}

# store: keeps everything that the run needs on this host, and runs it from there. The caller follows the log, and a
# caller that goes away stops nothing.
store() {
    copy_all "$state/next" || stop 2 "cannot write to $state"
    log=$state/log
    : >"$log"
    # The new process has the lock: it inherits descriptor 9.
    $detached sh "$state/next/install/converge.sh" --stored "$@" </dev/null >>"$log" 2>&1 &
    trap 'exit 130' INT HUP TERM
    # A reader that closes the output early (`| head`) must not end this process: it removes the rest of a run.
    trap '' PIPE
    exec 6<"$log"
    while kill -0 $! 2>/dev/null; do
        follow
        sleep 0.2 2>/dev/null || sleep 1
    done
    wait $!
    status=$?
    follow
    # The log goes last: until now it was read.
    if [ "$call" = teardown ] && [ $status = 0 ] && [ -z "$only" ]; then
        rm -rf "$state"
        rmdir "${state%/*}" 2>/dev/null
    fi
    exit $status
}

# copy_all FOLDER: copies the program, the steps and the files, in the folders of a rendered tree.
copy_all() {
    rm -rf "$1" && mkdir -p "$1/install" && cp "$program" "$1/install/converge.sh" && cp "$steps" "$1/install/" &&
        { [ ! -r "$list" ] || cp "$list" "$1/"; } && copy_files "$1/hosts/$host"
}

# copy_files FOLDER: copies the files of the host, if it has any.
copy_files() { mkdir -p "$1" && { [ ! -d "$files" ] || cp -R "$files/." "$1/"; }; }

# replace FILE: standard input becomes the file in one step.
replace() { cat >"$1.new" && mv "$1.new" "$1"; }

# follow: prints the lines of the log since the last call. The last line may not be complete yet.
follow() {
    while IFS= read -r line; do say "$line" 2>/dev/null; done <&6
    printf %s "$line" 2>/dev/null
}

# finish: records a whole run. `current` is what an unfinished or unwanted next run can go back to.
finish() {
    [ -z "$only" ] || return 0
    echo 1 | replace "$state/format"
    replace "$state/host" <"$wanted/host"
    replace "$state/order" <"$wanted/order"
    [ -n "$within" ] || rm -rf "$state/return"
    # A run that was killed leaves `begun` or `*.new`.
    rm -rf "$state/previous" "$state/begun" "$state"/*.new
    [ ! -e "$state/current" ] || mv "$state/current" "$state/previous"
    copy_files "$state/current/files" && cp "$program" "$steps" "$state/current/"
}

# adopt_all: takes over things that no record has.
adopt_all() { adopt_earlier && { [ -z "$adopt" ] || [ -n "$teardown" ] || adopt_listed; }; }

converge() {
    # The name of the host stands in the record before anything of it does.
    [ -s "$state/host" ] || replace "$state/host" <"$wanted/host"
    { undo_all && adopt_all && apply_all; } || exit 3
    finish
    [ -z "$within" ] || say "unconfirmed: converge.sh --confirm $host within $within seconds, or the host returns to its last state"
    [ -z "$kept" ] || exit 1
}

# want_nothing: no mechanism is wanted, whatever steps came along.
want_nothing() {
    : >"$wanted/order"
    rm -f "$wanted"/section/*
}

# give_back_all: a teardown of the whole host gives back everything that --adopt took.
give_back_all() { [ -z "$teardown" ] || [ -n "$only" ] || [ ! -e "$state/adopted" ] || give_back_adopted; }

# teardown: undoes the record.
teardown() {
    want_nothing
    { undo_all && give_back_all; } || exit 3
    [ -n "$only" ] || rm -rf "$state/record" "$state/started" "$state/current" "$state/previous" "$state/next" \
        "$state/created" "$state/enabled" "$state/modes" "$state/settings" "$state/written" "$state/order" "$state/host" "$state/format" \
        "$state/drained" "$state/return"
    [ -n "$only$kept" ] || rm -rf "$state/adopted" "$state/originals"
    # A kept file: what a package had in its place stays to be looked at.
    [ -z "$kept" ] || exit 1
}

main() {
    program=$0
    arguments "$@"
    [ "$(id -u)" = 0 ] || stop 2 "only root can set up a host"
    work=$(mktemp -d) || exit 2
    trap 'rm -rf "$work"' EXIT
    kept='' id=- earlier=''
    [ "$call" != first-boot ] || first_boot
    find_steps
    if [ "$call" = image ]; then
        install_image "$root"
        exit
    fi
    open_state
    case $call in
    verify) verify ;;
    dry-run)
        if [ -n "$teardown" ]; then want_nothing; else check_files && preconditions; fi
        dry_run
        ;;
    drain) drain "$name" || exit 3 ;;
    give-back) give_back "$name" || exit 3 ;;
    teardown)
        [ -n "$stored" ] || store "$@"
        teardown
        ;;
    converge)
        [ -n "$stored" ] || { check_files && { [ -n "$restore" ] || preconditions; } && store "$@"; }
        unmet=
        fill_secrets
        [ -z "$unmet" ] || exit 2
        return_later
        converge
        ;;
    return) go_back ;;
    confirm) confirm ;;
    esac
}
