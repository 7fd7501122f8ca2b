"""Ids and names of runs."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

from gitexp.errors import GitexpError
from gitexp.model.lazy_pattern import lazy_pattern

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32 in lower case: no letter looks like a digit."""

ID_LENGTH = 10
"""50 random bits: a million runs share an id with a chance of 0.04 %."""

RESERVED = frozenset({"latest", "best", "workspace", "HEAD"})

_LONGEST = 100
"""Characters of a name or a tag, which must fit a line."""

_NAME = lazy_pattern(r"[A-Za-z0-9](?:[A-Za-z0-9._+-]*[A-Za-z0-9_+-])?")

_NO_TAG = lazy_pattern(r"[\s,]")

_ADJECTIVES = (
    "able airy amber ample aqua bold brave breezy brief bright brisk calm candid cheery civil "
    "clear clever cool coral cosy crisp daring dapper deft eager early easy exact fair fancy fast "
    "fine firm fleet fond frank free fresh gentle glad golden good grand green handy happy hardy "
    "hazel hearty honest humble ideal jolly keen kind large late lean light lively lofty loyal "
    "lucid lucky lunar merry mild modest neat nimble noble novel olive open pale patient plain "
    "prime proud quick quiet rapid rare ready regal ripe rosy royal rustic sage sandy serene sharp "
    "shy silent silver simple sleek slow smart smooth snowy sober solar solid spry stable steady "
    "still stout sunny super sure swift tame tidy trim true upbeat urban vast vivid warm wary "
    "whole wide wild wise witty young zesty"
).split()

_NOUNS = (
    "adder alder aspen badger bass bear beaver bee birch bison boar bream brook canary carp cedar "
    "cicada clover cobra cod colt condor coot coral crab crane crow daisy deer dingo dove duck "
    "eagle egret elk elm ember falcon fawn fern ferret finch fir fjord fox frog gecko goose grebe "
    "grove gull hare hawk hazel heron hill holly ibex ibis iris island ivy jackal jay juniper "
    "kestrel kite koala lagoon lake lark larch lemur lily linnet llama lotus lynx magpie maple "
    "marten meadow merlin mink mole moose moss moth mouse newt oak ocelot orca oriole osprey "
    "otter owl panda parrot peak pebble perch petrel pigeon pine plover pony poppy puffin puma "
    "quail rabbit raven reed reef ridge river robin rook salmon seal shark sheep shrew skylark "
    "sloth snail snipe sparrow spruce squid stoat stork swan swift tapir tern thrush tiger toad "
    "trout tulip turtle viper vole walrus wasp weasel whale willow wolf wombat wren yak zebra"
).split()


def new_id() -> str:
    """Return a random id, unique across clones without asking anybody."""
    return "".join(_chosen(ALPHABET) for _ in range(ID_LENGTH))


def is_id(text: str) -> bool:
    """Return whether a text has the form of an id.

    >>> is_id("7fk2m9q4ab"), is_id("brave-otter")
    (True, False)
    """
    return len(text) == ID_LENGTH and set(text) <= set(ALPHABET)


def generated_name(run_id: str) -> str:
    """Return a name that is easy to say, ending in the start of the id.

    >>> generated_name("7fk2m9q4ab")[-3:]
    '-7f'
    """
    return f"{_chosen(_ADJECTIVES)}-{_chosen(_NOUNS)}-{run_id[:2]}"


def named_after(some_id: str) -> str:
    """Return a name that an id has in every clone, in the form of the generated ones.

    >>> named_after("26jkbd4j0n")
    'smooth-wasp-26'
    """
    number = int("".join(str(ALPHABET.index(one)).zfill(2) for one in some_id))
    rest, adjective = divmod(number, len(_ADJECTIVES))
    return f"{_ADJECTIVES[adjective]}-{_NOUNS[rest % len(_NOUNS)]}-{some_id[:2]}"


def is_name(name: str) -> bool:
    """Return whether a text has the form of a run's name; a commit may say anything.

    >>> is_name("brave-otter-7f"), is_name("--output=x"), is_name("$(id)")
    (True, False, False)
    """
    return _NAME.fullmatch(name) is not None and ".." not in name and len(name) <= _LONGEST


def check_name(name: str) -> None:
    """Raise GitexpError unless `name` can be typed as a selector and stand in a message."""
    if name in RESERVED:
        raise GitexpError(f"'{name}' is a reserved word", hint="Choose another name for the run.")
    if not is_name(name):
        raise GitexpError(
            f"'{name}' is not a valid name for a run",
            hint="Use letters, digits, '-', '_', '+' and '.', beginning with a letter or digit, "
            f"at most {_LONGEST} characters.",
        )


def check_tag(tag: str) -> None:
    """Raise GitexpError unless `tag` can be typed in a shell and stand in a list of tags."""
    if not tag or not tag.isprintable() or tag.startswith("-") or _NO_TAG.search(tag):
        raise GitexpError(
            f"'{tag}' is not a valid tag",
            hint="A tag has no spaces and no commas, and does not begin with '-'.",
        )
    if len(tag) > _LONGEST:
        raise GitexpError(f"a tag of {len(tag)} characters", hint=f"Use {_LONGEST} at most.")


def _chosen(choices: Sequence[str]) -> str:
    """Return one of them, each as likely, as `secrets.choice` does.

    That module and `random` take 2 ms to import; `uuid` is there, for msgspec.
    """
    bits = (len(choices) - 1).bit_length()
    while True:
        at = uuid4().int >> (128 - bits)  # the first 48 bits are random
        if at < len(choices):
            return choices[at]
