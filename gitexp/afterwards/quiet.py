"""An environment in which git asks nobody anything, and gives up on a remote that is silent."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import PurePath

_SETTINGS = {
    "credential.interactive": "false",
    "http.lowSpeedLimit": "1",
    "http.lowSpeedTime": "120",
}
_SSH = ("BatchMode=yes", "ConnectTimeout=60", "ServerAliveInterval=30", "ServerAliveCountMax=4")


def quiet(environment: Mapping[str, str], config: Mapping[str, str]) -> dict[str, str]:
    """Return what has to be added to an environment; `config` is git's.

    >>> added = quiet({"GIT_CONFIG_COUNT": "2"}, {"core.sshcommand": "ssh -i key"})
    >>> added["GIT_SSH_COMMAND"].split(" -o ")[:2], added["GIT_CONFIG_KEY_2"]
    (['ssh -i key', 'BatchMode=yes'], 'credential.interactive')
    >>> "GIT_SSH_COMMAND" in quiet({"GIT_SSH_COMMAND": "plink"}, {})
    False
    """
    count = environment.get("GIT_CONFIG_COUNT", "")
    first = int(count) if count.isdecimal() else 0
    added = {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",  # takes the place of core.askPass and SSH_ASKPASS, and is none
        "SSH_ASKPASS_REQUIRE": "never",
        "GCM_INTERACTIVE": "never",
        "GIT_CONFIG_COUNT": str(first + len(_SETTINGS)),
    }
    for number, (key, value) in enumerate(_SETTINGS.items(), first):
        added |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    command = environment.get("GIT_SSH_COMMAND") or config.get("core.sshcommand")
    if command is None and "GIT_SSH" not in environment:
        command = "ssh"
    if command is not None and _is_openssh(command):
        added["GIT_SSH_COMMAND"] = " -o ".join((command, *_SSH))
    return added


def _is_openssh(command: str) -> bool:
    try:
        words = shlex.split(command)
    except ValueError:
        return False
    return bool(words) and PurePath(words[0]).name == "ssh"
