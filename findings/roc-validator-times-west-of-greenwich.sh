#!/usr/bin/env bash
# roc-validator has two ideas of ISO 8601: the times of an action may have no `Z`, and no offset west of Greenwich.
#
# One expects a check that says "SHOULD be in ISO 8601 format" to take what Python's `isoformat` writes, and what
# the same package takes for `datePublished`. The profile of process run crates asks `startTime` and `endTime` for an
# offset that begins with `+`, and for three digits of a fraction or none. So a run in New York, one in UTC with a
# `Z`, and one with microseconds are all said not to be ISO 8601, and a run in Berlin is.
# `datePublished` of the crate itself, in the profile below, is taken in every one of these forms.
#
# Seen with roc-validator 0.13.0 (Python 3.11, Linux):
#
#   2026-01-02T03:04:05+01:00         datePublished: taken   endTime: taken
#   2026-01-02T03:04:05-05:00         datePublished: taken   endTime: refused
#   2026-01-02T03:04:05Z              datePublished: taken   endTime: refused
#   2026-01-02T03:04:05.123456+01:00  datePublished: taken   endTime: refused
#
# Exits 0 while that is so, and 1 if it is otherwise.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work
python3 -m venv "$work/env"
"$work/env/bin/pip" install -q roc-validator==0.13.0
cd "$work"
cat > look.py <<'P'
from pathlib import Path

import rocrate_validator
from pyshacl import validate
from rdflib import RDF, Graph, Literal, Namespace, URIRef

SCHEMA, SHACL = Namespace("http://schema.org/"), Namespace("http://www.w3.org/ns/shacl#")
PROFILES = Path(rocrate_validator.__file__).parent / "profiles"
PLACES = {
    "datePublished": "ro-crate/1.1/must/2_root_data_entity_metadata.ttl",
    "endTime": "process-run-crate/should/1_create_action.ttl",
}
TIMES = (
    "2026-01-02T03:04:05+01:00",
    "2026-01-02T03:04:05-05:00",
    "2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05.123456+01:00",
)


def shape(name):
    """Return a shape of that one property, with the pattern that the package has for it."""
    rules = Graph().parse(PROFILES / PLACES[name])
    [pattern] = {
        str(one)
        for place in rules.subjects(SHACL.path, SCHEMA[name])
        for one in rules.objects(place, SHACL.pattern)
    }
    made, node, place = Graph(), URIRef("urn:shape"), URIRef("urn:place")
    made.add((node, RDF.type, SHACL.NodeShape))
    made.add((node, SHACL.targetSubjectsOf, SCHEMA[name]))
    made.add((node, SHACL.property, place))
    made.add((place, SHACL.path, SCHEMA[name]))
    made.add((place, SHACL.pattern, Literal(pattern)))
    return made


def said(name, time):
    data = Graph()
    data.add((URIRef("urn:thing"), SCHEMA[name], Literal(time)))
    return "taken" if validate(data, shacl_graph=shape(name))[0] else "refused"


for time in TIMES:
    print(f"{time:34}" + "   ".join(f"{name}: {said(name, time)}" for name in PLACES))
P
"$work/env/bin/python" -W ignore look.py > seen
cat seen
cat > expected <<'X'
2026-01-02T03:04:05+01:00         datePublished: taken   endTime: taken
2026-01-02T03:04:05-05:00         datePublished: taken   endTime: refused
2026-01-02T03:04:05Z              datePublished: taken   endTime: refused
2026-01-02T03:04:05.123456+01:00  datePublished: taken   endTime: refused
X
diff expected seen
