mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
}

variables {
  name        = "bookstore-test"
  environment = "test"
  topics = {
    critical = "arn:aws:sns:eu-west-1:111111111111:bookstore-test-critical"
    warning  = "arn:aws:sns:eu-west-1:111111111111:bookstore-test-warning"
    info     = "arn:aws:sns:eu-west-1:111111111111:bookstore-test-info"
  }
  services = {
    orders = {
      public           = true
      cluster_name     = "bookstore-test"
      service_names    = { blue = "bookstore-test-orders-blue", green = "bookstore-test-orders-green" }
      log_group_name   = "/bookstore-test/orders"
      target_groups    = { blue = "targetgroup/orders-blue/1", green = "targetgroup/orders-green/2" }
      slo_availability = 99.5
    }
    inventory = {
      public         = false
      cluster_name   = "bookstore-test"
      service_names  = { main = "bookstore-test-inventory" }
      log_group_name = "/bookstore-test/inventory"
    }
  }
  load_balancer = {
    alb_arn_suffix              = "app/bookstore-test/1"
    nlb_arn_suffix              = "net/bookstore-test/2"
    nlb_target_group_arn_suffix = "targetgroup/bookstore-test/3"
  }
  api = { name = "bookstore-test", stage = "live", access_log_group_name = "/bookstore-test/api" }
  database = {
    instances             = { primary = "bookstore-test", reader = "bookstore-test-reader" }
    log_group_name        = "/aws/rds/instance/bookstore-test/postgresql"
    allocated_storage_gib = 100
    memory_gib            = 16
  }
  redis              = { replication_group_id = "bookstore-test", nodes = 2 }
  opensearch         = { domain_name = "bookstore-test", account_id = "111111111111", storage_gib = 100, nodes = 6, dedicated_masters = true }
  tables             = { audit-log = { name = "bookstore-test-audit-log", replica_region = "eu-central-1" }, carts = { name = "bookstore-test-carts" } }
  queues             = { orders = { name = "bookstore-test-orders", max_age_seconds = 120 } }
  dead_letter_queues = { orders = "bookstore-test-orders-dlq" }
  functions          = { audit-writer = { name = "bookstore-test-audit-writer", timeout_seconds = 60, stream = true }, mailer = { name = "bookstore-test-mailer", timeout_seconds = 10 } }
  bus                = { name = "bookstore-test", rule_names = { order-placed = "bookstore-test-order-placed" } }
  sns_topics         = { critical = "bookstore-test-critical" }
  nat_gateways       = { eu-west-1a = "nat-1" }
  certificates       = { api = "arn:aws:acm:eu-west-1:111111111111:certificate/1" }
  waf                = { web_acl_name = "bookstore-test" }
  backup             = { vault_name = "bookstore-test" }
  trail              = { log_group_name = "/bookstore-test/trail" }
}

# One run, since applying several hundred alarms takes a while even where nothing is real.
run "full" {
  # Every alarm is heard and says what to do.
  assert {
    condition = alltrue([
      for alarm in concat(values(aws_cloudwatch_metric_alarm.this), values(aws_cloudwatch_metric_alarm.burn), values(aws_cloudwatch_metric_alarm.cis)) :
      length(alarm.alarm_actions) == 1 && alarm.ok_actions == alarm.alarm_actions && contains(["notBreaching", "breaching", "missing"], alarm.treat_missing_data)
      && can(regex("\\(test(, CIS 4\\.[0-9]+)?\\)\\. Runbook: (service-unhealthy|scale-service|bad-release|canary-stuck|database-failover|database-storage-full|connections-exhausted|redis-failover-or-memory|opensearch-health|dead-letter-queue|event-bus-failures|api-5xx-or-latency|throttling|certificate-expiring|secret-leaked|access-key-compromised|waf-under-attack|region-lost|quota-reached|backup-restore)$", alarm.alarm_description))
    ])
    error_message = "Each alarm notifies when it starts and when it ends, knows what silence means and names a runbook."
  }
  assert {
    condition = alltrue([
      for alarm in concat(values(aws_cloudwatch_composite_alarm.down), values(aws_cloudwatch_composite_alarm.degraded), values(aws_cloudwatch_composite_alarm.budget), aws_cloudwatch_composite_alarm.platform) :
      length(alarm.alarm_actions) == 1 && alarm.ok_actions == alarm.alarm_actions && alarm.actions_enabled
    ])
    error_message = "So does each composite alarm."
  }
  assert {
    condition     = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.this), values(aws_cloudwatch_metric_alarm.burn), values(aws_cloudwatch_metric_alarm.cis)) : alarm.actions_enabled]) && alltrue([for alarm in aws_cloudwatch_metric_alarm.burn : alarm.alarm_actions == toset([var.topics.info])])
    error_message = "Single windows of an error budget are noted; everything else tells people."
  }
  assert {
    condition = alltrue([
      for alarm in concat(values(aws_cloudwatch_metric_alarm.this), values(aws_cloudwatch_metric_alarm.burn)) :
      length([for query in alarm.metric_query : query if query.return_data]) == (alarm.threshold_metric_id != null ? 2 : length(alarm.metric_query) > 0 ? 1 : 0)
      && length([for query in alarm.metric_query : query if length(query.metric) > 0]) <= 10
    ])
    error_message = "CloudWatch takes one result, or one and its band, out of ten metrics at most."
  }
  # Every tier, with thresholds that follow from sizes.
  assert {
    condition = length(setsubtract([
      "orders-tasks", "orders-no-task", "orders-minimum", "orders-cpu", "orders-memory", "orders-errors", "orders-5xx", "orders-latency", "orders-unhealthy", "orders-no-target",
      "inventory-tasks", "inventory-no-task", "inventory-cpu", "inventory-memory", "inventory-errors",
      "alb-5xx", "alb-rejected", "nlb-no-target", "nlb-ports",
      "api-5xx", "api-latency", "api-throttled", "api-4xx-anomaly", "api-traffic-anomaly",
      "waf-blocked", "waf-blocked-anomaly", "nat-eu-west-1a-ports", "nat-eu-west-1a-drops", "certificate-api-30-days", "certificate-api-7-days",
      "database-primary-cpu", "database-reader-cpu", "database-primary-storage", "database-primary-connections", "database-primary-memory", "database-primary-read-latency", "database-primary-write-latency", "database-reader-lag", "database-silent", "database-deadlocks", "database-transactions",
      "redis-cpu", "redis-memory", "redis-evictions", "redis-connections", "redis-lag", "redis-silent", "redis-refused",
      "opensearch-red", "opensearch-yellow", "opensearch-storage", "opensearch-jvm", "opensearch-cpu", "opensearch-writes-blocked", "opensearch-snapshot", "opensearch-key", "opensearch-master-cpu", "opensearch-nodes",
      "table-audit-log-throttled", "table-audit-log-system-errors", "table-audit-log-replication", "table-carts-throttled",
      "queue-orders-age", "queue-orders-dead-letters",
      "function-mailer-errors", "function-mailer-throttled", "function-mailer-duration", "function-mailer-dead-letters", "function-audit-writer-iterator-age",
      "rule-order-placed-failed", "rule-order-placed-lost", "topic-critical-failed", "backup-failed", "backup-missing", "quota-fargate-vcpu", "quota-lambda",
    ], keys(aws_cloudwatch_metric_alarm.this))) == 0
    error_message = "Every tier is watched."
  }
  assert {
    condition     = length(setintersection(["inventory-5xx", "inventory-latency", "inventory-no-target", "database-primary-lag", "table-carts-replication", "function-mailer-iterator-age"], keys(aws_cloudwatch_metric_alarm.this))) == 0
    error_message = "What cannot be is not watched."
  }
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["database-primary-storage"].threshold == 16106127360
      && aws_cloudwatch_metric_alarm.this["database-primary-storage"].comparison_operator == "LessThanThreshold"
      && aws_cloudwatch_metric_alarm.this["database-primary-storage"].treat_missing_data == "breaching"
      && aws_cloudwatch_metric_alarm.this["database-primary-connections"].threshold == 1297
      && aws_cloudwatch_metric_alarm.this["function-mailer-duration"].threshold == 8000
      && aws_cloudwatch_metric_alarm.this["queue-orders-age"].threshold == 120
      && aws_cloudwatch_metric_alarm.this["api-5xx"].threshold == 0.01
      && aws_cloudwatch_metric_alarm.this["opensearch-storage"].threshold == 25600
    )
    error_message = "Thresholds follow from sizes."
  }
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["api-latency"].extended_statistic == "p95"
      && aws_cloudwatch_metric_alarm.this["api-latency"].evaluate_low_sample_count_percentiles == "ignore"
      && aws_cloudwatch_metric_alarm.this["api-5xx"].statistic == "Average"
    )
    error_message = "Percentiles are statistics of their own kind."
  }
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["api-4xx-anomaly"].threshold_metric_id == "band"
      && aws_cloudwatch_metric_alarm.this["api-4xx-anomaly"].comparison_operator == "GreaterThanUpperThreshold"
      && contains([for query in aws_cloudwatch_metric_alarm.this["api-4xx-anomaly"].metric_query : query.expression], "ANOMALY_DETECTION_BAND(refused, 3)")
      && aws_cloudwatch_metric_alarm.this["api-traffic-anomaly"].comparison_operator == "LessThanLowerOrGreaterThanUpperThreshold"
    )
    error_message = "What is unusual raises an alarm without a threshold."
  }
  # The idle colour is never an alarm.
  assert {
    condition     = one([for query in aws_cloudwatch_metric_alarm.this["orders-unhealthy"].metric_query : query.expression if query.id == "result"]) == "IF(FILL(requests_blue,0) > 0, FILL(unhealthy_blue,0), 0) + IF(FILL(requests_green,0) > 0, FILL(unhealthy_green,0), 0)"
    error_message = "Only a colour that takes requests can be unhealthy."
  }
  assert {
    condition     = one([for query in aws_cloudwatch_metric_alarm.this["orders-no-task"].metric_query : query.expression if query.id == "result"]) == "SUM([FILL(running_blue,0),FILL(running_green,0)])"
    error_message = "A task of either colour is a task."
  }
  assert {
    condition     = one([for query in aws_cloudwatch_metric_alarm.this["orders-cpu"].metric_query : query.expression if query.id == "result"]) == "MAX([FILL(cpu_blue,0),FILL(cpu_green,0)])"
    error_message = "The busier colour counts."
  }
  assert {
    condition     = one([for query in aws_cloudwatch_metric_alarm.this["orders-unhealthy"].metric_query : query.metric[0].dimensions if query.id == "unhealthy_green"]) == tomap({ LoadBalancer = "app/bookstore-test/1", TargetGroup = "targetgroup/orders-green/2" })
    error_message = "Each colour is measured at its own target group."
  }
  assert {
    condition     = one([for query in aws_cloudwatch_metric_alarm.this["inventory-cpu"].metric_query : query.expression if query.id == "result"]) == "MAX([FILL(cpu_main,0)])"
    error_message = "A service without colours has one."
  }
  # Services and the platform.
  assert {
    condition     = aws_cloudwatch_composite_alarm.down["orders"].alarm_rule == "ALARM(\"bookstore-test-orders-no-task\") OR ALARM(\"bookstore-test-orders-no-target\")" && aws_cloudwatch_composite_alarm.down["orders"].alarm_actions == toset([var.topics.critical])
    error_message = "A service is down without tasks, or without healthy ones."
  }
  assert {
    condition     = strcontains(aws_cloudwatch_composite_alarm.degraded["orders"].alarm_rule, "orders-5xx") && aws_cloudwatch_composite_alarm.degraded["orders"].actions_suppressor[0].alarm == "bookstore-test-orders-down"
    error_message = "Degraded keeps silent while the service is down."
  }
  assert {
    condition     = strcontains(aws_cloudwatch_composite_alarm.platform[0].alarm_rule, "ALARM(\"bookstore-test-orders-down\")") && strcontains(aws_cloudwatch_composite_alarm.platform[0].alarm_rule, "database-silent") && !strcontains(aws_cloudwatch_composite_alarm.platform[0].alarm_rule, "inventory")
    error_message = "The platform is down with what customers see."
  }
  # Error budgets.
  assert {
    condition     = { for key, alarm in aws_cloudwatch_metric_alarm.burn : key => alarm.threshold } == { orders-burn-1h = 14.4, orders-burn-5m = 14.4, orders-burn-6h = 6, orders-burn-30m = 6, orders-burn-3d = 1, orders-burn-6h-slow = 1 }
    error_message = "The windows and rates of the workbook, for public services."
  }
  assert {
    condition     = one([for query in aws_cloudwatch_metric_alarm.burn["orders-burn-1h"].metric_query : query.expression if query.id == "result"]) == "IF(requests > 0, failed / requests / 0.00500, 0)"
    error_message = "The rate is measured against the budget that the objective leaves."
  }
  assert {
    condition     = aws_cloudwatch_composite_alarm.budget["orders-budget-page"].alarm_rule == "(ALARM(\"bookstore-test-orders-burn-1h\") AND ALARM(\"bookstore-test-orders-burn-5m\")) OR (ALARM(\"bookstore-test-orders-burn-6h\") AND ALARM(\"bookstore-test-orders-burn-30m\"))"
    error_message = "A page needs a long and a short window."
  }
  assert {
    condition     = aws_cloudwatch_composite_alarm.budget["orders-budget-page"].alarm_actions == toset([var.topics.critical]) && aws_cloudwatch_composite_alarm.budget["orders-budget-ticket"].alarm_actions == toset([var.topics.warning])
    error_message = "A slow burn wakes nobody."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.burn["orders-burn-3d"].evaluation_periods == 3 && alltrue(flatten([for query in aws_cloudwatch_metric_alarm.burn["orders-burn-3d"].metric_query : [for metric in query.metric : metric.period == 86400]]))
    error_message = "Three days are three periods of a day."
  }
  # Events of the benchmark.
  assert {
    condition     = length(aws_cloudwatch_log_metric_filter.cis) == 15 && keys(aws_cloudwatch_metric_alarm.cis) == keys(aws_cloudwatch_log_metric_filter.cis)
    error_message = "CIS 4.1 to 4.15, an alarm each."
  }
  assert {
    condition     = alltrue([for filter in aws_cloudwatch_log_metric_filter.cis : filter.log_group_name == "/bookstore-test/trail" && length(filter.pattern) <= 1024])
    error_message = "They read the trail, in patterns that CloudWatch takes."
  }
  assert {
    condition     = aws_cloudwatch_log_metric_filter.cis["root-use"].pattern == "{ $.userIdentity.type = \"Root\" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != \"AwsServiceEvent\" }" && aws_cloudwatch_metric_alarm.cis["root-use"].alarm_actions == toset([var.topics.critical])
    error_message = "The root user's steps wake somebody."
  }
  # Logs become metrics and can be asked.
  assert {
    condition = (
      keys(aws_cloudwatch_log_metric_filter.this) == ["api-throttled", "database-deadlocks", "inventory-duration", "inventory-errors", "inventory-warnings", "orders-duration", "orders-errors", "orders-warnings"]
      && aws_cloudwatch_log_metric_filter.this["orders-errors"].metric_transformation[0].default_value == "0"
      && aws_cloudwatch_log_metric_filter.this["orders-errors"].metric_transformation[0].unit == "Count"
      && aws_cloudwatch_log_metric_filter.this["orders-duration"].metric_transformation[0].default_value == null
      && aws_cloudwatch_log_metric_filter.this["orders-duration"].metric_transformation[0].unit == "Milliseconds"
    )
    error_message = "Levels are counted, durations measured."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["orders-errors"].namespace == output.namespace && aws_cloudwatch_metric_alarm.this["orders-errors"].metric_name == aws_cloudwatch_log_metric_filter.this["orders-errors"].metric_transformation[0].name
    error_message = "The alarm watches the filter's metric."
  }
  assert {
    condition     = length(aws_cloudwatch_query_definition.this) == 12 && aws_cloudwatch_query_definition.this["services/one-trace"].log_group_names == tolist(["/bookstore-test/inventory", "/bookstore-test/orders"])
    error_message = "The usual questions are saved."
  }
  # What stops a release.
  assert {
    condition     = output.release_alarms["orders"].names == { for alarm in ["5xx", "errors", "latency", "no-target", "no-task", "tasks", "unhealthy"] : alarm => "bookstore-test-orders-${alarm}" }
    error_message = "What customers would feel stops a release; full processors do not."
  }
  assert {
    condition     = keys(output.release_alarms["inventory"].arns) == ["errors", "no-task", "tasks"]
    error_message = "So do the signs of a service without requests."
  }
  # Dashboards.
  assert {
    condition     = output.dashboard_names == { for purpose in ["data", "edge", "overview", "services"] : purpose => "bookstore-test-${purpose}" }
    error_message = "One for each question."
  }
  assert {
    condition = alltrue(flatten([
      for dashboard in aws_cloudwatch_dashboard.this : [
        for widget in jsondecode(dashboard.dashboard_body).widgets :
        widget.x + widget.width <= 24 && (widget.type != "metric" || (try(length(widget.properties.title) > 0 && length(widget.properties.yAxis.left.label) > 0 && length(widget.properties.metrics) > 0 && widget.properties.region == "eu-west-1", false)))
      ]
    ]))
    error_message = "Every chart has a title, a unit, lines and a place on the grid."
  }
  assert {
    condition = alltrue([
      for dashboard in aws_cloudwatch_dashboard.this :
      length(distinct([for widget in jsondecode(dashboard.dashboard_body).widgets : "${widget.x},${widget.y}"])) == length(jsondecode(dashboard.dashboard_body).widgets)
    ])
    error_message = "No chart lies on another."
  }
  assert {
    condition = contains(flatten([
      for widget in jsondecode(aws_cloudwatch_dashboard.this["services"].dashboard_body).widgets : [for mark in try(widget.properties.annotations.horizontal, []) : "${widget.properties.title}: ${mark.label} ${mark.value}"]
    ]), "Availability: objective 99.5")
    error_message = "The objective is drawn."
  }
  # Traces.
  assert {
    condition     = { for key, group in aws_xray_group.this : key => group.filter_expression } == { faults = "fault = true", errors = "error = true OR throttle = true", slow = "responsetime > 2" }
    error_message = "Groups of what is worth a look."
  }
  assert {
    condition = (
      aws_xray_sampling_rule.this["health"].fixed_rate == 0 && aws_xray_sampling_rule.this["health"].reservoir_size == 0
      && aws_xray_sampling_rule.this["payments"].fixed_rate > aws_xray_sampling_rule.this["rest"].fixed_rate
      && aws_xray_sampling_rule.this["health"].priority < aws_xray_sampling_rule.this["payments"].priority
      && aws_xray_sampling_rule.this["payments"].priority < aws_xray_sampling_rule.this["rest"].priority
    )
    error_message = "Health checks never, payments often, the rest now and then; the first rule that fits decides."
  }
}

run "basic" {
  command = plan

  variables {
    level           = "basic"
    actions_enabled = false
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.burn) == 0 && length(aws_cloudwatch_composite_alarm.budget) == 0 && length(aws_cloudwatch_query_definition.this) == 0 && keys(aws_cloudwatch_dashboard.this) == ["overview"] && !aws_xray_group.this["faults"].insights_configuration[0].insights_enabled
    error_message = "One dashboard, no budgets, no saved queries."
  }
  assert {
    condition     = length(setintersection(["orders-cpu", "api-4xx-anomaly", "quota-lambda", "redis-lag"], keys(aws_cloudwatch_metric_alarm.this))) == 0 && contains(keys(aws_cloudwatch_metric_alarm.this), "orders-5xx") && contains(keys(aws_cloudwatch_metric_alarm.this), "database-primary-storage") && contains(keys(aws_cloudwatch_metric_alarm.this), "queue-orders-dead-letters")
    error_message = "What is broken, not what may break."
  }
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.cis) == 15 && keys(output.release_alarms["orders"].names) == ["5xx", "errors", "latency", "no-target", "no-task", "tasks", "unhealthy"]
    error_message = "Security and releases are watched as everywhere."
  }
  assert {
    condition     = !anytrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.actions_enabled]) && !aws_cloudwatch_composite_alarm.platform[0].actions_enabled
    error_message = "Nobody is told where nobody listens."
  }
}

run "without_a_topic_for_the_record" {
  command = plan

  variables {
    topics = {
      critical = "arn:aws:sns:eu-west-1:111111111111:bookstore-test-critical"
      warning  = "arn:aws:sns:eu-west-1:111111111111:bookstore-test-warning"
    }
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.burn : alarm.alarm_actions == toset([var.topics.warning])])
    error_message = "Single windows warn."
  }
}

run "stopped_at_night" {
  command = plan

  variables {
    services = {
      orders    = { public = true, always_on = false, cluster_name = "bookstore-test", service_names = { blue = "b" }, log_group_name = "l", target_groups = { blue = "t" } }
      inventory = { public = false, always_on = false, cluster_name = "bookstore-test", service_names = { main = "i" }, log_group_name = "l" }
    }
  }

  assert {
    condition     = !contains(keys(aws_cloudwatch_metric_alarm.this), "orders-no-task") && aws_cloudwatch_metric_alarm.this["orders-no-target"].treat_missing_data == "notBreaching"
    error_message = "No task at night is no alarm."
  }
  assert {
    condition     = aws_cloudwatch_composite_alarm.down["inventory"].alarm_rule == "ALARM(\"bookstore-test-inventory-tasks\")"
    error_message = "Tasks that are wanted and missing are."
  }
}

run "nothing_to_watch" {
  command = plan

  variables {
    services           = {}
    load_balancer      = null
    api                = null
    database           = null
    redis              = null
    opensearch         = null
    tables             = {}
    queues             = {}
    dead_letter_queues = {}
    functions          = {}
    bus                = null
    sns_topics         = {}
    nat_gateways       = {}
    certificates       = {}
    waf                = null
    backup             = null
    trail              = null
    quotas             = false
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this) + length(aws_cloudwatch_metric_alarm.cis) + length(aws_cloudwatch_composite_alarm.platform) + length(aws_cloudwatch_dashboard.this) + length(aws_cloudwatch_log_metric_filter.this) == 0
    error_message = "Each tier is asked for."
  }
}

run "one_redis_node_has_no_lag" {
  command = plan

  variables {
    redis      = { replication_group_id = "bookstore-test", nodes = 1 }
    opensearch = { domain_name = "bookstore-test", account_id = "111111111111", storage_gib = 20, nodes = 1 }
  }

  assert {
    condition     = !contains(keys(aws_cloudwatch_metric_alarm.this), "redis-lag") && !contains(keys(aws_cloudwatch_metric_alarm.this), "opensearch-master-cpu")
    error_message = "Replicas and masters that do not exist are not watched."
  }
}

run "refuses_values_out_of_range" {
  command = plan

  variables {
    name               = "bookstore-test-of-a-very-long-name"
    environment        = "Test"
    level              = "some"
    topics             = { critical = "critical", warning = "warning" }
    services           = { API = { public = true, cluster_name = "c", service_names = {}, log_group_name = "l", slo_availability = 100, cpu_percent = 0, min_tasks = -1 } }
    database           = { instances = { main = "x" }, log_group_name = "l", allocated_storage_gib = 5, memory_gib = 0, cpu_percent = 120 }
    redis              = { replication_group_id = "r", nodes = 9 }
    opensearch         = { domain_name = "d", account_id = "1", storage_gib = 1, nodes = 0 }
    tables             = { Audit = { name = "x" } }
    queues             = { Orders = { name = "x", max_age_seconds = 0 } }
    dead_letter_queues = { Orders = "x" }
    functions          = { Mailer = { name = "x", timeout_seconds = 1000 } }
    sns_topics         = { Critical = "x" }
    certificates       = { API = "x" }
    tracing            = { slow_seconds = 0, payments_rate = 2, health_paths = { Health_Check = "/" } }
  }

  expect_failures = [
    var.name,
    var.environment,
    var.level,
    var.topics,
    var.services,
    var.database,
    var.redis,
    var.opensearch,
    var.tables,
    var.queues,
    var.dead_letter_queues,
    var.functions,
    var.sns_topics,
    var.certificates,
    var.tracing,
  ]
}

run "refuses_a_service_that_bears_the_name_of_a_tier" {
  command = plan

  variables {
    services = { redis = { public = false, cluster_name = "c", service_names = { main = "n" }, log_group_name = "l" } }
  }

  expect_failures = [var.services]
}

run "refuses_a_public_service_without_load_balancer" {
  command = plan

  variables {
    load_balancer = null
  }

  expect_failures = [aws_cloudwatch_metric_alarm.this]
}
