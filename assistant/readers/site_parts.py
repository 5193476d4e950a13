"""Parts of a web page that belong to the site and not to its answers, told by what the page itself calls them."""

import re
from typing import Any

from assistant.readers.zones import is_related

# A class or an id is taken by its words: "social-share", "post_tags", "wp-block-comments".
_SITE_WORDS = (
    r"(?:share|sharing|social|sharedaddy|addthis|addtoany|newsletter|subscribe|subscription|signup|sign-up|optin|breadcrumbs?|crumbs|cookies?|"
    r"consent|gdpr|advert|adverts|advertisement|advertising|ads|ad|adsbygoogle|sidebar|comments|respond|disqus|toc|"
    r"table-of-contents|pagination|pager|navigation|navbar|skip-link|popup|modal|rating|ratings|voting|votes|"
    r"helpful|feedback|references|citations|footnotes|bibliography|tags|tagcloud|cat-links|tags-links|print|promo|masthead|"
    r"reply-link|report|login|search|toolbar|cta|chat|chatbot|sticky|paywall|popular|trending|locations?|hours|insurance|shop|"
    r"products?|sig|ranks?|flair|karma|reputation|recirc|outbrain|taboola|upsell|banner|badges?|donate|donation|survey)"
)
_BESIDE_WORDS = (
    r"(?:wp|block|post|entry|article|page|site|main|js|c|m|area|list|section|box|bar|wrapper|container|buttons?|links?|form|widget|icons?|"
    r"inner|outer|block|banner|notice|label|thread|item|count|menu|nav|header|the|page|slot|unit|top|bottom|left|right|global|"
    r"meta|media|content|cta|module|component)"
)
_SITE = re.compile(
    rf"(?:{_BESIDE_WORDS}[-_]+)*{_SITE_WORDS}(?:[-_]+(?:{_SITE_WORDS}|{_BESIDE_WORDS}))*(?:[-_]*\d+)?", re.IGNORECASE
)
# What somebody who asks tells, on a page whose title is the question.
_ASKERS = re.compile(
    r"(?:first|original|opening|initial)[-_]?(?:post|message|entry)|op|asker|question[-_]+(?:post|body|text|details?|"
    r"description|content)|(?:reader'?s?[-_])?letter|(?:post|message)[-_]+(?:first|op|question)",
    re.IGNORECASE,
)
_ROLES = frozenset({"navigation", "search", "banner", "complementary", "contentinfo", "alert", "dialog"})
_MOST = 300  # times and strips of links: on a hostile page each takes longer than the one before
_ROW = 2  # links of a paragraph that holds nothing else
_LONGEST_ROW = 100  # parts of such a paragraph that are looked at
# Not of the page but of the site.
_OF_TODAY = re.compile(r"(?:most |recent|latest|popular|trending|top|featured|news)", re.IGNORECASE)
_COLUMNS = 20  # at the sides of a page, looked at
_CONTENT = ["main", "article", "h1"]


def move_related(soup: Any) -> None:
    """Set a side column of related questions below the page, where its links do not stand between the answers."""
    for aside in soup.find_all(["aside", "nav"], limit=_COLUMNS):
        opening = next((text.strip() for text in aside.strings if text.strip()), "")
        if (
            is_related(opening)
            and not _OF_TODAY.match(opening)
            and soup.body is not None
            and "hidden" not in aside.attrs
        ):
            aside.name = "div"
            soup.body.append(aside.extract())


def strip_site_parts(soup: Any) -> None:
    """Take out what the page calls comments, sharing, newsletter and the like, unless its text is in there."""
    whole = len(soup.get_text())
    for time in soup.find_all("time", limit=_MOST):
        if getattr(time.previous_sibling, "name", None):
            time.insert_before(" · ")  # beside a name, and to the eye apart from it
    for row in [row for row in soup.find_all("p") if _is_strip_of_links(row)][:_MOST]:
        row.extract()  # a list of related entries has items or paragraphs of their own
    titled = soup.find("h1") is not None
    doomed = [one for one in soup.find_all(True) if _is_site_part(one) or (titled and _is_called(one, _ASKERS))]
    for element in doomed:
        if element.parent is None or element.find(_CONTENT) or len(element.get_text()) * 2 > whole:
            continue
        element.extract()


def _is_strip_of_links(row: Any) -> bool:
    """Whether a paragraph holds links with signs between them and nothing else."""
    parts = [(getattr(part, "name", None), part) for part in row.contents[:_LONGEST_ROW]]
    links = sum(name == "a" for name, _ in parts)
    return links > _ROW and all(name == "a" or not re.search(r"\w", part.get_text()) for name, part in parts)


def _is_site_part(element: Any) -> bool:
    if element.name in ("html", "body", *_CONTENT):
        return False
    if element.get("role") in _ROLES and element.get("role") not in ("banner", "contentinfo"):
        return True
    return _is_called(element, _SITE)


def _is_called(element: Any, names: re.Pattern[str]) -> bool:
    classes = element.get("class") or []
    own = [*(classes if isinstance(classes, list) else str(classes).split()), str(element.get("id") or "")]
    return any(len(name) < 60 and names.fullmatch(name) for name in own)
