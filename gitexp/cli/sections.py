"""The commands by what they are for, each with what it does in a line."""

from __future__ import annotations

SECTIONS: dict[str, dict[str, str]] = {
    "Record runs": {
        "init": "Set up this folder: gitexp.yaml and DVC.",
        "run": "Run a command and record it as a commit.",
        "sweep": "Run a command many times, with other params each time.",
        "stop": "End a run under way, or a sweep.",
        "save": "Record the work tree as it stands, as a run.",
        "track": "Put data behind a DVC pointer.",
        "import": "Bring in what other tools have recorded.",
    },
    "Look and compare": {
        "ls": "List the runs, newest first.",
        "show": "Show one run whole.",
        "diff": "Show what differs between runs, revs or the work tree.",
        "best": "Show the best runs by a metric.",
        "trend": "Show how a metric moved over the runs.",
        "bisect": "Find the commit that moved a metric, by runs.",
        "blame": "Say which commit last moved each metric.",
        "plot": "Draw curves and values of runs.",
        "report": "Write a page about runs, with pictures.",
        "lineage": "Show where data and models come from, and lead to.",
        "story": "Tell what was supposed, and what came of it.",
        "ui": "Look at the runs in a browser.",
        "sql": "Ask the runs in SQL.",
        "mcp": "Offer the runs to an assistant.",
        "check": "Say whether a commit is sound.",
        "review": "Say what a pull request does to the metrics.",
    },
    "Use a run": {
        "evaluate": "Try a run's model on data that was held out.",
        "rerun": "Run the command of a run again, in isolation.",
        "verify": "Say whether a run gives the same again.",
        "verify-signatures": "Say who has signed runs, and whether git trusts that.",
        "apply": "Bring a run into the work tree.",
        "branch": "Make a branch with what a run changed.",
        "get": "Get one file, folder or model of a run.",
        "env": "Print what a run had installed, or make it again.",
    },
    "Rely on a model": {
        "promote": "Make a run a version of a model, and give it a stage.",
        "models": "List models with their versions and stages, and get one.",
        "card": "Print the model card of a version.",
        "demote": "Take a stage from the version that holds it.",
        "deprecate": "Say that a model or a version is no longer to be used.",
    },
    "Share": {
        "push": "Send runs and their data to a remote.",
        "pull": "Get the runs that others have pushed.",
        "export": "Write runs in the formats of others.",
    },
    "Annotate runs, and tidy up": {
        "tag": "Give a run tags, or take them away.",
        "note": "Write a comment on a run.",
        "rename": "Give a run another name.",
        "rm": "Hide runs.",
        "restore": "Bring back hidden runs.",
        "gc": "Free the data of removed runs.",
        "purge": "Take runs or files out of history for good.",
    },
    "Help": {
        "hooks": "Have git itself check, and show what changed.",
        "doctor": "Check that everything is as it should be.",
        "demo": "Make a small project and show what gitexp does with it.",
        "completion": "Print the script with which a shell completes.",
    },
}
"""What `gitexp --help` says, in its order; each command is a module of `gitexp.cli.commands`.

The summaries stand here so that neither help nor completion has to import all of these.
"""

SUMMARIES = {name: text for section in SECTIONS.values() for name, text in section.items()}
COMMANDS = tuple(SUMMARIES)

HIDDEN = ("git-driver", "git-hook")
"""What git calls, and nobody else."""

ALIASES = {"list": "ls"}
