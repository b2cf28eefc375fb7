"""Run bsops as ``python -m bookstore_ops``."""

import sys

from bookstore_ops.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
