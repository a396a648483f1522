#!/bin/sh
# Makes this host exactly what lvsgen rendered for it, whatever was applied before and whatever failed before.
#
#   converge.sh [OPTIONS] HOST
#
#   --dry-run         print the changes as a diff and a list of commands, and change nothing
#   --verify          ask every probe: does the host do its work?
#   --teardown        undo everything that the record of this host holds; with --dry-run, print it
#   --confirm-within SECONDS
#                     converge, and return to the last state if nobody confirms the run in time, from its begin
#   --confirm         confirm that run
#   --root DIR        put everything that the first boot needs into the image below DIR
#   --drain NAME      on a director: set the real server NAME to the weight 0, in all its services
#   --give-back NAME  on a director: give the real server NAME its weights back
#   --give-back-all   on a director: the same for every real server
#   --wait SECONDS    with --drain: wait until the real server has no active connection, at most so long
#   --by rollout      with --drain and --give-back: give back only the weights that a rollout took
#   --only MECHANISM  work on one mechanism, by its name or by its need
#   --adopt           take over the things that adopt.tsv names, and the record of the host that this one was copied from
#   --force           overwrite files that were changed by hand or that somebody else made; drain below a quorum
#   --secrets DIR     with --dry-run: read the secrets from DIR, and not from /etc/lvsgen/secrets
#   --format json     print the result of --dry-run as JSON
#
# Exit status: 0 the host is as wanted; 1 it would change, or it is not as wanted; 2 a precondition is not met,
# and nothing was changed; 3 a command failed.
#
# The program reads HOST.steps beside it and the files in ../hosts/HOST. It needs a POSIX shell and the base system.
# Everything stands in functions, and the last line calls them: a half of this file runs nothing.
set -u
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin
export LC_ALL PATH
umask 077

# say TEXT...: prints one line of the result.
say() { printf '%s\n' "$*"; }

# complain TEXT...: prints one message.
complain() { printf 'converge.sh: %s\n' "$*" >&2; }

# stop STATUS TEXT...: ends the run with a message.
stop() {
    stop_status=$1
    shift
    complain "$@"
    exit "$stop_status"
}

# arguments WORD...: reads the command line into `call`, `host`, `only`, `force`, `format`, `stored`.
arguments() {
    call=converge host='' only='' force='' format=human stored='' teardown='' name='' wait=0 by=operator within='' returns='' root='' restore='' adopt='' secrets=/etc/lvsgen/secrets
    while [ $# -gt 0 ]; do
        case $1 in
        --dry-run) call=dry-run ;;
        --verify) call=verify ;;
        --teardown) teardown=yes ;;
        --give-back-all) call=give-back ;;
        --drain | --give-back)
            [ $# -gt 1 ] || stop 2 "$1 takes the name of a real server"
            call=${1#--} name=$2
            shift
            ;;
        --wait | --confirm-within)
            case ${2-} in '' | *[!0-9]*) stop 2 "$1 takes a number of seconds" ;; esac
            if [ "$1" = --wait ]; then wait=$2; else within=$2; fi
            shift
            ;;
        --confirm) call=confirm ;;
        --adopt) adopt=yes ;;
        # The return of --confirm-within: the last state comes back, whatever the host looks like now.
        --restore) restore=yes ;;
        --root)
            [ $# -gt 1 ] || stop 2 "--root takes the root directory of an image"
            call=image root=$2
            shift
            ;;
        # The unit of an image and the script of cloud-init start the program so.
        --first-boot) call=first-boot ;;
        # The program starts itself so for --confirm-within.
        --return)
            call=return returns=$2
            shift
            ;;
        --by)
            case ${2-} in
            rollout | operator) by=$2 ;;
            *) stop 2 "--by takes rollout or operator" ;;
            esac
            shift
            ;;
        --force) force=yes ;;
        # The program passes this to itself once everything is stored.
        --stored) stored=yes ;;
        --only)
            [ $# -gt 1 ] || stop 2 "--only takes the name of a mechanism"
            only=$2
            shift
            ;;
        --secrets)
            [ $# -gt 1 ] || stop 2 "--secrets takes a directory"
            secrets=$2
            shift
            ;;
        --format)
            case ${2-} in
            human | json) format=$2 ;;
            *) stop 2 "--format takes human or json" ;;
            esac
            shift
            ;;
        -h | --help)
            sed -n '2,/^set -u/{/^# \{0,1\}/s///p;}' "$program"
            exit 0
            ;;
        -*) stop 2 "there is no option $1; --help lists them" ;;
        *)
            [ -z "$host" ] || stop 2 "one host, not two: $host and $1"
            host=$1
            ;;
        esac
        shift
    done
    [ -n "$host" ] || [ "$call" = first-boot ] || stop 2 "which host is this? converge.sh [OPTIONS] HOST"
    case $host$name in *[!a-zA-Z0-9.-]*) stop 2 "a host is named by letters, digits, dots and hyphens: $host $name" ;; esac
    case $call in converge | return | dry-run) ;; *) [ -z "$within" ] || stop 2 "--confirm-within goes with a converge" ;; esac
    [ -z "$teardown" ] || [ "$call" = dry-run ] || call=teardown
    [ -z "$adopt" ] || [ -z "$only" ] || stop 2 "--adopt takes over a whole host: run it without --only"
    [ "$secrets" = /etc/lvsgen/secrets ] || [ "$call" = dry-run ] || stop 2 "--secrets goes with --dry-run"
    [ "$format" = human ] || [ "$call" = dry-run ] || stop 2 "--format json goes with --dry-run"
}
