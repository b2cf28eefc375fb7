"""Whatever keeps data keeps it encrypted."""

# What is not encrypted unless an attribute says so. (S3, DynamoDB and log groups always are.)
_SWITCHES = {
    "aws_db_instance": "storage_encrypted",
    "aws_rds_cluster": "storage_encrypted",
    "aws_docdb_cluster": "storage_encrypted",
    "aws_neptune_cluster": "storage_encrypted",
    "aws_redshift_cluster": "encrypted",
    "aws_ebs_volume": "encrypted",
    "aws_efs_file_system": "encrypted",
    "aws_elasticache_replication_group": "at_rest_encryption_enabled",
}


def check(plan):
    for resource in plan.of_type(*_SWITCHES):
        if _is_off(resource, _SWITCHES[resource.type]):
            yield resource, f"{_SWITCHES[resource.type]} is not true"
    for domain in plan.of_type("aws_opensearch_domain"):
        if not any(block.get("enabled") for block in domain.after.get("encrypt_at_rest") or ()):
            yield domain, "encrypt_at_rest is not enabled"
    for queue in plan.of_type("aws_sqs_queue"):
        if _is_off(queue, "kms_master_key_id") and _is_off(queue, "sqs_managed_sse_enabled"):
            yield queue, "neither kms_master_key_id nor sqs_managed_sse_enabled is set"
    for topic in plan.of_type("aws_sns_topic"):
        if _is_off(topic, "kms_master_key_id"):
            yield topic, "kms_master_key_id is not set"


def _is_off(resource, attribute):
    # ElastiCache says it in a text. What only AWS can tell is no reason to refuse.
    value = resource.after.get(attribute)
    return not resource.is_unknown(attribute) and (not value or value == "false")
