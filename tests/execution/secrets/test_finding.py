"""What counts as a secret, and what must never be taken for one."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitexp.execution.secrets import forms, hints
from gitexp.execution.secrets.finding import Finding, find_secrets, mask_secrets
from gitexp.revisions.secret_names import is_secret_path

# Put together here so that no token stands in the repository.
GITHUB = "ghp" + "_" + "a1B2" * 9
AWS = "AKIA" + "Z7" * 8
HUGGING_FACE = "hf" + "_" + "Ab" * 17
BODY = "\n".join(["MIIEvQ" + "aB3/" * 14 + "xy"] * 3)
PEM = f"-----BEGIN {'PRIVATE'} KEY-----\n{BODY}\n-----END {'PRIVATE'} KEY-----"
DISCORD_ID = base64.b64encode(b"123456789012345678").decode()

TOKENS = {
    "AWS Access Key": AWS,
    "AWS Secret Access Key": "aB3/" * 10,
    "Anthropic API Key": "sk-" + "ant-api03-" + "a_-B" * 23 + "AA",
    "Azure Storage Account access key": "AccountKey" + "=" + "a+/B" * 21 + "ab==",
    "Databricks Token": "dapi" + "0123456789abcdef" * 2,
    "Discord Bot Token": DISCORD_ID + ".Gabcde." + "x-_" * 9,
    "Discord Webhook": "discord" + ".com/api/webhooks/" + "1" * 18 + "/" + "aB-_" * 17,
    "GitHub Fine-grained Token": "github" + "_pat_" + "a" * 22 + "_" + "B" * 59,
    "GitHub Token": GITHUB,
    "GitLab Token": "glpat" + "-" + "aB3_-" * 4,
    "Google API Key": "AIza" + "Sy-_" * 8 + "abc",
    "Groq API Key": "gsk" + "_" + "aB3d" * 13,
    "Hugging Face Token": HUGGING_FACE,
    "Kaggle API Token": "KGAT" + "_" + "0123456789abcdef" * 2,
    "LangSmith API Key": "lsv2" + "_pt_" + "0123456789abcdef" * 2 + "_0123456789",
    "Neptune API Token": base64.b64encode(
        json.dumps({"api_address": "https://example.com", "api_key": "0" * 36}).encode()
    ).decode(),
    "OpenAI Project Key": "sk-" + "proj-" + "aB_-" * 20,
    "OpenAI Token": "sk-" + "a" * 20 + "T3Blbk" + "FJ" + "b" * 20,
    "OpenRouter API Key": "sk-" + "or-v1-" + "0123456789abcdef" * 4,
    "PyPI Token": "pypi-" + "AgEIcHlwaS5vcmc" + "aB_-" * 20,
    "Replicate API Token": "r8" + "_" + "a" * 37,
    "SendGrid API Key": "SG" + "." + "a" * 22 + "." + "b" * 43,
    "Slack Token": "xoxb" + "-123456789012-123456789012-" + "aB3d" * 6,
    "Stripe Access Key": "sk" + "_live_" + "aB3d" * 24,
    "Telegram Bot Token": "123456789" + ":AA" + "aB-" * 11,
    "Twilio API Key": "SK" + "0123456789abcdef" * 2,
    "Weights & Biases API Key": "wandb" + "_v1_" + "aB3_" * 19,
    "npm Registry Token": "0123abcd-" + "89ef-" * 3 + "0123456789ab",
    "npm Token": "npm" + "_" + "aB3d" * 9,
    "xAI API Key": "xai" + "-" + "aB3d" * 20,
}


NAMES = {
    "AWS Secret Access Key": "AWS_SECRET" + "_ACCESS_KEY=",
    "npm Registry Token": "//registry.npmjs.org/:_authToken=",
}
"""Of forms that are known by what stands before them."""


@pytest.mark.parametrize("kind", TOKENS)
def test_every_known_kind_is_found_and_masked_whole(kind: str) -> None:
    name = NAMES.get(kind, "key = ")
    text = f"import os\n{name}{TOKENS[kind]}  # mine\n".encode()

    masked, found = mask_secrets(text)

    assert masked == f"import os\n{name}***  # mine\n".encode()
    assert found == [Finding("", 2, kind)]
    assert find_secrets([("a.py", text)]) == [Finding("a.py", 2, kind)]


PLUGIN_FORMS = forms._forms()


@pytest.mark.parametrize("number", range(len(PLUGIN_FORMS)))
def test_the_hints_let_nothing_pass_that_a_form_would_match(number: int) -> None:
    kind, pattern = PLUGIN_FORMS[number]
    printable = st.characters(min_codepoint=32, max_codepoint=126)

    @settings(max_examples=20, derandomize=True, database=None, deadline=None)
    @given(st.from_regex(pattern, fullmatch=True, alphabet=printable))
    def is_found(token: str) -> None:
        assert forms.tokens(f"x = {token}\n".encode()), (kind, token)

    is_found()


@pytest.mark.parametrize(
    "token", ["sq0csp" + "-" + r"aB3d5\ "[:-1] * 7 + "a", "AccountKey" + "=" + "aB3=" * 22]
)
def test_a_token_without_a_long_word_is_found(token: str) -> None:
    assert forms.tokens(f"x = {token}\n".encode())


_PIECES = st.sampled_from(
    [
        *'x\n"/.-_:',
        *(" = ", "a" * 24, "0123456789abcdef" * 3, "AB" * 20),
        *(mark for marks in hints._MARKS.values() for mark in marks),
        *(prefix for prefix, _ in hints.BY_PREFIX.values()),
        *TOKENS.values(),
    ]
)


@settings(max_examples=200, derandomize=True, database=None, deadline=None)
@given(st.lists(_PIECES, max_size=8), st.booleans())
def test_hints_that_a_small_text_goes_without_would_find_nothing(
    pieces: list[str], is_upper: bool
) -> None:
    text = "".join(pieces).encode()
    text = text.upper() if is_upper else text
    everything = [hints._compiled(first) for first in hints._by_first()]

    chosen = hints.hints_for(text)

    found = {hint.pattern for hint in everything if hint.search(text)}
    if hints._PERHAPS.search(text):  # a hint may well find what no form takes
        assert found <= {hint.pattern for hint in chosen}
    assert len(hints.hints_for(text + b"\n" * hints._SMALL + b"a" * 20)) == len(everything)


def test_a_secret_is_masked_where_it_stands_and_no_other_byte_changes() -> None:
    around = "naïve\r\n\x1b[1mloss\x1b[0m 0.1\n".encode() + b"\xff\xfe\n"
    text = around + f"login {GITHUB} ok, {AWS}\n".encode() + around

    masked, found = mask_secrets(text, "output.log")

    assert masked == around + b"login *** ok, ***\n" + around
    assert found == [
        Finding("output.log", 4, "GitHub Token"),
        Finding("output.log", 4, "AWS Access Key"),
    ]


def test_of_a_secret_behind_a_name_only_the_secret_is_masked() -> None:
    text = f'aws_secret_access_key = "{"aB3/" * 10}"\n'.encode()

    assert mask_secrets(text)[0] == b'aws_secret_access_key = "***"\n'


def test_a_finding_never_holds_the_secret() -> None:
    found = find_secrets([("a.py", f"{GITHUB}\n{PEM}\n".encode())])

    assert [finding.kind for finding in found] == ["GitHub Token", "Private Key"]
    assert not re.search("a1B2|MIIEvQ", repr(found))


@pytest.mark.parametrize(
    "text",
    [
        PEM,
        PEM.replace("PRIVATE", "RSA PRIVATE"),
        PEM.replace("PRIVATE", "OPENSSH PRIVATE"),
        PEM.replace("PRIVATE", "ENCRYPTED PRIVATE"),
        PEM.replace("PRIVATE KEY", "PGP PRIVATE KEY BLOCK").replace("\n", "\nVersion: 1\n\n", 1),
        PEM.replace("\n", "\\n"),
        PEM.replace("\n", "\r\n"),
    ],
)
def test_a_private_key_is_masked_as_a_block(text: str) -> None:
    masked, found = mask_secrets(f'{{"private_key": "{text}", "lr": 0.1}}\n'.encode())

    assert masked == b'{"private_key": "***", "lr": 0.1}\n'
    assert found == [Finding("", 1, "Private Key")]


def test_a_private_key_that_the_log_cut_off_is_masked_too() -> None:
    masked, _ = mask_secrets(PEM.rpartition("\n")[0].encode())

    assert masked == b"***"


def test_a_putty_key_is_masked() -> None:
    text = f"PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 3\n{BODY}\nPrivate-MAC: 00\n"

    masked, found = mask_secrets(text.encode())

    assert masked == b"PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 3\n***Private-MAC: 00\n"
    assert [finding.kind for finding in found] == ["Private Key"]


def test_the_mere_mention_of_a_private_key_is_no_secret() -> None:
    mention = f"if b'-----BEGIN {'PRIVATE'} KEY-----' in text:\n    raise Leak\n"

    assert find_secrets([("scan.py", mention.encode())]) == []
    assert find_secrets([("scan.py", f"{mention}{PEM}\n".encode())]) == [
        Finding("scan.py", 3, "Private Key")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "hf_transformers_model_loading_with_many_long_words = 1",
        "sk-learn-is-a-package-and-this-is-a-long-branch-name-of-it",
        "commit 0123456789abcdef0123456789abcdef01234567",
        "20260102:0123456789abcdef0123456789abcdef01234567",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.0123456789012345678901234567890123456789012",
        "postgresql://user:password@localhost/db",
        "password = 'hunter2'",
        "image/png;base64," + "iVBORw0KGgo" + "A" * 40 + "CCA" + "A" * 40 + "ASIA" + "A" * 40,
    ],
)
def test_what_only_looks_like_a_secret_is_left_alone(text: str) -> None:
    assert mask_secrets(text.encode()) == (text.encode(), [])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", f"KEY = '{GITHUB}'  # pragma: allowlist secret\n"),
        ("a.py", f"x = 1\n# pragma: allowlist nextline secret\nKEY = '{GITHUB}'\n"),
        ("a.js", f"key = '{GITHUB}' // pragma: allowlist secret\n"),
        ("params.yaml", f"key: {GITHUB}  # pragma: allowlist secret"),
        ("key.py", f"# pragma: allowlist nextline secret\nKEY = '''{PEM}'''\n"),
    ],
)
def test_the_comment_of_detect_secrets_allows_a_secret(name: str, text: str) -> None:
    assert find_secrets([(name, text.encode())]) == []


def test_the_comment_allows_its_own_line_only() -> None:
    text = f"a = '{AWS}'  # pragma: allowlist secret\nb = '{GITHUB}'\n"

    assert find_secrets([("a.py", text.encode())]) == [Finding("a.py", 2, "GitHub Token")]


def test_a_secret_in_a_single_line_has_no_line_number() -> None:
    command = f"python train.py --token {HUGGING_FACE}".encode()

    assert find_secrets([("command", command)]) == [Finding("command", None, "Hugging Face Token")]


def test_the_same_kind_twice_in_a_line_is_one_finding() -> None:
    text = f"a = 1\nb = ['{GITHUB}', '{GITHUB}']\n".encode()

    assert find_secrets([("a.py", text)]) == [Finding("a.py", 2, "GitHub Token")]


def test_in_a_binary_file_only_private_keys_are_looked_for() -> None:
    content = b"\x80\x04\x00" + f"{GITHUB} {PEM}".encode()

    assert find_secrets([("model.pkl", content)]) == [Finding("model.pkl", None, "Private Key")]


def test_secrets_are_found_anywhere_in_a_very_long_line() -> None:
    filler = "iVBORw0KGgo+/Ab9" * 60_000
    text = f'x\n{{"a": "{filler}", "k": "{GITHUB}", "b": "{filler}", "k2": "{AWS}"}}\n'.encode()

    masked, found = mask_secrets(text)

    assert masked == text.replace(GITHUB.encode(), b"***").replace(AWS.encode(), b"***")
    assert [finding.kind for finding in found] == ["GitHub Token", "AWS Access Key"]


def test_ordinary_text_costs_no_import_of_detect_secrets() -> None:
    script = (
        "import sys, argparse, inspect\n"
        "from gitexp.execution.secrets.finding import find_secrets, mask_secrets\n"
        "source = inspect.getsource(argparse).encode()\n"
        "assert find_secrets([('argparse.py', source)]) == []\n"
        "assert mask_secrets(source) == (source, [])\n"
        "print('detect_secrets' in sys.modules)\n"
    )

    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)

    assert ended.stdout == b"False\n"


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        "conf/.env.local",
        ".env.example",
        "server.PEM",
        "tls/site.key",
        "id_rsa",
        "id_ed25519",
        "keys/id_rsa_work",
        "id_rsa.bak",
        "id_ecdsa_sk.old",
        ".netrc",
        ".pypirc",
        "Kaggle.json",
        "aws_credentials.csv",
        "secrets.toml",
        "secrets.py",
        ".ssh/config",
        "home/.aws/config",
    ],
)
def test_a_file_of_secrets_is_known_by_its_path(path: str) -> None:
    assert is_secret_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "train.py",
        "id_map.py",
        "id_columns.json",
        "id_rsa.pub",
        "grid_search",
        "environment.yml",
        "keys.py",
        "credentials/train.py",
        "secrets",
    ],
)
def test_an_ordinary_file_is_not_taken_for_one_of_secrets(path: str) -> None:
    assert not is_secret_path(path)
