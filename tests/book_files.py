"""Small PDF, EPUB and Word files for the tests, made up and written byte by byte."""

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence

Shown = tuple[str, int, int]  # text, size of type in points, height on the page in points


def pdf_bytes(pages: Sequence[Sequence[Shown]], info: str = "", outline: Sequence[tuple[str, int]] = ()) -> bytes:
    """A PDF with one content stream a page. ``outline``: titles and the pages they lead to, from 0."""
    objects: list[bytes] = []
    first_page = 4
    kids = " ".join(f"{first_page + 2 * number} 0 R" for number in range(len(pages)))
    outline_root = first_page + 2 * len(pages)
    catalog = "/Type /Catalog /Pages 2 0 R" + (f" /Outlines {outline_root} 0 R" if outline else "")
    objects.append(f"<< {catalog} >>".encode())
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode())
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    for number, page in enumerate(pages):
        shown = "".join(f"BT /F1 {size} Tf 72 {height} Td ({_escaped(text)}) Tj ET\n" for text, size, height in page)
        stream = zlib.compress(shown.encode("cp1252"))
        resources = "/Resources << /Font << /F1 3 0 R >> >> /MediaBox [0 0 612 792]"
        content = first_page + 2 * number + 1
        objects.append(f"<< /Type /Page /Parent 2 0 R {resources} /Contents {content} 0 R >>".encode())
        objects.append(f"<< /Length {len(stream)} /Filter /FlateDecode >>\nstream\n".encode() + stream + b"\nendstream")
    if outline:
        last = outline_root + len(outline)
        objects.append(
            f"<< /Type /Outlines /First {outline_root + 1} 0 R /Last {last} 0 R /Count {len(outline)} >>".encode()
        )
        for number, (title, page_number) in enumerate(outline):
            target = f"/Dest [{first_page + 2 * page_number} 0 R /Fit]"
            following = f" /Next {outline_root + number + 2} 0 R" if number + 1 < len(outline) else ""
            objects.append(f"<< /Title ({title}) /Parent {outline_root} 0 R {target}{following} >>".encode())
    return _assembled(objects, info)


def pdf_bomb(size: int) -> bytes:
    """A PDF whose one page unpacks to ``size`` bytes."""
    stream = zlib.compress(zlib.compress(b"0 0 m " * (size // 6), 9), 9)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
        f"<< /Length {len(stream)} /Filter [/FlateDecode /FlateDecode] >>\nstream\n".encode() + stream + b"\nendstream",
    ]
    return _assembled(objects, "")


def epub_bytes(chapters: Mapping[str, str], title: str = "Steady Feet", creator: str = "Maro Tindale") -> bytes:
    """An EPUB of file names and the bodies of their XHTML."""
    items = "".join(
        f'<item id="c{number}" href="{name}" media-type="application/xhtml+xml"/>'
        for number, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="c{number}"/>' for number in range(len(chapters)))
    metadata = (
        f"<dc:title>{title}</dc:title><dc:creator>{creator}</dc:creator><dc:publisher>Made Up Press</dc:publisher>"
    )
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/" version="3.0">'
        f"<metadata>{metadata}</metadata><manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
    )
    head = '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><body>'
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": container,
        "OEBPS/book.opf": package,
        **{f"OEBPS/{name}": f"{head}{body}</body></html>" for name, body in chapters.items()},
    }
    return zip_bytes({name: text.encode() for name, text in parts.items()})


def zip_bytes(members: Mapping[str, bytes]) -> bytes:
    """A zip file of these members, compressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _assembled(objects: Sequence[bytes], info: str) -> bytes:
    every = [*objects, f"<< {info} >>".encode()] if info else list(objects)
    out = bytearray(b"%PDF-1.5\n")
    places = []
    for number, data in enumerate(every, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + data + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(every) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    named = f" /Info {len(every)} 0 R" if info else ""
    out += f"trailer\n<< /Size {len(every) + 1} /Root 1 0 R{named} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)
