"""Writes SHA256SUMS for the files of a folder, as `sha256sum --check` reads it: python3 checksums.py FOLDER."""

import hashlib
import pathlib
import sys

NAME = "SHA256SUMS"


def write(folder):
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != NAME)
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / NAME).write_text("".join(lines))


if __name__ == "__main__":
    write(pathlib.Path(sys.argv[1]))
