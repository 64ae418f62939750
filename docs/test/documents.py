"""What the documents tell a reader to type: the lines of their fenced blocks."""

import collections
import dataclasses
import os
import pathlib
import re

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]

# What is made here, and belongs to nobody's repository.
_MADE = {".cache", ".git", ".terraform", "__pycache__", "build", "cdk.out", "dist", "node_modules", "target"}

_HEADING = re.compile(r"#+ (.*)|\*\*(\d+\. .*?)\*\*.*|(or with \S+).*")
_FENCE = re.compile(r"```(\w*)")


@dataclasses.dataclass(frozen=True)
class Block:
    """A fenced block: where it begins, what it is under, its language and its text."""

    document: str
    line: int
    heading: str
    language: str
    text: str

    def commands(self):
        """Each command with its place; a line that ends in a backslash goes on in the next."""
        first, held = self.line + 1, ""
        for number, line in enumerate(self.text.splitlines(), self.line + 1):
            held = f"{held}\n{line}" if held else line
            if line.endswith("\\"):
                continue
            if held.strip():
                yield f"{self.document}:{first}", held
            first, held = number + 1, ""


def blocks(document):
    """All fenced blocks of a document. Steps in bold are headings, and so are the alternatives of a step."""
    heading, start, language, lines = "", None, "", []
    for number, line in enumerate(pathlib.Path(REPOSITORY, document).read_text().splitlines(), 1):
        fence = _FENCE.match(line)
        if start is not None:
            if fence:
                yield Block(document, start, heading, language, "\n".join(lines))
                start = None
            else:
                lines.append(line)
        elif fence:
            start, language, lines = number, fence[1], []
        elif found := _HEADING.match(line):
            heading = next(filter(None, found.groups())).rstrip(".,:")


def block(document, heading, language="sh", number=0):
    """The block under a heading that begins like this."""
    found = [b for b in blocks(document) if b.heading.startswith(heading) and b.language == language]
    if len(found) <= number:
        raise LookupError(f"{document} has no {language} block {number + 1} under {heading!r}")
    return found[number]


def table(document, header):
    """The rows under the table's first line, cell by cell."""
    text = (REPOSITORY / document).read_text()
    found = re.search(rf"^\| {re.escape(header)} \|.*\n\|[ -|]+\|\n((?:\|.*\n)+)", text, re.MULTILINE)
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in found[1].splitlines()]


def _prose(text):
    """The lines outside fenced blocks, with their numbers."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            inside = not inside
        elif not inside:
            yield number, line


def links(document):
    """Targets of the links of a document, with their lines."""
    for number, line in _prose(pathlib.Path(REPOSITORY, document).read_text()):
        for target in re.findall(r"\]\(([^()\s]+)\)", re.sub(r"`[^`]*`", "``", line)):
            yield number, target


def anchors(file=None, text=None):
    """What a link to a heading may say after `#`, as GitHub makes it from the heading."""
    found = collections.Counter()
    made = set()
    for _, line in _prose(pathlib.Path(file).read_text() if text is None else text):
        if heading := re.fullmatch(r"#{1,6} (.*?)\s*#*", line):
            words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading[1])
            name = re.sub(r"[^\w\- ]", "", re.sub(r"(?<!\w)_|_(?!\w)", "", words).lower()).replace(" ", "-")
            made.add(f"{name}-{found[name]}" if found[name] else name)
            found[name] += 1
    return made


def files():
    """All files of the repository, as paths from its root; also where it is no checkout of git."""
    for folder, folders, names in os.walk(REPOSITORY):
        folders[:] = [name for name in folders if name not in _MADE]
        yield from (pathlib.Path(folder, name).relative_to(REPOSITORY) for name in names)
