"""Whatever can be tagged says of which project and environment it is, and what manages it."""

_REQUIRED = ("Project", "Environment", "ManagedBy")


def check(plan):
    for resource in plan.resources:
        # Only what can have tags has the attribute; tags_all has the provider's default tags too.
        if not resource.stays or "tags_all" not in {*resource.after, *resource.unknown}:
            continue
        later = resource.unknown.get("tags_all") or {}
        if later is True:
            # Either a tag of its own is not known yet, or there is none at all, not even a default.
            if resource.unknown.get("tags"):
                continue
            later = {}
        tags = {**(resource.after.get("tags_all") or {}), **later}
        missing = [tag for tag in _REQUIRED if not tags.get(tag)]
        if missing:
            yield resource, f"it lacks {', '.join(missing)}"
