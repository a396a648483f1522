
# --- Secrets -------------------------------------------------------------------------------------------------
#
# `secret NAME PATH`: the file has the placeholder @LVSGEN_SECRET:NAME@, and `/etc/lvsgen/secrets/NAME` of this host has the value.
# The complete file lies in $work/filled during a run. The section gets the hash of the complete file.

# fill_secrets: completes every file that has a placeholder. A secret that is missing or wrong is a precondition.
fill_secrets() {
    for section in "$wanted"/section/*; do
        [ -e "$section" ] || continue
        fields secret "$section" >"$work/secrets"
        while read -r name path; do
            ! secret_fits "$name" || fill "$name" "$path" || stop 2 "cannot write to $work"
        done <"$work/secrets"
    done
}

# secret_fits NAME: sets `value`, or notes the fault.
secret_fits() {
    if [ ! -f "$secrets/$1" ]; then
        unmet "there is no secret $1: write its value to $secrets/$1, with the owner root and the mode 0600"
        return 1
    fi
    case $(stat -L -c %u:%a "$secrets/$1") in
    0:600 | 0:400) ;;
    *) unmet "other users can read the secret $1: run chown root $secrets/$1 and chmod 0600 $secrets/$1" && return 1 ;;
    esac
    value=$(cat "$secrets/$1")
    case $value in
    '' | *[!a-zA-Z0-9._+/=,:-]*)
        unmet "the secret $1 cannot stand in a configuration file: $secrets/$1 needs one line of letters, digits and ._+/=,:-"
        return 1
        ;;
    esac
}

# fill NAME PATH: the value does not appear in the arguments of a program.
fill() {
    filled=$work/filled$2
    [ -e "$filled" ] || { mkdir -p "${filled%/*}" && cp "$files$2" "$filled"; } || return
    placeholder="@LVSGEN_SECRET:$1@" value=$value awk '
        {
            done = ""
            while (at = index($0, ENVIRON["placeholder"])) {
                done = done substr($0, 1, at - 1) ENVIRON["value"]
                $0 = substr($0, at + length(ENVIRON["placeholder"]))
            }
            print done $0
        }' "$filled" >"$filled.new" && mv "$filled.new" "$filled" || return
    sum=$(sum_of "$filled") path=$2 awk '
        $1 == "file" && $4 == ENVIRON["path"] { $3 = ENVIRON["sum"] }
        { print }' "$section" >"$section.new" && mv "$section.new" "$section"
}

# hidden PATH FILE: the file without the values of secrets, as --dry-run shows it. A line whose first word is that of a line with
# a placeholder, now or in the record, may have an old value: the line with the placeholder stands in its place.
hidden() {
    cat "$state/current/files$1" "$files$1" >"$work/placeholders" 2>/dev/null
    awk -v placeholders="$work/placeholders" '
        BEGIN {
            while ((getline line <placeholders) > 0)
                if (line ~ /@LVSGEN_SECRET:/) { split(line, words, " "); shown[words[1]] = line }
        }
        $1 in shown { print shown[$1]; next }
        # A password that nobody made a secret.
        !/@LVSGEN_SECRET:/ && match($0, /auth_pass[ \t]+[^ \t}]+/) {
            $0 = substr($0, 1, RSTART - 1) "auth_pass (hidden)" substr($0, RSTART + RLENGTH)
        }
        { print }' "$2"
}
