"""What bsops itself can go back to: versions of the state, and images that were released well."""

from datetime import datetime

from bookstore_ops.backups.model import Backup, Found, Store
from bookstore_ops.backups.sight import Sight
from bookstore_ops.releases.model import Past, last_good
from bookstore_ops.states.versions import is_versioned, list_versions

# A state gets a version with every apply, and S3 keeps them for months.
_VERSIONS_SHOWN = 20


def state(sight: Sight, store: Store, _region: str) -> Found:
    """The versions that S3 keeps, and the copies on this machine.

    With versions nothing can be lost: each write leaves the state before it behind.
    """
    s3 = sight.backend.client("s3")
    kept = is_versioned(sight.backend, s3)
    versions = list_versions(sight.backend, s3)[:_VERSIONS_SHOWN] if kept else []
    with sight.cloud.asking(f"look at {store.id}"):
        head = s3.head_object(Bucket=sight.backend.bucket, Key=sight.backend.key)
    backups = [
        Backup(
            id=version.id,
            kind="version",
            region=store.region,
            taken=datetime.fromisoformat(version.time),
            size_bytes=version.size,
            encrypted="ServerSideEncryption" in head,
        )
        for version in versions
        if not version.deletes
    ]
    backups += [
        Backup(
            id=copy.name,
            kind="copy",
            region="this machine",
            taken=datetime.fromisoformat(copy.record.time),
            size_bytes=copy.record.size,
            encrypted=False,
        )
        for copy in sight.copies.all()
        if copy.record.kind == "state" and not copy.record.problem
    ]
    return Found(backups=tuple(backups), reached=sight.at if kept else None)


def images(sight: Sight, store: Store, region: str) -> Found:
    """The newest image of each repository, and the one that a rollback would go to.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html
    """
    backups: list[Backup] = []
    gone: list[str] = []
    goods = _goods(sight)
    for repository, encrypted in sorted(store.known.items()):
        with sight.cloud.asking(f"list the images in {repository}"):
            pages = sight.cloud.pages("ecr", region, "describe_images", repositoryName=repository)
            pushed = [image for page in pages for image in page["imageDetails"]]
        service, good = repository.rpartition("/")[2], goods.get(repository)
        newest = max(pushed, key=lambda image: image["imagePushedAt"], default=None)
        for image in pushed:
            is_good = good is not None and good.image.endswith(image["imageDigest"])
            if image is not newest and not is_good:
                continue
            tag = next(iter(image.get("imageTags", [])), None)
            backups.append(
                Backup(
                    id=f"{service}:{tag}" if tag else f"{service}@{image['imageDigest']}",
                    kind="last good" if is_good else "newest",
                    region=region,
                    taken=image["imagePushedAt"],
                    size_bytes=image.get("imageSizeInBytes"),
                    encrypted=encrypted,
                )
            )
        if good is not None and not any(good.image.endswith(i["imageDigest"]) for i in pushed):
            gone.append(f"{service} {good.label}")
    return Found(
        backups=tuple(backups),
        reached=sight.at if backups and not gone else None,
        missing=f"gone from the registry: {', '.join(gone)}" if gone else "",
    )


def _goods(sight: Sight) -> dict[str, Past]:
    """By repository, the image that the last release that went well has left running."""
    goods = {}
    for service in sight.releases().services.values():
        good = last_good(service, "")
        if good is not None:
            repository = good.image.partition("/")[2].partition("@")[0].partition(":")[0]
            goods[repository] = good
    return goods
