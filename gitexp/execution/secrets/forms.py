"""The known forms of secrets, and where in a text they stand.

Most forms are those of detect-secrets, which takes 0.27 s to import: one compiled pattern
of ours says first whether there is anything to look at. Only forms that nothing else has
are listed. So there are no JSON web tokens, which fill tests and documentation and soon
expire; nothing by entropy; no passwords in URLs; no `key = ...`.
"""

from __future__ import annotations

import functools
import importlib
import itertools
import re
from collections.abc import Sequence

from msgspec import Struct

Form = tuple[str, "re.Pattern[str]"]
"""A kind of secret, and what one looks like in text read as Latin-1: a character a byte."""


class Span(Struct, frozen=True):
    """Where a secret stands in a text, in bytes."""

    start: int
    end: int
    kind: str


_BY_PREFIX = {
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

_OTHERS = {
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

_PLUGINS = {
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

_PERHAPS = re.compile(rb"[\w+/-]{20}|xox|services/", re.IGNORECASE)
"""What no secret is without: a long word, or what Slack's begin with. Most command lines and names
have none of it, and then the hints need not be compiled, which takes 4 ms.
"""

_WORD = re.compile(r"[\w-]*", re.ASCII)

_FIXED_LENGTH = frozenset(("AWS Access Key", "Twilio API Key"))
"""Forms so plain that long base64 text contains them; there they are parts of a longer word."""

_BEFORE, _AFTER = 400, 1_200
"""How much of a line is looked at around a hint; the longest token has 1,032 characters."""


def tokens(content: bytes) -> list[Span]:
    """Find provider tokens, in order and without overlaps."""
    found = []
    for start, end in _windows(content):
        text = content[start:end].decode("latin-1")
        for kind, pattern in _forms():
            for match in pattern.finditer(text):
                if kind not in _FIXED_LENGTH or _stands_alone(text, match):
                    first, last = match.span(_secret_group(match))
                    found.append(Span(start + first, start + _end_of_word(text, last), kind))
    return apart(found)


def _windows(content: bytes) -> list[tuple[int, int]]:
    """List what to look at: around each hint its line, of a very long one the part near by."""
    windows: list[tuple[int, int]] = []
    if not _PERHAPS.search(content):
        return windows
    hits = sorted(hint.span() for pattern in _hints() for hint in pattern.finditer(content))
    for first, last in hits:
        floor, ceiling = max(first - _BEFORE, 0), min(last + _AFTER, len(content))
        start = max(content.rfind(b"\n", floor, first) + 1, floor)
        end = content.find(b"\n", last, ceiling)
        end = ceiling if end < 0 else end
        if windows and start <= windows[-1][1]:
            start = windows.pop()[0]
        windows.append((start, end))
    return windows


def _secret_group(match: re.Match[str]) -> int:
    """Return the group that holds the secret, if a pattern takes in words before it."""
    return 1 if match.re.groups and match[1] and len(match[1]) >= len(match[0]) / 2 else 0


def _end_of_word(text: str, start: int) -> int:
    """Return where a token ends: most forms only give a minimum length."""
    word = _WORD.match(text, start)
    return word.end() if word else start


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    return not f" {text}"[match.start()].isalnum() and not f"{text} "[match.end()].isalnum()


def apart(spans: Sequence[Span]) -> list[Span]:
    """Return spans in order, those that overlap as one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if found and span.start < found[-1].end:
            first = found.pop()
            span = Span(first.start, max(first.end, span.end), first.kind)  # noqa: PLW2901 - one span
        found.append(span)
    return found


@functools.cache
def _hints() -> tuple[re.Pattern[bytes], ...]:
    """Compile the hints, one pattern for each first character: `re` finds that at memory speed."""
    by_first: dict[str, list[str]] = {}
    for prefix, body in _BY_PREFIX.values():
        by_first.setdefault(prefix[-1], []).append(f"(?<={prefix}){body}")
    hints = [*_PLUGINS.values(), *(hints for _, *hints in _OTHERS.values())]
    for hint in itertools.chain.from_iterable(hints):
        by_first.setdefault(hint[0], []).append(hint[1:])
    # Underscores and rules of dashes are many, so these two get something cheap to fail on.
    cheap = {"_": r"(?=[\w-]{24})", "-": "(?<!--)"}
    return tuple(
        re.compile(f"{first}{cheap.get(first, '')}(?:{'|'.join(some)})".encode())
        for first, some in by_first.items()
    )


@functools.cache
def _forms() -> tuple[Form, ...]:
    own = {kind: rf"{prefix}{body}[\w-]*" for kind, (prefix, body) in _BY_PREFIX.items()}
    own |= {kind: rf"{form}[\w-]*" for kind, (form, *_) in _OTHERS.items()}
    forms = [(kind, re.compile(rf"(?<![A-Za-z0-9]){form}", re.ASCII)) for kind, form in own.items()]
    for name in _PLUGINS:
        module, _, detector = name.partition(".")
        plugin = getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), detector)
        forms += [(plugin.secret_type, pattern) for pattern in plugin.denylist]
    return tuple(forms)
