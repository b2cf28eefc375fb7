from bookstore_ops.terraform.events import (
    Diagnostic,
    ExpressionValue,
    Position,
    Range,
    Snippet,
)
from bookstore_ops.ui.diagnostics import render_diagnostics

ERROR = Diagnostic(
    "error",
    "Invalid value for variable",
    "The engine version must be one of 15, 16.\n\nChecked by the rule at variables.tf:3.",
    "module.rds.aws_db_instance.this",
    Range("modules/rds/main.tf", Position(12, 3)),
    Snippet("  engine_version = var.engine", None, [ExpressionValue("var.engine", 'is "14"')]),
)
WARNING = Diagnostic("warning", "Deprecated", "Use x.\n\nA long manual.", "aws_a.b")


def test_an_error_quotes_the_place_the_code_and_the_values() -> None:
    assert str(render_diagnostics([ERROR], width=80)) == (
        "Error: Invalid value for variable\n"
        "  with module.rds.aws_db_instance.this\n"
        "  on modules/rds/main.tf:12\n"
        "    │   engine_version = var.engine\n"
        '    │ var.engine is "14"\n'
        "  The engine version must be one of 15, 16.\n"
        "\n"
        "  Checked by the rule at variables.tf:3."
    )


def test_a_narrow_terminal_wraps_the_prose() -> None:
    text = str(
        render_diagnostics([Diagnostic("error", "No", "The engine version must be 15.")], width=20)
    )
    assert text == "Error: No\n  The engine version\n  must be 15."


def test_warnings_of_one_summary_are_counted_and_shown_once() -> None:
    other = Diagnostic("warning", "Odd", range=Range("main.tf", Position(3)))
    screen = render_diagnostics([WARNING, other, WARNING, WARNING], width=80)
    assert str(screen) == (
        "Warning: Deprecated (3 times)\n  first at aws_a.b\n  Use x.\nWarning: Odd\n  at main.tf:3"
    )


def test_errors_come_before_warnings() -> None:
    screen = render_diagnostics([WARNING, Diagnostic("error", "No")], width=80)
    assert str(screen).startswith("Error: No\n\nWarning: Deprecated\n")


def test_colours_of_a_provider_are_dropped() -> None:
    assert (
        str(render_diagnostics([Diagnostic("error", "\x1b[31mNo\x1b[0m")], width=80)) == "Error: No"
    )
