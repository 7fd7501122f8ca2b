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
