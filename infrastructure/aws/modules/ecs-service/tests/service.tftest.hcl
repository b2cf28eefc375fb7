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
    defaults = { arn = "arn:aws:iam::111111111111:role/mocked" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:111111111111:log-group:catalog" }
  }
  mock_resource "aws_service_discovery_service" {
    defaults = { arn = "arn:aws:servicediscovery:eu-west-1:111111111111:service/srv-1" }
  }
  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:eu-west-1:111111111111:task-definition/bookstore-test-catalog:1" }
  }
}

variables {
  name               = "bookstore-test"
  service            = "catalog"
  cluster_name       = "bookstore-test"
  cluster_arn        = "arn:aws:ecs:eu-west-1:111111111111:cluster/bookstore-test"
  namespace_id       = "ns-1"
  subnet_ids         = ["subnet-a", "subnet-b"]
  security_group_ids = ["sg-ecs"]
  image              = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/bookstore-test/catalog:1.0.0"
  collector          = { image = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/bookstore-test/aws-otel-collector:v0.46.0" }
  repository_arns    = ["arn:aws:ecr:eu-west-1:111111111111:repository/bookstore-test/catalog", "arn:aws:ecr:eu-west-1:111111111111:repository/bookstore-test/aws-otel-collector"]
  secret_key_arn     = "arn:aws:kms:eu-west-1:111111111111:key/secrets"
  log_key_arn        = "arn:aws:kms:eu-west-1:111111111111:key/logs"
  target_groups = {
    blue  = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:targetgroup/bookstore-test-catalog-blue/1"
    green = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:targetgroup/bookstore-test-catalog-green/2"
  }
  request_metric_labels = {
    blue  = "app/bookstore-test/0/targetgroup/bookstore-test-catalog-blue/1"
    green = "app/bookstore-test/0/targetgroup/bookstore-test-catalog-green/2"
  }
}

run "public_service" {
  assert {
    condition     = output.service_names == { blue = "bookstore-test-catalog-blue", green = "bookstore-test-catalog-green" } && { for color, service in aws_ecs_service.this : color => service.desired_count } == { blue = 2, green = 0 }
    error_message = "Two colours; blue begins with the traffic, green with no task."
  }
  assert {
    condition     = alltrue([for color, service in aws_ecs_service.this : one(service.load_balancer).target_group_arn == var.target_groups[color] && one(service.load_balancer).container_name == "catalog" && one(service.load_balancer).container_port == 8080])
    error_message = "Each colour is behind its own target group."
  }
  assert {
    condition = alltrue([
      for service in aws_ecs_service.this : !one(service.network_configuration).assign_public_ip
      && service.platform_version == "LATEST"
      && one(service.deployment_circuit_breaker).enable && one(service.deployment_circuit_breaker).rollback
      && service.deployment_minimum_healthy_percent == 100 && service.deployment_maximum_percent == 200
      && service.availability_zone_rebalancing == "ENABLED"
      && service.health_check_grace_period_seconds == 90
      && service.propagate_tags == "SERVICE" && service.enable_ecs_managed_tags
      && !service.enable_execute_command && !service.wait_for_steady_state
    ])
    error_message = "Private, spread over the zones, rolled back when it fails, and without sessions."
  }
  assert {
    condition     = alltrue([for service in aws_ecs_service.this : length(service.alarms) == 0 && one(service.capacity_provider_strategy).capacity_provider == "FARGATE" && one(service.service_registries).registry_arn == output.discovery_service_arn])
    error_message = "On Fargate, and both colours under one name."
  }
  assert {
    condition     = aws_service_discovery_service.this.name == "catalog" && one(aws_service_discovery_service.this.dns_config).namespace_id == "ns-1" && one(aws_service_discovery_service.this.health_check_custom_config).failure_threshold == 1
    error_message = "ECS reports the health of what the name answers."
  }
  assert {
    condition     = aws_cloudwatch_log_group.this.name == "/aws/ecs/bookstore-test/catalog" && aws_cloudwatch_log_group.this.kms_key_id == var.log_key_arn && aws_cloudwatch_log_group.this.retention_in_days == 365 && output.log_group_name == aws_cloudwatch_log_group.this.name
    error_message = "The service's own log group, encrypted and with an end."
  }
  assert {
    condition     = output.task_definition_family == "bookstore-test-catalog" && output.container_name == "catalog" && output.task_role_arn == aws_iam_role.task.arn && output.execution_role_arn == aws_iam_role.execution.arn
    error_message = "A release finds what it replaces."
  }
  # Tasks are locked down.
  assert {
    condition     = aws_ecs_task_definition.this.network_mode == "awsvpc" && aws_ecs_task_definition.this.requires_compatibilities == toset(["FARGATE"]) && one(aws_ecs_task_definition.this.runtime_platform).cpu_architecture == "ARM64" && aws_ecs_task_definition.this.skip_destroy
    error_message = "Fargate on Graviton, with revisions that can be returned to."
  }
  assert {
    condition = alltrue([
      for container in jsondecode(aws_ecs_task_definition.this.container_definitions) : container.user == "10001:10001"
      && container.readonlyRootFilesystem && !container.privileged
      && container.linuxParameters.initProcessEnabled && container.linuxParameters.capabilities == { add = [], drop = ["ALL"] }
      && container.logConfiguration.logDriver == "awslogs"
      && container.logConfiguration.options["awslogs-group"] == "/aws/ecs/bookstore-test/catalog"
      && container.logConfiguration.options["mode"] == "non-blocking"
    ])
    error_message = "No root, no capability, nothing to write to, and logs that never block."
  }
  assert {
    condition     = [for container in jsondecode(aws_ecs_task_definition.this.container_definitions) : [container.name, container.essential, container.cpu, container.memory]] == [["catalog", true, 224, 384], ["collector", false, 32, 128]]
    error_message = "The collector has its own share and may fail alone."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].mountPoints == [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }] && aws_ecs_task_definition.this.volume[*].name == tolist(["tmp"])
    error_message = "Only /tmp can be written to, in space of the task's own."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].healthCheck.command == ["CMD-SHELL", "wget -q -T 5 -O /dev/null http://127.0.0.1:8080/health || exit 1"] && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].stopTimeout == 60
    error_message = "The container is asked for its health and given time to stop."
  }
  assert {
    condition     = alltrue([for setting in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment : !can(regex("SECRET|PASSWORD|TOKEN", setting.name))]) && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].secrets == []
    error_message = "No secret that nobody asked for."
  }
  assert {
    condition     = !strcontains(jsonencode(jsondecode(jsondecode(aws_ecs_task_definition.this.container_definitions)[1].environment[0].value)), "0.0.0.0") && jsondecode(jsondecode(aws_ecs_task_definition.this.container_definitions)[1].environment[0].value).service.pipelines.traces.exporters == ["awsxray"]
    error_message = "The collector listens inside the task and sends to X-Ray."
  }
  # Autoscaling of two colors.
  assert {
    condition     = { for color, target in aws_appautoscaling_target.colored : color => [target.min_capacity, target.max_capacity, one(target.suspended_state).dynamic_scaling_in_suspended, one(target.suspended_state).dynamic_scaling_out_suspended, one(target.suspended_state).scheduled_scaling_suspended] } == { blue = [2, 10, false, false, false], green = [0, 10, true, true, true] }
    error_message = "Blue scales from two tasks; green sleeps, with a floor of none, or AWS would start its tasks."
  }
  assert {
    condition     = terraform_data.owner_of_limits.triggers_replace[0] == "terraform" && length(aws_appautoscaling_target.steady) + length(aws_appautoscaling_target.scheduled) + length(aws_appautoscaling_scheduled_action.this) == 0
    error_message = "Each ECS service has one target."
  }
  assert {
    condition     = { for key, policy in aws_appautoscaling_policy.this : key => one(policy.target_tracking_scaling_policy_configuration).target_value } == { blue_cpu = 60, blue_memory = 75, blue_requests = 1000, green_cpu = 60, green_memory = 75, green_requests = 1000 }
    error_message = "CPU, memory and requests, for both colours."
  }
  assert {
    condition     = alltrue([for color in ["blue", "green"] : one(one(aws_appautoscaling_policy.this["${color}_requests"].target_tracking_scaling_policy_configuration).predefined_metric_specification).resource_label == var.request_metric_labels[color]])
    error_message = "Requests are counted at the colour's own target group."
  }
  assert {
    condition     = output.scaling == { resource_ids = { blue = "service/bookstore-test/bookstore-test-catalog-blue", green = "service/bookstore-test/bookstore-test-catalog-green" }, min_tasks = 2, max_tasks = 10 }
    error_message = "A release knows what to wake and with how many."
  }
}

run "roles_are_least" {
  command = plan

  variables {
    secrets    = { PAY_KEY = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:pay-AbCdEf", PAY_USER = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:pay-AbCdEf:user::" }
    statements = [{ sid = "SendOrders", actions = ["sqs:SendMessage"], resources = ["arn:aws:sqs:eu-west-1:111111111111:orders"], conditions = { Bool = { "aws:SecureTransport" = ["true"] } } }]
    data_keys  = { sqs = "arn:aws:kms:eu-west-1:111111111111:key/messages" }
  }

  assert {
    condition = alltrue([
      for role in [aws_iam_role.execution, aws_iam_role.task] : jsondecode(role.assume_role_policy).Statement == [{
        Effect    = "Allow"
        Principal = { Service = "ecs-tasks.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = {
          StringEquals = { "aws:SourceAccount" = "111111111111" }
          ArnLike      = { "aws:SourceArn" = "arn:aws:ecs:eu-west-1:111111111111:*" }
        }
      }]
    ])
    error_message = "Tasks of this account only."
  }
  assert {
    condition     = aws_iam_role.execution.name == "bookstore-test-catalog-execution" && aws_iam_role.task.name == "bookstore-test-catalog-task"
    error_message = "Two roles of the service's own."
  }
  assert {
    condition     = jsonencode({ for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement.Sid => statement.Resource if statement.Sid != "RegistryToken" }) == jsonencode({ PullImages = var.repository_arns, WriteLogs = ["arn:aws:logs:eu-west-1:111111111111:log-group:catalog:*"], ReadSecrets = ["arn:aws:secretsmanager:eu-west-1:111111111111:secret:pay-AbCdEf"], DecryptSecrets = [var.secret_key_arn] })
    error_message = "Fargate opens the service's repositories, log group and secrets, no others."
  }
  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.execution.policy).Statement : statement.Condition if statement.Sid == "DecryptSecrets"] == [{ StringEquals = { "kms:ViaService" = "secretsmanager.eu-west-1.amazonaws.com" } }]
    error_message = "The key is used through Secrets Manager only."
  }
  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.task.policy).Statement : statement.Sid] == ["Trace", "SendOrders", "UseKeyThroughSqs"]
    error_message = "The service traces, does what it is told to, and uses the keys of that."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.task.policy).Statement[1].Condition == { Bool = { "aws:SecureTransport" = ["true"] } } && jsondecode(aws_iam_role_policy.task.policy).Statement[2].Condition == { StringEquals = { "kms:ViaService" = "sqs.eu-west-1.amazonaws.com" } }
    error_message = "Conditions are kept."
  }
  assert {
    condition     = alltrue([for policy in [aws_iam_role_policy.execution, aws_iam_role_policy.task] : alltrue([for statement in jsondecode(policy.policy).Statement : statement.Resource != "*" || contains(["RegistryToken", "Trace"], statement.Sid)])])
    error_message = "Every resource is named, but for actions that know none."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].secrets == [{ name = "PAY_KEY", valueFrom = var.secrets["PAY_KEY"] }, { name = "PAY_USER", valueFrom = var.secrets["PAY_USER"] }]
    error_message = "Secrets are given by reference."
  }
}

run "internal_service" {
  command = plan

  variables {
    service               = "notifications"
    target_groups         = {}
    request_metric_labels = {}
  }

  assert {
    condition     = output.service_names == { only = "bookstore-test-notifications" } && aws_ecs_service.this["only"].desired_count == 2 && length(aws_ecs_service.this["only"].load_balancer) == 0 && aws_ecs_service.this["only"].health_check_grace_period_seconds == null
    error_message = "One ECS service, without a load balancer."
  }
  assert {
    condition     = keys(aws_appautoscaling_policy.this) == ["only_cpu", "only_memory"] && aws_appautoscaling_target.steady["only"].min_capacity == 2 && length(aws_appautoscaling_target.colored) == 0
    error_message = "It scales on CPU and memory, between limits that are Terraform's."
  }
}

run "asleep_at_night" {
  command = plan

  variables {
    min_tasks = 1
    max_tasks = 3
    off_hours = { time_zone = "Europe/Dublin", down = "cron(0 20 ? * MON-FRI *)", up = "cron(0 7 ? * MON-FRI *)" }
  }

  assert {
    condition     = { for key, action in aws_appautoscaling_scheduled_action.this : key => [action.schedule, tonumber(one(action.scalable_target_action).min_capacity), tonumber(one(action.scalable_target_action).max_capacity)] } == { blue_down = ["cron(0 20 ? * MON-FRI *)", 0, 0], blue_up = ["cron(0 7 ? * MON-FRI *)", 1, 3], green_down = ["cron(0 20 ? * MON-FRI *)", 0, 0], green_up = ["cron(0 7 ? * MON-FRI *)", 1, 3] }
    error_message = "No task at night, the usual limits by day."
  }
  assert {
    condition     = alltrue([for action in aws_appautoscaling_scheduled_action.this : action.timezone == "Europe/Dublin"])
    error_message = "Nights are those of the people who work there."
  }
  assert {
    condition     = terraform_data.owner_of_limits.triggers_replace[0] == "schedule" && length(aws_appautoscaling_target.scheduled) == 2 && length(aws_appautoscaling_target.colored) == 0 && one(aws_appautoscaling_target.scheduled["green"].suspended_state).scheduled_scaling_suspended
    error_message = "The schedule leaves the colour without traffic alone."
  }
}

run "internal_service_asleep_at_night" {
  command = plan

  variables {
    target_groups         = {}
    request_metric_labels = {}
    off_hours             = { time_zone = "Europe/Dublin", down = "cron(0 20 ? * MON-FRI *)", up = "cron(0 7 ? * MON-FRI *)", min_tasks = 1, max_tasks = 1 }
  }

  assert {
    condition     = keys(aws_appautoscaling_target.scheduled) == ["only"] && length(aws_appautoscaling_target.steady) == 0 && aws_appautoscaling_scheduled_action.this["only_down"].scalable_target_action[0].max_capacity == "1"
    error_message = "One task may stay awake."
  }
}

run "sessions" {
  command = plan

  variables {
    execute_command = { log_group_arn = "arn:aws:logs:eu-west-1:111111111111:log-group:sessions", session_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/sessions" }
  }

  assert {
    condition     = alltrue([for service in aws_ecs_service.this : service.enable_execute_command]) && [for statement in jsondecode(aws_iam_role_policy.task.policy).Statement : statement.Sid] == ["Trace", "Sessions", "FindSessionLog", "WriteSessionLog", "DecryptSessions"]
    error_message = "Sessions are allowed, recorded and encrypted."
  }
  assert {
    condition     = [for mount in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].mountPoints : mount.containerPath] == ["/var/log/amazon", "/var/lib/amazon", "/tmp"] && length(aws_ecs_task_definition.this.volume) == 3
    error_message = "Their agent has somewhere to write."
  }
}

run "sessions_without_a_key" {
  command = plan

  variables {
    execute_command = { log_group_arn = "arn:aws:logs:eu-west-1:111111111111:log-group:sessions" }
  }

  assert {
    condition     = aws_ecs_service.this["blue"].enable_execute_command && length(aws_ecs_task_definition.this.volume) == 3
    error_message = "A key of sessions is a choice."
  }
}

run "what_differs_is_data" {
  command = plan

  variables {
    cpu                        = 1024
    memory_mib                 = 2048
    architecture               = "X86_64"
    port                       = 9000
    environment                = { CATALOG_TABLE = "catalog", SERVICE_NAME = "books" }
    health_check               = { path = "/ready", command = ["CMD", "/app/health"], grace_seconds = 30 }
    stop_seconds               = 120
    scaling                    = { cpu_percent = 50 }
    deployment_alarms          = ["bookstore-test-catalog-5xx"]
    capacity_provider_strategy = [{ capacity_provider = "FARGATE_SPOT", weight = 4, base = 0 }, { capacity_provider = "FARGATE", weight = 1, base = 1 }]
    keep_revisions             = false
    timeouts                   = { create = "40m" }
    log_retention_days         = 30
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].healthCheck.command == ["CMD", "/app/health"] && [for container in jsondecode(aws_ecs_task_definition.this.container_definitions) : container.stopTimeout] == [120, 120] && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].portMappings[0].containerPort == 9000
    error_message = "Health, stopping and the port are the service's."
  }
  assert {
    condition     = { for setting in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment : setting.name => setting.value if contains(["CATALOG_TABLE", "SERVICE_NAME", "PORT"], setting.name) } == { CATALOG_TABLE = "catalog", SERVICE_NAME = "books", PORT = "9000" }
    error_message = "Settings are added, and win over the module's."
  }
  assert {
    condition     = alltrue([for service in aws_ecs_service.this : one(service.alarms).enable && one(service.alarms).rollback && one(service.alarms).alarm_names == toset(["bookstore-test-catalog-5xx"]) && length(service.capacity_provider_strategy) == 2 && service.timeouts.create == "40m" && service.timeouts.update == "20m" && service.health_check_grace_period_seconds == 30])
    error_message = "Alarms stop a deployment; tasks run where they are told to."
  }
  assert {
    condition     = one(aws_appautoscaling_policy.this["blue_cpu"].target_tracking_scaling_policy_configuration).target_value == 50 && one(aws_ecs_task_definition.this.runtime_platform).cpu_architecture == "X86_64" && !aws_ecs_task_definition.this.skip_destroy && aws_cloudwatch_log_group.this.retention_in_days == 30
    error_message = "Targets, architecture, revisions and retention are data."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    service            = "Catalog"
    subnet_ids         = []
    security_group_ids = []
    image              = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/bookstore-test/catalog"
    repository_arns    = []
    port               = 80
    cpu                = 300
    architecture       = "arm64"
    user               = "0:0"
    # Secret in plain.
    environment = { DB_PASSWORD = "hunter2" }
    # Secret by value.
    secrets = { PAY_KEY = "hunter2" }
    # Wildcard action.
    statements = [{ sid = "All", actions = ["sqs:*"], resources = ["arn:aws:sqs:eu-west-1:111111111111:q"] }]
    # Key of no service.
    data_keys = { rds = "arn:aws:kms:eu-west-1:111111111111:key/database" }
    # One color.
    target_groups = { blue = "arn:aws:elasticloadbalancing:eu-west-1:111111111111:targetgroup/b/1" }
    # Relative health path.
    health_check = { path = "health" }
    stop_seconds = 180
    min_tasks    = 0
    max_tasks    = 1001
    # Full before help comes.
    scaling = { cpu_percent = 95 }
    # Time zone by offset.
    off_hours                  = { time_zone = "+01:00", down = "cron(0 20 ? * MON-FRI *)", up = "cron(0 7 ? * MON-FRI *)" }
    capacity_provider_strategy = []
    # Collector that moves.
    collector = { image = "registry.example.com/aws-otel-collector:latest" }
    # Alarm by ARN.
    deployment_alarms  = ["arn:aws:cloudwatch:eu-west-1:111111111111:alarm:errors"]
    log_retention_days = 45
    # Timeout in words.
    timeouts = { create = "an hour" }
    name     = "bookstore--test"
  }

  expect_failures = [
    var.service,
    var.subnet_ids,
    var.security_group_ids,
    var.image,
    var.repository_arns,
    var.port,
    var.cpu,
    var.architecture,
    var.user,
    var.environment,
    var.secrets,
    var.statements,
    var.data_keys,
    var.target_groups,
    var.health_check,
    var.stop_seconds,
    var.min_tasks,
    var.max_tasks,
    var.scaling,
    var.off_hours,
    var.capacity_provider_strategy,
    var.collector,
    var.deployment_alarms,
    var.log_retention_days,
    var.timeouts,
    var.name,
  ]
}

run "refuses_other_wrong_values" {
  command = plan

  variables {
    service = "a-service-of-21-signs"
    image   = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/bookstore-test/catalog:latest"
    port    = 4317
    user    = "app"
    # Setting in small letters.
    environment = { table = "catalog" }
    # Secret in small letters.
    secrets = { pay = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:pay-AbCdEf" }
    # Wildcard resource.
    statements = [{ sid = "All", actions = ["sqs:SendMessage"], resources = ["*"] }]
    # Health command of nothing.
    health_check = { command = ["curl", "localhost"] }
    # No request.
    scaling = { requests_per_minute = 0 }
    # Cron of five fields.
    off_hours = { time_zone = "UTC", down = "cron(0 20 * * MON-FRI)", up = "cron(0 7 ? * MON-FRI *)" }
    # Capacity without weight.
    capacity_provider_strategy = [{ capacity_provider = "FARGATE", weight = 0, base = 1 }]
    # Collector that eats the task.
    collector = { image = "registry.example.com/aws-otel-collector:v0.46.0", memory_mib = 400 }
  }

  expect_failures = [
    var.service,
    var.image,
    var.port,
    var.user,
    var.environment,
    var.secrets,
    var.statements,
    var.health_check,
    var.scaling,
    var.off_hours,
    var.capacity_provider_strategy,
    var.collector,
  ]
}

run "refuses_more_wrong_values" {
  command = plan

  variables {
    # Statement with spaces.
    statements = [{ sid = "Send orders", actions = ["sqs:SendMessage"], resources = ["arn:aws:sqs:eu-west-1:111111111111:q"] }]
    # Health check slower than its interval.
    health_check = { interval = 5, timeout = 5 }
    # Night the wrong way round.
    off_hours = { time_zone = "UTC", down = "cron(0 20 ? * MON-FRI *)", up = "cron(0 7 ? * MON-FRI *)", min_tasks = 2, max_tasks = 1 }
  }

  expect_failures = [var.statements, var.health_check, var.off_hours]
}

run "memory_that_does_not_go_with_cpu" {
  command = plan

  variables {
    memory_mib = 4096
  }

  expect_failures = [aws_ecs_task_definition.this]
}

run "memory_between_steps" {
  command = plan

  variables {
    cpu        = 8192
    memory_mib = 17408
  }

  expect_failures = [aws_ecs_task_definition.this]
}

run "setting_twice" {
  command = plan

  variables {
    environment = { PAY_URL = "https://pay.example.com" }
    secrets     = { PAY_URL = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:pay-AbCdEf" }
  }

  expect_failures = [aws_ecs_task_definition.this]
}

run "labels_without_groups" {
  command = plan

  variables {
    request_metric_labels = {}
  }

  expect_failures = [aws_ecs_task_definition.this]
}

run "target_group_name_too_long" {
  command = plan

  variables {
    name = "bookstore-integration"
  }

  expect_failures = [aws_ecs_task_definition.this]
}

run "limits_the_wrong_way_round" {
  command = plan

  variables {
    min_tasks = 4
    max_tasks = 3
  }

  expect_failures = [aws_ecs_task_definition.this]
}
