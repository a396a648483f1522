
# --- Confirming ----------------------------------------------------------------------------------------------
#
# `unconfirmed` in the record holds the process that returns the host. `return` holds the program, the steps and the files
# of the last whole run; without such a run it has a file `nothing`. `returned` is the log of that process.

# unconfirmed: whether a run waits for --confirm. A restart of the host ends the wait.
unconfirmed() {
    [ -s "$state/unconfirmed" ] || return 1
    read -r waiter <"$state/unconfirmed"
    ! grep -aq -e --return "/proc/$waiter/cmdline" 2>/dev/null || return 0
    rm -f "$state/unconfirmed"
    return 1
}

# return_later: starts the process that returns the host unless --confirm comes within the time.
return_later() {
    [ -n "$within" ] || return 0
    rm -rf "$state/return"
    if [ -e "$state/current" ]; then
        cp -R "$state/current" "$state/return"
    else
        copy_files "$state/return/files" && cp "$program" "$steps" "$state/return/" && : >"$state/return/nothing"
    fi || { complain "cannot write to $state, and nothing was changed" && exit 2; }
    # Not a child of this run: whatever ends this run, the host returns.
    $detached sh "$program" --stored --return $$ --confirm-within "$within" "$host" </dev/null >"$state/returned" 2>&1 9>&- &
    echo $! | replace "$state/unconfirmed"
}

# go_back: the process that returns the host.
go_back() {
    trap 'rm -rf "$work"; exit 143' TERM
    sleep "$within"
    [ -e "$state/unconfirmed" ] || return 0
    rm -f "$state/unconfirmed"
    complain "$host: nobody confirmed the run within $within seconds: the host returns to its last state"
    # A command of the run may hang.
    if grep -aq converge.sh "/proc/$returns/cmdline" 2>/dev/null; then kill -KILL -- "-$returns" 2>/dev/null || kill -KILL "$returns"; fi
    back=--restore
    [ ! -e "$state/return/nothing" ] || back=--teardown
    tries=0
    # The run may have taken the network away, and commands may need it.
    while ! sh "$state/return/converge.sh" $back "$host" && [ $tries -lt 10 ]; do
        sleep 3
        tries=$((tries + 1))
    done
}

# confirm: the run stays.
confirm() {
    unconfirmed || stop 2 "no run waits to be confirmed: the host returned to its last state, or the last run needs no confirmation"
    rm -f "$state/unconfirmed"
    kill -- "-$waiter" 2>/dev/null || kill "$waiter" 2>/dev/null
    rm -rf "$state/return"
    say "confirmed: $host stays as the last run made it"
}
