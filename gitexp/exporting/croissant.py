"""Runs as a Croissant data set: a table, and a description of it for machines.

The format is https://docs.mlcommons.org/croissant/docs/croissant-spec-1.0.html.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from gitexp.exporting.frame import Column, Frame, Type
from gitexp.exporting.whole import whole

METADATA, TABLE = "croissant.json", "runs.csv"

_TYPES = {
    Type.TRUTH: "sc:Boolean",
    Type.INTEGER: "sc:Integer",
    Type.NUMBER: "sc:Float",
    Type.TEXT: "sc:Text",
    Type.MOMENT: "sc:DateTime",
}
_CR, _SC = "http://mlcommons.org/croissant/", "https://schema.org/"
_CONTEXT: dict[str, object] = {
    "@language": "en",
    "@vocab": _SC,
    **{name: f"cr:{name}" for name in ("column", "extract", "field", "fileObject", "key")},
    **{name: f"cr:{name}" for name in ("recordSet", "references", "source", "format")},
    "conformsTo": "dct:conformsTo",
    "cr": _CR,
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "sc": _SC,
}


def write_data_set(
    frame: Frame, csv: Iterable[str], folder: Path, *, title: str, url: str | None, date: str
) -> None:
    """Write the table, given as pieces of CSV, and its description into a folder.

    Raises GitexpError if they cannot be written.
    """
    digest = hashlib.sha256()
    with whole(folder / TABLE) as place, place.open("wb") as file:
        for piece in csv:
            content = piece.encode()
            digest.update(content)
            file.write(content)
    said = _described(frame, title=title, url=url, date=date, sha256=digest.hexdigest())
    with whole(folder / METADATA) as place:
        place.write_text(json.dumps(said, indent=2) + "\n")


def _described(
    frame: Frame, *, title: str, url: str | None, date: str, sha256: str
) -> dict[str, object]:
    about = f"The runs of {title}: what went into each, and what came out."
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "runs",
        "description": about,
        "datePublished": date,
        **({"url": url} if url is not None else {}),
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": TABLE,
                "name": TABLE,
                "contentUrl": TABLE,
                "encodingFormat": "text/csv",
                "sha256": sha256,
            }
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "runs",
                "name": "runs",
                "description": "A row for each run.",
                "key": {"@id": "runs/oid"},
                "field": [_field(column) for column in frame.columns],
            }
        ],
    }


def _field(column: Column) -> dict[str, object]:
    return {
        "@type": "cr:Field",
        "@id": f"runs/{column.name}",
        "name": f"runs/{column.name}",
        "dataType": _TYPES[column.type],
        "source": {"fileObject": {"@id": TABLE}, "extract": {"column": column.name}},
    }
