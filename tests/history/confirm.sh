# --confirm-within: the host is back as it was, unless somebody confirms the run.

# returned: waits until the host has returned.
returned() {
    local tries
    for tries in $(seq 60); do
        inside aged sh -c '[ ! -e /var/lib/lvsgen/web/unconfirmed ] && ! pgrep -f "[c]onverge.sh" >/dev/null' && return
        sleep 0.5
    done
    return 1
}

# cut_run: kills the run as soon as the host is sure to return. A run that is killed before that has changed nothing, and
# leaves only the copy for the return in its record.
cut_run() {
    local tries
    for tries in $(seq 400); do
        inside aged test -s /var/lib/lvsgen/web/unconfirmed && inside aged pkill -KILL -f -- '--stored --confirm-within' && return
        sleep 0.05
    done
    return 1
}

# back NAME: the host equals $WORK/before.state.
back() {
    check "$1: the run ends in time" returned
    state_of aged >"$WORK/aged.state"
    check "$1: the host is as it was" diff -u "$WORK/before.state" "$WORK/aged.state"
}

if models "confirm" "$same" "$more"; then
    a=$WORK/trees/a b=$WORK/trees/b
    start aged web1
    state_of aged >"$WORK/before.state"
    check "a first run that nobody confirms: it runs" pushed aged "$b" web1 --confirm-within 6
    has "a first run that nobody confirms: it names the next step" "converge.sh --confirm web1 within 6 seconds" "$(cat "$WORK/push")"
    back "a first run that nobody confirms"
    check "confirm: A is applied" pushed aged "$a" web1
    state_of aged >"$WORK/before.state"
    check "a run that nobody confirms: it runs" pushed aged "$b" web1 --confirm-within 6
    check "a run that nobody confirms: no other run" eval '! push aged "$b" web1'
    has "a run that nobody confirms: because it waits" "waits to be confirmed" "$(cat "$WORK/push")"
    back "a run that nobody confirms"
    pushed aged "$b" web1 --confirm-within 6 >/dev/null &
    run=$!
    check "a run that is cut: it is cut" cut_run
    wait $run
    # The same as a kill between writing a file of the record and renaming it.
    inside aged sh -c 'umask 077 && cd /var/lib/lvsgen/web && echo cut >begun && echo cut >order.new'
    back "a run that is cut"
    check "a run that takes the address away: it runs" pushed aged "$b" web1 --confirm-within 6
    inside aged ip address delete 192.168.10.102/24 dev ens33
    check "a run that takes the address away: the host returns" returned
    inside aged ip address add 192.168.10.102/24 brd + dev ens33
    back "a run that takes the address away"
    check "a run that is confirmed: it runs" pushed aged "$b" web1 --confirm-within 60
    check "a run that is confirmed: it is confirmed" pushed aged "$b" web1 --confirm
    check "a teardown cannot be confirmed" eval '! push aged "$b" web1 --teardown --confirm-within 9'
    check "a run that is confirmed: once" eval '! push aged "$b" web1 --confirm'
    check "a run that is confirmed: nothing differs" pushed aged "$b" web1 --dry-run
    inside aged sh -c '! pgrep -f "[c]onverge.sh"' >/dev/null || check "a run that is confirmed: nobody waits" false
    check "confirm: B is applied to a bare host" bare web1
    equal "a run that is confirmed"
    stop aged
fi
