"""What is kept and shown of output: bounded, masked, whole lines."""

from bookstore_ops.runbooks.output import HEAD_CHARACTERS, TAIL_BYTES, Output
from bookstore_ops.runbooks.secrets import Masker
from bookstore_ops.terraform.masking import MASK


def output(*secrets: str, document: bool = False) -> tuple[Output, list[str]]:
    """An output, and the lines it hands on."""
    masker = Masker()
    masker.add(secrets)
    lines: list[str] = []
    return Output(masker, lines.append, document=document), lines


def test_lines_are_handed_on_once_they_are_whole() -> None:
    made, lines = output()
    for chunk in (b"a", b"b\nc\xc3", b"\xa4\n"):
        made.feed(chunk)
    assert lines == ["ab", "cä"]
    made.feed(b"end")
    made.end()
    assert lines == ["ab", "cä", "end"]
    assert made.answer == "ab\ncä\nend"


def test_standard_error_is_shown_and_no_answer() -> None:
    made, lines = output()
    made.feed(b"oops\n", error=True)
    made.end()
    assert (lines, made.answer) == (["oops"], "")


def test_a_secret_is_masked_also_across_pieces_of_an_endless_line() -> None:
    made, lines = output("hunter2-hunter2")
    text = b"x" * 16380 + b"hunter2-hunter2" + b"x" * 40000
    for start in range(0, len(text), 16384):
        made.feed(text[start : start + 16384])
    made.end()
    assert "hunter" not in "".join(lines)
    assert MASK in "".join(lines)


def test_a_secret_is_masked_in_the_forms_of_programs() -> None:
    masker = Masker()
    masker.add(['a "b" c/d\nlast line'])
    shown = masker.line(r'{"v": "a \"b\" c/d"} a%20%22b%22%20c/d last line')
    assert "b" not in shown.replace("(sensitive)", "")


def test_what_names_call_secret_is_masked() -> None:
    masker = Masker()
    for text in ('password: abc"', "DB_PASSWORD=abc", '"api_key": "abc"', "token = 'abc'"):
        assert "abc" not in masker.line(text), text
    kept = "secret_arn = arn:aws:abc, token_validity: 3, passing=abc"
    assert masker.line(kept) == kept


def test_a_document_is_masked_by_its_structure() -> None:
    made, lines = output(document=True)
    made.feed(b'{"SecretString": "abc", "List": [{"Name": "DB_PASSWORD", "Password": "abc"}]}')
    assert lines == []
    made.end()
    assert "abc" not in "".join(lines)
    assert "abc" in made.answer


def test_of_much_the_beginning_and_the_end_are_kept_and_the_rest_is_counted() -> None:
    made, lines = output("hunter2")
    row = b"hunter2 line\n"
    times = 200_000
    for _ in range(times // 1000):
        made.feed(row * 1000)
    made.feed(b"the end\n")
    made.end()
    assert made.bytes == len(row) * times + len(b"the end\n")
    assert len(made.kept) < HEAD_CHARACTERS + TAIL_BYTES * 2 + 100_000
    assert "hunter2" not in made.kept
    assert made.kept.endswith("the end")
    assert sum("bytes were left out here" in line for line in lines) == 1
