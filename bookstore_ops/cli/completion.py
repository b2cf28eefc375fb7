"""Completion in the shell, installed as ``bsops --install-completion`` does."""

from pathlib import Path

from typer._completion_shared import install


def install_completion(shell: str) -> Path:
    """Give ``shell`` (bash, zsh, fish) the completion of bsops; the script that was written."""
    return install(shell, "bsops")[1]
