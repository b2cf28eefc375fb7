"""Which AWS service a resource type of the provider belongs to.

The provider groups its types so: https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

# The longest prefix of a type wins.
_PREFIXES = {
    "acm": "Certificate Manager",
    "accessanalyzer": "IAM Access Analyzer",
    "api_gateway": "API Gateway",
    "appautoscaling": "Application Auto Scaling",
    "appconfig": "AppConfig",
    "backup": "Backup",
    "budgets": "Budgets",
    "ce": "Cost Explorer",
    "cloudtrail": "CloudTrail",
    "cloudwatch": "CloudWatch",
    "cloudwatch_event": "EventBridge",
    "cloudwatch_log": "CloudWatch Logs",
    "cloudwatch_query": "CloudWatch Logs",
    "codebuild": "CodeBuild",
    "codepipeline": "CodePipeline",
    "codestarnotifications": "CodePipeline",
    "cognito": "Cognito",
    "config": "Config",
    "db": "RDS",
    "dynamodb": "DynamoDB",
    "ecr": "ECR",
    "ecs": "ECS",
    "elasticache": "ElastiCache",
    "guardduty": "GuardDuty",
    "iam": "IAM",
    "imagebuilder": "Image Builder",
    "kms": "KMS",
    "lambda": "Lambda",
    "lb": "Load Balancing",
    "opensearch": "OpenSearch",
    "rds": "RDS",
    "route53": "Route 53",
    "s3": "S3",
    "scheduler": "EventBridge",
    "schemas": "EventBridge",
    "secretsmanager": "Secrets Manager",
    "securityhub": "Security Hub",
    "service_discovery": "Cloud Map",
    "sesv2": "SES",
    "shield": "Shield",
    "sns": "SNS",
    "sqs": "SQS",
    "ssm": "Systems Manager",
    "synthetics": "CloudWatch",
    "wafv2": "WAF",
    "xray": "X-Ray",
    # Terraform's own, which hold values and nothing in AWS.
    "terraform": "Terraform",
    # What the provider calls EC2's networking has no prefix of its own.
    "default_network_acl": "VPC",
    "default_route": "VPC",
    "default_security": "VPC",
    "eip": "VPC",
    "flow_log": "VPC",
    "internet_gateway": "VPC",
    "nat_gateway": "VPC",
    "network_acl": "VPC",
    "route": "VPC",
    "security_group": "VPC",
    "subnet": "VPC",
    "vpc": "VPC",
}


def service_of(resource_type: str) -> str:
    """The service of a type such as ``aws_db_instance``; the type itself where none is known."""
    parts = resource_type.removeprefix("aws_").split("_")
    for length in range(len(parts), 0, -1):
        service = _PREFIXES.get("_".join(parts[:length]))
        if service is not None:
            return service
    return resource_type
