"""What the state knows and CloudWatch measures: gateways, balancers, databases, caches, search."""

from collections.abc import Iterable

from bookstore_ops.idle.model import Measure, Subject
from bookstore_ops.idle.scene import Scene
from bookstore_ops.terraform.state import StateInstance


def gateways(scene: Scene) -> list[Subject]:
    """NAT gateways, by what they send on.

    https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway-cloudwatch.html
    """
    found = _here(scene, "aws_nat_gateway")
    value = scene.line("tfvars set", "network.single_nat_gateway", "true")
    mend = f"{value}; then {scene.line('apply')}" if len(found) > 1 else _alone(scene)
    return [
        Subject(
            kind="NAT gateway",
            name=each.attributes["id"],
            address=each.address,
            counted="bytes sent out",
            measures=(
                Measure(
                    namespace="AWS/NATGateway",
                    metric="BytesOutToDestination",
                    stat="Sum",
                    dimensions=(("NatGatewayId", each.attributes["id"]),),
                    steady=True,
                ),
            ),
            mend=mend,
        )
        for each in found
    ]


def balancers(scene: Scene) -> list[Subject]:
    """Load balancers, by requests or new connections; without any, they report nothing.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
    https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-cloudwatch-metrics.html
    """
    known = {each.attributes["arn"]: each for each in _here(scene, "aws_lb")}
    if not known:
        return []
    with scene.cloud.asking("look at the load balancers"):
        # By ARN it is twenty at most, and an error where one of them is gone.
        pages = scene.cloud.pages("elbv2", scene.region, "describe_load_balancers")
        described = [
            each
            for page in pages
            for each in page["LoadBalancers"]
            if each["LoadBalancerArn"] in known
        ]
    return [
        Subject(
            kind="load balancer",
            name=each["LoadBalancerName"],
            address=known[each["LoadBalancerArn"]].address,
            counted="requests" if each["Type"] == "application" else "new connections",
            made=each["CreatedTime"],
            measures=(_balanced(each["LoadBalancerArn"], each["Type"]),),
            mend=_alone(scene),
        )
        for each in described
    ]


def _balanced(arn: str, kind: str) -> Measure:
    application = kind == "application"
    return Measure(
        namespace="AWS/ApplicationELB" if application else "AWS/NetworkELB",
        metric="RequestCount" if application else "NewFlowCount",
        stat="Sum",
        dimensions=(("LoadBalancer", arn.partition(":loadbalancer/")[2]),),
        steady=False,
    )


def databases(scene: Scene) -> list[Subject]:
    """Databases and their readers, by connections."""
    return [
        Subject(
            kind="database",
            name=each.attributes["identifier"],
            address=each.address,
            counted="connections",
            measures=(connections(each.attributes["identifier"]),),
            mend=_reader(scene, each) or _alone(scene),
        )
        for each in _here(scene, "aws_db_instance")
    ]


def connections(identifier: str) -> Measure:
    """How many clients were connected to a database at once.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html
    """
    return Measure(
        namespace="AWS/RDS",
        metric="DatabaseConnections",
        stat="Maximum",
        dimensions=(("DBInstanceIdentifier", identifier),),
        steady=True,
    )


def _reader(scene: Scene, instance: StateInstance) -> str:
    if not instance.attributes.get("replicate_source_db"):
        return ""
    return f"take it out of the value database.read_replicas; then {scene.line('apply')}"


def caches(scene: Scene) -> list[Subject]:
    """Caches, by reads and writes of keys on any of their nodes."""
    return [
        Subject(
            kind="cache",
            name=each.attributes["replication_group_id"],
            address=each.address,
            counted="commands",
            measures=commands(each.attributes.get("member_clusters") or ()),
            mend=_alone(scene),
        )
        for each in _here(scene, "aws_elasticache_replication_group")
    ]


def commands(nodes: Iterable[str]) -> tuple[Measure, ...]:
    """How often keys were read or written on nodes; what a node does by itself is in neither.

    https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html
    """
    return tuple(
        Measure(
            namespace="AWS/ElastiCache",
            metric=metric,
            stat="Sum",
            dimensions=(("CacheClusterId", node),),
            steady=True,
        )
        for node in sorted(nodes)
        for metric in ("CacheHits", "CacheMisses", "SetTypeCmds")
    )


def domains(scene: Scene) -> list[Subject]:
    """Search domains, by searches and by what is indexed.

    https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-cloudwatchmetrics.html
    """
    return [
        Subject(
            kind="search domain",
            name=each.attributes["domain_name"],
            address=each.address,
            counted="searches or writes",
            measures=tuple(
                Measure(
                    namespace="AWS/ES",
                    metric=metric,
                    stat="Maximum",
                    dimensions=(
                        ("DomainName", each.attributes["domain_name"]),
                        ("ClientId", each.attributes["arn"].split(":")[4]),
                    ),
                    steady=True,
                )
                for metric in ("SearchRate", "IndexingRate")
            ),
            mend=_alone(scene),
        )
        for each in _here(scene, "aws_opensearch_domain")
    ]


def _here(scene: Scene, kind: str) -> list[StateInstance]:
    """Instances of a type, but for those of the region that is moved to."""
    return [
        each
        for each in scene.of(kind)
        if f":{scene.region}:" in str(each.attributes.get("arn") or f":{scene.region}:")
    ]


def _alone(scene: Scene) -> str:
    return f"no value takes it away alone; where all of it is idle: {scene.line('destroy')}"
