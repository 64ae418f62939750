"""The keys of lamex.yaml, from the JSON Schema that lamex-ctl prints."""

import json
import os
import pathlib
import subprocess

from settings import Kit

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def schema():
    printed = subprocess.run([lamex_ctl(), "config", "schema"], text=True, capture_output=True, check=True)
    return json.loads(printed.stdout)


def lamex_ctl():
    """$LAMEX_CTL, or what `make build` has built."""
    if given := os.environ.get("LAMEX_CTL"):
        return given
    built = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target"), "debug/lamex-ctl")
    if not built.exists():
        raise Kit("there is no lamex-ctl, which prints the schema: run `make build`, or name one in LAMEX_CTL")
    return built


def environment_keys(schema):
    """The keys of an environment, those of its blocks as `vpc.id`. Keys that the file's author chooses are none."""
    return keys(schema, {"$ref": "#/definitions/EnvironmentEntry"})


def keys(schema, node, path=""):
    found = set()
    for key, value in properties(schema, node).items():
        found.add(f"{path}{key}")
        found |= keys(schema, value, f"{path}{key}.")
    return found


def properties(schema, node):
    """Those of the mapping that a node is, or has for an item, or may be."""
    if "$ref" in node:
        return properties(schema, schema["definitions"][node["$ref"].rsplit("/", 1)[-1]])
    found = dict(node.get("properties", {}))
    for part in [*node.get("anyOf", []), *([node["items"]] if isinstance(node.get("items"), dict) else [])]:
        found.update(properties(schema, part))
    return found


def used_keys(environment, path=""):
    """The keys that an environment of lamex.yaml has, as `environment_keys` writes them, and deeper ones."""
    if isinstance(environment, list):
        return set().union(*(used_keys(item, path) for item in environment))
    if not isinstance(environment, dict):
        return set()
    found = set()
    for key, value in environment.items():
        found |= {f"{path}{key}"} | used_keys(value, f"{path}{key}.")
    return found
