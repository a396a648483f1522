
# --- The steps of a host -------------------------------------------------------------------------------------
#
# One statement is one line: a keyword and its fields with one blank between them. Only the last field may contain
# blanks. A command has `\n` for a line break and `\\` for a backslash. The statements before the first
# `mechanism` are about the host. A mechanism has the id NEED.NAME, and its statements are its section.
# The record of a mechanism is the section that was applied.

# split_steps FILE FOLDER: writes one file for each section, `host`, `order` (the ids, in the order to apply) and `keywords`
# (` ID:KEYWORD ` for each keyword of a section).
split_steps() {
    mkdir -p "$2/section" && : >"$2/order" && : >"$2/host" || return
    awk -v folder="$2" '
        /^#/ || /^$/ { next }
        $1 == "mechanism" {
            file = folder "/section/" $2
            print $2 >(folder "/order")
            id = $2
        }
        { print >(file == "" ? folder "/host" : file) }
        !seen[id, $1]++ { keywords = keywords " " id ":" $1 }
        END { print keywords " " >(folder "/keywords") }' "$1"
}

# fields KEYWORD FILE: the statements of this keyword, without the keyword.
fields() {
    # A process costs much more than this question, and most sections lack most keywords.
    case $2 in "$wanted/section"/*) case $keywords in *" ${2##*/}:${1%% *} "*) ;; *) return 0 ;; esac ;; esac
    sed -n "s/^$1 //p" "$2" 2>/dev/null
}

# field KEYWORD FILE: the first of them.
field() {
    while read -r keyword value; do
        [ "$keyword" != "$1" ] || { say "$value" && break; }
    done 2>/dev/null <"$2"
}

# wants LINE: whether a section of the new steps has the line.
wants() { grep -qxF -- "$1" "$wanted"/section/* 2>/dev/null; }

# has_file PATH: whether the statements of standard input have a whole file at the path.
has_file() { path=$1 awk '$1 == "file" && $4 == ENVIRON["path"] { found = 1 } END { exit !found }'; }

# lines_of_others FIELD TEXT FILE: the lines of a list of the record that do not have the text in this field.
lines_of_others() { text=$2 awk -v field="$1" '$field != ENVIRON["text"]' "$3" 2>/dev/null; }

# backwards: the lines of standard input, the last one first.
backwards() { sed '1!G;h;$!d'; }

# lines_without FILE OTHER: the lines of FILE that OTHER lacks, each once.
lines_without() {
    awk -v other="$2" '
        BEGIN { while ((getline line <other) > 0) has[line] = 1 }
        !($0 in has) && !seen[$0]++' "$1"
}

# files_of FILE: the `file` and `block` statements: KIND MODE SHA256 PATH.
files_of() { awk '$1 == "file" || $1 == "block"' "$1"; }

# any_file FILE TEST: whether the test holds for the path of a file or block of the statements.
any_file() {
    files_of "$1" >"$work/any"
    while read -r _ _ _ path; do
        ! "$2" "$path" || return 0
    done <"$work/any"
    return 1
}

# wanted_path PATH: whether a section of the new steps has this file, block or directory.
wanted_path() {
    for one in "$wanted"/section/*; do
        [ -e "$one" ] || continue
        # Not `awk -v`, which would read a backslash of the path as an escape.
        path=$1 awk '($1 == "file" || $1 == "block" || $1 == "directory") && $4 == ENVIRON["path"] { found = 1 }
            END { exit !found }' "$one" && return
    done
    return 1
}

# chosen ID: whether --only names this mechanism, by its id, its need or its name.
chosen() {
    case $only in '' | "$1" | "${1%%.*}" | "${1#*.}") ;; *) return 1 ;; esac
}
