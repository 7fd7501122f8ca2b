"""What in a text may be a secret: cheap patterns, each for what some forms cannot do without."""

from __future__ import annotations

import functools
import itertools
import re

from gitexp.model.lazy_pattern import lazy_pattern

BY_PREFIX = {
    "Anthropic API Key": (r"sk-ant-", r"[\w-]{32}"),
    "DVC Studio Token": (r"isat_", r"[A-Za-z0-9]{32}"),
    "Docker Hub Token": (r"dckr_pat_", r"[\w-]{27}"),
    "GitHub Fine-grained Token": (r"github_pat_", r"\w{82}"),
    "Google OAuth Secret": (r"GOCSPX-", r"[\w-]{28}"),
    "Groq API Key": (r"gsk_", r"[A-Za-z0-9]{52}"),
    "Hugging Face Organization Token": (r"api_org_", r"[A-Za-z]{34}"),
    "Hugging Face Token": (r"hf_", r"[A-Za-z0-9]{34}"),
    "Kaggle API Token": (r"KGAT_", r"[0-9a-f]{32}"),
    "LangSmith API Key": (r"lsv2_[ps][kt]_", r"[0-9a-f]{32}_[0-9a-f]{10}"),
    "NVIDIA API Key": (r"nvapi-", r"[\w-]{60}"),
    "OpenAI Admin Key": (r"sk-admin-", r"[\w-]{40}"),
    "OpenAI Project Key": (r"sk-proj-", r"[\w-]{40}"),
    "OpenAI Service Account Key": (r"sk-svcacct-", r"[\w-]{40}"),
    "OpenRouter API Key": (r"sk-or-v1-", r"[0-9a-f]{64}"),
    "Perplexity API Key": (r"pplx-", r"[A-Za-z0-9]{48}"),
    "Pinecone API Key": (r"pcsk_", r"\w{60}"),
    "Replicate API Token": (r"r8_", r"[A-Za-z0-9]{37}"),
    "Weights & Biases API Key": (r"wandb_v1_", r"\w{50}"),
    "npm Token": (r"npm_", r"[A-Za-z0-9]{36}"),
    "xAI API Key": (r"xai-", r"[A-Za-z0-9]{80}"),
}
"""Forms that detect-secrets lacks: a prefix of fixed length that ends in `_` or `-`, a body."""

# The first part of a Discord token is a decimal number in base64: three digits make four signs.
_DIGITS = r"[DTjz][AEIMQUYcgk][w-z0-5]"
_DISCORD = rf"{_DIGITS}(?:[MNO]{_DIGITS}){{4}}[A-Za-z0-9]{{3,6}}\.[\w-]{{6}}\.[\w-]{{27}}"

OTHERS = {
    "AWS Secret Access Key": (  # without quotes, as in a file of environment variables
        r"(?i:aws_secret_access_key)\s{0,4}[=:]\s{0,4}([0-9a-zA-Z/+]{40})(?![0-9a-zA-Z/+=])",
        *(rf"{w}(?<=[aA].)[sS]_[sS].{{16,25}}[0-9a-zA-Z/+]{{40}}" for w in "wW"),
    ),
    "Databricks Token": (r"dapi[0-9a-f]{32}",) * 2,
    "Discord Bot Token": (rf"[MNO]{_DISCORD}", *(rf"{first}{_DISCORD}" for first in "MNO")),
    "Discord Webhook": (
        r"discord(?:app)?\.com/api/webhooks/\d{17,20}/[\w-]{60}",
        r"/(?<=\.com/)api/webhooks/\d{17,20}/[\w-]{60}",
    ),
    "Google API Key": (r"AIza[\w-]{35}",) * 2,
    "Neptune API Token": (
        r"eyJhcGlfYWRkcmVzcyI6[A-Za-z0-9+/]{40,}=*",
        r"J(?<=eyJ)hcGlfYWRkcmVzcyI6[A-Za-z0-9+/]{40}",
    ),
    "npm Registry Token": (r":_authToken=([A-Fa-f0-9-]{36})", r":(?=_authToken=)"),
    "Telegram Bot Token": (r"\d{8,10}:AA[\w-]{33}", r":(?<=\d:)AA[\w-]{33}"),
}
"""More of what it lacks: the form, and hints as for the plugins."""

PLUGINS = {
    "aws.AWSKeyDetector": (
        r"A(?:3T[A-Z0-9]|BIA|CCA|KIA|SIA)[0-9A-Z]{16}",
        # The words before the key take at most 20 + 8 + 20 characters.
        r"""w(?<=[aA].)[sS].{2,50}['"][0-9a-zA-Z/+]{40}['"]""",
        r"""W(?<=[aA].)[sS].{2,50}['"][0-9a-zA-Z/+]{40}['"]""",
    ),
    "azure_storage_key.AzureStorageKeyDetector": (r"AccountKey=[a-zA-Z0-9+/=]{88}",),
    "github_token.GitHubTokenDetector": (r"_(?<=gh[opsru]_)[A-Za-z0-9_]{36}",),
    "gitlab_token.GitLabTokenDetector": (
        r"-(?=[\w-]{20})(?:(?<=gl[dfr]t-)|(?<=glpat-)|(?<=gloas-)|(?<=gl[cip][bmt]t-))",
        r"-(?=[\w-]{20})(?:(?<=glsoat-)|(?<=glagent-))",
        r"GR1348941[\w-]{20}",
    ),
    "openai.OpenAIDetector": (r"T3BlbkFJ[A-Za-z0-9]{20}",),
    "pypi_token.PypiTokenDetector": (r"-(?<=pypi-)AgE[\w-]{80}",),
    "sendgrid.SendGridDetector": (r"SG\.[\w-]{22}\.[\w-]{43}",),
    "slack.SlackDetector": (
        r"-(?<=[xX][oO][xX][abposrABPOSR]-)[0-9]",
        r"/(?<=[cC][oO][mM]/)[sS][eE][rR][vV][iI][cC][eE][sS]/[tT][\w]+/[bB]",
    ),
    "square_oauth.SquareOAuthDetector": (r"-(?<=sq0csp-)[\w\\-]{43}",),
    "stripe.StripeDetector": (r"_(?<=[rs]k_live_)[0-9a-zA-Z]{24}",),
    "twilio.TwilioKeyDetector": (r"AC[a-z0-9]{32}", r"SK[a-z0-9]{32}"),
}
"""The plugins of detect-secrets that go by form, each with what its findings cannot do without.

The one for npm is left out: on a long line its pattern takes minutes.

Such a hint begins with one rare character, to which the compiled pattern skips.
"""

_PERHAPS = lazy_pattern(rb"[\w+/-]{20}|xox|services/|sq0csp-|AccountKey=", re.IGNORECASE)
"""What no secret is without: a long word, or what Slack's begin with. Most command lines and names
have none of it."""

_MARKS = {
    "-": ("gl", "xox", "-AgE", "sq0csp-"),
    "/": ("/api/webhooks/", "com/"),
    ":": (":_authToken=", ":AA"),
    "A": ("A3T", "ABIA", "AC", "AKIA", "ASIA", "AIza", "AccountKey="),
    "G": ("GR1348941",),
    "J": ("JhcGlfYWRkcmVzcyI6",),
    **{
        first: tuple(map("".join, itertools.product(first, "DTjz", "AEIMQUYcgk")))
        for first in "MNO"
    },
    "S": ("SG.", "SK"),
    "T": ("T3BlbkFJ",),
    "W": ("aws",),
    "_": ("gho_", "ghp_", "ghr_", "ghs_", "ghu_", "k_live_"),
    "d": ("dapi",),
    "w": ("aws",),
}
"""By the first character of hints, one of what a text has in which they find something, as it is or
in lower case; the prefixes above come to that."""

_SMALL = 1 << 16
"""Bytes of a text for which no more hints are compiled than may find something: all take 4 ms."""


def hints_for(content: bytes) -> list[re.Pattern[bytes]]:
    """Return patterns that find whatever may be a secret, and more."""
    if not _PERHAPS.search(content):
        return []
    if len(content) > _SMALL:
        return [_compiled(first) for first in _by_first()]
    lower = content.lower()
    return [
        _compiled(first)
        for first in _by_first()
        if any(mark in content or mark in lower for mark in _marks(first))
    ]


@functools.cache
def _marks(first: str) -> tuple[bytes, ...]:
    prefixes = (prefix.partition("[")[0] for prefix, _ in BY_PREFIX.values() if prefix[-1] == first)
    return tuple(mark.encode() for mark in (*_MARKS[first], *prefixes))


@functools.cache
def _by_first() -> dict[str, list[str]]:
    """Return what follows each hint's first character, by that: `re` finds it at memory speed."""
    by_first: dict[str, list[str]] = {}
    for prefix, body in BY_PREFIX.values():
        by_first.setdefault(prefix[-1], []).append(f"(?<={prefix}){body}")
    hints = [*PLUGINS.values(), *(hints for _, *hints in OTHERS.values())]
    for hint in itertools.chain.from_iterable(hints):
        by_first.setdefault(hint[0], []).append(hint[1:])
    return by_first


@functools.cache
def _compiled(first: str) -> re.Pattern[bytes]:
    # Underscores and rules of dashes are many, so these two get something cheap to fail on.
    cheap = {"_": r"(?=[\w-]{24})", "-": "(?<!--)"}
    rest = "|".join(_by_first()[first])
    return re.compile(f"{first}{cheap.get(first, '')}(?:{rest})".encode())
