"""Reports citations that lead nowhere: `python tools/check_citations.py [ROOT]`.

Code and documents cite pages by section: `wire.md 6.4`, `wire.md 1.3, 1.9 and 7.3`,
`observed.md, "Compaction"`, `docs/architecture.md, "Rules" and "Limits"`. A bare name is a page of
docs/wire; any other page has its path. Each cited page and section must exist, each link of a
document must lead to a file and a heading, and each `Source:` in src must name something that a
reader can open: a page, an RFC, a WHATWG standard, or the OpenAI API reference.

Prints one line for each dead citation. Exits with 1 if there is one.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent

_CODE: Final = ("src", "fuzz", "bench", "examples")
_TESTS: Final = ("tests", "tools")
_EXAMPLES: Final = "test_citations.py"  # dead ones, on purpose

# Between two words of a sentence: white space, and the mark of a comment that goes on.
_GAP: Final = r"\s+(?:\#\s+)?"
_NUMBER: Final = r"(\d+(?:\.\d+)*)(?!\.?\w)"

_PAGE: Final = re.compile(r"(?<![\w/.-])(?<!\]\()(?:[\w.-]+/)*[\w.-]+\.md\b")
_FIRST_NUMBER: Final = re.compile(_GAP + _NUMBER)
_NEXT_NUMBER: Final = re.compile(
    rf"(?:{_GAP}\([^()]*\))?(?:,|,?{_GAP}(?:and|or|to)){_GAP}{_NUMBER}"
)
_FIRST_TITLE: Final = re.compile(rf'(?:,{_GAP}|{_GAP}\()"([^"]+)"')
_NEXT_TITLE: Final = re.compile(rf'(?:,|,?{_GAP}and){_GAP}"([^"]+)"')

_HEADING: Final = re.compile(r"^#{1,6}[ ]+(.+?)[ ]*$", re.MULTILINE)
_NUMBERED: Final = re.compile(r"(\d+(?:\.\d+)*)\.?[ ]")
_FENCED: Final = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINK: Final = re.compile(r"\]\(([^()\s]+)\)")

_SOURCE: Final = re.compile(r'Source:(.*?)(?:\n\s*\n|"""|\Z)', re.DOTALL)
_OPENS: Final = re.compile(rf"{_PAGE.pattern}|RFC{_GAP}\d|WHATWG|OpenAI{_GAP}API{_GAP}reference")
# Documents of those who wrote this first; none of them is in the repository.
_PRIVATE: Final = re.compile(
    r"\bDESIGN\b|\bSPEC\.md|(?<![\w/.-])(?:spec|corpus)/|\.\./shared"
    r"|\bcatalogue(?:\.json|:|\s+\((?:response|realtime|content|objects))"
)
_RFC_WITHOUT_NUMBER: Final = re.compile(rf"\bRFC\b(?!{_GAP}\d{{3,5}}\b)")


def dead_citations(root: Path) -> Iterator[str]:
    """Yield one line for each citation below `root` that leads nowhere."""
    documents = [*sorted(root.glob("*.md")), *sorted((root / "docs").rglob("*.md"))]
    code = _python_files(root, _CODE)
    for file in [*documents, *code, *_python_files(root, _TESTS)]:
        text = file.read_text(encoding="utf-8")
        found = [*_dead_sections(root, file, text)]
        if file in documents:
            found += _dead_links(file, text)
        if file in documents or file in code:
            found += _private(text)
        if file.is_relative_to(root / "src"):
            found += _closed_sources(text)
        for position, reason in sorted(found):
            line = text.count("\n", 0, position) + 1
            yield f"{file.relative_to(root).as_posix()}:{line}: {reason}"


def _python_files(root: Path, folders: tuple[str, ...]) -> list[Path]:
    found = (path for folder in folders for path in sorted((root / folder).rglob("*.py")))
    return [path for path in found if path.name != _EXAMPLES]


def _dead_sections(root: Path, file: Path, text: str) -> Iterator[tuple[int, str]]:
    for match in _PAGE.finditer(text):
        cited = match.group()
        numbers, titles = _sections_after(text, match.end())
        page = _find_page(root, file, cited)
        if page is None:
            if numbers or titles or "/" in cited:
                yield match.start(), f"{cited} does not exist"
            continue
        headings = _headings(page)
        known = {found[1] for heading in headings if (found := _NUMBERED.match(heading))}
        for number in numbers:
            if number not in known:
                yield match.start(), f"{cited} has no section {number}"
        for title in titles:
            if title not in headings:
                yield match.start(), f'{cited} has no section "{title}"'


def _sections_after(text: str, position: int) -> tuple[list[str], list[str]]:
    """Return the numbers and the titles of sections that follow the name of a page."""
    numbers, position = _listed(text, position, _FIRST_NUMBER, _NEXT_NUMBER)
    titles, position = _listed(text, position, _FIRST_TITLE, _NEXT_TITLE)
    return numbers, [re.sub(_GAP, " ", title) for title in titles]


def _listed(
    text: str, position: int, first: re.Pattern[str], further: re.Pattern[str]
) -> tuple[list[str], int]:
    found: list[str] = []
    match = first.match(text, position)
    while match:
        found.append(match[1])
        position = match.end()
        match = further.match(text, position)
    return found, position


def _find_page(root: Path, file: Path, cited: str) -> Path | None:
    for folder in (root / "docs" / "wire", root, root / "docs", file.parent):
        if (folder / cited).is_file():
            return folder / cited
    return None


@cache
def _headings(page: Path) -> tuple[str, ...]:
    text = _FENCED.sub("", page.read_text(encoding="utf-8"))
    return tuple(_HEADING.findall(text))


def _dead_links(file: Path, text: str) -> Iterator[tuple[int, str]]:
    for match in _LINK.finditer(_FENCED.sub(lambda code: re.sub(r"[^\n]", " ", code[0]), text)):
        target, _, anchor = match[1].partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        page = file.parent / target if target else file
        if not page.exists():
            yield match.start(), f"the link to {match[1]} leads nowhere"
        elif anchor and anchor not in map(_anchor, _headings(page)):
            yield match.start(), f"the link to {match[1]} leads to no heading"


def _anchor(heading: str) -> str:
    """Return the anchor that Markdown renderers make of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _private(text: str) -> Iterator[tuple[int, str]]:
    for match in _PRIVATE.finditer(text):
        yield match.start(), f"{match.group()} is not in this repository"


def _closed_sources(text: str) -> Iterator[tuple[int, str]]:
    for match in _SOURCE.finditer(text):
        if not _OPENS.search(match[1]):
            yield match.start(), "the source names nothing that opens"
    for match in _RFC_WITHOUT_NUMBER.finditer(text):
        yield match.start(), "an RFC has a number"


def main(arguments: list[str]) -> int:
    """Print what is dead below the root that `arguments` names, and return the exit code."""
    found = list(dead_citations(Path(arguments[0]).resolve() if arguments else ROOT))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
