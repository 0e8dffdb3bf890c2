"""What a page holds and no reader of it sees: elements that its styles hide, by their own or by a rule.

Cautious on purpose: only styles that hide for every reader count, and only rules for a single kind of element
(`.note`, `p.note`, `#note`). What a script or a print style hides stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_LONGEST_STYLE = 2000
"""Characters of declarations that are looked at."""
_LONGEST_SHEET = 500_000
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.S)
_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?")
_NONE = r"(?:0*\.)?0+(?:\.0*)?(?:px|r?em|pt|%|v[hw])?(?=\s*(?:[;!/,)]|$))"
_TINY = r"(?:0*\.\d+(?:px|pt)|1px|0*\.[01]\d*(?:r?em|%))"
_FAR = r"-\s*(?:[5-9]\d\d|\d{4,})(?:\.\d+)?(?:px|r?em|pt|%|v[hw])"
_HIDING = re.compile(
    rf"""
      (?:^|[;\s])(?:
        display\s*:\s*none
      | (?:visibility|content-visibility)\s*:\s*(?:hidden|collapse)
      | opacity\s*:\s*{_NONE}
      | zoom\s*:\s*{_NONE}
      | font-size\s*:\s*(?:{_NONE}|{_TINY})
      | font\s*:\s*(?:[a-z]+\s+)*{_NONE}
      | color\s*:\s*(?:transparent|(?:rgb|hsl)a?\([^)]*[,/]\s*{_NONE}\s*\))
      | (?:left|right|top|text-indent|margin-left)\s*:\s*{_FAR}
      | clip\s*:\s*rect\(\s*(?:[01](?:px)?[\s,]*){{4}}\)
      | clip-path\s*:\s*(?:inset\(\s*(?:[5-9]\d|100)%|circle\(\s*0)
      | transform\s*:[^;]*\bscale[xy]?\(\s*0\s*[,)]
      )
    """,
    re.VERBOSE | re.I,
)
_FLAT = re.compile(rf"(?:^|[;\s])(?:max-)?(?:height|width)\s*:\s*(?:{_NONE}|1px(?=\s*(?:[;!]|$)))", re.I)
_CUT = re.compile(r"(?:^|[;\s])overflow(?:-[xy])?\s*:\s*(?:hidden|clip)", re.I)
_COLOUR = re.compile(r"(?:^|[;\s])(background(?:-color)?|color)\s*:\s*([^;!]+)", re.I)
_SELECTOR = re.compile(r"(?P<tag>[a-z][\w-]*)?(?P<rest>(?:[.#][\w-]+)*)", re.I)
_SHOWN_LATER = re.compile(r"\b(?:animation|transition)\b", re.I)
_Rule = tuple[str, frozenset[str]]
"""A tag, empty for any, and names as in `.note` and `#note`, all of which an element must have."""
_FOR_EARS = frozenset("sr-only visually-hidden visuallyhidden screen-reader-text".split())
"""Classes by which many sites write for screen readers alone."""


def remove_hidden(tree: Any) -> None:
    """Take what is hidden out of a page's tree (lxml)."""
    rules: dict[str, list[_Rule]] = {}
    for sheet in tree.iter("style"):
        for tag, names in _rules(sheet.text or ""):
            rules.setdefault(min(names), []).append((tag, names))
    hidden = [
        element
        for element in tree.iter()
        if isinstance(element.tag, str) and (_hides_itself(element) or _hidden_by(element, rules))
    ]
    for element in hidden:
        if element.getparent() is not None and element.tag not in {"html", "body", "head", "style"}:
            element.drop_tree()


def hides(style: str) -> bool:
    """Whether declarations such as `display:none; color:red` leave nothing to be seen."""
    plain = _ESCAPE.sub(lambda code: chr(min(int(code[1], 16), 0x10FFFF)), _COMMENT.sub("", style))
    if _HIDING.search(plain) or (_FLAT.search(plain) and _CUT.search(plain)):
        return True
    colours = {name.lower()[:5]: value.strip().lower() for name, value in _COLOUR.findall(plain)}
    return len(colours) > 1 and len(set(colours.values())) == 1


def _hides_itself(element: Any) -> bool:
    return (
        element.tag == "template"
        or "hidden" in element.attrib
        or not _FOR_EARS.isdisjoint(element.get("class", "").split())
        or hides(element.get("style", "")[:_LONGEST_STYLE])
    )


def _rules(sheet: str) -> Iterator[_Rule]:
    """What the rules of a style sheet hide for every reader."""
    depth, start, opened = 0, 0, 0
    text = _COMMENT.sub("", sheet[:_LONGEST_SHEET])
    for mark in re.finditer("[{}]", text):
        if mark.group() == "{":
            opened = mark.end() if not depth else opened
            depth += 1
            continue
        depth = max(0, depth - 1)
        if not depth:
            selectors = text[start : max(start, opened - 1)].rpartition(";")[2]
            style = text[opened : min(mark.start(), opened + _LONGEST_STYLE)]
            if not selectors.lstrip().startswith("@") and not _SHOWN_LATER.search(style) and hides(style):
                yield from filter(None, map(_selected, selectors.split(",")))
            start = mark.end()


def _selected(selector: str) -> _Rule | None:
    match = _SELECTOR.fullmatch(selector.strip())
    if match is None or not match["rest"]:
        return None
    return (match["tag"] or "").lower(), frozenset(re.findall(r"[.#][\w-]+", match["rest"]))


def _hidden_by(element: Any, rules: Mapping[str, Sequence[_Rule]]) -> bool:
    if not rules or not element.attrib:
        return False
    names = {f".{name}" for name in element.get("class", "").split()} | {f"#{element.get('id', '')}"}
    return any(
        wanted <= names and tag in {"", element.tag} for name in names for tag, wanted in rules.get(name, ())
    )
