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
  mock_resource "aws_elasticache_replication_group" {
    defaults = {
      arn                      = "arn:aws:elasticache:eu-west-1:111111111111:replicationgroup:bookstore-test"
      primary_endpoint_address = "master.bookstore-test.example.euw1.cache.amazonaws.com"
      reader_endpoint_address  = "replica.bookstore-test.example.euw1.cache.amazonaws.com"
    }
  }
  mock_resource "aws_elasticache_user" {
    defaults = { arn = "arn:aws:elasticache:eu-west-1:111111111111:user:someone" }
  }
}

variables {
  name               = "bookstore-test"
  subnet_ids         = ["subnet-a", "subnet-b"]
  security_group_ids = ["sg-redis"]
  node_type          = "cache.r7g.large"
  users              = { cart = { access_string = "on ~cart:* -@all +@read +@write +@connection" } }
  key_arn            = "arn:aws:kms:eu-west-1:111111111111:key/cache"
  log_key_arn        = "arn:aws:kms:eu-west-1:111111111111:key/logs"
}

run "safe_by_default" {
  assert {
    condition = (
      aws_elasticache_replication_group.this.automatic_failover_enabled
      && aws_elasticache_replication_group.this.multi_az_enabled
      && aws_elasticache_replication_group.this.num_cache_clusters == 2
      && aws_elasticache_replication_group.this.cluster_mode == "disabled"
      && aws_elasticache_replication_group.this.auto_minor_version_upgrade == "true"
    )
    error_message = "One shard, a replica in another zone, and failover to it."
  }
  assert {
    condition = (
      aws_elasticache_replication_group.this.at_rest_encryption_enabled == "true"
      && aws_elasticache_replication_group.this.kms_key_id == var.key_arn
      && aws_elasticache_replication_group.this.transit_encryption_enabled
      && aws_elasticache_replication_group.this.transit_encryption_mode == "required"
      && aws_elasticache_replication_group.this.port == 6380
      && alltrue([for group in aws_cloudwatch_log_group.this : group.kms_key_id == var.log_key_arn && group.retention_in_days == 365])
    )
    error_message = "Encrypted at rest under the given keys, TLS only, on a port of its own."
  }
  assert {
    condition     = aws_elasticache_replication_group.this.snapshot_retention_limit == 7 && aws_elasticache_replication_group.this.final_snapshot_identifier == "bookstore-test-final"
    error_message = "A week of snapshots, and a last one."
  }
  assert {
    condition = (
      toset([for log in aws_elasticache_replication_group.this.log_delivery_configuration : "${log.log_type} ${log.log_format} ${log.destination}"])
      == toset(["slow-log json /aws/elasticache/bookstore-test/slow-log", "engine-log json /aws/elasticache/bookstore-test/engine-log"])
    )
    error_message = "Both logs go to the module's groups, in JSON."
  }
  assert {
    condition     = jsondecode(aws_cloudwatch_log_resource_policy.this.policy_document).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "111111111111" && length(jsondecode(aws_cloudwatch_log_resource_policy.this.policy_document).Statement[0].Resource) == 2
    error_message = "Deliveries of this account only, and to these groups only."
  }
  assert {
    condition     = output.port == 6380 && output.primary_endpoint == "master.bookstore-test.example.euw1.cache.amazonaws.com" && output.log_group_names == { engine = "/aws/elasticache/bookstore-test/engine-log", slow = "/aws/elasticache/bookstore-test/slow-log" }
    error_message = "Where it answers, and where it logs."
  }
}

run "users_sign_in_with_iam_only" {
  command = plan

  assert {
    condition     = aws_elasticache_user.default.user_name == "default" && startswith(aws_elasticache_user.default.access_string, "off ") && strcontains(aws_elasticache_user.default.access_string, "-@all")
    error_message = "The default user is off and may do nothing."
  }
  assert {
    condition = alltrue([
      for user in concat([aws_elasticache_user.default], values(aws_elasticache_user.this)) :
      user.passwords == null && user.authentication_mode[0].passwords == null && user.authentication_mode[0].type == (user.user_name == "default" ? "no-password-required" : "iam")
    ])
    error_message = "No password anywhere; whoever is on signs in with IAM."
  }
  assert {
    condition     = aws_elasticache_user.this["cart"].user_id == "bookstore-test-cart" && aws_elasticache_user.this["cart"].user_name == aws_elasticache_user.this["cart"].user_id
    error_message = "IAM asks for the same id and name."
  }
  assert {
    condition     = aws_elasticache_user_group.this.user_ids == toset(["bookstore-test-cart", "bookstore-test-default"]) && aws_elasticache_replication_group.this.user_group_ids == toset(["bookstore-test"])
    error_message = "The group has these users and no other."
  }
  assert {
    condition     = output.users == { cart = { id = "bookstore-test-cart", arn = "arn:aws:elasticache:eu-west-1:111111111111:user:someone" } }
    error_message = "Services learn the name to sign in with."
  }
}

run "single_node" {
  command = plan

  variables {
    subnet_ids              = ["subnet-a"]
    replicas                = 0
    skip_final_snapshot     = true
    snapshot_retention_days = 1
  }

  assert {
    condition     = !aws_elasticache_replication_group.this.automatic_failover_enabled && !aws_elasticache_replication_group.this.multi_az_enabled && aws_elasticache_replication_group.this.final_snapshot_identifier == null
    error_message = "Nothing to fail over to, nothing left behind."
  }
  assert {
    condition     = aws_elasticache_replication_group.this.transit_encryption_mode == "required" && length(aws_elasticache_replication_group.this.log_delivery_configuration) == 2
    error_message = "Security does not relax with cost."
  }
  assert {
    condition     = output.member_clusters == ["bookstore-test-001"]
    error_message = "The node is known before it exists."
  }
}

run "settings_are_data" {
  command = plan

  variables {
    replicas               = 2
    parameters             = { "tcp-keepalive" = "60", "maxmemory-policy" = "allkeys-lru" }
    notification_topic_arn = "arn:aws:sns:eu-west-1:111111111111:cache"
    timeouts               = { create = "2h" }
  }

  assert {
    condition     = { for parameter in aws_elasticache_parameter_group.this.parameter : parameter.name => parameter.value } == { "maxmemory-policy" = "allkeys-lru", "slowlog-log-slower-than" = "5000", "slowlog-max-len" = "256", "tcp-keepalive" = "60" } && aws_elasticache_parameter_group.this.family == "redis7"
    error_message = "Given parameters join the module's own and win."
  }
  assert {
    condition     = output.member_clusters == ["bookstore-test-001", "bookstore-test-002", "bookstore-test-003"] && aws_elasticache_replication_group.this.notification_topic_arn == var.notification_topic_arn
    error_message = "Three nodes, and their events told."
  }
  assert {
    condition     = aws_elasticache_replication_group.this.timeouts.create == "2h" && aws_elasticache_replication_group.this.timeouts.update == "60m" && aws_elasticache_user.default.timeouts.create == "10m"
    error_message = "Given timeouts are used, the others keep their defaults."
  }
}

run "refuses_values_out_of_range" {
  command = plan

  variables {
    name                    = "bookstore--test"
    subnet_ids              = []
    security_group_ids      = []
    engine_version          = "6.2"
    node_type               = "cache.t2.micro"
    port                    = 6379
    replicas                = 6
    snapshot_retention_days = 0
    snapshot_window         = "1-2"
    maintenance_window      = "Sunday"
    parameters              = { "cluster-enabled" = "yes" }
    users                   = {}
    notification_topic_arn  = "cache-events"
    log_retention_days      = 0
    timeouts                = { user = "soon" }
  }

  expect_failures = [
    var.name,
    var.subnet_ids,
    var.security_group_ids,
    var.engine_version,
    var.node_type,
    var.port,
    var.replicas,
    var.snapshot_retention_days,
    var.snapshot_window,
    var.maintenance_window,
    var.parameters,
    var.users,
    var.notification_topic_arn,
    var.log_retention_days,
    var.timeouts,
  ]
}

run "refuses_a_second_default_user" {
  command = plan

  variables {
    users = { default = { access_string = "on ~* +@all" } }
  }

  expect_failures = [var.users]
}

run "refuses_a_password_in_an_access_string" {
  command = plan

  variables {
    users = { cart = { access_string = "on >secret ~cart:* +@all" } }
  }

  expect_failures = [var.users]
}

run "refuses_a_name_that_is_too_long_with_its_user" {
  command = plan

  variables {
    users = { a-name-that-is-far-too-long-for-it = { access_string = "on ~cart:* +@read" } }
  }

  expect_failures = [aws_elasticache_user.this]
}

run "refuses_failover_within_one_subnet" {
  command = plan

  variables {
    subnet_ids = ["subnet-a"]
  }

  expect_failures = [aws_elasticache_replication_group.this]
}
