"""A browser learns no place on this computer from an error, a log no text; both learn what they need."""

from __future__ import annotations

import errno
import logging
import string
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.disclosure import public, sentence, trace
from rag.errors import CorpusError, QuestionError
from rag.germansentences import SENTENCES, german

# Any name that a file can have, but for the two kinds of slash.
NAMES = st.text(
    st.characters(blacklist_characters="/\\\0", blacklist_categories=["Cs"]), min_size=3, max_size=20
).filter(lambda name: name.strip(" .") == name and not name.isdigit())
PLAIN = st.text(string.ascii_letters + string.digits + " -_.äß", min_size=3, max_size=20).filter(
    lambda name: name.strip(" .") == name and not name.isdigit()
)


def posix(names: list[str]) -> str:
    return str(PurePosixPath("/", *names))


def windows(names: list[str]) -> str:
    return str(PureWindowsPath("D:\\", *names))


def share(names: list[str]) -> str:
    return "\\\\" + "\\".join(names)


def holes(text: str) -> int:
    return sum(field is not None for _, field, _, _ in string.Formatter().parse(text))


@pytest.mark.parametrize("path", [posix, windows, share])
@pytest.mark.parametrize("english", [text for text in SENTENCES if "{}" in text])
def test_of_a_path_in_a_sentence_only_the_last_part_is_shown_in_both_languages(english: str, path) -> None:
    # Spaces, brackets, quotes and semicolons: the names of folders keep to nobody's grammar.
    long = path(["home", "Max (it's; a, b)", "wert-x.txt"])
    for at in range(holes(english)):
        words = [f"wert-{number}" for number in range(holes(english))]
        said = english.format(*words[:at], long, *words[at + 1 :])
        words[at] = "wert-x.txt"
        assert public(said, "en") == english.format(*words)
        assert public(said, "de") == SENTENCES[english].format(*words)


@pytest.mark.parametrize("path", [posix, windows, share])
@settings(max_examples=25)
@given(names=st.lists(NAMES, min_size=2, max_size=5))
def test_no_folder_however_it_is_called_is_named_by_a_sentence_of_ours(path, names: list[str]) -> None:
    assert public(f"There is no folder {path(names)}; name the folder that holds the articles.", "en") == (
        f"There is no folder {names[-1]}; name the folder that holds the articles."
    )


@settings(max_examples=50)
@given(names=st.lists(NAMES, min_size=2, max_size=5))
def test_no_folder_however_it_is_called_is_named_where_the_system_puts_a_path_in_quotation_marks(names) -> None:
    error = FileExistsError(errno.EEXIST, "File exists", posix(names))
    said = f"The index {posix([*names, 'index.sqlite3'])} cannot be opened ({error}); make its folder writable."
    for text in (said, str(error)):
        assert repr(posix(names[:-1]))[1:-1] not in public(text, "en")


@pytest.mark.parametrize("path", [posix, windows, share])
@pytest.mark.parametrize(
    "around", ["{}", "unable to open '{}'", "[Errno 2] No such file: {}.", "({})", "from file://{} on"]
)
@settings(max_examples=25)
@given(names=st.lists(PLAIN, min_size=2, max_size=5))
def test_a_path_within_what_a_library_says_is_cut_down_too(path, around: str, names: list[str]) -> None:
    said = around.format(path(names))
    for text in (said, f"The model in /models/x cannot be loaded: {said}; name another."):
        shown = public(text, "en")
        assert names[-1] in shown
        assert not any(str(folder) in shown for folder in map(path, (names[:end] for end in range(1, len(names) + 1))))


@given(st.text(max_size=200))
def test_no_text_makes_it_fail_and_what_was_cut_once_stays(text: str) -> None:
    assert public(public(text, "en"), "de") is not None
    assert public(f"{text} is empty.", "de")


@pytest.mark.parametrize(
    "text",
    [
        "This reads text and/or pages, 3 km/h, at http://example.org/a/b or https://x.y/z.",
        "There is no file nested/gipfel.txt; it may have been moved or renamed. Read the folder again.",
        "or in a checkout run: git checkout -- embeddings/model",
        "Articles lie in ~/articles or ../articles or . / or \\.",
        "Jahre 2024/25 und 1 / 2.",
    ],
)
def test_what_is_no_absolute_path_stays_as_it_is(text: str) -> None:
    assert public(text, "en") == text
    assert public(text, "de") == german(text)


def test_a_long_text_full_of_slashes_is_not_pondered() -> None:
    for piece in ("/", "/a", " /a", "/a/", "C:\\a ", "\\\\", "file://", "'/a "):
        public(piece * 50_000, "en")


def test_an_error_raised_on_purpose_is_told_and_any_other_is_logged_without_its_words(caplog) -> None:
    told = CorpusError("There is no folder /home/me/Meine Artikel; name the folder that holds the articles.")
    assert sentence(told, "de") == "Es gibt keinen Ordner Meine Artikel; den Ordner mit den Artikeln angeben."
    assert caplog.text == ""
    with caplog.at_level(logging.DEBUG):
        assert sentence(failed(), "en").startswith("Something went wrong")
    assert "RuntimeError" in caplog.text
    assert "test_disclosure.py" in caplog.text
    assert "canary" not in caplog.text


def test_a_trace_tells_each_kind_and_line_but_nothing_that_was_said() -> None:
    told = trace(failed())
    assert told.index("KeyError") < told.index("QuestionError") < told.index("RuntimeError")
    assert told.count("in failed") == 3
    assert "canary" not in told.replace("# a canary", "")


def test_a_trace_of_errors_that_led_to_one_another_ends() -> None:
    one, other = ValueError(), TypeError()
    one.__context__, other.__context__ = other, one
    assert trace(one).count("Traceback") == 2


def failed() -> Exception:
    bird = "".join(("can", "ary"))
    try:
        try:
            try:
                {}[bird]
            except KeyError as error:
                raise QuestionError(bird) from error
        except QuestionError:
            raise RuntimeError(bird) from None if not bird else QuestionError(bird)
    except RuntimeError as error:
        error.__cause__ = error.__context__
        return error
