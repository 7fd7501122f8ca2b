#!/usr/bin/env bash
# `git gc` ends with 0 and deletes the commits of branches in a folder that it may not look at.
#
# Branches `topic/…` lie in `.git/refs/heads/topic`. If that folder belongs to somebody else, as
# after one `sudo git …`, or in a shared clone, one expects an error. But all of git passes over
# it without a word: for-each-ref does not list the branch, `git fsck --unreachable` calls its
# commits unreachable, both end with 0; and so does the gc that deletes them. Only the branch's
# reflog would have kept them, as long as it lasts.
#
# Seen with git 2.39.5 (files as ref storage, Linux):
#
#   refs listed: refs/heads/main, status 0
#   unreachable by fsck: 3, status 0
#   git gc --prune=now: status 0
#   the branch, once its folder can be read again: fatal: bad object topic/one
#
# Exits 0 while that is so, and 1 if it is otherwise. Needs git, and setpriv if run by root.
set -eu
work=$(mktemp -d)
trap 'chmod -R u+rwX "$work"; rm -rf "$work"' EXIT
cat > "$work/try.sh" <<'P'
set -eu
cd "$(dirname "$0")"
export HOME=$PWD GIT_CONFIG_NOSYSTEM=1
git init -q -b main work
cd work
git config user.name t
git config user.email t@example.org
echo 1 > a && git add a && git commit -qm a
git checkout -q -b topic/one
echo 2 > b && git add b && git commit -qm b
git checkout -q main
git reflog expire --expire=all --all
chmod 0 .git/refs/heads/topic

listed=$(git for-each-ref --format='%(refname)') && s1=0 || s1=$?
echo "refs listed: $listed, status $s1"
count=$(git fsck --unreachable --no-progress 2>/dev/null | grep -c '^unreachable') || true
git fsck --unreachable --no-progress > /dev/null 2>&1 && s2=0 || s2=$?
echo "unreachable by fsck: $count, status $s2"
git gc -q --prune=now && s3=0 || s3=$?
echo "git gc --prune=now: status $s3"
chmod 700 .git/refs/heads/topic
said=$(git log topic/one 2>&1 | grep fatal) || true
echo "the branch, once its folder can be read again: $said"
[ "$listed" = refs/heads/main ] && [ "$count" = 3 ]
[ "$s1$s2$s3" = 000 ] && [ "$said" = "fatal: bad object topic/one" ]
P
git --version
if [ "$(id -u)" = 0 ]; then
  chown -R 65534:65534 "$work"
  setpriv --reuid=65534 --regid=65534 --clear-groups bash "$work/try.sh"
else
  bash "$work/try.sh"
fi
