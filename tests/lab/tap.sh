# Results in the Test Anything Protocol.

TESTS=0
FAILED=0

# check NAME COMMAND...: passes when the command does.
check() {
    local name=$1 told
    shift
    TESTS=$((TESTS + 1))
    if told=$("$@" 2>&1); then
        echo "ok $TESTS - $name"
    else
        FAILED=$((FAILED + 1))
        echo "not ok $TESTS - $name"
        printf '%s\n' "$told" | sed 's/^/  # /' | head -n 30
    fi
}

# is NAME WANTED FOUND: passes when the two texts are equal.
is() { check "$1" same "$2" "$3"; }

same() {
    [ "$1" = "$2" ] && return
    printf 'wanted: %s\nfound:  %s\n' "$1" "$2"
    return 1
}

# has NAME PART FOUND: passes when the part is in the text.
has() { check "$1" holds "$2" "$3"; }

holds() {
    case $2 in *"$1"*) return ;; esac
    printf 'wanted: …%s…\nfound:  %s\n' "$1" "$2"
    return 1
}

# finish: the plan, and the status.
finish() {
    echo "1..$TESTS"
    [ "$FAILED" = 0 ]
}
