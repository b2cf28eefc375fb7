"""Setting one value in a ``.tfvars`` file: the least change, or none where it is not sure."""

from bookstore_ops.timeouts.blocks import Body, NotUnderstood, object_body, parse


def set_value(text: str, path: tuple[str, ...], value: str) -> str:
    """``text`` with the string ``value`` at ``path``; everything else stays as it is.

    Raises:
        NotUnderstood: it cannot be done surely.
    """
    changed = _set(text, parse(text), path, f'"{value}"', indent="")
    before, after = flatten(parse(text)), flatten(parse(changed))
    if after.pop(path, None) != f'"{value}"' or {**before, path: ""} != {**after, path: ""}:
        raise NotUnderstood("more would change than that value")
    return changed


def by_hand(path: tuple[str, ...], value: str) -> str:
    """What to write, in one line: ``database = { timeouts = { create = "90m" } }``."""
    text = f'"{value}"'
    for name in reversed(path[1:]):
        text = f"{{ {name} = {text} }}"
    return f"{path[0]} = {text}"


def flatten(body: Body, above: tuple[str, ...] = ()) -> dict[tuple[str, ...], str]:
    """Every value of a file by its path; objects are opened."""
    found: dict[tuple[str, ...], str] = {}
    for name, argument in body.arguments.items():
        inner = object_body(argument)
        if inner is None:
            found[*above, name] = argument.text
        else:
            found |= flatten(inner, (*above, name))
    return found


def _set(text: str, body: Body, path: tuple[str, ...], literal: str, *, indent: str) -> str:
    """The text of ``body`` with the literal at ``path`` below it."""
    argument = body.arguments.get(path[0])
    if argument is None:
        return _insert(text, body, by_hand(path, literal.strip('"')), indent)
    if len(path) == 1:
        if not argument.text.startswith('"') and argument.text != "null":
            raise NotUnderstood(f"{path[0]} is no plain text there")
        new = literal
    else:
        inner = object_body(argument)
        if inner is None:
            raise NotUnderstood(f"{path[0]} is not written as {{ … }} there")
        new = _set(argument.text, inner, path[1:], literal, indent=f"{indent}  ")
    return text[: argument.start] + new + text[argument.start + len(argument.text) :]


def _insert(text: str, body: Body, line: str, indent: str) -> str:
    """One more argument at the end: on a line of its own, or in the line where all stand."""
    head = text[: body.end].rstrip()
    if not indent:
        return f"{head}\n\n{line}\n" if head else f"{line}\n"
    tail = text[body.end :]
    if "\n" in text[: body.end]:
        return f"{head}\n{indent}{line}\n{indent[2:]}{tail}"
    comma = "," if body.arguments and not head.endswith(",") else ""
    return f"{head}{comma} {line} {tail}"
