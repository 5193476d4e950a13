"""Parts of a web page that belong to the site and not to its answers, told by what the page itself calls them."""

import re
from typing import Any

# A class or an id is taken by its words: "social-share", "post_tags", "wp-block-comments".
_SITE_WORDS = (
    r"(?:share|sharing|social|sharedaddy|addthis|addtoany|newsletter|subscribe|subscription|signup|sign-up|optin|breadcrumbs?|crumbs|cookies?|"
    r"consent|gdpr|advert|adverts|advertisement|advertising|ads|ad|adsbygoogle|sidebar|comments|respond|disqus|toc|"
    r"table-of-contents|pagination|pager|navigation|navbar|skip-link|popup|modal|rating|ratings|voting|votes|"
    r"helpful|feedback|references|citations|footnotes|bibliography|tags|tagcloud|cat-links|tags-links|print|promo|masthead|"
    r"reply-link|report|login|search|toolbar|cta|chat|chatbot|sticky|paywall|popular|trending|locations?|hours|insurance|shop|"
    r"products?|recirc|outbrain|taboola|upsell|banner)"
)
_BESIDE_WORDS = (
    r"(?:wp|block|post|entry|article|page|site|main|js|c|m|area|list|section|box|bar|wrapper|container|buttons?|links?|form|widget|icons?|"
    r"inner|outer|block|banner|notice|label|thread|item|count|menu|nav|header|the|page|slot|unit|top|bottom|left|right|global|"
    r"meta|media|content|cta|module|component)"
)
_SITE = re.compile(
    rf"(?:{_BESIDE_WORDS}[-_]+)*{_SITE_WORDS}(?:[-_]+(?:{_SITE_WORDS}|{_BESIDE_WORDS}))*(?:[-_]*\d+)?", re.IGNORECASE
)
_ROLES = frozenset({"navigation", "search", "banner", "complementary", "contentinfo", "alert", "dialog"})
_ROW = 2  # links of a paragraph that holds nothing else
_CONTENT = ["main", "article", "h1"]


def strip_site_parts(soup: Any) -> None:
    """Take out what the page calls comments, sharing, newsletter and the like, unless its text is in there."""
    whole = len(soup.get_text())
    for row in soup.find_all("p"):
        links = row.find_all("a")
        if len(links) > _ROW and not re.sub(r"[\W_]", "", "".join(row.find_all(string=lambda text: text.find_parent("a") is None))):
            row.extract()  # a strip of links: a list of related entries has items or paragraphs of their own
    doomed = [element for element in soup.find_all(True) if _is_site_part(element)]
    for element in doomed:
        if element.parent is None or element.find(_CONTENT) or len(element.get_text()) * 2 > whole:
            continue
        element.extract()


def _is_site_part(element: Any) -> bool:
    if element.name in ("html", "body", *_CONTENT):
        return False
    if element.get("role") in _ROLES and element.get("role") not in ("banner", "contentinfo"):
        return True
    classes = element.get("class") or []
    names = [*(classes if isinstance(classes, list) else str(classes).split()), str(element.get("id") or "")]
    return any(len(name) < 60 and _SITE.fullmatch(name) for name in names)
