data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.name

  full_name = "${var.name}-${var.service}"
  public    = length(var.target_groups) > 0
  # Colour -> name of its ECS service. Blue has the traffic to begin with.
  services = local.public ? { for color in ["blue", "green"] : color => "${local.full_name}-${color}" } : { only = local.full_name }
  starts   = { blue = var.min_tasks, green = 0, only = var.min_tasks }

  # Memory in MiB that Fargate sells with each number of CPU units.
  memory_sizes = {
    256   = [512, 1024, 2048]
    512   = range(1024, 4096 + 1, 1024)
    1024  = range(2048, 8192 + 1, 1024)
    2048  = range(4096, 16384 + 1, 1024)
    4096  = range(8192, 30720 + 1, 1024)
    8192  = range(16384, 61440 + 1, 4096)
    16384 = range(32768, 122880 + 1, 8192)
  }[var.cpu]

  # Paths the containers may write to; everything else is read-only. The agent
  # of ECS Exec needs two of its own.
  writable = merge(
    { tmp = "/tmp" },
    var.execute_command == null ? {} : { session-state = "/var/lib/amazon", session-logs = "/var/log/amazon" },
  )

  health_command = coalescelist(coalesce(var.health_check.command, []), [
    "CMD-SHELL", "wget -q -T ${var.health_check.timeout} -O /dev/null http://127.0.0.1:${var.port}${var.health_check.path} || exit 1",
  ])

  # Non-blocking: the service loses lines rather than stop when CloudWatch is slow.
  logging = {
    logDriver = "awslogs"
    options = {
      "awslogs-group"         = aws_cloudwatch_log_group.this.name
      "awslogs-region"        = local.region
      "awslogs-stream-prefix" = "task"
      "mode"                  = "non-blocking"
      "max-buffer-size"       = "25m"
    }
  }

  environment = merge(
    {
      SERVICE_NAME = var.service
      PORT         = tostring(var.port)
      # Traces go to the collector in the same task; it also relays X-Ray's
      # sampling rules.
      OTEL_SERVICE_NAME           = local.full_name
      OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:4318"
      OTEL_PROPAGATORS            = "xray,tracecontext,baggage"
      AWS_XRAY_DAEMON_ADDRESS     = "127.0.0.1:2000"
    },
    var.environment,
  )

  # It listens inside the task only and drops spans before it runs out of memory.
  collector_configuration = {
    extensions = {
      awsproxy     = { endpoint = "127.0.0.1:2000" }
      health_check = { endpoint = "127.0.0.1:13133" }
    }
    receivers = {
      otlp = { protocols = { grpc = { endpoint = "127.0.0.1:4317" }, http = { endpoint = "127.0.0.1:4318" } } }
    }
    processors = {
      memory_limiter    = { check_interval = "1s", limit_mib = floor(var.collector.memory_mib * 0.75), spike_limit_mib = floor(var.collector.memory_mib * 0.2) }
      resourcedetection = { detectors = ["env", "ecs"] }
      batch             = { timeout = "1s", send_batch_size = 50 }
    }
    exporters = { awsxray = { region = local.region } }
    service = {
      extensions = ["awsproxy", "health_check"]
      pipelines = {
        traces = { receivers = ["otlp"], processors = ["memory_limiter", "resourcedetection", "batch"], exporters = ["awsxray"] }
      }
      telemetry = { logs = { level = "warn" } }
    }
  }
}

# --- Logs --------------------------------------------------------------------

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:A year in staging and prod, which the root's floors enforce; dev keeps a month for cost
  name              = "/aws/ecs/${var.name}/${var.service}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_key_arn

  tags = var.tags
}

# --- Roles -------------------------------------------------------------------

locals {
  # ECS alone, and for this account's tasks only.
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = local.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:ecs:${local.region}:${local.account_id}:*" }
      }
    }]
  })

  # Without the ending that picks one key of a JSON secret.
  secret_arns = distinct([for arn in values(var.secrets) : join(":", slice(split(":", arn), 0, 7))])
}

# What Fargate needs to start a task: its images, its secrets, its log streams.
# The managed policy for it would open every repository and log group.
resource "aws_iam_role" "execution" {
  name               = "${local.full_name}-execution"
  description        = "Starts the tasks of ${local.full_name}"
  assume_role_policy = local.assume_role_policy

  tags = var.tags
}

resource "aws_iam_role_policy" "execution" {
  name = "start-tasks"
  role = aws_iam_role.execution.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid    = "RegistryToken"
          Effect = "Allow"
          Action = ["ecr:GetAuthorizationToken"]
          # The action knows no resource; the token opens what the next statement names.
          Resource = "*"
        },
        {
          Sid      = "PullImages"
          Effect   = "Allow"
          Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
          Resource = var.repository_arns
        },
        {
          Sid      = "WriteLogs"
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = ["${aws_cloudwatch_log_group.this.arn}:*"]
        },
      ],
      [for statement in [
        {
          Sid      = "ReadSecrets"
          Effect   = "Allow"
          Action   = ["secretsmanager:GetSecretValue"]
          Resource = local.secret_arns
        },
        {
          Sid      = "DecryptSecrets"
          Effect   = "Allow"
          Action   = ["kms:Decrypt"]
          Resource = [var.secret_key_arn]
          Condition = {
            StringEquals = { "kms:ViaService" = "secretsmanager.${local.region}.amazonaws.com" }
          }
        },
      ] : statement if length(var.secrets) > 0],
    )
  })
}

# What the service itself may do.
resource "aws_iam_role" "task" {
  name               = "${local.full_name}-task"
  description        = "Tasks of ${local.full_name}"
  assume_role_policy = local.assume_role_policy

  tags = var.tags
}

resource "aws_iam_role_policy" "task" {
  name = "service"
  role = aws_iam_role.task.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid    = "Trace"
        Effect = "Allow"
        Action = [
          "xray:GetSamplingRules",
          "xray:GetSamplingStatisticSummaries",
          "xray:GetSamplingTargets",
          "xray:PutTelemetryRecords",
          "xray:PutTraceSegments",
        ]
        # These actions know no resource.
        Resource = "*"
      }],
      [for statement in var.statements : merge(
        {
          Sid      = statement.sid
          Effect   = "Allow"
          Action   = statement.actions
          Resource = statement.resources
        },
        length(statement.conditions) == 0 ? {} : { Condition = statement.conditions },
      )],
      [for service in sort(keys(var.data_keys)) : {
        Sid      = "UseKeyThrough${title(service)}"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = [var.data_keys[service]]
        Condition = {
          StringEquals = { "kms:ViaService" = "${service}.${local.region}.amazonaws.com" }
        }
      }],
      flatten([for sessions in var.execute_command[*] : [
        {
          Sid    = "Sessions"
          Effect = "Allow"
          Action = [
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
          ]
          # These actions know no resource.
          Resource = "*"
        },
        {
          Sid    = "FindSessionLog"
          Effect = "Allow"
          Action = ["logs:DescribeLogGroups"]
          # The agent lists groups without naming one.
          Resource = "*"
        },
        {
          Sid      = "WriteSessionLog"
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
          Resource = ["${sessions.log_group_arn}:*"]
        },
      ]]),
      [for key_arn in var.execute_command[*].session_key_arn : {
        Sid      = "DecryptSessions"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = [key_arn]
      } if key_arn != null],
    )
  })
}

# --- Task --------------------------------------------------------------------

resource "aws_ecs_task_definition" "this" {
  family                   = local.full_name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = tostring(var.cpu)
  memory                   = tostring(var.memory_mib)
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  skip_destroy             = var.keep_revisions

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture
  }

  container_definitions = jsonencode([
    {
      name      = var.service
      image     = var.image
      essential = true
      # What the collector is not given.
      cpu    = var.cpu - var.collector.cpu
      memory = var.memory_mib - var.collector.memory_mib

      user                   = var.user
      privileged             = false
      readonlyRootFilesystem = true
      linuxParameters = {
        # Reaps what the service leaves behind and passes signals on.
        initProcessEnabled = true
        capabilities       = { add = [], drop = ["ALL"] }
      }

      portMappings = [{ name = "http", containerPort = var.port, hostPort = var.port, protocol = "tcp", appProtocol = "http" }]
      environment  = [for key in sort(keys(local.environment)) : { name = key, value = local.environment[key] }]
      secrets      = [for key in sort(keys(var.secrets)) : { name = key, valueFrom = var.secrets[key] }]
      mountPoints  = [for volume in sort(keys(local.writable)) : { sourceVolume = volume, containerPath = local.writable[volume], readOnly = false }]
      volumesFrom  = []

      healthCheck = {
        command     = local.health_command
        interval    = var.health_check.interval
        timeout     = var.health_check.timeout
        retries     = var.health_check.retries
        startPeriod = var.health_check.start_seconds
      }
      stopTimeout      = var.stop_seconds
      logConfiguration = local.logging
      systemControls   = []
    },
    {
      name  = "collector"
      image = var.collector.image
      # A task without traces still serves; the collector is started again alone.
      essential     = false
      restartPolicy = { enabled = true, restartAttemptPeriod = 60 }
      cpu           = var.collector.cpu
      memory        = var.collector.memory_mib

      user                   = var.user
      privileged             = false
      readonlyRootFilesystem = true
      linuxParameters = {
        initProcessEnabled = true
        capabilities       = { add = [], drop = ["ALL"] }
      }

      portMappings = []
      environment  = [{ name = "AOT_CONFIG_CONTENT", value = jsonencode(local.collector_configuration) }]
      mountPoints  = []
      volumesFrom  = []

      healthCheck = {
        command     = ["CMD", "/healthcheck"]
        interval    = 30
        timeout     = 5
        retries     = 3
        startPeriod = 15
      }
      # After the service, so that its last spans are sent.
      stopTimeout      = min(120, var.stop_seconds + 10)
      logConfiguration = local.logging
      systemControls   = []
    },
  ])

  # Without a host: space of the task's own, encrypted and gone with the task.
  dynamic "volume" {
    for_each = local.writable

    content {
      name = volume.key
    }
  }

  tags = merge(var.tags, { Name = local.full_name })

  lifecycle {
    precondition {
      condition     = contains(local.memory_sizes, var.memory_mib)
      error_message = "Fargate has no task of ${var.cpu} CPU units with ${var.memory_mib} MiB: write a memory_mib of ${join(", ", slice(local.memory_sizes, 0, min(3, length(local.memory_sizes))))}${length(local.memory_sizes) > 3 ? " and so on up to ${local.memory_sizes[length(local.memory_sizes) - 1]}" : ""}."
    }
    precondition {
      condition     = !local.public || length("${local.full_name}-green") <= 32
      error_message = "${local.full_name}-green, the name of a target group, has ${length("${local.full_name}-green")} characters and 32 at most: write a service of up to ${32 - length("${var.name}--green")} characters."
    }
    precondition {
      condition     = var.min_tasks <= var.max_tasks
      error_message = "min_tasks is ${var.min_tasks} but max_tasks is ${var.max_tasks}: write a max_tasks of ${var.min_tasks} or more."
    }
    precondition {
      condition     = join(",", keys(var.request_metric_labels)) == join(",", keys(var.target_groups))
      error_message = "request_metric_labels must have the keys of target_groups (${join(", ", keys(var.target_groups))}): write module.alb.request_metric_labels[\"${var.service}\"] beside its target groups."
    }
    precondition {
      condition     = length(setintersection(keys(var.environment), keys(var.secrets))) == 0
      error_message = "environment and secrets both set ${join(", ", setintersection(keys(var.environment), keys(var.secrets)))}: keep it in one of them."
    }
  }
}

# --- Name --------------------------------------------------------------------

# One name for both colours: the idle one has no task to be found.
resource "aws_service_discovery_service" "this" {
  name        = var.service
  description = "Running tasks of ${local.full_name}"
  # ECS takes tasks off the list a moment after its service is gone.
  force_destroy = true

  dns_config {
    namespace_id   = var.namespace_id
    routing_policy = "MULTIVALUE"

    dns_records {
      type = "A"
      ttl  = 10
    }
  }

  # ECS reports the health of its tasks.
  health_check_custom_config {
    failure_threshold = 1
  }

  tags = var.tags
}

# --- Services ----------------------------------------------------------------

resource "aws_ecs_service" "this" {
  for_each = local.services

  name             = each.value
  cluster          = var.cluster_arn
  task_definition  = aws_ecs_task_definition.this.arn
  desired_count    = local.starts[each.key]
  platform_version = "LATEST"

  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  availability_zone_rebalancing      = "ENABLED"
  health_check_grace_period_seconds  = local.public ? var.health_check.grace_seconds : null
  enable_execute_command             = var.execute_command != null
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"
  # Lets a change of capacity providers be made in place: without it the
  # provider would delete the service and make another.
  force_new_deployment = true
  # The first apply makes empty repositories, so no task can start before the
  # first release, which waits for its tasks itself.
  wait_for_steady_state = false

  dynamic "capacity_provider_strategy" {
    for_each = var.capacity_provider_strategy

    content {
      capacity_provider = capacity_provider_strategy.value.capacity_provider
      weight            = capacity_provider_strategy.value.weight
      base              = capacity_provider_strategy.value.base
    }
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  dynamic "alarms" {
    for_each = length(var.deployment_alarms) > 0 ? [var.deployment_alarms] : []

    content {
      enable      = true
      rollback    = true
      alarm_names = alarms.value
    }
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = var.security_group_ids
    assign_public_ip = false
  }

  dynamic "load_balancer" {
    for_each = local.public ? [var.target_groups[each.key]] : []

    content {
      target_group_arn = load_balancer.value
      container_name   = var.service
      container_port   = var.port
    }
  }

  service_registries {
    registry_arn = aws_service_discovery_service.this.arn
  }

  timeouts {
    create = var.timeouts.create
    update = var.timeouts.update
    delete = var.timeouts.delete
  }

  tags = merge(var.tags, { Name = each.value })

  # Tasks that start before their permissions fail, and those that end after
  # them cannot say why.
  depends_on = [aws_iam_role_policy.execution, aws_iam_role_policy.task]

  lifecycle {
    # Releases register revisions with their image and move them between the
    # colours; autoscaling counts the tasks. A plan must not undo either.
    ignore_changes = [task_definition, desired_count]
  }
}

# --- Autoscaling -------------------------------------------------------------

locals {
  scalable = {
    for color, name in local.services : color => {
      # The service's own name, so that a target is made after it.
      resource_id = "service/${var.cluster_name}/${aws_ecs_service.this[color].name}"
      # Registering raises the tasks to the minimum at once, suspended or not:
      # the colour without traffic begins with none.
      min_tasks = local.starts[color]
      suspended = color == "green"
    }
  }

  metrics = merge(
    {
      cpu    = { type = "ECSServiceAverageCPUUtilization", target = var.scaling.cpu_percent }
      memory = { type = "ECSServiceAverageMemoryUtilization", target = var.scaling.memory_percent }
    },
    local.public ? { requests = { type = "ALBRequestCountPerTarget", target = var.scaling.requests_per_minute } } : {},
  )
  policies = merge([
    for color in keys(local.services) : { for metric, policy in local.metrics : "${color}_${metric}" => merge(policy, { color = color, metric = metric }) }
  ]...)

  targets = merge(aws_appautoscaling_target.steady, aws_appautoscaling_target.colored, aws_appautoscaling_target.scheduled)

  schedules = var.off_hours == null ? {} : {
    down = { cron = var.off_hours.down, min = var.off_hours.min_tasks, max = var.off_hours.max_tasks }
    up   = { cron = var.off_hours.up, min = var.min_tasks, max = var.max_tasks }
  }
  actions = merge([
    for color in keys(local.services) : { for action, schedule in local.schedules : "${color}_${action}" => merge(schedule, { color = color, action = action }) }
  ]...)
}

# The three targets below differ in what others may change, which Terraform
# takes only as written: one ECS service has exactly one of them. When a schedule
# comes or goes, two of them mean the same target of AWS. Replacing this between
# them makes Terraform remove the one before it makes the other.
resource "terraform_data" "owner_of_limits" {
  triggers_replace = [var.off_hours == null ? "terraform" : "schedule"]
}

# A service without colours and schedule: everything is Terraform's.
resource "aws_appautoscaling_target" "steady" {
  for_each = var.off_hours == null && !local.public ? local.scalable : {}

  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = each.value.resource_id
  min_capacity       = each.value.min_tasks
  max_capacity       = var.max_tasks

  tags = var.tags

  depends_on = [terraform_data.owner_of_limits]
}

resource "aws_appautoscaling_target" "colored" {
  for_each = var.off_hours == null && local.public ? local.scalable : {}

  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = each.value.resource_id
  min_capacity       = each.value.min_tasks
  max_capacity       = var.max_tasks

  suspended_state {
    dynamic_scaling_in_suspended  = each.value.suspended
    dynamic_scaling_out_suspended = each.value.suspended
    scheduled_scaling_suspended   = each.value.suspended
  }

  tags = var.tags

  depends_on = [terraform_data.owner_of_limits]

  lifecycle {
    # A release wakes the colour that gets the traffic, with min_tasks, and
    # lays the other to sleep, with none.
    ignore_changes = [min_capacity, suspended_state]
  }
}

resource "aws_appautoscaling_target" "scheduled" {
  for_each = var.off_hours != null ? local.scalable : {}

  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = each.value.resource_id
  min_capacity       = each.value.min_tasks
  max_capacity       = var.max_tasks

  suspended_state {
    dynamic_scaling_in_suspended  = each.value.suspended
    dynamic_scaling_out_suspended = each.value.suspended
    scheduled_scaling_suspended   = each.value.suspended
  }

  tags = var.tags

  depends_on = [terraform_data.owner_of_limits]

  lifecycle {
    # The schedules change the sizes every morning and evening; the actions
    # below carry min_tasks and max_tasks instead. A release does as above.
    ignore_changes = [min_capacity, max_capacity, suspended_state]
  }
}

resource "aws_appautoscaling_policy" "this" {
  for_each = local.policies

  name               = "${local.services[each.value.color]}-${each.value.metric}"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = local.targets[each.value.color].service_namespace
  scalable_dimension = local.targets[each.value.color].scalable_dimension
  resource_id        = local.targets[each.value.color].resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = each.value.target
    scale_out_cooldown = var.scaling.out_cooldown
    scale_in_cooldown  = var.scaling.in_cooldown

    predefined_metric_specification {
      predefined_metric_type = each.value.type
      # Requests of the colour's own target group.
      resource_label = each.value.metric == "requests" ? var.request_metric_labels[each.value.color] : null
    }
  }

  lifecycle {
    # AWS removes it with its target.
    replace_triggered_by = [terraform_data.owner_of_limits]
  }
}

# Both colours have them; those of the colour without traffic are suspended.
resource "aws_appautoscaling_scheduled_action" "this" {
  for_each = local.actions

  name               = "${local.services[each.value.color]}-${each.value.action}"
  service_namespace  = local.targets[each.value.color].service_namespace
  scalable_dimension = local.targets[each.value.color].scalable_dimension
  resource_id        = local.targets[each.value.color].resource_id
  schedule           = each.value.cron
  timezone           = var.off_hours.time_zone

  scalable_target_action {
    min_capacity = each.value.min
    max_capacity = each.value.max
  }

  lifecycle {
    # AWS removes it with its target.
    replace_triggered_by = [terraform_data.owner_of_limits]
  }
}
