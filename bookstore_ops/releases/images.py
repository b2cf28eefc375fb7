"""Which image is meant: a tag or a digest of the service's repository, looked up there."""

from dataclasses import dataclass
from typing import Any

from bookstore_ops.errors import Refused
from bookstore_ops.releases.calls import asking
from bookstore_ops.releases.model import Place, label_of


@dataclass(frozen=True)
class Image:
    """An image as it is asked for (``label``) and as a task definition names it, by its digest."""

    label: str
    reference: str


def find_image(ecr: Any, place: Place, named: str, again: str) -> Image:
    """The image that ``named`` means: a tag or digest of the service's repository.

    Raises:
        Refused: it is not there, or it is of another repository.
    """
    from botocore.exceptions import ClientError

    repository, separator, tag = _parted(named, place.repository)
    if repository != place.repository:
        raise Refused(
            f"{named} is no image of {place.service}",
            why=f"its tasks may read {place.repository} only",
            next_step=f"push the image there, then name its tag: --image {tag or 'TAG'}",
        )
    key = "imageDigest" if separator == "@" else "imageTag"
    name = repository.partition("/")[2]
    with asking(f"look up the image {named}", again):
        try:
            found = ecr.describe_images(repositoryName=name, imageIds=[{key: tag}])
        except ClientError as error:
            if error.response["Error"]["Code"] != "ImageNotFoundException":
                raise
            raise Refused(
                f"there is no image {tag} in {place.repository}",
                why="nothing of that tag or digest was pushed",
                next_step=f"push it: docker push {repository}{separator}{tag}   "
                f"(in the sandbox: bsops sandbox push ENV {place.service} {tag})",
            ) from error
    digest = found["imageDetails"][0]["imageDigest"]
    label = tag if separator == ":" else label_of(f"{repository}@{digest}")
    return Image(label, f"{repository}@{digest}")


def _parted(named: str, repository: str) -> tuple[str, str, str]:
    """Repository, separator and tag or digest; a tag alone is one of the service's repository."""
    if "@" in named:
        where, _, digest = named.partition("@")
        return where.partition(":")[0], "@", digest
    if named.startswith("sha256:"):
        return repository, "@", named
    where, separator, tag = named.rpartition(":")
    if not separator:
        return (named, ":", "") if "/" in named else (repository, ":", named)
    return where, ":", tag
