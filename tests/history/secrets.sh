# A secret of a director: only the host has its value.

keepalived_conf=/etc/keepalived/keepalived.conf

# keep_secret VALUE MODE
keep_secret() { inside aged sh -c "echo '$1' >/etc/lvsgen/secrets/vrrp && chmod $2 /etc/lvsgen/secrets/vrrp"; }

if models "a secret" "$secret" "$secret;s/rr }/wlc }/"; then
    a=$WORK/trees/a b=$WORK/trees/b
    start aged lvs1
    inside aged rm -rf /etc/lvsgen/secrets
    check "a secret: without it, nothing is applied" eval '! pushed aged "$a" lvs1 >"$WORK/refused"'
    has "a secret: with its place" "there is no secret vrrp: write its value to /etc/lvsgen/secrets/vrrp" "$(cat "$WORK/refused")"
    check "a secret: and nothing is left" eval '! inside aged test -e /var/lib/lvsgen'
    inside aged mkdir -p /etc/lvsgen/secrets
    keep_secret Trustno1 0644
    check "a secret: not one that others can read" eval '! push aged "$a" lvs1'
    keep_secret 'a b' 0600
    check "a secret: not one with a blank" eval '! push aged "$a" lvs1'
    keep_secret 123456789 0600
    check "a secret: not one that keepalived would cut" eval '! pushed aged "$a" lvs1 >"$WORK/refused"'
    has "a secret: keepalived says so" "keepalived refuses it" "$(cat "$WORK/refused")"
    keep_secret Trustno1 0600
    check "a secret: A is applied" pushed aged "$a" lvs1
    is "a secret: the file has the value" "auth_pass Trustno1" "$(inside aged grep -o 'auth_pass .*' $keepalived_conf)"
    is "a secret: only root reads it" 600 "$(inside aged stat -c %a $keepalived_conf)"
    is "a secret: the record has no value" "" "$(inside aged grep -rl Trustno1 /var/lib/lvsgen)"
    check "a secret: A once more changes nothing" pushed aged "$a" lvs1 --dry-run
    check "a secret: a change is shown" eval '! push aged "$b" lvs1 --dry-run'
    has "a secret: the change is" "lvs_sched wlc" "$(cat "$WORK/push")"
    is "a secret: the value is not" "" "$(grep Trustno1 "$WORK/push")"
    keep_secret Trustno2 0600
    check "a secret: another value is drift" eval '! push aged "$a" lvs1 --dry-run'
    has "a secret: without the value" "(the value of a secret differs)" "$(cat "$WORK/push")"
    is "a secret: neither the old one nor the new one" "" "$(grep Trustno "$WORK/push")"
    check "a secret: the next run takes it" pushed aged "$a" lvs1
    is "a secret: the file has the new value" "auth_pass Trustno2" "$(inside aged grep -o 'auth_pass .*' $keepalived_conf)"
    is "a secret: the output of a run has no value" "" "$(grep Trustno "$WORK/push")"
    # The same host without the password in the model.
    model "$both" | render without
    check "a secret: without the password in the model" eval '! push aged "$WORK/trees/without" lvs1 --dry-run'
    has "a secret: the change is shown" "-        auth_pass @LVSGEN_SECRET:vrrp@" "$(cat "$WORK/push")"
    is "a secret: the old value is not" "" "$(grep Trustno "$WORK/push")"
    check "a secret: a teardown" pushed aged "$a" lvs1 --teardown
    check "a secret: leaves the administrator's file" inside aged test -s /etc/lvsgen/secrets/vrrp
    check "a secret: and no file with the value" eval '! inside aged grep -q Trustno $keepalived_conf'
    stop aged
fi
