"""Files become articles, whatever their encoding; what cannot be read is named with its reason."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import articles, decoding
from rag.errors import ArticleError
from rag.folding import fold
from rag.records import BlockKind, Dated

TEXT = (
    "Die Straße nach Köln\n\nDas Wetter über der Straße ist schön, sagte Herr Müller. „Wir fahren“, fügte er hinzu.\n"
)


def write(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
    return path


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode("utf-8"), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (TEXT.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("cp1252"), "cp1252"),
        (TEXT.replace("„", '"').replace("“", '"').encode("latin-1"), "cp1252"),
    ],
)
def test_every_usual_encoding_is_recognised(tmp_path: Path, data: bytes, encoding: str) -> None:
    article = articles.read(write(tmp_path, "a.txt", data), tmp_path)
    assert article.encoding == encoding
    assert (
        article.text.replace('"', "") == TEXT.replace("„", "").replace("“", "").replace('"', "") or article.text == TEXT
    )
    assert article.title == "Die Straße nach Köln"


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"), min_size=1).filter(lambda t: t.strip()))
def test_utf8_text_is_kept_exactly(text: str) -> None:
    if not text.startswith("\ufeff"):
        assert decoding.decode(text.encode("utf-8"), "a.txt") == (text, "utf-8")


def test_damaged_utf8_is_refused_with_the_offset_and_not_read_as_windows_1252(tmp_path: Path) -> None:
    data = "Köln, Straße, schön, Müller".encode().replace(b"M", b"\xff")
    with pytest.raises(ArticleError, match=rf"a\.txt cannot be decoded: the byte at offset {data.index(0xFF)} "):
        articles.read(write(tmp_path, "a.txt", data), tmp_path)


def test_a_binary_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match=r"a\.txt is not text: it has a NUL character at offset 3"):
        articles.read(write(tmp_path, "a.txt", b"abc\0def"), tmp_path)


@pytest.mark.parametrize("data", [b" \n\t\n", b"Kommentar (0)\n"])
def test_a_file_without_article_text_is_refused_by_name(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ArticleError, match=r"a\.txt (is empty|holds no article text)"):
        articles.read(write(tmp_path, "a.txt", data), tmp_path)


def test_a_folder_is_read_recursively_and_what_is_passed_over_is_named(tmp_path: Path) -> None:
    write(tmp_path, "b.txt", TEXT)
    write(tmp_path, "sub/deeper/a.MD", "# Titel\n\nText.\n")
    write(tmp_path, "page.html", "<p>Text</p>")
    write(tmp_path, "picture.png", b"\x89PNG")
    write(tmp_path, "empty.txt", b"")
    write(tmp_path, ".hidden.txt", TEXT)
    write(tmp_path, ".git/x.txt", TEXT)
    write(tmp_path, "new\nline.txt", TEXT)
    os.mkfifo(tmp_path / "pipe.txt")
    outside = write(tmp_path.parent, "outside.txt", TEXT)
    (tmp_path / "link.txt").symlink_to(outside)
    found, skipped = articles.find(tmp_path)
    assert [articles.article_id(path, tmp_path) for path in found] == ["b.txt", "page.html", "sub/deeper/a.MD"]
    reasons = {item.path: item.reason for item in skipped}
    assert set(reasons) == {"picture.png", "empty.txt", "new\\nline.txt", "pipe.txt", "link.txt"}
    assert ".txt" in reasons["picture.png"]
    assert reasons["empty.txt"] == "it is empty."


def test_the_content_hash_follows_the_bytes(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", TEXT)
    before = articles.load(path, tmp_path).content_hash
    assert before == articles.read(path, tmp_path).content_hash
    path.write_text(TEXT + "Noch ein Satz.\n", encoding="utf-8")
    assert articles.load(path, tmp_path).content_hash != before


PAGE = """<!DOCTYPE html><html lang="de"><head><title>Der Titel der Seite</title>
<meta name="author" content="Anna Beispiel"><meta property="article:published_time" content="2024-05-03"></head>
<body><nav><a href="/">Startseite</a> <a href="/m">Menü</a></nav><article><h1>Der Titel der Seite</h1>
<p>Der erste <b>Absatz</b> hat genügend Text, damit er als Text eines Artikels &amp; nicht als Menü gilt.</p>
<h2>Eine Zwischenüberschrift</h2><p>Der zweite Absatz sagt mehr,<br>auch über zwei Zeilen, und nennt drei Dinge:</p>
<ul><li>Das erste Ding ist hier.</li><li>Das zweite Ding ist da.</li></ul>
<script>alert("nein")</script></article><footer>Impressum und Datenschutz</footer></body></html>"""


def test_an_html_page_gives_its_article_without_the_page_around_it(tmp_path: Path) -> None:
    article = articles.read(write(tmp_path, "page.html", PAGE), tmp_path)
    assert (article.title, article.title_derived, article.author) == ("Der Titel der Seite", False, "Anna Beispiel")
    assert str(article.published) == "2024-05-03"
    read = [(block.kind, fold(article.text[block.start : block.end])) for block in article.blocks]
    assert read == [
        (BlockKind.TITLE, "Der Titel der Seite"),
        (
            BlockKind.PARAGRAPH,
            "Der erste Absatz hat genügend Text, damit er als Text eines Artikels & nicht als Menü gilt.",
        ),
        (BlockKind.HEADING, "Eine Zwischenüberschrift"),
        (
            BlockKind.PARAGRAPH,
            "Der zweite Absatz sagt mehr, auch über zwei Zeilen, und nennt drei Dinge: "
            "Das erste Ding ist hier. Das zweite Ding ist da.",
        ),
    ]


def dated(path: Path) -> tuple[str, Dated | None]:
    article = articles.read(path, path.parent)
    return str(article.published), article.dated


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<meta name="date" content="2024-05-03">', ("2024-05-03", Dated.METADATA)),
        (
            '<meta property="article:modified_time" content="2024-06-01">'
            '<meta property="article:published_time" content="2024-05-03T23:00:00+02:00">',
            ("2024-05-03", Dated.METADATA),
        ),
        (
            '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2024-05-03"}</script>',
            ("2024-05-03", Dated.METADATA),
        ),
        ('<meta name="date" content="2999-05-03">', ("2023-02-01", Dated.FILE)),
        ("", ("2023-02-01", Dated.FILE)),
    ],
)
def test_an_html_page_is_dated_by_its_metadata_and_not_by_its_prose_or_footer(
    tmp_path: Path, head: str, expected: tuple[str, Dated]
) -> None:
    page = PAGE.replace('<meta property="article:published_time" content="2024-05-03">', head)
    page = page.replace("Der zweite Absatz", "Das sagte er am 18. November 2021. Der zweite Absatz")
    page = page.replace("Impressum", "© 2020, Stand 1. Januar 2020, Impressum")
    assert dated(aged(write(tmp_path, "page.html", page))) == expected


def test_an_html_page_without_metadata_is_dated_by_its_byline(tmp_path: Path) -> None:
    page = PAGE.replace('<meta property="article:published_time" content="2024-05-03">', "")
    page = page.replace("</h1>", "</h1><p>18. November 2021</p>")
    path = write(tmp_path, "page.html", page)
    assert dated(path) == ("2021-11-18", Dated.TEXT)
    kinds = [block.kind for block in articles.read(path, tmp_path).blocks]
    assert kinds[:3] == [BlockKind.TITLE, BlockKind.BYLINE, BlockKind.PARAGRAPH]


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("date: 2024-05-03", ("2024-05-03", Dated.FRONT_MATTER)),
        ("date: 2024-05-03 10:00:00 +0200", ("2024-05-03", Dated.FRONT_MATTER)),
        ("date: 3. Mai 2024", ("2024-05-03", Dated.FRONT_MATTER)),
        ("published: true\npublishDate: 2024-05-03", ("2024-05-03", Dated.FRONT_MATTER)),
        ("date: soon", ("2021-11-18", Dated.TEXT)),
    ],
)
def test_a_markdown_file_is_dated_by_its_front_matter_before_its_text(
    tmp_path: Path, front: str, expected: tuple[str, Dated]
) -> None:
    source = f"---\n{front}\n---\n\n# Titel\n\n18. November 2021\n\nDer Text sagt etwas.\n"
    assert dated(write(tmp_path, "a.md", source)) == expected


def aged(path: Path) -> Path:
    """Make the file one of 1 February 2023, at noon of local time."""
    noon = datetime(2023, 2, 1, 12).timestamp()
    os.utime(path, (noon, noon))
    return path


def test_plain_text_is_dated_by_its_text_or_by_its_file(tmp_path: Path) -> None:
    plain = "Titel\n\n{}\n\nDas sagte Peskow am 18. November 2021.\n"
    assert dated(aged(write(tmp_path, "a.txt", plain.format("Stand: 3.5.2022")))) == ("2022-05-03", Dated.TEXT)
    assert dated(aged(write(tmp_path, "b.txt", plain.format("Noch eine Zeile")))) == ("2023-02-01", Dated.FILE)


def test_a_date_after_tomorrow_is_not_believed(tmp_path: Path) -> None:
    today = datetime.now().astimezone().date()
    for days, expected in ((1, Dated.TEXT), (3, Dated.FILE)):
        text = f"Titel\n\n{today + timedelta(days=days)}\n\nDer Text sagt etwas.\n"
        assert dated(write(tmp_path, "a.txt", text))[1] is expected


def test_a_file_time_beyond_the_calendar_gives_no_date(tmp_path: Path) -> None:
    file = articles.load(write(tmp_path, "a.txt", TEXT), tmp_path)
    article = articles.parse(replace(file, modified=1e18))
    assert (article.published, article.dated) == (None, None)


@pytest.mark.parametrize(
    ("text", "language"),
    [(TEXT, "de"), ("The road\n\nThe weather on the road is fine, said Mr Miller. “We drive”, he added.\n", "en")],
)
def test_the_language_of_an_article_is_that_of_its_paragraphs(tmp_path: Path, text: str, language: str) -> None:
    path = write(tmp_path, "a.txt", text)
    assert articles.read(path, tmp_path).language == language


def test_an_html_page_is_decoded_as_it_declares(tmp_path: Path) -> None:
    page = PAGE.replace("<head>", '<head><meta charset="iso-8859-15">').encode("iso-8859-15")
    article = articles.read(write(tmp_path, "page.html", page), tmp_path)
    assert "genügend" in article.text


def test_markdown_is_read_as_its_reader_sees_it(tmp_path: Path) -> None:
    source = (
        "---\ntitle: Aus dem Vorspann\nauthor: Anna Beispiel\ndate: 2024-05-03\n---\n\n# Aus dem Vorspann\n\n"
        "Der *erste* Absatz mit [Verweis](http://beispiel.invalid) und `Code`\nüber zwei Zeilen.\n\n## Abschnitt\n\n"
        "Drei Dinge:\n\n- Das erste.\n- Das <b>zweite</b>.\n\n![Bild](http://beispiel.invalid/bild.png)\n"
    )
    article = articles.read(write(tmp_path, "a.md", source), tmp_path)
    assert (article.title, article.author, str(article.published)) == (
        "Aus dem Vorspann",
        "Anna Beispiel",
        "2024-05-03",
    )
    paragraphs = [fold(article.text[b.start : b.end]) for b in article.blocks if b.kind is BlockKind.PARAGRAPH]
    assert paragraphs == [
        "Der erste Absatz mit Verweis und Code über zwei Zeilen.",
        "Drei Dinge: Das erste. Das <b>zweite</b>.",
    ]


@pytest.mark.parametrize("front", ["title: [unclosed", "- a list", "date: !!python/object:os.system x"])
def test_a_broken_front_matter_does_not_stop_the_article(tmp_path: Path, front: str) -> None:
    article = articles.read(write(tmp_path, "a.md", f"---\n{front}\n---\n\nDer Text bleibt lesbar.\n"), tmp_path)
    assert "Der Text bleibt lesbar." in article.text


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_with_a_sentence(data: bytes) -> None:
    try:
        text, _ = decoding.decode(data, "a.txt")
    except ArticleError as error:
        text = str(error).removeprefix("a.txt ")
        refused = True
    else:
        refused = False
    assert "\0" not in text
    assert not refused or text.endswith(".")
