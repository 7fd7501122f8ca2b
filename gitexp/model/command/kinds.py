"""Programs whose words are not the options of a script."""

from __future__ import annotations

SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ksh"})
OTHER_SHELLS = frozenset({"fish", "csh", "tcsh", "nu", "pwsh"})
"""Shells whose lines are written otherwise, so that only what stands behind a script is read."""
MAKES = frozenset({"make", "gmake", "just", "task", "snakemake"})
WITHOUT_PARAMS = frozenset(
    """
    . : [ [[ alias apt apt-get awk basename break cat cd chmod chown clear cmake comm continue cp
    curl cut date dd declare df diff dirname du dvc echo egrep exit export fgrep find for
    free git gitexp grep gunzip gzip head hostname id install jobs jupyter kill let ln local ls
    lscpu md5sum mkdir mktemp module more mv nvcc nvidia-smi parallel pgrep pip pip3 popd printenv
    printf ps pushd pwd quarto read readonly realpath return rm rmdir rsync scp sed seq set
    sha256sum shift shopt sleep sort source ssh stat sync tail tar tee test touch tr trap
    type ulimit umask unalias uname uniq unset unzip wait watch wc wget which whoami xz yes zcat
    zip
    """.split()
)
"""What prepares, shows or moves things: their options are not what a result depends on."""
