import pytest
from rich.console import Console

from bookstore_ops.ui.text import (
    Screen,
    Span,
    duration,
    plain,
    shorten,
    shorten_address,
    wrap,
)


@pytest.mark.parametrize(
    ("width", "short"),
    [(10, "abcdefghij"), (9, "abcd…ghij"), (4, "ab…j"), (2, "a…"), (1, "…"), (0, "")],
)
def test_a_text_is_shortened_in_the_middle(width: int, short: str) -> None:
    assert shorten("abcdefghij", width) == short


@pytest.mark.parametrize(
    ("width", "short"),
    [
        (40, "module.a.module.b[0].aws_vpc.this"),
        (30, "…module.b[0].aws_vpc.this"),
        (20, "…aws_vpc.this"),
        (8, "aws_…his"),
    ],
)
def test_an_address_loses_its_outer_modules_first(width: int, short: str) -> None:
    assert shorten_address("module.a.module.b[0].aws_vpc.this", width) == short


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0s"), (59.9, "59s"), (65, "1m05s"), (3600, "1h00m"), (7325, "2h02m")],
)
def test_durations_are_short(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_wrapping_keeps_how_far_a_line_hangs() -> None:
    assert wrap("one\n  two three four five six", 20, "  ") == [
        "  one",
        "    two three four",
        "    five six",
    ]


def test_wrapping_never_breaks_a_long_word() -> None:
    assert wrap("see module.bookstore.module.rds.aws_db_instance.this", 20) == [
        "see",
        "module.bookstore.module.rds.aws_db_instance.this",
    ]


@pytest.mark.parametrize(
    "text", ["\x1b[31mred\x1b[0m", "\x1b]0;title\x07red", "\rred\x08", "red\x7f"]
)
def test_control_characters_are_dropped(text: str) -> None:
    assert plain(text) == "red"


def test_rich_draws_the_same_characters() -> None:
    screen = Screen()
    screen.add(Span("a [bold]", "red"), 'b["x"]')
    screen.add()
    console = Console(width=10, markup=False)
    with console.capture() as captured:
        console.print(screen, soft_wrap=True)
    assert captured.get() == f"{screen}\n"
