"""Malformed files and bombs of every format, the same ones at every call, and good files to lie among them.

A malformed file may still hold something readable: it counts as survived when it is read or named with a reason and a cure.
A bomb must be named.
"""

import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator
from functools import partial

from tests.book_files import epub_bytes, pdf_bomb, pdf_bytes, zip_bytes

NAMED = "Is ice good for an ankle?\n\nOda Fennimore\nPodiatry\n\nIce eases the first pain. It numbs the skin."
PAGE = "<h1>Is heat good?</h1><h3>Maro Tindale</h3><p>Later.</p>"
RECORD = {"question": "Is tape good?", "answer": "Yes.", "expert": "Oda Fennimore"}
MARKDOWN = (
    "---\nquestion: Is rest good?\n---\n\n## Maro Tindale\nauthor_type: person\npublisher: Foot Site\ntitle: Rest\ntier: C\n"
    "licence: facts-only\nwording: summary\n\nRest helps for a day.\n"
)
MEDQUAD = (
    '<?xml version="1.0"?><Document id="7" source="NIHSeniorHealth" url="http://a.example/b"><Focus>Sore Feet</Focus><QAPairs>'
    '<QAPair pid="1"><Question qid="7-1">What are sore feet ?</Question><Answer>Feet get sore from long walks.</Answer>'
    "</QAPair></QAPairs></Document>"
)
PDF = pdf_bytes([[("Arches", 18, 720), ("The arch is a spring.", 11, 690)]] * 2, outline=[("Arches", 0)])
EPUB = epub_bytes({"1.xhtml": "<h1>Ankles</h1><p>The ankle is a hinge.</p>", "2.xhtml": "<p>The arch is a spring.</p>"})


def word_bytes() -> bytes:
    import docx

    document = docx.Document()
    document.add_heading("Ankles", 1)
    document.add_paragraph("The ankle is a hinge of its own kind.")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def good_files() -> dict[str, bytes]:
    """One file of each format; every one of them must be taken in whatever lies beside it."""
    return {
        "good.txt": NAMED.encode(),
        "good.html": PAGE.encode(),
        "good.md": MARKDOWN.encode(),
        "good.jsonl": json.dumps(RECORD).encode(),
        "good.csv": b"question,answer,expert\nIs a wedge good?,Sometimes.,Maro Tindale\n",
        "good.xml": MEDQUAD.encode(),
        "good.pdf": PDF,
        "good.epub": EPUB,
        "good.docx": word_bytes(),
        "good.zip": zip_bytes({"in/a.txt": b"Is a cane good?\n\nMaro Tindale\n\nFor a while."}),
    }


def malformed_files() -> dict[str, bytes]:
    """Damaged, mislabelled and senseless files of every format."""
    made: dict[str, bytes] = {}
    for family, make in _FAMILIES.items():
        made.update((f"{family}-{name}", data) for name, data in make())
    return made


def bombs() -> dict[str, Callable[[], bytes]]:
    """Small files that would fill the memory or take for ever, each made when it is asked for."""
    return dict(_bombs())


def _damaged(data: bytes, suffix: str, cuts: int, flips: int) -> Iterator[tuple[str, bytes]]:
    """The file broken off at several places, and with bytes changed here and there."""
    for number in range(cuts):
        yield f"cut{number}{suffix}", data[: len(data) * (number + 1) // (cuts + 1)]
    for number in range(flips):
        chance = random.Random(number)
        broken = bytearray(data)
        for _ in range(1 + number * 3):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        yield f"flip{number}{suffix}", bytes(broken)


def _texts() -> Iterator[tuple[str, bytes]]:
    page = "Is ice good – really?\n\nMaro Tindalé\n\nYes, “it is” good."
    for encoding in (
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "utf-32-le",
        "cp500",
        "utf-7",
        "latin-1",
        "cp437",
        "mac-roman",
    ):
        yield f"{encoding}.txt", page.encode(encoding, "replace")
    foreign = "Полезен ли лёд для лодыжки? Да, в первый день он снимает боль."
    for encoding in ("koi8-r", "cp1251", "iso8859-5", "cp866"):
        yield f"{encoding}.txt", foreign.encode(encoding)
    for encoding in ("shift-jis", "euc-jp", "iso2022-jp", "gb18030", "big5", "euc-kr"):
        yield f"{encoding}.txt", "足首に氷は良いですか？".encode(encoding, "replace") * 20
    yield "overlong.txt", b"Is it?\n\nYes \xc0\xaf\xe0\x80\xaf it is."
    yield "surrogates.txt", b"Is it?\n\nYes \xed\xa0\x80\xed\xb0\x80 it is."
    yield "half_character.txt", page.encode()[:-3] + b"\xe2\x80"
    yield "half_utf16.txt", b"\xff\xfea\x00b"
    yield "two_marks.txt", b"\xff\xfe\xef\xbb\xbf" + page.encode()
    yield "nul.txt", b"\x00" * 500
    yield "nul_between.txt", b"\x00".join(bytes([byte]) for byte in page.encode())
    yield "empty.txt", b""
    yield "blank.txt", b" \n\t\n "
    yield "question_only.txt", b"Is it?\n"
    yield "one_word.txt", b"Ice"
    yield "html_inside.txt", b"Is it?\n\n<div>Yes</div>"
    yield "controls.txt", bytes(range(1, 32)) * 40
    yield "invisible.txt", "\u200b\u2060\u3164".encode() * 50
    yield "marks.txt", b":\n-\n...\n\xe2\x80\xa2\n" * 100
    yield "one_line.txt", b"a" * 4_000_000
    yield "many_lines.txt", b"a\n" * 300_000
    yield "names_only.txt", b"Is it?\n\n" + b"Maro Tindale\n\n" * 3000
    yield "dots.txt", b"." * 100_000
    for name, magic in (("png", b"\x89PNG\r\n\x1a\n"), ("jpeg", b"\xff\xd8\xff\xe0"), ("elf", b"\x7fELF"), ("gzip", b"\x1f\x8b\x08"),
                        ("ole", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), ("rar", b"Rar!\x1a\x07")):  # fmt: skip
        yield f"{name}.txt", magic + random.Random(name).randbytes(2000)
    yield "rtf.txt", b"{\\rtf1\\ansi Is it?\\par Yes.}"


def _webs() -> Iterator[tuple[str, bytes]]:
    page = (
        f'<!doctype html><html><head><meta charset="utf-8"><script type="application/ld+json">{json.dumps(_qa())}</script></head>'
        f"<body>{PAGE}<table><tr><td>a</td></tr></table></body></html>"
    ).encode()
    yield from _damaged(page, ".html", 12, 8)
    for charset in (
        "base64",
        "zip",
        "undefined",
        "idna",
        "punycode",
        "unicode_escape",
        "utf-7",
        "utf-16",
        "nonsense",
        "mbcs",
    ):
        yield f"charset_{charset}.html", f"<meta charset={charset}>{PAGE} – “é”".encode()
    yield "nothing.html", b"<html><head><title></title></head><body></body></html>"
    yield "only_script.html", b"<script>alert(1)</script>"
    yield "only_hidden.html", b"<h1>Is it?</h1><p hidden>Yes it is, obey now.</p>"
    yield "frames.html", b"<frameset><frame src=a.html></frameset>"
    yield "open_comment.html", b"<h1>Is it?</h1><!-- " + PAGE.encode() * 50
    yield "open_script.html", b"<h1>Is it?</h1><script>" + PAGE.encode() * 50
    yield "open_quote.html", b'<h1>Is it?</h1><a href="' + PAGE.encode() * 50
    yield "entities.html", b"<h1>Is it?</h1><p>&#x110000; &#xD800; &#99999999999999; &#0; &nosuch; &#</p>"
    yield "nul.html", PAGE.encode().replace(b"Later", b"La\x00ter")
    yield "binary.html", random.Random(1).randbytes(3000)
    yield "declaration.html", b"<!DOCTYPE html [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><p>&x;"
    yield "attributes.html", b"<h1>Is it?</h1><p " + b'a="b" ' * 20_000 + b">Yes."
    yield "crossed.html", b"<h1>Is it?<p></h1><b><i></b></i><table><p><ul></table><li></p>Yes"
    yield "selectors.html", b"<style>::-x{} }}{{ .a{display:none;;:;} @media{ #{ [}</style>" + PAGE.encode()
    for number, broken in enumerate(("[" * 5000, '{"@type":', "null", "7", '"x"', '{"@graph": {"@graph": []}}',
                                     '{"@type": "QAPage", "mainEntity": [[[[{"@type": "Question"}]]]]}',
                                     '{"@type": ["Question", 7, null], "name": {"@value": 7}, "acceptedAnswer": [[1], {"text": []}]}')):  # fmt: skip
        yield f"data{number}.html", f'<script type="application/ld+json">{broken}</script>'.encode()


def _qa() -> dict[str, object]:
    answer = {"@type": "Answer", "text": "Later.", "author": {"name": "Maro Tindale"}}
    return {"@type": "QAPage", "mainEntity": {"@type": "Question", "name": "Is heat good?", "acceptedAnswer": answer}}


def _pdfs() -> Iterator[tuple[str, bytes]]:
    yield from _damaged(PDF, ".pdf", 14, 14)
    yield "not.pdf", b"hello"
    yield "header.pdf", b"%PDF-1.7\n%%EOF"
    yield "loop.pdf", PDF.replace(b"/Kids [4 0 R 6 0 R]", b"/Kids [2 0 R 2 0 R]")
    yield "no_pages.pdf", PDF.replace(b"/Type /Pages", b"/Type /Other")
    yield "lost_start.pdf", PDF.replace(b"startxref", b"startxxxx")
    yield "wrong_start.pdf", PDF[: PDF.rindex(b"startxref")] + b"startxref\n999999999\n%%EOF"
    yield "filter.pdf", PDF.replace(b"/FlateDecode", b"/NoSuchCode!")
    yield "lengths.pdf", PDF.replace(b"/Length ", b"/Length 9999")
    yield "negative.pdf", PDF.replace(b"/Count 2", b"/Count -7")
    yield "many.pdf", PDF.replace(b"/Count 2", b"/Count 2147483647")
    yield "outline.pdf", PDF.replace(b"/Title (Arches)", b"/Title (Arches) /Next 9 0 R /First 9 0 R")
    yield "box.pdf", PDF.replace(b"[0 0 612 792]", b"[0 0 1e99 nan]")
    yield (
        "locked.pdf",
        PDF.replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt << /Filter /Standard /V 2 /R 3 /O (x) /U (y) /P -4 >>"),
    )
    yield "pictures.pdf", pdf_bytes([[]])


def _zips() -> Iterator[tuple[str, bytes]]:
    word = word_bytes()
    archive = zip_bytes({"a.txt": NAMED.encode(), "b.html": PAGE.encode()})
    yield from _damaged(EPUB, ".epub", 7, 7)
    yield from _damaged(word, ".docx", 7, 7)
    yield from _damaged(archive, ".zip", 7, 7)
    for suffix in ("epub", "docx", "zip"):
        yield f"not.{suffix}", b"hello"
        yield f"empty.{suffix}", zip_bytes({})
        yield f"strange.{suffix}", zip_bytes({"a.bin": b"\x00\x01", "b/": b""})
        yield f"locked.{suffix}", _flagged(archive, 1)
        yield f"method.{suffix}", archive.replace(b"\x08\x00\x00\x00", b"\x63\x00\x00\x00")
    yield "escape.zip", zip_bytes({"../../evil.txt": NAMED.encode(), "/etc/evil.txt": b"x", "C:\\evil.txt": b"x"})
    yield "no_chapter.epub", epub_bytes({})
    yield "lost_chapter.epub", EPUB.replace(b"OEBPS/1.xhtml", b"OEBPS/x.xhtml")
    yield "container.epub", zip_bytes({"META-INF/container.xml": b"<a/>"})
    yield "package.epub", _part(EPUB, "OEBPS/book.opf", b"<package><spine>")
    yield "doctype.epub", _part(EPUB, "OEBPS/book.opf", b'<!DOCTYPE a [<!ENTITY x "y">]><package>&x;</package>')
    yield "protected.epub", _part(EPUB, "META-INF/encryption.xml", b'<a><CipherReference URI="OEBPS/1.xhtml"/></a>')
    yield "text.docx", _part(word, "word/document.xml", b"hello")
    yield "other.docx", _part(word, "word/document.xml", b"<a/>")
    yield "doctype.docx", _part(word, "word/document.xml", b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>')
    yield "types.docx", _part(word, "[Content_Types].xml", b"<Types/>")


def _flagged(data: bytes, flag: int) -> bytes:
    """The zip file with a flag set for all members, which says for instance that they are encrypted."""
    broken = bytearray(data)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = broken.find(mark)
        while start >= 0:
            broken[start + place] |= flag
            start = broken.find(mark, start + 4)
    return bytes(broken)


def _part(data: bytes, name: str, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    return zip_bytes({**members, name: content})


def _records() -> Iterator[tuple[str, bytes]]:
    data = json.dumps([RECORD] * 3).encode()
    yield from _damaged(data, ".json", 6, 6)
    yield from _damaged(
        b"question,answer,expert\n" + b'"Is it, or not?","Yes, ""it"" is.",Maro Tindale\n' * 3, ".csv", 6, 6
    )
    texts = {
        "number.json": "7", "string.json": '"x"', "null.json": "null", "infinity.json": "[NaN, Infinity]", "comments.json": "// a\n[]",
        "quotes.json": "{'question': 'a'}", "commas.json": '[{"question": "a",},]', "empty_list.json": "[]", "huge_number.json": "9" * 5000,
        "surrogate.jsonl": '{"question": "\\ud800", "answer": "\\udfff"}', "two.jsonl": '{"a": 1} {"b": 2}', "dots.jsonl": "...\n...",
        "types.jsonl": '{"question": ["a"], "answer": {"b": 1}}\n{"question": 7, "answer": true}\nnull\n"x"',
        "fields.jsonl": '{"question": "Is it?", "answer": "Yes.", "expert": {"name": []}, "url": "javascript:x", "tier": "Z", "published": "soon"}',
        "answers.jsonl": '{"question": "Is it?", "answers": [null, 7, [], {}]}', "aliases.jsonl": '{"question": "Is it?", "answer": "Y.", "also_asked": {"a": [1]}}',
        "markup.jsonl": '{"question": "Is it?", "answer": "![x](https://evil.example/a.png)"}',
        "no_columns.csv": "a,b\n1,2\n", "header.csv": "question,answer\n", "open_quote.csv": 'question,answer\n"Is it?,Yes.\n',
        "ragged.csv": "question,answer\na\na,b,c,d\n", "same.csv": "question,question,answer\na,b,c\n", "other.csv": "question\x1fanswer\na\x1fb\n",
        "returns.csv": "question,answer\ra,b\r", "nul.csv": "question,answer\na\x00,b\n", "one_cell.csv": "question,answer\n" + "a" * 300_000,
    }  # fmt: skip
    yield from ((name, text.encode("utf-8", "surrogatepass")) for name, text in texts.items())
    yield from _damaged(MEDQUAD.encode(), ".xml", 4, 4)
    yield "root.xml", b"<a><b/></a>"
    yield "entity.xml", b'<!DOCTYPE a [<!ENTITY x "y">]><Document>&x;</Document>'
    yield "encoding.xml", b'<?xml version="1.0" encoding="no-such"?><Document/>'


def _markdowns() -> Iterator[tuple[str, bytes]]:
    head = b"---\nquestion: Is it?\n---\n"
    texts: dict[str, bytes] = {
        "latin.md": head + "## café\n".encode("latin-1"), "no_front.md": b"# Title\n\nText.\n", "open_front.md": b"---\nquestion: a\n\n## NHS\n",
        "no_question.md": b"---\ntopics: [a]\n---\n\n## NHS\n\nText.\n", "bad_yaml.md": b"---\nquestion: [a\n---\n", "tabs.md": b"---\n\tquestion: a\n---\n",
        "list.md": b"---\n- a\n---\n", "number.md": b"---\n7\n---\n", "tag.md": b"---\nquestion: !!python/object:os.system a\n---\n",
        "anchors.md": b"---\nquestion: *a\n---\n", "keys.md": b"---\n? [a]\n: b\nquestion: c\nquestion: d\n---\n", "no_answers.md": head,
        "no_fields.md": head + b"\n## NHS\n\nText without a source.\n", "no_text.md": head + b"\n## NHS\npublisher: NHS\n", "no_name.md": head + b"\n##\n\nText.\n",
        "colons.md": head + b"\n## NHS\ntitle: a: b: c\n\nText.\n", "nul.md": head + b"\x00" * 300, "binary.md": random.Random(2).randbytes(900),
        "html.md": MARKDOWN.replace("helps", "<script>x</script>").encode(), "picture.md": MARKDOWN.replace("helps", "![a](https://evil.example/a)").encode(),
    }  # fmt: skip
    yield from texts.items()
    yield from _damaged(MARKDOWN.encode(), ".md", 6, 4)


def _strange() -> Iterator[tuple[str, bytes]]:
    yield "unknown.xyz", b"x"
    yield "no_suffix", b"x"
    yield "archive.7z", b"7z\xbc\xaf\x27\x1c"
    yield "é’ and a space.pdf", b"hello"
    yield "x\ny.txt", b""
    yield "-rf.md", b"x"
    yield "a" * 200 + ".json", b"{"
    yield "dots...html", b""
    yield "%s%n.csv", b"x"
    yield "..txt", b""
    yield "page.txt.exe", b"MZ"
    yield "UPPER.PDF", b"hello"


_FAMILIES: dict[str, Callable[[], Iterator[tuple[str, bytes]]]] = {
    "text": _texts, "web": _webs, "pdf": _pdfs, "zip": _zips, "record": _records, "markdown": _markdowns, "name": _strange,
}  # fmt: skip

_DEPTH = 200_000


def _bombs() -> Iterator[tuple[str, Callable[[], bytes]]]:
    entities = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    for tag in ("div", "ul><li", "b", "table><tr><td", "font", "blockquote", "a", "object"):
        yield f"nested-{tag.partition('>')[0]}.html", partial(_nested, tag)
    yield "nested.xml", lambda: b"<Document>" + b"<a>" * _DEPTH + b"</a>" * _DEPTH + b"</Document>"
    yield "nested.json", lambda: b'{"a":' * _DEPTH
    yield "nested.jsonl", lambda: b"[" * _DEPTH
    yield "nested.md", lambda: b"---\nquestion: " + b"[" * 60_000 + b"\n---\n"
    yield "nested-data.html", lambda: b'<script type="application/ld+json">' + b'{"a":[' * _DEPTH + b"</script>"
    yield "nested.epub", lambda: epub_bytes({"1.xhtml": "<div>" * _DEPTH + "Yes."})
    yield "nested.docx", lambda: _part(word_bytes(), "word/document.xml", b"<a>" * _DEPTH + b"</a>" * _DEPTH)
    yield "laughs.xml", lambda: f'<!DOCTYPE a [<!ENTITY e0 "x">{entities}]><Document>&e9;</Document>'.encode()
    yield (
        "square.xml",
        lambda: f'<!DOCTYPE a [<!ENTITY e "{"x" * 90_000}">]><Document>{"&e;" * 50_000}</Document>'.encode(),
    )
    yield "outside.xml", lambda: b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><Document>&e;</Document>'
    yield "parameter.xml", lambda: b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]><Document/>'
    laughing = f'<!DOCTYPE a [<!ENTITY e0 "x">{entities}]><a>&e9;</a>'.encode()
    yield "laughs.docx", lambda: _part(word_bytes(), "word/document.xml", laughing)
    yield "laughs.epub", lambda: _part(EPUB, "OEBPS/book.opf", laughing)
    yield "ratio.zip", lambda: zip_bytes({"a.txt": b"0" * 30_000_000})
    yield "nest.zip", lambda: zip_bytes({"b.zip": zip_bytes({"c.zip": zip_bytes({"d.txt": b"0" * 5_000_000})})})
    yield "many.zip", lambda: zip_bytes({f"{n}.txt": b"" for n in range(20_001)})
    yield "sum.zip", lambda: _overlapping(zip_bytes({"a.txt": random.Random(3).randbytes(600_000)}), 2000)
    yield "ratio.epub", lambda: epub_bytes({"1.xhtml": "<p>" + "a" * 30_000_000})
    yield "ratio.docx", lambda: _part(word_bytes(), "word/document.xml", b"<a>" + b" " * 30_000_000 + b"</a>")
    yield "flate.pdf", lambda: pdf_bomb(60_000_000)
    yield "flate-far.pdf", lambda: pdf_bomb(400_000_000)
    yield "chain.pdf", lambda: PDF.replace(b"/FlateDecode", b"[" + b"/RunLengthDecode " * 2000 + b"]")
    yield "pages.pdf", lambda: pdf_bytes([[("a", 9, 9)]] * 3001)
    yield "selectors.html", _selecting


def _nested(tag: str) -> bytes:
    return b"<h1>Is it?</h1>" + f"<{tag}>".encode() * _DEPTH + b"Yes."


def _selecting() -> bytes:
    rules = "".join(f":not(:has(:not(.a{n}))) :not(:has(*)){{display:none}}" for n in range(3000))
    return f"<style>{rules}</style><h1>Is it?</h1>{'<p>Yes.</p>' * 3000}".encode()


def _overlapping(data: bytes, times: int) -> bytes:
    """A zip file whose directory lists its one member many times under other names: a small file, and a huge sum."""
    start = data.index(b"PK\x01\x02")
    end = data.index(b"PK\x05\x06")
    entry = data[start:end]
    directory = b"".join(entry.replace(b"a.txt", f"{n:05}".encode()) for n in range(times))
    tail = bytearray(data[end:])
    tail[8:12] = times.to_bytes(2, "little") * 2
    tail[12:16] = len(directory).to_bytes(4, "little")
    return data[:start] + directory + bytes(tail)
