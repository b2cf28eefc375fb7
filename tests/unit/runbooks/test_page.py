"""Reading pages: front matter, steps, blocks, and what is wrong with each."""

from pathlib import Path

import pytest

from bookstore_ops.runbooks.page import read_front, read_page
from tests.unit.runbooks.support import FRONT, block_of, page_of, step, text_of


class TestFrontMatter:
    def test_is_read_with_its_parameters(self) -> None:
        page = page_of(
            step("bash {name=a reads}"),
            "alarms: ['*-tasks']\nlast_rehearsed: 2026-11-20\nparameters:\n"
            "  count:\n    type: integer\n    description: How many.\n    min: 1\n    max: 9\n",
        )
        assert page.findings == ()
        assert page.front is not None
        assert page.front.alarms == ["*-tasks"]
        assert str(page.front.last_rehearsed) == "2026-11-20"
        assert page.front.parameters["count"].max == 9

    def test_alone_is_read_as_in_its_page(self) -> None:
        text = text_of(step("bash {name=a reads}"))
        assert read_front(text) == read_page("try", Path("x"), text).front

    @pytest.mark.parametrize(
        ("front", "line", "what", "fix"),
        [
            ("severity: low\n", 1, "no front matter", "begin it with YAML"),
            ("---\n- a\n---\n", 2, "holds no keys", "write keys"),
            ("---\ntitle: [a\n---\n", 3, "no valid YAML", "correct the YAML"),
            ("---\ntitle: 'a\tb\x01'\n---\n", 2, "no valid YAML", "correct the YAML"),
            (f"---\n{FRONT}colour: red\n---\n", 7, "unknown key colour", "use one of: title"),
            (
                f"---\n{FRONT.replace('low', 'grave')}---\n",
                4,
                "wrong value for severity",
                "write critical, high, medium or low",
            ),
            (f"---\n{FRONT.replace('5m', 'soon')}---\n", 5, "estimated_time", "e.g. 15m"),
            (
                "---\n" + FRONT.replace("owner: platform\n", "") + "---\n",
                2,
                "lacks owner",
                "add owner",
            ),
            (
                f"---\n{FRONT}parameters:\n  n:\n    type: integer\n---\n",
                8,
                "lacks parameters.n.description",
                "add description",
            ),
            (
                f"---\n{FRONT}parameters:\n  n:\n    description: x\n    typ: integer\n---\n",
                10,
                "unknown key typ",
                "use one of: description",
            ),
            (
                f"---\n{FRONT}parameters:\n  n:\n    description: x\n    pattern: '('\n---\n",
                8,
                "no regular expression",
                "correct parameters.n",
            ),
            (
                f"---\n{FRONT}parameters:\n  n:\n    description: x\n    type: integer\n"
                "    default: many\n---\n",
                8,
                "not of type integer",
                "correct parameters.n",
            ),
            (
                f"---\n{FRONT}parameters:\n  region:\n    description: x\n---\n",
                8,
                "every page knows region already",
                "correct parameters.region",
            ),
            (f"---\n{FRONT}permissions: [everything]\n---\n", 7, "permissions", "IAM actions"),
        ],
    )
    def test_says_line_what_and_fix(self, front: str, line: int, what: str, fix: str) -> None:
        page = read_page("try", Path("try.md"), f"{front}\n# Try\n")
        (found,) = page.findings
        assert page.front is None or "parameter" in found.what
        assert (found.line, what in found.what, fix in found.fix) == (line, True, True), found


class TestSteps:
    def test_sections_are_steps_and_fences_with_braces_blocks(self) -> None:
        page = page_of(
            "Before.\n\n## First of all\n\nLook.\n\n```bash {name=look reads}\nls\n```\n\nThen.\n\n"
            "```console\nls\n```\n\n### Below\n\n## Only read\n\nWords.\n\n## Last\n\n"
            "1. In a list:\n\n   ~~~aws {name=call}\n   service: sts\n   operation: x\n   ~~~\n"
        )
        assert page.findings == ()
        assert page.heading == "Try"
        assert page.intro == "Before."
        first, read, last = page.steps
        assert (first.title, first.slug) == ("First of all", "first-of-all")
        assert [block.name for block in page.blocks] == ["look", "call"]
        prose, block, after = first.parts
        assert prose == "Look."
        assert block == first.blocks[0]
        assert after == "Then.\n\n```console\nls\n```\n\n### Below"
        assert read.blocks == []
        assert last.blocks[0].text == "service: sts\noperation: x\n"

    def test_a_block_that_undoes_another_is_not_in_the_sequence(self) -> None:
        page = page_of(step("bash {name=do undo=back}") + step("bash {name=back}", title="Two"))
        assert [block.name for _, block in page.sequence] == ["do"]

    @pytest.mark.parametrize(
        ("body", "what"),
        [
            ("```bash {name=a}\n```\n", "stands before the first step"),
            (step("bash {name=a}") + step("bash {name=a}"), "a second block is named a"),
        ],
    )
    def test_says_what_is_wrong(self, body: str, what: str) -> None:
        assert what in page_of(body).findings[0].what


class TestAttributes:
    def test_are_read(self) -> None:
        block = block_of(
            "bash {name=a confirm='Sure?' timeout=30s retry=3 every=2s within=5m danger "
            r"""expect="exit 0 2" expect="output ~ ^\d+\.$" capture="id json a[?b=='c'] | [0]" """
            "capture=all when='x == y and not z' undo=none}"
        )
        assert (block.confirm, block.question, block.danger) == (True, "Sure?", True)
        assert (block.timeout, block.retry, block.every, block.within) == (30, 3, 2, 300)
        assert block.expects[1].pattern is not None
        assert block.expects[1].pattern.pattern == r"^\d+\.$"
        assert [capture.name for capture in block.captures] == ["id", "all"]
        assert block.when is not None
        assert block.when.names == {"x", "z"}
        assert block.undo == "none"

    @pytest.mark.parametrize(
        ("info", "what"),
        [
            ("bash {}", "has no name"),
            ("bash {name=Look}", "'Look' is no name"),
            ("bash {name=none}", "'none' is no name"),
            ("ruby {name=a}", "nothing runs a block of language ruby"),
            ("text {name=a}", "nothing runs a block of language text"),
            ("bash {name=a colour=red}", "there is no attribute colour"),
            ("bash {name=a timeout}", "timeout has no value"),
            ("bash {name=a manual=yes}", "manual takes no value"),
            ("bash {name=a name=b}", "name is given twice"),
            ("bash {name=a timeout=soon}", "'soon' is no duration"),
            ("bash {name=a retry=often}", "is no number"),
            ("bash {name=a expect=well}", "is no expectation"),
            ("bash {name=a expect='output ~ ('}", "no regular expression"),
            ("bash {name=a capture=PATH}", "is no capture"),
            ("bash {name=a capture=https_proxy}", "is no capture"),
            ("bash {name=a when='x <> y'}", "is no condition"),
            ("bash {name=a confirm='}", "the quotation mark"),
            ("bash {name=a} more", "stands behind the braces"),
        ],
    )
    def test_that_are_wrong_are_told_with_a_fix(self, info: str, what: str) -> None:
        (found,) = page_of(step(info)).findings
        assert found.line == 13
        assert what in f"{found.what} {found.fix}"
        assert found.fix
