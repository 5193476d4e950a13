"""What style sheets and style attributes hide: the cascade, as far as it decides whether text is seen.

Sheets from elsewhere are not fetched. Where a rule cannot be understood it hides nothing; a rule for print or for small
screens does not count.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

_MOST_RULES = 20_000
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)")
_TOKEN = re.compile(r"([^{}]*)([{}])")
_OTHER_MEDIA = re.compile(r"max-|orientation|prefers-|hover|pointer|(?<!not )\bprint\b")
_UNSEEN_BLOCKS = (
    "@font-face",
    "@keyframes",
    "@-webkit-keyframes",
    "@page",
    "@container",
    "@counter-style",
    "@property",
)

_NUMBER = r"(-?(?:\d+\.?\d*|\.\d+))(?:e-?\d+)?"
_LENGTH = re.compile(rf"{_NUMBER}(px|pt|pc|em|rem|ex|ch|vw|vh|vmin|vmax|%|cm|mm|in)?")
_SMALL = {
    "px": 2.0,
    "pt": 2.0,
    "em": 0.15,
    "rem": 0.15,
    "ex": 0.3,
    "%": 15.0,
    "vw": 0.2,
    "vh": 0.2,
    "mm": 0.6,
    "cm": 0.06,
}
_FAR = {
    "px": 300.0,
    "pt": 300.0,
    "em": 30.0,
    "rem": 30.0,
    "ex": 60.0,
    "ch": 60.0,
    "vw": 80.0,
    "vh": 80.0,
    "%": 95.0,
    "in": 5.0,
}
_OFFSETS = frozenset(
    {"left", "right", "top", "bottom", "inset", "text-indent", "margin", "margin-left", "margin-right", "margin-top",
     "margin-bottom", "translate"}
)  # fmt: skip
_EXTENTS = frozenset({"width", "height", "max-width", "max-height"})
_NAMED = {
    "white": (255, 255, 255), "black": (0, 0, 0), "snow": (255, 250, 250), "ivory": (255, 255, 240),
    "whitesmoke": (245, 245, 245), "ghostwhite": (248, 248, 255), "floralwhite": (255, 250, 240), "azure": (240, 255, 255),
    "mintcream": (245, 255, 250), "seashell": (255, 245, 238), "transparent": None,
}  # fmt: skip
_WHITE = (255, 255, 255)
_ALIKE = 20  # of 255: colours that differ by no more cannot be told apart

Colour = tuple[int, int, int]
Weight = tuple[bool, tuple[int, int, int, int], int]  # important, specificity, order


@dataclass(frozen=True)
class _Rule:
    selector: str
    values: dict[str, tuple[str, bool]]  # property -> value, whether important
    order: int


@dataclass
class _Style:
    """What holds for one element in the end."""

    values: dict[str, tuple[Weight, str]] = field(default_factory=dict)

    def put(self, values: dict[str, tuple[str, bool]], specificity: tuple[int, int, int, int], order: int) -> None:
        for name, (value, important) in values.items():
            weight = (important, specificity, order)
            if name not in self.values or self.values[name][0] <= weight:
                self.values[name] = weight, value

    def value(self, name: str) -> str:
        return self.values[name][1] if name in self.values else ""


def hidden_by_style(soup: Any) -> set[int]:
    """The ``id()`` of each element that its styles hide; what lies inside such an element is hidden with it."""
    rules = [
        rule
        for number, css in enumerate(soup.find_all("style"))
        for rule in _rules(css.get_text(), number * _MOST_RULES)
    ]
    hiding = [rule for rule in rules if any(_may_hide(name, value) for name, (value, _) in rule.values.items())]
    suspects: dict[int, Any] = {}
    for rule in hiding:
        suspects.update((id(element), element) for element in _selected(soup, rule.selector))
    for element in soup.find_all(True):
        if element.has_attr("style") or element.name == "font":
            suspects[id(element)] = element
    styles = {key: _Style() for key in suspects}
    watched = {name for rule in hiding for name in rule.values}
    for rule in rules if styles else ():
        if not watched.isdisjoint(rule.values):
            for element in _selected(soup, rule.selector):
                if id(element) in styles:
                    styles[id(element)].put(rule.values, _specificity(rule.selector), rule.order)
    for key, element in suspects.items():
        if element.name == "font" and element.get("color"):
            styles[key].put({"color": (str(element["color"]).lower(), False)}, (0, 0, 0, 0), 0)
        styles[key].put(_declared(str(element.get("style") or "")), (1, 0, 0, 0), 0)
    backgrounds = [rule for rule in rules if "background" in rule.values]
    return {
        key
        for key, element in suspects.items()
        if element.name not in ("html", "body")  # pages that fade in hide themselves until a script has run
        and (_hides(styles[key]) or _blends_in(element, styles[key], soup, backgrounds))
    }


def _rules(css: str, first: int) -> Iterator[_Rule]:
    """The rules that count on a screen, with their selectors apart."""
    open_blocks: list[str] = []
    number = first
    for match in _TOKEN.finditer(_COMMENT.sub("", css)):
        text, brace = match[1].rpartition(";")[2].strip() if match[2] == "{" else match[1], match[2]
        if brace == "{":
            open_blocks.append(text)
            continue
        block = open_blocks.pop() if open_blocks else "@"
        if block.startswith("@") or not all(_counts(outer) for outer in open_blocks):
            continue
        values = _declared(text)
        for selector in block.split(",") if "(" not in block else [block]:
            number += 1
            if values and number - first < _MOST_RULES:
                yield _Rule(_unescaped(selector.strip()), values, number)


def _counts(block: str) -> bool:
    name = block.lower()
    if name.startswith("@media"):
        return _OTHER_MEDIA.search(name) is None
    return not name.startswith(_UNSEEN_BLOCKS)


def _declared(text: str) -> dict[str, tuple[str, bool]]:
    values: dict[str, tuple[str, bool]] = {}
    for declaration in _unescaped(_COMMENT.sub("", text)).lower().split(";"):
        name, colon, value = declaration.partition(":")
        name = {"background-color": "background", "-webkit-text-fill-color": "color"}.get(name.strip(), name.strip())
        if colon and value.strip():
            important = "!important" in value
            values[name] = value.replace("!important", "").strip(), important
    return values


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda match: chr(min(int(match[1], 16), 0x10FFFF)) if match[1] else match[2], text)


def _selected(soup: Any, selector: str) -> list[Any]:
    from soupsieve import SelectorSyntaxError

    try:
        return list(soup.select(selector)) if selector else []
    except (SelectorSyntaxError, NotImplementedError, ValueError):
        return []


def _specificity(selector: str) -> tuple[int, int, int, int]:
    classes = len(re.findall(r"\.[\w-]|\[|(?<!:):(?!:|not|is|where)", selector))
    return 0, selector.count("#"), classes, len(re.findall(r"(?:^|[\s>+~])[a-z]", selector, re.IGNORECASE))


def _hides(style: _Style) -> bool:
    return any(name != "color" and _may_hide(name, value) for name, (_, value) in style.values.items())


def _may_hide(name: str, value: str) -> bool:
    """Whether the property hides whatever the others say; of a colour, whether it may."""
    if name == "display":
        return value == "none"
    if name in ("visibility", "content-visibility"):
        return value in ("hidden", "collapse")
    if name == "opacity":
        return (number := _number(value)) is not None and number < (10 if value.endswith("%") else 0.1)
    if name == "font-size":
        return _is_small(value)
    if name == "font":
        return re.search(r"(?:^|\s)0(?:px|pt|em|rem|%)?(?:/|\s)", value) is not None
    if name in ("line-height", "zoom", "scale"):
        return (number := _number(value)) is not None and number < 0.1
    if name in _EXTENTS:
        return re.fullmatch(r"[01](?:\.0+)?(?:px)?|0(?:em|rem|%|vw|vh|pt)", value) is not None
    if name in _OFFSETS:
        return any(_is_far(match) for match in _LENGTH.finditer(value))
    if name in ("clip", "clip-path"):
        return (
            re.match(r"rect\(|inset\((?:[5-9]\d|100)|circle\(0|ellipse\(0|polygon\(0(?:px|%)? 0(?:px|%)?\)", value)
            is not None
        )
    if name == "transform":
        moved = "translate" in value and any(_is_far(match) for match in _LENGTH.finditer(value))
        return moved or re.search(r"scale[xy3d]*\(\s*0*\.?0+\s*[,)]|rotate[xy]\(\s*90deg", value) is not None
    if name == "filter":
        return re.search(r"opacity\(\s*0*\.?0*\d?%?\s*\)", value) is not None
    return name == "color"


def _number(value: str) -> float | None:
    match = re.match(_NUMBER, value)
    return float(match[0]) if match else None


def _is_small(value: str) -> bool:
    match = _LENGTH.fullmatch(value)
    return match is not None and abs(float(match[1])) <= _SMALL.get(match[2] or "px", 0.0)


def _is_far(match: re.Match[str]) -> bool:
    return float(match[1]) <= -_FAR.get(match[2] or "px", 300.0)


def _blends_in(element: Any, style: _Style, soup: Any, backgrounds: list[_Rule]) -> bool:
    """Whether the text has the colour of what lies behind it, or none."""
    value = style.value("color")
    if not value or "var(" in value or value in ("inherit", "currentcolor", "initial", "unset"):
        return False
    colour = _colour(value)
    if colour is None:
        return value == "transparent" or _is_clear(value)
    behind = _background(element, soup, backgrounds)
    return behind is not None and max(abs(one - other) for one, other in zip(colour, behind, strict=True)) <= _ALIKE


def _background(element: Any, soup: Any, rules: list[_Rule]) -> Colour | None:
    """The colour behind the element; None for a picture or a colour that cannot be told."""
    painted = [
        ({id(found) for found in _selected(soup, rule.selector)}, rule.values["background"][0]) for rule in rules
    ]
    for place in (element, *element.parents):
        own = _declared(str(place.get("style") or "")).get(
            "background", (str(place.get("bgcolor") or "").lower(), False)
        )[0]
        value = own or next((value for places, value in reversed(painted) if id(place) in places), "")
        if value and not value.startswith(("none", "transparent", "inherit", "initial", "unset")):
            return _colour(value)
    return _WHITE


def _colour(value: str) -> Colour | None:
    """A colour as three numbers; None for what is clear or cannot be told."""
    if value.split()[0] in _NAMED:
        return _NAMED[value.split()[0]]
    if match := re.match(r"#([0-9a-f]{3,8})\b", value):
        digits = match[1] if len(match[1]) > 4 else "".join(digit * 2 for digit in match[1])
        return None if _is_clear(value) else (int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:6] or "0", 16))
    if match := re.match(r"rgba?\(([^()]*)\)", value):
        parts = [float(part) * (2.55 if part.endswith("%") else 1) for part in _parts(match[1])[:3]]
        return None if _is_clear(value) or len(parts) < 3 else (int(parts[0]), int(parts[1]), int(parts[2]))
    if match := re.match(r"hsla?\(([^()]*)\)", value):
        parts = [float(part) for part in _parts(match[1])]
        extreme = len(parts) >= 3 and not _is_clear(value) and not 2 < parts[2] < 98
        return (_WHITE if parts[2] > 50 else (0, 0, 0)) if extreme else None
    return None


def _is_clear(value: str) -> bool:
    """Whether the colour lets all through."""
    if match := re.match(r"#([0-9a-f]{4}|[0-9a-f]{8})\b", value):
        return int(match[1][-(len(match[1]) // 4) :], 16) * (17 if len(match[1]) == 4 else 1) < 26
    match = re.match(r"(?:rgb|hsl)a?\(([^()]*)\)", value)
    parts = _parts(match[1]) if match else []
    return len(parts) == 4 and float(parts[3]) < (10 if "%" in value.rpartition("/")[2] and "/" in value else 0.1)


def _parts(text: str) -> list[str]:
    return re.findall(r"-?(?:\d+\.?\d*|\.\d+)", text)
