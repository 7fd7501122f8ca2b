"""Model cards: what hubs read of them, and that no name is more than a name."""

from __future__ import annotations

import math
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec.structs import replace

from gitexp.model.hypothesis import Hypothesis
from gitexp.model.record import DataPointer
from gitexp.model.values import Value
from gitexp.rendering.card import card_text
from gitexp.rendering.card_content import Card, Said
from gitexp.rendering.front_matter import front_matter
from gitexp.review.statistics import Sample, sample

from tests.rendering.workshop import MakeRun

HTML = MarkdownIt("gfm-like", {"linkify": False, "html": True})
LIVE = re.compile(
    r"<(?!/?(?:p|code|pre|table|thead|tbody|tr|th|td|h1|h2|strong|details|summary|sub)\b)"
)
"""A tag that is none of those which a card has by itself."""
HOSTILE = 'a|b`c`\n---\n<img src=x> @all \x1b[31m [x](https://e.x) "]; click run x %% #quot;'

hostile = st.sampled_from([HOSTILE, "```", "</details>", "a: b", "- x", "'", "{}"]) | st.text(
    st.sampled_from("|`\\*_~[]()<>@#!&:/ \n\"';%-ab1") | st.characters(exclude_categories=["Cs"]),
    min_size=1,
    max_size=30,
)


@pytest.fixture
def card(run: MakeRun) -> Card:
    """A card with something in every part."""
    return whole(run, "accuracy", "data.csv", "digits")


def whole(run: MakeRun, name: str, path: str, text: str) -> Card:
    """Return a card in which all names and texts are these."""
    data = DataPointer(path, "0a" * 16, 1_200_000)
    model = DataPointer("model.skops", "1b" * 16, 34_000, role="output")
    metrics: dict[str, Value] = {name: 0.95, "lost": math.nan, "word": text}
    record = run(
        message=text,
        hypothesis=Hypothesis(text, "confirmed"),
        command=("python", "train.py", path),
        pointers=(data, model),
        tags=(text,),
        directory=path,
        platform=text,
        python="3.12.1",
    )
    return Card(
        model="digits",
        version="v1.2.0",
        stages=("prod",),
        path="model.skops",
        md5="1b" * 16,
        record=record,
        oid="c" * 40,
        tag="digits@v1.2.0",
        promoted="2026-01-02T03:04:05.000Z",
        by="Ada <ada@example.com>",
        words=text,
        override=text,
        refused=text,
        packages={"scikit-learn": "1.9.1", name: text},
        writers={path: text},
        repeats={name: Sample((0.95, 0.97, 0.93))},
        metrics=metrics,
        params={name: text},
        evaluations=(Said("2026-01-02T03:04:05.000Z", text, {}),),
        verifications=(Said("2026-01-02T03:04:05.000Z", "Bob <b@example.com>", {name: text}),),
        held_out={f"held_out.{name}": 0.91},
        remote="https://example.com/digits.git",
    )


def test_a_card_tells_everything_in_its_order(card: Card) -> None:
    text = card_text(card)

    assert re.findall(r"^#+ .*", text, re.MULTILINE) == [
        "# digits v1.2.0",
        "## Metrics",
        "## Params",
        "## Data",
        "## Evaluation on held-out data",
        "## Verification",
        "## Lineage",
        "## Environment",
        "## How to make it again",
    ]
    assert "| accuracy | 0.95 | 0.950 ± 0.020 | 3 |" in text
    assert "| what was expected | digits |\n| what became of that | confirmed |\n" in text
    assert "**Promoted against the policy:** digits" in text
    assert (
        "```sh\ngit clone https://example.com/digits.git again\ncd again\n"
        "git switch --detach digits@v1.2.0\ncd data.csv\ndvc pull\npython train.py data.csv\n```"
    ) in text
    assert '    from0(["digits"]) --> data0[("data.csv")]\n    data0 --> run\n' in text
    assert "Evaluated once, on 2026-01-02 by digits." in text


def test_the_front_matter_has_what_hubs_show(card: Card) -> None:
    read = yaml.safe_load(front_matter(card))

    assert read["library_name"] == "sklearn"
    assert read["tags"] == ["gitexp", "digits"]
    [index] = read["model-index"]
    assert index["name"] == "digits"
    assert [
        (one["dataset"]["name"], one["metrics"][0]["name"], one["metrics"][0]["value"])
        for one in index["results"]
    ] == [("data.csv", "accuracy", 0.95), ("held-out data", "held_out.accuracy", 0.91)]


def test_a_metric_of_one_file_has_the_type_of_its_name(card: Card) -> None:
    of_files = replace(
        card, metrics={"metrics.json:val.f1": 0.5, "out/m.json:loss": 2}, held_out={}
    )

    results = yaml.safe_load(front_matter(of_files))["model-index"][0]["results"]

    assert [one["metrics"][0]["type"] for one in results] == ["f1", "loss"]


def test_a_number_beyond_every_float_is_in_the_table_alone(card: Card) -> None:
    big = replace(card, metrics={"big": 10**400}, repeats={"big": sample((10**400, 10**400))})

    [result] = yaml.safe_load(front_matter(big))["model-index"][0]["results"]
    assert result["metrics"][0]["name"] == "held_out.accuracy"
    assert "| inf | 2 |" in card_text(big)


def test_the_hub_of_hugging_face_reads_it(card: Card, run: MakeRun) -> None:
    hub = pytest.importorskip("huggingface_hub")

    for one in (card, whole(run, HOSTILE, HOSTILE, HOSTILE)):
        read = hub.ModelCard(card_text(one), ignore_metadata_errors=False)

        assert read.data.library_name == "sklearn"
        assert [result.metric_value for result in read.data.eval_results] == [0.95, 0.91]
        assert read.text.strip().startswith("# digits v1.2.0")


def test_a_card_without_repeats_says_that_noise_is_not_known(run: MakeRun) -> None:
    bare = Card("m", "v1.0.0", (), "m.bin", "", run(metrics={}), "c" * 40, "m@v1.0.0", "2026", "")

    assert "noise" not in card_text(bare)
    assert "There are no repeats of this run" in card_text(replace(bare, metrics={"a": 1}))
    assert "library_name" not in front_matter(bare)
    installed = replace(bare, packages={"scikit-learn": "1.9.1"})
    assert "library_name" not in front_matter(installed)  # which is no word of the model
    assert "library_name: sklearn" in front_matter(replace(installed, library="sklearn"))


def test_no_name_is_more_than_a_name(run: MakeRun) -> None:
    @given(hostile, hostile, hostile)
    def holds(name: str, path: str, text: str) -> None:
        card = whole(run, name, path, text)
        written = card_text(card)
        head, _, body = written.removeprefix("---\n").partition("\n---\n")
        html = HTML.render(body)

        assert yaml.safe_load(head)["model-index"][0]["name"] == "digits"
        assert not LIVE.search(html), html
        assert html.count("<details>") == html.count("</details>") == 1
        assert html.count("<h2>") == 8
        assert html.count('class="language-mermaid"') == 1
        graph = body.partition("```mermaid\n")[2].partition("\n```")[0]
        assert re.fullmatch(
            r"graph LR\n"
            r'    run\(\["[\w ./@+#;-]*"\]\) --> model\[\["digits v1.2.0"\]\]\n'
            r'    from0\(\["[\w ./@+#;-]*"\]\) --> data0\[\("[\w ./@+#;-]*"\)\]\n'
            r"    data0 --> run",
            graph,
        )

    holds()
