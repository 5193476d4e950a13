"""Plots as inline SVG: no script, no file beside the page; colours come from the page's style sheet.

Each plot takes plain numbers, and every mark in it carries its figure as a title.
"""

from collections.abc import Mapping, Sequence

from assistant.estimates import BINS, Bin
from assistant.markup import Html, element, join

WIDTH = 640
_LABEL = 110  # pixels kept for the names of bars
_BAR, _GAP = 22, 10
_SIDE = 320  # of the square plot
_LATENCY_BARS = 24


def outcome_bars(counts: Mapping[str, Mapping[str, int]], styles: Mapping[str, str]) -> Html:
    """Draw one stacked bar a group: counts of group -> outcome; ``styles`` gives each outcome its style class."""
    rows = []
    for row, (group, outcomes) in enumerate(counts.items()):
        top, total, left = row * (_BAR + _GAP), sum(outcomes.values()), float(_LABEL)
        rows.append(_text(_LABEL - 8, top + 16, group, anchor="end"))
        for outcome in styles:
            count = outcomes.get(outcome, 0)
            if not count:
                continue
            width = (WIDTH - _LABEL) * count / total
            title = element("title", f"{group}: {count} of {total} {outcome}")
            rows.append(element("rect", title, class_=styles[outcome], **_box(left, top, width, _BAR)))
            if width > 24:
                rows.append(_text(left + width / 2, top + 16, str(count), anchor="middle", style="on"))
            left += width
    return _svg("Outcomes by class", WIDTH, len(counts) * (_BAR + _GAP), rows)


def reliability_plot(bins: Sequence[Bin]) -> Html:
    """Draw the share of answerable questions against stated confidence; a trustworthy one lies on the diagonal."""
    edge, most = 44, max((bin.count for bin in bins), default=1)

    def x(value: float) -> float:
        return edge + value * (_SIDE - edge - 10)

    def y(value: float) -> float:
        return _SIDE - edge - value * (_SIDE - edge - 10)

    parts = [
        _line(x(0), y(0), x(1), y(0), "axis"),
        _line(x(0), y(0), x(0), y(1), "axis"),
        _line(x(0), y(0), x(1), y(1), "ideal"),
    ]
    for tick in (0.0, 0.5, 1.0):
        parts += [_text(x(tick), y(0) + 16, f"{tick:g}", "middle"), _text(x(0) - 6, y(tick) + 4, f"{tick:g}", "end")]
    parts.append(_text(x(0.5), _SIDE - 8, "confidence stated", "middle"))
    parts.append(_text(x(0) + 4, y(1) + 4, "share covered", "start"))
    points = " ".join(f"{x(bin.confidence):.1f},{y(bin.share):.1f}" for bin in bins)
    parts.append(element("polyline", class_="curve", points=points))
    for bin in bins:
        title = element("title", f"{bin.count} questions: confidence {bin.confidence:.2f}, covered {bin.share:.2f}")
        radius = 3 + 7 * (bin.count / most) ** 0.5
        parts.append(
            element(
                "circle",
                title,
                class_="dot",
                cx=f"{x(bin.confidence):.1f}",
                cy=f"{y(bin.share):.1f}",
                r=f"{radius:.1f}",
            )
        )
    return _svg(f"Reliability in {len(bins)} of {BINS} bins", _SIDE, _SIDE, parts)


def latency_plot(milliseconds: Sequence[float]) -> Html:
    """Draw how many answers took how long, up to the 99th of a hundred; the last bar holds the rest."""
    height, edge = 200, 24
    ordered = sorted(milliseconds) or [0.0]
    top = max(ordered[int(0.99 * (len(ordered) - 1))], 1e-6)
    counts = [0] * _LATENCY_BARS
    for value in ordered:
        counts[min(int(value / top * _LATENCY_BARS), _LATENCY_BARS - 1)] += 1
    step, most = WIDTH / _LATENCY_BARS, max(counts)
    parts = [_line(0, height - edge, WIDTH, height - edge, "axis")]
    for place, count in enumerate(counts):
        tall = (height - edge - 16) * count / most
        title = element(
            "title",
            f"{count} answers in {place * top / _LATENCY_BARS:.1f} to {(place + 1) * top / _LATENCY_BARS:.1f} ms",
        )
        parts.append(
            element("rect", title, class_="bar", **_box(place * step + 1, height - edge - tall, step - 2, tall))
        )
    ends = ((0.0, "start", ""), (0.5, "middle", ""), (1.0, "end", " or more"))
    parts += [_text(WIDTH * share, height - 6, f"{top * share:.3g} ms{more}", anchor) for share, anchor, more in ends]
    return _svg("Milliseconds an answer", WIDTH, height, parts)


def _svg(label: str, width: float, height: float, parts: Sequence[Html]) -> Html:
    return element("svg", join(*parts), role="img", aria_label=label, viewBox=f"0 0 {width:g} {height:g}")


def _box(x: float, y: float, width: float, height: float) -> dict[str, str]:
    return {"x": f"{x:.1f}", "y": f"{y:.1f}", "width": f"{width:.1f}", "height": f"{height:.1f}"}


def _line(x1: float, y1: float, x2: float, y2: float, style: str) -> Html:
    return element("line", class_=style, x1=f"{x1:.1f}", y1=f"{y1:.1f}", x2=f"{x2:.1f}", y2=f"{y2:.1f}")


def _text(x: float, y: float, words: str, anchor: str = "start", style: str | None = None) -> Html:
    return element("text", words, class_=style, x=f"{x:.1f}", y=f"{y:.1f}", text_anchor=anchor)
