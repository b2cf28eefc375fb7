"""Nothing that holds data is destroyed or replaced."""


def check(plan):
    for resource in plan.resources:
        if resource.stateful and resource.ends:
            replaced = "create" in resource.actions
            yield resource, f"it holds data and would be {'replaced' if replaced else 'destroyed'}"
