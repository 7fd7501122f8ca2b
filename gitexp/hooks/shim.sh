#!/bin/sh
# gitexp's hook '@NAME@': written by `gitexp hooks install`, removed by `gitexp hooks uninstall`.
# What was here before runs first. If gitexp is gone, nothing happens.
name='@NAME@'
ours='@OURS@'
python=@PYTHON@
earlier=@EARLIER@
test -n "$earlier" || earlier="${0%/*}/$name.before-gitexp"

case $name in
pre-push | post-rewrite) # both read what git says on stdin
    said=$(cat; printf x)
    said=${said%x}
    call() { printf %s "$said" | "$@"; } ;;
*)
    call() { "$@"; } ;;
esac

status=0
if test -f "$earlier" && test -x "$earlier"; then
    call "$earlier" "$@"
    status=$?
    case $name in
    post-*) ;; # git goes on in any case, and so do we
    *) test $status -eq 0 || exit $status ;;
    esac
fi

test -n "$ours" || exit $status

# Python takes 50 ms to start; git says in 2 that nothing has changed which a hook would look at.
# Where git cannot say, the hook is called.
differs() {
    since=$1
    shift
    ! GIT_LITERAL_PATHSPECS=0 git diff-index --cached --quiet --no-renames --ignore-submodules=all \
        "$since" -- "$@" 2>/dev/null
}
pointers_differ() { differs "$1" ':(top,glob)**/*.dvc' ':(top,glob)**/dvc.lock'; }
values_differ() {
    differs "$1" ':(top,glob,icase)**/*.json' ':(top,glob,icase)**/*.yaml' \
        ':(top,glob,icase)**/*.yml' ':(top,glob,icase)**/*.toml'
}
is_rebasing() {
    git_dir=$(git rev-parse --git-dir) || return 0
    test -e "$git_dir/rebase-merge" || test -e "$git_dir/rebase-apply"
}
is_pushed() { # a line of pre-push, unless the remote has it, or only a ref is deleted
    theirs=${1##* } before=${1% *}
    before=${before% *}
    mine=${before##* }
    test "$mine" != "$theirs" && case $mine in *[!0]*) true ;; *) false ;; esac
}
concerns_us() {
    line_end='
'
    case $name in
    pre-commit)
        staged=$(git diff-index --cached --name-only --no-renames --diff-filter=d \
            --ignore-submodules=all HEAD -- 2>/dev/null) || return 0
        test -n "$staged" ;;
    prepare-commit-msg)
        case ${2-} in
        '' | template) values_differ HEAD ;;
        message) values_differ HEAD || values_differ HEAD^ ;; # it may be one of `--amend`
        *) false ;;
        esac ;;
    post-checkout) test "$3" = 1 && { is_rebasing || pointers_differ "$1"; } ;;
    post-merge) if test "$1" = 1; then pointers_differ HEAD; else pointers_differ ORIG_HEAD; fi ;;
    post-rewrite)
        last=${said%"$line_end"}
        last=${last##*"$line_end"}
        is_rebasing || { test -n "$last" && pointers_differ "${last%% *}"; } ;;
    pre-push)
        rest=$said
        while test -n "$rest"; do
            is_pushed "${rest%%"$line_end"*}" && return 0
            case $rest in *"$line_end"*) rest=${rest#*"$line_end"} ;; *) rest= ;; esac
        done
        false ;;
    esac
}
concerns_us "$@" || exit $status

if test -x "$python"; then
    call "$python" -c 'import sys
sys.path[:] = filter(None, sys.path)
try:
    from gitexp.hooks.entry import start
except Exception:
    sys.exit(0)
start()' "$name" "$@"
elif command -v gitexp >/dev/null 2>&1; then
    call gitexp git-hook "$name" "$@"
fi || status=$?
exit $status
