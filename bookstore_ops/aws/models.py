"""AWS's service models, of which botocore reads one for each client, read in half the time.

botocore's own reader makes an ordered dictionary of each of the many thousand objects of a model.
Ordinary ones keep their order, too.
"""

import gzip
from pathlib import Path
from typing import Any

import msgspec


def read_models_fast(core: Any) -> None:
    """Have a session of botocore read models so.

    Raises:
        botocore.exceptions.ProfileNotFound: its profile is not there.
    """
    core.get_component("data_loader").file_loader = ModelFiles()


class ModelFiles:
    """What a loader of botocore reads files with.

    https://botocore.amazonaws.com/v1/documentation/api/latest/reference/loaders.html
    """

    def exists(self, file_path: str) -> bool:
        """Whether there is a file of that name, which lacks its ending."""
        return any(path.is_file() for path in _paths(file_path))

    def load_file(self, file_path: str) -> Any:
        """What the file of that name holds; None where there is none.

        Raises:
            msgspec.DecodeError: it is no JSON.
        """
        for path in _paths(file_path):
            if path.is_file():
                content = path.read_bytes()
                plain = gzip.decompress(content) if path.suffix == ".gz" else content
                return msgspec.json.decode(plain)
        return None


def _paths(file_path: str) -> tuple[Path, Path]:
    return Path(f"{file_path}.json"), Path(f"{file_path}.json.gz")
