"""Packs bootstrap into placeholder.zip, the package that Terraform and CDK create a function with.

The zip is kept in the repository, because Terraform can make none without another provider. With `--check` nothing is
written, and the exit code says whether the zip is what would be written. Stored, not compressed: the same bytes with
every version of Python and zlib.
"""

import io
import pathlib
import sys
import zipfile

HERE = pathlib.Path(__file__).parent
ZIP = HERE / "placeholder.zip"


def packed() -> bytes:
    entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
    entry.create_system = 3  # Unix, so that the mode counts
    entry.external_attr = 0o100755 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(entry, (HERE / "bootstrap").read_bytes())
    return buffer.getvalue()


if sys.argv[1:] == ["--check"]:
    sys.exit(0 if ZIP.read_bytes() == packed() else f"{ZIP} is not what {HERE / 'bootstrap'} packs to: run {__file__}")
ZIP.write_bytes(packed())
