
# --- Confirming ----------------------------------------------------------------------------------------------
#
# `unconfirmed` in the record holds the process that returns the host, and the second of its deadline. `return` holds the
# program, the steps and the files of the last whole run; without such a run it has a file `nothing`.

# unconfirmed: whether a run waits for --confirm. A restart of the host ends the wait.
unconfirmed() {
    [ -s "$state/unconfirmed" ] || return 1
    read -r waiter deadline <"$state/unconfirmed"
    if [ "$(date +%s)" -lt "$deadline" ] && grep -aq -e --return "/proc/$waiter/cmdline" 2>/dev/null; then return 0; fi
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
        mkdir "$state/return" && cp "$program" "$steps" "$state/return/" && : >"$state/return/nothing"
    fi || { complain "cannot write to $state, and nothing was changed" && exit 2; }
    # Not a child of this run: whatever ends this run, the host returns.
    $detached sh "$program" --stored --return $$ --confirm-within "$within" "$host" </dev/null >>"$state/log" 2>&1 9>&- &
    printf '%s %s\n' $! $(($(date +%s) + within)) | replace "$state/unconfirmed"
}

# go_back: the process that returns the host.
go_back() {
    sleep "$within"
    [ -e "$state/unconfirmed" ] || return 0
    rm -f "$state/unconfirmed"
    complain "$host: nobody confirmed the run within $within seconds: the host returns to its last state"
    # A command of the run may hang.
    if grep -aq converge.sh "/proc/$returns/cmdline" 2>/dev/null; then kill -KILL -- "-$returns" 2>/dev/null || kill -KILL "$returns"; fi
    back=$state/return/converge.sh
    if [ -e "$state/return/nothing" ]; then exec sh "$back" --teardown "$host"; fi
    exec sh "$back" "$host"
}

# confirm: the run stays.
confirm() {
    unconfirmed || stop 2 "no run waits to be confirmed: the host returned to its last state, or the last run needs no confirmation"
    rm -f "$state/unconfirmed"
    kill -- "-$waiter" 2>/dev/null || kill "$waiter" 2>/dev/null
    rm -rf "$state/return"
    say "confirmed: $host stays as the last run made it"
}
