"""A flow of paragraphs and cells as rich text tells them: each says how deep in tables it stands.

Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from qa_core.text.documents.blocks import Block, Flow, Table, name_above


@dataclass
class _Open:
    """A table whose rows are being read. start: where in the blocks its cell in hand begins."""

    start: int
    rows: list[list[list[Block]]] = field(default_factory=list)
    cells: list[list[Block]] = field(default_factory=list)
    headers: int = 0

    def ended(self) -> list[Block]:
        """The table; of one that only lays out a page, what its cells hold."""
        rows = [*self.rows, self.cells] if self.cells else self.rows
        held = [block for row in rows for cell in row for block in cell]
        if any(isinstance(one, Table) for one in held) or max(map(len, rows), default=0) < 2:
            return held
        return [Table([[" ".join(map(str, cell)) for cell in row] for row in rows],
                      self.headers or None)]  # fmt: skip


@dataclass
class Strand:
    """A flow of the file: its body, a header, a note.

    level: how many tables the paragraph in hand stands in. is_initial: whether it is a large
    initial, whose paragraph goes on in the next. listed: the number of the list that it stands in,
    0 for none. depth: on which level. is_marked: whether its number is said. beside: text boxes of
    the paragraph in hand.
    """

    flow: Flow = field(default_factory=Flow)
    level: int = 0
    is_initial: bool = False
    listed: int = 0
    depth: int = 0
    is_marked: bool = False
    beside: list[Block] = field(default_factory=list)
    is_header: bool = False  # the row in hand
    _merged: list[bool] = field(default_factory=list)  # its cells that go on with those above
    _is_merged: bool = False  # the cell that is being defined
    _tables: list[_Open] = field(default_factory=list)

    def paragraph(self) -> None:
        if not self.is_initial:
            self._settle(self.level)

    def define_row(self) -> None:
        self._merged, self._is_merged, self.is_header = [], False, False

    def define_merged(self) -> None:
        self._is_merged = True

    def define_cell(self) -> None:
        self._merged.append(self._is_merged)
        self._is_merged = False

    def cell(self, *, nested: bool = False) -> None:
        self.level = max(self.level, 2) if nested else 1
        self._settle(self.level)
        table = self._tables[-1]
        table.cells.append(self.flow.blocks[table.start :])
        del self.flow.blocks[table.start :]

    def row(self, *, nested: bool = False) -> None:
        self._close(max(self.level, 2) if nested else 1)
        if not self._tables:
            return
        table = self._tables[-1]
        if self._merged[:1] == [True] and table.rows and table.cells[:1] == [[]]:
            table.cells[0] = [name_above([[" ".join(map(str, one)) for one in table.rows[-1]]])]
        table.headers += self.is_header and table.headers == len(table.rows)
        table.rows.append(table.cells)
        table.cells = []

    def end(self) -> list[Block]:
        """End all that has begun; the page's blocks."""
        self._settle(0)
        return self.flow.blocks

    def _settle(self, level: int) -> None:
        """End the line in hand, which stands in so many tables; deeper ones ended before it."""
        before = len(self.flow.blocks)
        self.flow.end()
        self.is_marked = False
        line = [*self.flow.blocks[before:], *self.beside]
        del self.flow.blocks[before:]
        self.beside = []
        self._close(level)
        while len(self._tables) < level:
            self._tables.append(_Open(len(self.flow.blocks)))
        self.flow.blocks += line

    def _close(self, level: int) -> None:
        while len(self._tables) > level:
            table = self._tables.pop()
            self.flow.blocks[table.start : table.start] = table.ended()
