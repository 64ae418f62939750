"""What lamex-ctl and the runners inside it are built from: licences for the archive, and an SBOM beside it.

    python3 dependencies.py --target TRIPLE --version VERSION --licences FILE --sbom FILE

Both come from `cargo metadata`: everything that the two programs depend on for this target, tests and build scripts left
out. The SBOM is CycloneDX 1.6, with the checksums of Cargo.lock.
"""

import argparse
import datetime
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tomllib
import uuid

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ["lamex-ctl", "lamex-runner"]
_LICENCE_FILE = re.compile(r"(?i)(licen[cs]e|copying|copyright|notice|unlicense)([-._].*)?")


def metadata(target):
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target]
    command += ["--manifest-path", REPOSITORY / "Cargo.toml"]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def dependencies(data):
    """The packages by their ids, and for each the ids that it depends on, of what the programs are built from."""
    packages = {package["id"]: package for package in data["packages"]}
    nodes = {node["id"]: node for node in data["resolve"]["nodes"]}
    members = set(data["workspace_members"])
    pending = [id for id in members if packages[id]["name"] in PROGRAMS]
    edges = {}
    while pending:
        id = pending.pop()
        if id in edges:
            continue
        normal = [d["pkg"] for d in nodes[id]["deps"] if any(kind["kind"] is None for kind in d["dep_kinds"])]
        edges[id] = sorted(normal)
        pending += normal
    # Not by id: that of a package of this repository has its path on this machine.
    order = sorted(edges, key=lambda id: (packages[id]["name"], packages[id]["version"]))
    return {id: packages[id] for id in order}, edges


def licence_texts(package):
    folder = pathlib.Path(package["manifest_path"]).parent
    files = {path for path in folder.iterdir() if path.is_file() and _LICENCE_FILE.fullmatch(path.name)}
    if package["license_file"]:
        files.add(folder / package["license_file"])
    return [path.read_text(errors="replace").strip() for path in sorted(files)]


def expression(package):
    """The SPDX expression; crates of old write `MIT/Apache-2.0`."""
    return re.sub(r"\s*/\s*|\s+OR\s+", " OR ", package["license"] or "")


def licences(packages):
    """Each text once, under the names of all that it is the licence of."""
    holders, without = {}, []
    for package in packages.values():
        if not package["source"]:
            continue
        name = f"{package['name']} {package['version']} ({expression(package) or 'see the text'})"
        texts = licence_texts(package)
        if not texts:
            if not expression(package):
                raise SystemExit(f"{name} has neither a licence nor a text of one")
            without.append(name)
        for text in texts:
            holders.setdefault(" ".join(text.split()), (text, []))[1].append(name)
    parts = [
        "lamex-ctl and the runners inside it contain the following libraries.\n\n"
        "The Rust standard library (MIT OR Apache-2.0): Copyright (c) The Rust Project Contributors. The texts of both\n"
        "licences are in LICENSE-MIT and LICENSE-APACHE beside this file.\n"
    ]
    if without:
        listed = "".join(f"  {name}\n" for name in without)
        parts.append(f"Published without a text of their licence, which is the one that is named:\n\n{listed}")
    for text, names in sorted(holders.values(), key=lambda holder: holder[1]):
        parts.append("".join(f"{name}\n" for name in names) + f"\n{text}\n")
    rule = "\n" + "-" * 100 + "\n\n"
    return rule.join(parts)


def sbom(packages, edges, target, version):
    with open(REPOSITORY / "Cargo.lock", "rb") as lock:
        locked = {(p["name"], p["version"]): p.get("checksum") for p in tomllib.load(lock)["package"]}

    def ref(package):
        return f"pkg:cargo/{package['name']}@{package['version']}"

    def component(package):
        made = {"type": "library", "bom-ref": ref(package), "name": package["name"], "version": package["version"]}
        if package["source"]:
            made["purl"] = ref(package)
        if expression(package):
            made["licenses"] = [{"expression": expression(package)}]
        if checksum := locked[package["name"], package["version"]]:
            made["hashes"] = [{"alg": "SHA-256", "content": checksum}]
        if (package["repository"] or "").startswith("https://"):
            made["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
        return made

    root = {"type": "application", "bom-ref": f"lamex@{version}", "name": "lamex", "version": version}
    root["licenses"] = [{"expression": "MIT OR Apache-2.0"}]
    root["properties"] = [
        {"name": "lamex:target", "value": target},
        {"name": "lamex:commit", "value": os.environ["LAMEX_COMMIT"]},
    ]
    made_from = [ref(package) for package in packages.values() if package["name"] in PROGRAMS and not package["source"]]
    time = datetime.datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), datetime.timezone.utc)
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ"), "component": root},
        "components": [component(package) for package in packages.values()],
        "dependencies": [
            {"ref": root["bom-ref"], "dependsOn": sorted(made_from)},
            *({"ref": ref(packages[id]), "dependsOn": sorted({ref(packages[to]) for to in edges[id]})} for id in packages),
        ],
    }
    # The same contents have the same number.
    digest = hashlib.sha256(json.dumps(document).encode()).digest()
    return {**document, "serialNumber": f"urn:uuid:{uuid.UUID(bytes=digest[:16], version=4)}"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--target", required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("--licences", type=pathlib.Path, required=True)
    parser.add_argument("--sbom", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    packages, edges = dependencies(metadata(arguments.target))
    arguments.licences.write_text(licences(packages))
    document = sbom(packages, edges, arguments.target, arguments.version)
    arguments.sbom.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main())
