"""The signs and colours of actions, the same on every screen."""

# As Terraform draws them; actions of the event stream and of saved plans.
_SIGNS = {
    "create": "+",
    "update": "~",
    "replace": "-/+",
    "delete": "-",
    "read": "<=",
    "import": "<-",
    "move": "->",
    "forget": "x",
    "remove": "x",
}

_STYLES = {"create": "green", "update": "yellow", "replace": "bold red", "delete": "bold red"}


def sign(action: str) -> str:
    """``+``, ``~``, ``-`` or ``-/+``, and the like."""
    return _SIGNS.get(action, "?")


def style(action: str) -> str:
    """The colour that goes with it."""
    return _STYLES.get(action, "cyan")
