"""The terminal as the pretty view sees it: width, colours, and columns.

This module and its users import rich; the rest of the command does without.
"""

from __future__ import annotations

import os
import re
from io import StringIO
from typing import Final

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.color import ColorSystem
from rich.console import Console, RenderableType
from rich.style import Style

from codex_proto_io.cli._output import Output
from codex_proto_io.cli._text import visible

__all__ = ["Screen"]

_PLAIN_WIDTH: Final = 100
_NARROWEST: Final = 40
_WORDS = re.compile(r"\n|[^\S\n]+|\S+")


class Screen:
    """Writes styled text and keeps track of the column it has come to.

    Text is escaped here, and only here, since any of it may come from a peer.
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        self.is_terminal = output.is_terminal
        # NO_COLOR asks for no colours; bold and dim are escape codes as well, so they go, too.
        bare = not self.is_terminal or bool(os.environ.get("NO_COLOR"))
        self._console = Console(
            file=StringIO(),
            force_terminal=self.is_terminal,
            force_jupyter=False,
            legacy_windows=False,
            color_system=None if bare else "auto",
            width=None if self.is_terminal else _PLAIN_WIDTH,
        )
        self._is_styled = self._console.color_system is not None
        self.width = max(_NARROWEST, self._console.width)
        self._column = 0
        # Space that is written only when a word follows, so that no line ends with a space.
        self._space = ""
        self._word = ""
        self._style = ""
        self._indent = 0
        self._is_begun = False

    def write(self, text: str, style: str = "") -> None:
        """Write on the current line; on a terminal, text that does not fit is cut off."""
        text = visible(text, one_line=True)
        size = cell_len(text)
        # The last column stays empty: some terminals wrap as soon as it is written.
        room = self.width - 1 - self._column
        if self.is_terminal and size > room:
            if room <= 0:
                return
            text, size = set_cell_size(text, room - 1) + "…", room
        self._paint(text, style)
        self._column += size
        self._is_begun = True

    def flow(self, text: str, style: str, indent: int) -> None:
        """Write running text, broken between words, with every line but the first indented.

        The last word is held back until it is known to be complete, or until `settle`.
        """
        self._style = style
        # On a narrow terminal half of the lines must be left for text.
        self._indent = min(indent, self.width // 2)
        for word in _WORDS.findall(visible(text).replace("\t", "    ")):
            if word.isspace():
                self.settle()
                self._add_space(word)
            else:
                self._word += word
                if len(self._word) > self.width:
                    self.settle()

    def settle(self) -> None:
        """Write the last word of the running text, complete or not."""
        word, self._word = self._word, ""
        if not self._fits(word) and self._column > self._indent:
            self._break()
        while not self._fits(word):
            # Longer than a whole line (base64, say): cut where the line ends.
            part = chop_cells(word, self.width - 1 - self._column)[0]
            self._place(part)
            self._break()
            word = word[len(part) :]
        self._place(word)

    def end_line(self) -> None:
        """Go to the beginning of the next line, unless the screen is at one."""
        self.settle()
        if self._is_begun:
            self._output.write_text("\n")
        self._column = 0
        self._space = ""
        self._is_begun = False

    def blank_line(self) -> None:
        """Leave one line empty."""
        self.end_line()
        self._output.write_text("\n")

    def print(self, renderable: RenderableType) -> None:
        """Print what rich lays out. Peers' text in it must have gone through `visible`."""
        self.end_line()
        with self._console.capture() as capture:
            self._console.print(renderable)
        lines = [line.rstrip() for line in capture.get().splitlines()]
        self._output.write_text("\n".join(lines) + "\n")

    def _add_space(self, space: str) -> None:
        if space == "\n" or not self._fits(space):
            self._break()
        else:
            self._space += space
            self._column += cell_len(space)

    def _fits(self, word: str) -> bool:
        return self._column + cell_len(word) < self.width

    def _place(self, word: str) -> None:
        if word:
            self._paint(self._space + word, self._style)
            self._column += cell_len(word)
            self._space = ""
            self._is_begun = True

    def _break(self) -> None:
        self._output.write_text("\n")
        self._column = self._indent
        self._space = " " * self._indent
        self._is_begun = False

    def _paint(self, text: str, style: str) -> None:
        if style and self._is_styled:
            # Only the eight colours that every terminal has, so that its owner's palette rules.
            text = Style.parse(style).render(text, color_system=ColorSystem.STANDARD)
        self._output.write_text(text)
