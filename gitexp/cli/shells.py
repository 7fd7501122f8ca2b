"""What shells need in order to complete, beyond what click knows of them."""

from __future__ import annotations

import os

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    split_arg_string,
)

VARIABLE = "_GITEXP_COMPLETE"
"""In the environment: gitexp was called to complete."""

_BASH = "COMPREPLY+=($value)"
_BASH_WORDS = 'COMP_WORDS="${COMP_WORDS[*]}"'
_BASH_LINE = f'{_BASH_WORDS} GITEXP_LINE="${{COMP_LINE:0:COMP_POINT}}"'
_ZSH = "compadd -U -V unsorted -a completions"
_ZSH_NO_SPACE = _ZSH.replace("-U", "-S '' -U")


class _Bash(BashComplete):
    """Leaves no space behind `key=` and `best:`, where something is to follow.

    Bash takes `=` and `:` for the ends of words, so its words are not arguments: those are
    read from the line, and what bash takes for earlier words is left out of the answers.
    """

    source_template = BashComplete.source_template.replace(
        _BASH, f"{_BASH}; [[ $value == *[=:] ]] && compopt -o nospace"
    ).replace(_BASH_WORDS, _BASH_LINE)

    _before = ""
    """The part of the word that bash takes for words of their own."""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the arguments before the one that is being typed, and that one."""
        args, current = super().get_completion_args()
        line = os.environ.get("GITEXP_LINE")
        if not line:
            return args, current
        words = split_arg_string(line)
        typed = "" if line[-1:].isspace() else words.pop()
        self._before = typed[: max(typed.rfind("="), typed.rfind(":")) + 1]
        if not current.strip("=:"):  # the ends of words are words themselves
            current = ""
        if not typed.endswith(current) or len(typed) - len(current) < len(self._before):
            self._before = ""  # somebody has taken them out of COMP_WORDBREAKS
        return words[1:], typed

    def format_completion(self, item: CompletionItem) -> str:
        """Return what bash is to put in place of what it takes for the word."""
        if item.type == "plain":
            item.value = item.value.removeprefix(self._before)
        return super().format_completion(item)


class _Zsh(ZshComplete):
    """Leaves no space behind `key=` and `best:` either."""

    source_template = ZshComplete.source_template.replace(
        _ZSH, f"if [[ $completions[1] == *[=:] ]]; then {_ZSH_NO_SPACE}; else {_ZSH}; fi"
    )


class _Fish(FishComplete):
    """Keeps the order, too: the newest run first."""

    source_template = FishComplete.source_template.replace(
        "complete --no-files", "complete --keep-order --no-files"
    )


SHELLS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}


def prepare() -> None:
    """Have click complete as these classes say."""
    for name, shell in SHELLS.items():
        add_completion_class(shell, name)
