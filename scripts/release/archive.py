"""Packs a folder as FOLDER.tar.gz with the same bytes every time: python3 archive.py FOLDER ARCHIVE.

Entries are sorted and belong to root; their time is SOURCE_DATE_EPOCH; modes are 0755 or 0644, whatever the umask was.
"""

import gzip
import os
import pathlib
import sys
import tarfile


def pack(folder, archive, epoch):
    def plain(entry):
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = epoch
        entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
        return entry

    with (
        open(archive, "wb") as file,
        # Neither its name nor a time in the header.
        gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=file, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for path in [folder, *sorted(folder.rglob("*"))]:
            tar.add(path, arcname=path.relative_to(folder.parent), recursive=False, filter=plain)


if __name__ == "__main__":
    pack(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(os.environ["SOURCE_DATE_EPOCH"]))
