mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/bookstore-test-opensearch-admin" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:111111111111:log-group:some" }
  }
  mock_resource "aws_opensearch_domain" {
    defaults = {
      arn      = "arn:aws:es:eu-west-1:111111111111:domain/bookstore-test"
      endpoint = "vpc-bookstore-test.example.eu-west-1.es.amazonaws.com"
    }
  }
}

variables {
  name               = "bookstore-test"
  subnet_ids         = ["subnet-a", "subnet-b", "subnet-c"]
  security_group_ids = ["sg-opensearch"]
  instance_type      = "r7g.large.search"
  data_nodes         = 3
  dedicated_masters  = { instance_type = "m7g.large.search" }
  storage_gib        = 100
  key_arn            = "arn:aws:kms:eu-west-1:111111111111:key/search"
  log_key_arn        = "arn:aws:kms:eu-west-1:111111111111:key/logs"
}

run "three_zones" {
  assert {
    condition = (
      aws_opensearch_domain.this.cluster_config[0].zone_awareness_enabled
      && aws_opensearch_domain.this.cluster_config[0].zone_awareness_config[0].availability_zone_count == 3
      && aws_opensearch_domain.this.cluster_config[0].instance_count == 3
      && aws_opensearch_domain.this.cluster_config[0].dedicated_master_enabled
      && aws_opensearch_domain.this.cluster_config[0].dedicated_master_count == 3
    )
    error_message = "A data node per zone, and three masters."
  }
  assert {
    condition = (
      aws_opensearch_domain.this.encrypt_at_rest[0].enabled
      && aws_opensearch_domain.this.encrypt_at_rest[0].kms_key_id == var.key_arn
      && aws_opensearch_domain.this.node_to_node_encryption[0].enabled
      && aws_opensearch_domain.this.domain_endpoint_options[0].enforce_https
      && aws_opensearch_domain.this.domain_endpoint_options[0].tls_security_policy == "Policy-Min-TLS-1-2-PFS-2023-10"
      && aws_opensearch_domain.this.vpc_options[0].subnet_ids == toset(var.subnet_ids)
      && aws_opensearch_domain.this.vpc_options[0].security_group_ids == toset(var.security_group_ids)
    )
    error_message = "Encrypted at rest, between nodes and in transit, and inside the VPC."
  }
  assert {
    condition = (
      aws_opensearch_domain.this.advanced_security_options[0].enabled
      && !aws_opensearch_domain.this.advanced_security_options[0].anonymous_auth_enabled
      && !aws_opensearch_domain.this.advanced_security_options[0].internal_user_database_enabled
      && aws_opensearch_domain.this.advanced_security_options[0].master_user_options[0].master_user_arn == aws_iam_role.admin.arn
      && aws_opensearch_domain.this.advanced_security_options[0].master_user_options[0].master_user_password == null
    )
    error_message = "Fine-grained access whose administrator is a role: no users, no passwords."
  }
  assert {
    condition = (
      jsondecode(aws_opensearch_domain.this.access_policies).Statement[0].Principal.AWS == ["arn:aws:iam::111111111111:root"]
      && jsondecode(aws_opensearch_domain.this.access_policies).Statement[0].Resource == "arn:aws:es:eu-west-1:111111111111:domain/bookstore-test/*"
      && !contains(jsondecode(aws_opensearch_domain.this.access_policies).Statement[0].Action, "es:*")
    )
    error_message = "Principals of this account only, and requests only."
  }
  assert {
    condition     = { for option in aws_opensearch_domain.this.log_publishing_options : option.log_type => option.enabled } == { AUDIT_LOGS = true, ES_APPLICATION_LOGS = true, INDEX_SLOW_LOGS = true, SEARCH_SLOW_LOGS = true } && alltrue([for group in aws_cloudwatch_log_group.this : group.kms_key_id == var.log_key_arn && group.retention_in_days == 365])
    error_message = "All four logs are published to encrypted groups."
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_log_resource_policy.this.policy_document).Statement[0].Condition.ArnLike["aws:SourceArn"] == "arn:aws:es:eu-west-1:111111111111:domain/bookstore-test" && length(jsondecode(aws_cloudwatch_log_resource_policy.this.policy_document).Statement[0].Resource) == 4
    error_message = "This domain alone writes to them."
  }
  assert {
    condition = (
      aws_opensearch_domain.this.auto_tune_options[0].desired_state == "ENABLED"
      && aws_opensearch_domain.this.auto_tune_options[0].use_off_peak_window
      && aws_opensearch_domain.this.software_update_options[0].auto_software_update_enabled
      && aws_opensearch_domain.this.off_peak_window_options[0].enabled
      && aws_opensearch_domain.this.off_peak_window_options[0].off_peak_window[0].window_start_time[0].hours == 22
    )
    error_message = "Tuned and kept up to date outside the busy hours."
  }
  assert {
    condition     = aws_opensearch_domain.this.ebs_options[0].volume_type == "gp3" && aws_opensearch_domain.this.ebs_options[0].iops == 3000 && aws_opensearch_domain.this.ebs_options[0].throughput == 125
    error_message = "gp3 with what it includes."
  }
  assert {
    condition     = length(aws_iam_service_linked_role.this) == 1 && jsondecode(aws_iam_role.admin.assume_role_policy).Statement[0].Principal.AWS == ["arn:aws:iam::111111111111:root"]
    error_message = "OpenSearch can enter the VPC, and the account's IAM says who administers."
  }
  assert {
    condition     = output.domain_name == "bookstore-test" && output.endpoint == "vpc-bookstore-test.example.eu-west-1.es.amazonaws.com" && keys(output.log_group_names) == ["application", "audit", "index-slow", "search-slow"]
    error_message = "Where it answers, and where it logs."
  }
}

run "one_burstable_node" {
  command = plan

  variables {
    subnet_ids          = ["subnet-a"]
    instance_type       = "t3.small.search"
    data_nodes          = 1
    dedicated_masters   = null
    storage_gib         = 20
    service_linked_role = false
    administrators      = ["arn:aws:iam::111111111111:role/platform-admin"]
    timeouts            = { create = "2h" }
  }

  assert {
    condition     = !aws_opensearch_domain.this.cluster_config[0].zone_awareness_enabled && length(aws_opensearch_domain.this.cluster_config[0].zone_awareness_config) == 0 && !aws_opensearch_domain.this.cluster_config[0].dedicated_master_enabled
    error_message = "One zone has no zone awareness."
  }
  assert {
    condition     = aws_opensearch_domain.this.auto_tune_options[0].desired_state == "DISABLED" && !aws_opensearch_domain.this.auto_tune_options[0].use_off_peak_window
    error_message = "Burstable nodes have no Auto-Tune."
  }
  assert {
    condition     = aws_opensearch_domain.this.advanced_security_options[0].enabled && aws_opensearch_domain.this.encrypt_at_rest[0].enabled && aws_opensearch_domain.this.node_to_node_encryption[0].enabled
    error_message = "Security does not relax with cost."
  }
  assert {
    condition     = length(aws_iam_service_linked_role.this) == 0 && jsondecode(aws_iam_role.admin.assume_role_policy).Statement[0].Principal.AWS == ["arn:aws:iam::111111111111:role/platform-admin"]
    error_message = "The account's role is used, and only the named roles administer."
  }
  assert {
    condition     = aws_opensearch_domain.this.timeouts.create == "2h" && aws_opensearch_domain.this.timeouts.delete == "90m"
    error_message = "Given timeouts are used, the others keep their defaults."
  }
}

run "refuses_values_out_of_range" {
  command = plan

  variables {
    name                = "a-name-longer-than-opensearch-allows"
    subnet_ids          = ["subnet-a", "subnet-a"]
    security_group_ids  = []
    engine_version      = "Elasticsearch_7.10"
    instance_type       = "t2.small.search"
    data_nodes          = 0
    dedicated_masters   = { instance_type = "m7g.large.search", count = 2 }
    storage_gib         = 5
    iops                = 100
    throughput_mib      = 100
    administrators      = ["platform-admin"]
    snapshot_hour       = 24
    off_peak_start_hour = -1
    log_retention_days  = 0
    timeouts            = { create = "soon" }
  }

  expect_failures = [
    var.name,
    var.subnet_ids,
    var.security_group_ids,
    var.engine_version,
    var.instance_type,
    var.data_nodes,
    var.dedicated_masters,
    var.storage_gib,
    var.iops,
    var.throughput_mib,
    var.administrators,
    var.snapshot_hour,
    var.off_peak_start_hour,
    var.log_retention_days,
    var.timeouts,
  ]
}

run "refuses_burstable_masters" {
  command = plan

  variables {
    dedicated_masters = { instance_type = "t3.small.search" }
  }

  expect_failures = [var.dedicated_masters]
}

run "refuses_nodes_that_zones_cannot_share" {
  command = plan

  variables {
    data_nodes = 4
  }

  expect_failures = [aws_opensearch_domain.this]
}

run "refuses_fewer_nodes_than_zones" {
  command = plan

  variables {
    data_nodes = 2
  }

  expect_failures = [aws_opensearch_domain.this]
}

run "refuses_too_many_burstable_nodes" {
  command = plan

  variables {
    instance_type     = "t3.medium.search"
    data_nodes        = 12
    dedicated_masters = null
  }

  expect_failures = [aws_opensearch_domain.this]
}

run "refuses_masters_over_burstable_nodes" {
  command = plan

  variables {
    instance_type = "t3.medium.search"
  }

  expect_failures = [aws_opensearch_domain.this]
}

run "refuses_more_storage_than_a_burstable_node_holds" {
  command = plan

  variables {
    subnet_ids        = ["subnet-a"]
    instance_type     = "t3.small.search"
    data_nodes        = 1
    dedicated_masters = null
    storage_gib       = 150
  }

  expect_failures = [aws_opensearch_domain.this]
}
