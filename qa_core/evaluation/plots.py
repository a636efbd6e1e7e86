"""How SpanLoop's plots look."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, MUTED, GRID = "#1f2933", "#7b8794", "#e4e7eb"
COLOURS = ("#2457c5", "#d9822b", "#2b8a5a", "#a13d8f")
DASHES = (0, (4, 3))


def blank(width: float, height: float) -> Figure:
    """An empty figure, in inches, that needs no display."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def tidy(axes: Axes, *, shares: bool = True) -> None:
    """Quiet axes and few ticks; shares: both axes run from 0 to 1 and are labelled in percent."""
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
        if shares:
            axis.set_major_formatter(PercentFormatter(1, decimals=0))
        axis.label.set_color(INK)
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(MUTED)
    axes.tick_params(colors=INK, labelsize=9, length=3)


def legend(axes: Axes, where: str = "upper left") -> None:
    """The legend, in a corner."""
    axes.legend(loc=where, fontsize=9, labelcolor=INK, edgecolor="none", framealpha=0.85)
