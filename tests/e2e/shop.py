"""A shop in the sandbox, made through boto3: what a release needs of the tree.

``catalog`` has two colours, ``inventory`` one, as services have that no traffic is sent to.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bookstore_ops.environments import load_environment
from tests.e2e.workspaces import Bench, Finished

_SCALING = (
    "DynamicScalingInSuspended",
    "DynamicScalingOutSuspended",
    "ScheduledScalingSuspended",
)

SETTINGS = """\
[defaults]
health = "3s"
bake = "1s"
step_bake = "1s"
steps = [5, 25, 50, 100]
minimum_requests = 10
smoke = [{ path = "/catalog/books" }]

[[defaults.criteria]]
name = "errors"
source = "errors"
at_most = 5.0
over_stable = 1.0

[[defaults.criteria]]
name = "p95"
source = "p95"
at_most = 1.0
times_stable = 2.0

[services.catalog.flags.beta]
"""

FLAGS = {
    "version": "1",
    "flags": {
        "beta": {
            "name": "beta",
            "description": "A page as it may become",
            "attributes": {
                "percent": {"constraints": {"type": "number", "minimum": 0, "maximum": 100}}
            },
        },
        "banner": {"name": "banner"},
        "slow": {"name": "slow", "attributes": {"percent": {"constraints": {"type": "number"}}}},
    },
    "values": {
        "beta": {"enabled": False, "percent": 0},
        "banner": {"enabled": True},
        "slow": {"enabled": False, "percent": 0},
    },
}


@dataclass
class Shop:
    """A service with two colours, blue having the traffic, one with one colour, and the state."""

    bench: Bench
    environment: str = "dev"
    service: str = "catalog"
    place: dict[str, Any] = field(default_factory=dict)
    _clients: dict[str, Any] = field(default_factory=dict)

    def aws(self, service: str) -> Any:
        """A client for the sandbox's AWS, made once: that is what takes time."""
        if service not in self._clients:
            self._clients[service] = self.bench.aws(service, self.environment)
        return self._clients[service]

    def run(self, *words: str, env: Mapping[str, str] | None = None) -> Finished:
        """`bsops release …` in the sandbox."""
        return self.bench.run("release", *words, "--sandbox", env=env, timeout=120)

    def push(self, tag: str, *options: str, service: str = "") -> None:
        """Put an image into the registry."""
        of = service or self.service
        pushed = self.bench.run("sandbox", "push", self.environment, of, tag, *options)
        assert pushed.code == 0, pushed.err

    def weights(self) -> dict[str, int]:
        """How the load balancer shares the traffic."""
        (rule,) = self.aws("elbv2").describe_rules(RuleArns=[self.place["rule"]])["Rules"]
        groups = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
        by_arn = {group["TargetGroupArn"]: group["Weight"] for group in groups}
        return {color: by_arn[arn] for color, arn in self.place["groups"].items()}

    def tasks(self) -> dict[str, int]:
        """How many tasks each colour runs."""
        found = self.aws("ecs").describe_services(
            cluster=self.place["cluster"], services=list(self.place["services"].values())
        )["services"]
        running = {service["serviceName"]: service["runningCount"] for service in found}
        return {color: running[name] for color, name in self.place["services"].items()}

    def migrations(self) -> list[tuple[str, list[str]]]:
        """The tasks of migrations: who started each, and the command that it runs."""
        ecs, cluster = self.aws("ecs"), self.place["cluster"]
        arns = ecs.list_tasks(cluster=cluster)["taskArns"]
        found = ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else []
        return [
            (task["startedBy"], task["overrides"]["containerOverrides"][0]["command"])
            for task in found
        ]

    def image(self, color: str) -> str:
        """The image that a colour's tasks have; ``only``: those of the other service."""
        ecs = self.aws("ecs")
        name = self.place["services"].get(color, self.place["internal"])
        (service,) = ecs.describe_services(cluster=self.place["cluster"], services=[name])[
            "services"
        ]
        definition = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])
        return str(definition["taskDefinition"]["containerDefinitions"][0]["image"])

    def asleep(self, color: str) -> bool:
        """Whether a colour's autoscaling is suspended and its floor is none."""
        (target,) = self.aws("application-autoscaling").describe_scalable_targets(
            ServiceNamespace="ecs",
            ResourceIds=[f"service/{self.place['cluster']}/{self.place['services'][color]}"],
        )["ScalableTargets"]
        return target["MinCapacity"] == 0 and all(target["SuspendedState"].values())

    def ledger(self, name: str = "") -> dict[str, Any]:
        """What is kept of a service's releases."""
        state = load_environment(self.bench.workspace, self.environment).state
        answer = self.aws("s3").get_object(Bucket=state.bucket, Key=f"{state.key}.releases")
        document = json.loads(answer["Body"].read())
        service: dict[str, Any] = document["services"][name or self.service]
        return service

    def flag(self, name: str) -> dict[str, Any]:
        """A flag as services read it now."""
        appconfig, flags = self.aws("appconfig"), self.place["flags"]
        where = {key: flags[key] for key in ("ApplicationId", "EnvironmentId")}
        newest = appconfig.list_deployments(**where)["Items"][0]
        version = appconfig.get_hosted_configuration_version(
            ApplicationId=flags["ApplicationId"],
            ConfigurationProfileId=flags["ConfigurationProfileId"],
            VersionNumber=int(newest["ConfigurationVersion"]),
        )
        values = json.loads(version["Content"].read())["values"][name]
        return {key: value for key, value in values.items() if not key.startswith("_")}

    def reset_flags(self) -> None:
        """Have the first flags again, and forget what was rolled out."""
        state = load_environment(self.bench.workspace, self.environment).state
        self.aws("s3").delete_object(Bucket=state.bucket, Key=f"{state.key}.flags")
        self.deploy_flags()

    def deploy_flags(self) -> None:
        """Deploy the first flags."""
        flags = self.place["flags"]
        version = self.aws("appconfig").create_hosted_configuration_version(
            ApplicationId=flags["ApplicationId"],
            ConfigurationProfileId=flags["ConfigurationProfileId"],
            Content=json.dumps(FLAGS).encode(),
            ContentType="application/json",
        )["VersionNumber"]
        self.aws("appconfig").start_deployment(**flags, ConfigurationVersion=str(version))

    def phase(self, name: str = "") -> str:
        """The phase of the present release of a service; empty before the first."""
        try:
            return str(self.ledger(name)["current"].get("phase", "preparing"))
        except (self.aws("s3").exceptions.NoSuchKey, KeyError):
            return ""

    def measure(
        self, color: str, *, requests: int, errors: int = 0, seconds: float | None = 0.1
    ) -> None:
        """Have CloudWatch know of requests that a colour answered, and how fast if told."""
        balancer = "/".join(self.place["rule"].partition("listener-rule/")[2].split("/")[:3])
        group = self.place["groups"][color].rpartition(":")[2]
        dimensions = [
            {"Name": "LoadBalancer", "Value": balancer},
            {"Name": "TargetGroup", "Value": group},
        ]
        values: dict[str, float] = {"RequestCount": requests, "HTTPCode_Target_5XX_Count": errors}
        if seconds is not None:
            values["TargetResponseTime"] = seconds
        self.aws("cloudwatch").put_metric_data(
            Namespace="AWS/ApplicationELB",
            MetricData=[
                {"MetricName": name, "Dimensions": dimensions, "Value": value}
                for name, value in values.items()
            ],
        )

    def raise_alarm(self, *, raised: bool = True) -> None:
        """Set off the service's alarm, or end it."""
        self.aws("cloudwatch").set_alarm_state(
            AlarmName=self.place["alarm"],
            StateValue="ALARM" if raised else "OK",
            StateReason="a test",
        )


def open_shop(bench: Bench, environment: str = "dev") -> Shop:
    """Make the shop, and the state that Terraform would have written."""
    bench.run("lock", environment, "--sandbox")  # the sandbox makes the bucket with its first use
    shop = Shop(bench, environment)
    (bench.workspace.tree / "releases.toml").write_text(SETTINGS)
    cluster = f"bookstore-{environment}"
    elbv2, ecs, ec2 = shop.aws("elbv2"), shop.aws("ecs"), shop.aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=zone)["Subnet"][
            "SubnetId"
        ]
        for n, zone in enumerate(("eu-west-1a", "eu-west-1b"))
    ]
    network = {"awsvpcConfiguration": {"subnets": subnets, "securityGroups": []}}
    balancer = elbv2.create_load_balancer(Name=cluster, Subnets=subnets)["LoadBalancers"][0][
        "LoadBalancerArn"
    ]
    listener = elbv2.create_listener(
        LoadBalancerArn=balancer,
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
    )["Listeners"][0]["ListenerArn"]
    paths = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/catalog/*"]}}
    groups, services = {}, {}
    for color in ("blue", "green"):
        name = f"{cluster}-catalog-{color}"
        made = elbv2.create_target_group(
            Name=name, Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip"
        )
        groups[color] = made["TargetGroups"][0]["TargetGroupArn"]
        header = {
            "Field": "http-header",
            "HttpHeaderConfig": {"HttpHeaderName": "X-Bookstore-Color", "Values": [color]},
        }
        elbv2.create_rule(
            ListenerArn=listener,
            Priority=10 if color == "blue" else 11,
            Conditions=[header, paths],
            Actions=[{"Type": "forward", "TargetGroupArn": groups[color]}],
        )
        services[color] = name
    weighted = [
        {"TargetGroupArn": groups[color], "Weight": weight}
        for color, weight in (("blue", 100), ("green", 0))
    ]
    rule = elbv2.create_rule(
        ListenerArn=listener,
        Priority=12,
        Conditions=[paths],
        Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": weighted}}],
    )["Rules"][0]["RuleArn"]
    account = load_environment(bench.workspace, environment).account_id
    registry = f"{account}.dkr.ecr.eu-west-1.amazonaws.com/{cluster}"
    ecs.create_cluster(clusterName=cluster)
    for service in ("catalog", "inventory"):
        shop.aws("ecr").create_repository(repositoryName=f"{cluster}/{service}")
        _register(ecs, cluster, service, f"{registry}/{service}:1.0.0")
    ecs.create_service(
        cluster=cluster,
        serviceName=f"{cluster}-inventory",
        taskDefinition=f"{cluster}-inventory",
        desiredCount=2,
        networkConfiguration=network,
    )
    for color, name in services.items():
        ecs.create_service(
            cluster=cluster,
            serviceName=name,
            taskDefinition=f"{cluster}-catalog",
            desiredCount=2 if color == "blue" else 0,
            networkConfiguration=network,
            loadBalancers=[
                {
                    "targetGroupArn": groups[color],
                    "containerName": "catalog",
                    "containerPort": 8080,
                }
            ],
        )
        shop.aws("application-autoscaling").register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId=f"service/{cluster}/{name}",
            ScalableDimension="ecs:service:DesiredCount",
            MinCapacity=2 if color == "blue" else 0,
            MaxCapacity=6,
            SuspendedState=dict.fromkeys(_SCALING, color == "green"),
        )
    alarm = f"{cluster}-catalog-5xx"
    shop.aws("cloudwatch").put_metric_alarm(
        AlarmName=alarm,
        MetricName="HTTPCode_Target_5XX_Count",
        Namespace="AWS/ApplicationELB",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        Period=60,
        Statistic="Sum",
        Threshold=10,
    )
    shop.place = {
        "cluster": cluster,
        "services": services,
        "groups": groups,
        "rule": rule,
        "alarm": alarm,
        "internal": f"{cluster}-inventory",
    }
    outputs = {
        "services": {
            "cluster_name": cluster,
            "names": {"catalog": services, "inventory": {"only": f"{cluster}-inventory"}},
            "scaling": {
                name: {"min_tasks": 2, "max_tasks": 6} for name in ("catalog", "inventory")
            },
            "task_families": {name: f"{cluster}-{name}" for name in ("catalog", "inventory")},
            "target_groups": {"catalog": groups},
            "rule_arns": {"catalog": rule},
            "repositories": {name: f"{registry}/{name}" for name in ("catalog", "inventory")},
            # The alarm stands for one of each.
            "release_alarms": {
                name: {"names": {"5xx": alarm}} for name in ("catalog", "inventory")
            },
        },
        "api": {"rest_api_id": _make_api(shop)},
        "monitoring": {"flags": _make_flags(shop)},
    }
    _write_state(shop, outputs)
    return shop


def _register(ecs: Any, cluster: str, service: str, image: str) -> None:
    ecs.register_task_definition(
        family=f"{cluster}-{service}",
        cpu="256",
        memory="512",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        containerDefinitions=[
            {
                "name": service,
                "image": image,
                "memory": 384,
                "environment": [{"name": "LOG_FORMAT", "value": "json"}],
                "logConfiguration": {
                    "logDriver": "awslogs",
                    "options": {
                        "awslogs-group": f"/aws/ecs/{cluster}/{service}",
                        "awslogs-region": "eu-west-1",
                        "awslogs-stream-prefix": "task",
                    },
                },
            }
        ],
    )


def _make_api(shop: Shop) -> str:
    gateway = shop.aws("apigateway")
    api = str(gateway.create_rest_api(name="bookstore")["id"])
    parent = gateway.get_resources(restApiId=api)["items"][0]["id"]
    for part in ("catalog", "books"):
        parent = gateway.create_resource(restApiId=api, parentId=parent, pathPart=part)["id"]
    gateway.put_method(restApiId=api, resourceId=parent, httpMethod="GET", authorizationType="NONE")
    return api


def _make_flags(shop: Shop) -> dict[str, Any]:
    appconfig = shop.aws("appconfig")
    application = appconfig.create_application(Name="bookstore")["Id"]
    profile = appconfig.create_configuration_profile(
        ApplicationId=application,
        Name="flags",
        LocationUri="hosted",
        Type="AWS.AppConfig.FeatureFlags",
    )["Id"]
    environment = appconfig.create_environment(ApplicationId=application, Name="dev")["Id"]
    strategy = appconfig.create_deployment_strategy(
        Name="all-at-once", DeploymentDurationInMinutes=0, GrowthFactor=100
    )["Id"]
    shop.place["flags"] = {
        "ApplicationId": application,
        "EnvironmentId": environment,
        "ConfigurationProfileId": profile,
        "DeploymentStrategyId": strategy,
    }
    shop.deploy_flags()
    return {
        "application_id": application,
        "environment_id": environment,
        "profile_id": profile,
        "strategy_ids": {"all-at-once": strategy},
    }


def _write_state(shop: Shop, outputs: dict[str, Any]) -> None:
    place = load_environment(shop.bench.workspace, shop.environment).state
    state = {
        "version": 4,
        "terraform_version": "1.11.4",
        "serial": 1,
        "lineage": "11111111-2222-3333-4444-555555555555",
        "outputs": {name: {"value": value, "type": "dynamic"} for name, value in outputs.items()},
        "resources": [],
    }
    shop.aws("s3").put_object(Bucket=place.bucket, Key=place.key, Body=json.dumps(state))
