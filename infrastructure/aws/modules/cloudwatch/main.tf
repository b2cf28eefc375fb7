data "aws_region" "current" {}

locals {
  full      = var.level == "full"
  region    = data.aws_region.current.name
  namespace = "${var.name}/logs"

  # What silence means differs by metric:
  # - quiet: AWS publishes failures only when they happen, so no data is good news.
  # - heartbeat: published as long as the thing lives, so no data is the failure itself.
  # - unknown: published now and then, or by some nodes only; no data says nothing either way.
  quiet     = "notBreaching"
  heartbeat = "breaching"
  unknown   = "missing"

  operators = {
    ">="     = "GreaterThanOrEqualToThreshold"
    "<"      = "LessThanThreshold"
    "<="     = "LessThanOrEqualToThreshold"
    ">band"  = "GreaterThanUpperThreshold"
    "<>band" = "LessThanLowerOrGreaterThanUpperThreshold"
  }

  alarm_defaults = {
    severity   = "warning"
    basic      = false # in the level basic too
    service    = null  # the service it belongs to
    release    = false # stops a release of that service
    platform   = false # the platform is down with it
    namespace  = null
    metric     = null
    dimensions = {}
    stat       = "Sum"
    period     = 60
    periods    = 5
    datapoints = 3
    operator   = ">="
    threshold  = 1
    missing    = local.quiet
    queries    = []
  }

  ## Services

  # One query for each colour, and the terms that stand for it in an expression. A colour without
  # tasks publishes nothing and counts as 0, so the idle colour never sets off an alarm.
  task_metrics = {
    cpu     = { namespace = "AWS/ECS", metric = "CPUUtilization", stat = "Average" }
    memory  = { namespace = "AWS/ECS", metric = "MemoryUtilization", stat = "Average" }
    running = { namespace = "ECS/ContainerInsights", metric = "RunningTaskCount", stat = "Average" }
    desired = { namespace = "ECS/ContainerInsights", metric = "DesiredTaskCount", stat = "Average" }
  }
  target_metrics = {
    requests  = { metric = "RequestCount", stat = "Sum" }
    errors    = { metric = "HTTPCode_Target_5XX_Count", stat = "Sum" }
    refused   = { metric = "TargetConnectionErrorCount", stat = "Sum" }
    latency   = { metric = "TargetResponseTime", stat = "p95" }
    healthy   = { metric = "HealthyHostCount", stat = "Maximum" }
    unhealthy = { metric = "UnHealthyHostCount", stat = "Maximum" }
  }
  queries = {
    for key, service in var.services : key => merge(
      {
        for kind, source in local.task_metrics : kind => [
          for color, name in service.service_names : merge(source, {
            id         = "${kind}_${color}"
            dimensions = { ClusterName = service.cluster_name, ServiceName = name }
          })
        ]
      },
      {
        for kind, source in local.target_metrics : kind => [
          for color, suffix in service.target_groups : merge(source, {
            id         = "${kind}_${color}"
            namespace  = "AWS/ApplicationELB"
            dimensions = { LoadBalancer = one(var.load_balancer[*].alb_arn_suffix), TargetGroup = suffix }
          })
        ]
      },
    )
  }
  terms = { for key, kinds in local.queries : key => { for kind, queries in kinds : kind => [for query in queries : "FILL(${query.id},0)"] } }

  # The share of failed requests: what the service answered with 5xx, and connections it refused.
  failures = {
    for key, service in var.services : key => {
      queries = concat(
        [
          { id = "requests", expression = "SUM([${join(",", local.terms[key].requests)}])", label = "Requests" },
          { id = "failed", expression = "SUM([${join(",", concat(local.terms[key].errors, local.terms[key].refused))}])", label = "Failed requests" },
        ],
        local.queries[key].requests, local.queries[key].errors, local.queries[key].refused,
      )
    } if service.public
  }

  task_alarms = [
    for key, service in var.services : {
      "${key}-tasks" = {
        says       = "${key}: fewer tasks run than are wanted"
        runbook    = "service-unhealthy"
        basic      = true
        service    = key
        release    = true
        periods    = 15
        datapoints = 10
        queries = concat(
          [{ id = "result", expression = "SUM([${join(",", local.terms[key].desired)}]) - SUM([${join(",", local.terms[key].running)}])", label = "Missing tasks" }],
          local.queries[key].desired, local.queries[key].running,
        )
      }
      "${key}-cpu" = {
        says       = "${key}: processors above ${service.cpu_percent} %"
        runbook    = "scale-service"
        service    = key
        periods    = 15
        datapoints = 10
        threshold  = service.cpu_percent
        queries    = concat([{ id = "result", expression = "MAX([${join(",", local.terms[key].cpu)}])", label = "CPU of the busiest colour, %" }], local.queries[key].cpu)
      }
      "${key}-memory" = {
        says       = "${key}: memory above ${service.memory_percent} %, tasks will be killed"
        runbook    = "scale-service"
        service    = key
        periods    = 15
        datapoints = 10
        threshold  = service.memory_percent
        queries    = concat([{ id = "result", expression = "MAX([${join(",", local.terms[key].memory)}])", label = "Memory of the fullest colour, %" }], local.queries[key].memory)
      }
      "${key}-errors" = {
        says      = "${key}: ${service.errors_per_minute} or more errors logged in a minute"
        runbook   = "bad-release"
        basic     = true
        service   = key
        release   = true
        namespace = local.namespace
        metric    = "${key}-errors"
        threshold = service.errors_per_minute
      }
    }
  ]

  # Not where a schedule stops the service: no task is then what was asked for.
  steady_alarms = [
    for key, service in var.services : {
      "${key}-no-task" = {
        says       = "${key}: no task runs"
        runbook    = "service-unhealthy"
        basic      = true
        service    = key
        release    = true
        periods    = 3
        datapoints = 3
        operator   = "<"
        missing    = local.heartbeat
        queries    = concat([{ id = "result", expression = "SUM([${join(",", local.terms[key].running)}])", label = "Running tasks" }], local.queries[key].running)
      }
      "${key}-minimum" = {
        says       = "${key}: fewer tasks run than the ${service.min_tasks} that a failing zone leaves room for"
        runbook    = "service-unhealthy"
        service    = key
        periods    = 15
        datapoints = 10
        operator   = "<"
        threshold  = service.min_tasks
        missing    = local.heartbeat
        queries    = concat([{ id = "result", expression = "SUM([${join(",", local.terms[key].running)}])", label = "Running tasks" }], local.queries[key].running)
      }
    } if service.always_on && service.min_tasks > 0
  ]

  request_alarms = [
    for key, service in var.services : {
      "${key}-5xx" = {
        says      = "${key}: ${service.error_rate_percent} % or more of the requests fail"
        runbook   = "api-5xx-or-latency"
        basic     = true
        service   = key
        release   = true
        threshold = service.error_rate_percent
        # A share of a handful of requests says nothing.
        queries = concat([{ id = "result", expression = "IF(requests >= ${service.minimum_requests}, 100 * failed / requests, 0)", label = "Failed requests, %" }], local.failures[key].queries)
      }
      "${key}-latency" = {
        says      = "${key}: one request in twenty takes ${service.latency_p95_seconds} s or more"
        runbook   = "api-5xx-or-latency"
        basic     = true
        service   = key
        release   = true
        threshold = service.latency_p95_seconds
        queries = concat(
          [
            { id = "result", expression = "IF(requests >= ${service.minimum_requests}, slowest, 0)", label = "p95 of the slower colour, s" },
            { id = "slowest", expression = "MAX([${join(",", local.terms[key].latency)}])", label = "p95" },
            { id = "requests", expression = "SUM([${join(",", local.terms[key].requests)}])", label = "Requests" },
          ],
          local.queries[key].latency, local.queries[key].requests,
        )
      }
      "${key}-unhealthy" = {
        says    = "${key}: a task that takes traffic fails its health check"
        runbook = "service-unhealthy"
        basic   = true
        service = key
        release = true
        queries = concat(
          # A colour counts only while requests go to it.
          [{ id = "result", expression = join(" + ", [for color in keys(service.target_groups) : "IF(FILL(requests_${color},0) > 0, FILL(unhealthy_${color},0), 0)"]), label = "Unhealthy tasks" }],
          local.queries[key].unhealthy, local.queries[key].requests,
        )
      }
      "${key}-no-target" = {
        says       = "${key}: the load balancer has no healthy task to send requests to"
        runbook    = "service-unhealthy"
        basic      = true
        service    = key
        release    = true
        periods    = 3
        datapoints = 3
        operator   = "<"
        missing    = service.always_on ? local.heartbeat : local.quiet
        queries    = concat([{ id = "result", expression = "SUM([${join(",", local.terms[key].healthy)}])", label = "Healthy tasks" }], local.queries[key].healthy)
      }
    } if service.public
  ]

  ## Entry

  load_balancer_alarms = [
    for balancer in var.load_balancer[*] : {
      "alb-5xx" = {
        says       = "The ALB itself answers 5xx"
        runbook    = "api-5xx-or-latency"
        severity   = "critical"
        basic      = true
        platform   = true
        namespace  = "AWS/ApplicationELB"
        metric     = "HTTPCode_ELB_5XX_Count"
        dimensions = { LoadBalancer = balancer.alb_arn_suffix }
        threshold  = 10
      }
      "alb-rejected" = {
        says       = "The ALB rejects connections: it has as many as it can hold"
        runbook    = "quota-reached"
        namespace  = "AWS/ApplicationELB"
        metric     = "RejectedConnectionCount"
        dimensions = { LoadBalancer = balancer.alb_arn_suffix }
      }
      "alb-tls" = {
        says       = "TLS handshakes with the ALB fail"
        runbook    = "certificate-expiring"
        namespace  = "AWS/ApplicationELB"
        metric     = "ClientTLSNegotiationErrorCount"
        dimensions = { LoadBalancer = balancer.alb_arn_suffix }
        threshold  = 100
      }
      "nlb-no-target" = {
        says       = "The NLB cannot reach the ALB: no request of the API arrives"
        runbook    = "api-5xx-or-latency"
        severity   = "critical"
        basic      = true
        platform   = true
        namespace  = "AWS/NetworkELB"
        metric     = "HealthyHostCount"
        dimensions = { LoadBalancer = balancer.nlb_arn_suffix, TargetGroup = balancer.nlb_target_group_arn_suffix }
        stat       = "Maximum"
        operator   = "<"
        missing    = local.heartbeat
      }
      "nlb-ports" = {
        says       = "The NLB runs out of ports to the ALB"
        runbook    = "connections-exhausted"
        namespace  = "AWS/NetworkELB"
        metric     = "PortAllocationErrorCount"
        dimensions = { LoadBalancer = balancer.nlb_arn_suffix }
      }
    }
  ]

  api_alarms = [
    for api in var.api[*] : {
      "api-5xx" = {
        says       = "The API answers ${api.error_rate_percent} % or more of its requests with 5xx"
        runbook    = "api-5xx-or-latency"
        severity   = "critical"
        basic      = true
        platform   = true
        namespace  = "AWS/ApiGateway"
        metric     = "5XXError"
        dimensions = { ApiName = api.name, Stage = api.stage }
        stat       = "Average" # of 0 and 1 for each request: the share
        threshold  = api.error_rate_percent / 100
      }
      "api-latency" = {
        says       = "One request to the API in twenty takes ${api.latency_p95_ms} ms or more"
        runbook    = "api-5xx-or-latency"
        namespace  = "AWS/ApiGateway"
        metric     = "Latency"
        dimensions = { ApiName = api.name, Stage = api.stage }
        stat       = "p95"
        threshold  = api.latency_p95_ms
      }
      "api-throttled" = {
        says      = "The API turns ${api.throttled_per_minute} or more requests a minute away (429)"
        runbook   = "throttling"
        namespace = local.namespace
        metric    = "api-throttled"
        threshold = api.throttled_per_minute
      }
      "api-4xx-anomaly" = {
        says       = "The API refuses more of its requests (4xx) than is usual at this hour"
        runbook    = "api-5xx-or-latency"
        period     = 300
        operator   = ">band"
        threshold  = null
        datapoints = 4
        queries = [
          { id = "band", expression = "ANOMALY_DETECTION_BAND(refused, 3)", label = "Usual share of 4xx" },
          { id = "refused", namespace = "AWS/ApiGateway", metric = "4XXError", stat = "Average", dimensions = { ApiName = api.name, Stage = api.stage }, shown = true },
        ]
      }
      "api-traffic-anomaly" = {
        says       = "The API gets far fewer or far more requests than is usual at this hour"
        runbook    = "api-5xx-or-latency"
        period     = 300
        operator   = "<>band"
        threshold  = null
        datapoints = 4
        queries = [
          { id = "band", expression = "ANOMALY_DETECTION_BAND(requests, 4)", label = "Usual requests" },
          { id = "requests", namespace = "AWS/ApiGateway", metric = "Count", stat = "Sum", dimensions = { ApiName = api.name, Stage = api.stage }, shown = true },
        ]
      }
    }
  ]

  waf_alarms = [
    for waf in var.waf[*] : {
      "waf-blocked" = {
        says       = "The firewall blocks ${waf.blocked_per_interval} or more requests in five minutes"
        runbook    = "waf-under-attack"
        namespace  = "AWS/WAFV2"
        metric     = "BlockedRequests"
        dimensions = { WebACL = waf.web_acl_name, Region = local.region, Rule = "ALL" }
        period     = 300
        periods    = 2
        datapoints = 2
        threshold  = waf.blocked_per_interval
      }
      "waf-blocked-anomaly" = {
        says       = "The firewall blocks more requests than is usual at this hour"
        runbook    = "waf-under-attack"
        period     = 300
        operator   = ">band"
        threshold  = null
        datapoints = 4
        queries = [
          { id = "band", expression = "ANOMALY_DETECTION_BAND(blocked, 4)", label = "Usual blocked requests" },
          { id = "blocked", namespace = "AWS/WAFV2", metric = "BlockedRequests", stat = "Sum", dimensions = { WebACL = waf.web_acl_name, Region = local.region, Rule = "ALL" }, shown = true },
        ]
      }
    }
  ]

  network_alarms = [
    for key, id in var.nat_gateways : {
      "nat-${key}-ports" = {
        says       = "NAT gateway ${key} has no port left for new connections"
        runbook    = "connections-exhausted"
        namespace  = "AWS/NATGateway"
        metric     = "ErrorPortAllocation"
        dimensions = { NatGatewayId = id }
      }
      "nat-${key}-drops" = {
        says       = "NAT gateway ${key} drops packets"
        runbook    = "connections-exhausted"
        namespace  = "AWS/NATGateway"
        metric     = "PacketsDropCount"
        dimensions = { NatGatewayId = id }
        threshold  = 100
      }
    }
  ]

  certificate_alarms = [
    for key, arn in var.certificates : {
      for days, severity in { 30 = "warning", 7 = "critical" } : "certificate-${key}-${days}-days" => {
        says                     = "Certificate ${key} expires in ${days} days or fewer and was not renewed"
        runbook                  = "certificate-expiring"
        severity                 = severity
        basic                    = true
        namespace                = "AWS/CertificateManager"
        metric                   = "DaysToExpiry"
        dimensions               = { CertificateArn = arn }
        stat                     = "Minimum"
        period                   = 86400 # published twice a day
        periods                  = 1
        datapoints               = 1
        operator                 = "<="
        threshold                = tonumber(days)
        missing                  = local.unknown
      }
    }
  ]

  ## Data

  gib = 1073741824
  # The limit RDS derives for PostgreSQL, of the memory that the system leaves to it.
  max_connections = one([for database in var.database[*] : coalesce(database.max_connections, floor(min(5000, 0.9 * database.memory_gib * local.gib / 9531392)))])

  database_alarms = concat(
    [for database in var.database[*] : merge([
      for key, identifier in database.instances : {
        "database-${key}-cpu" = {
          says       = "Database ${key}: processors above ${database.cpu_percent} %"
          runbook    = "scale-service"
          metric     = "CPUUtilization"
          stat       = "Average"
          threshold  = database.cpu_percent
          namespace  = "AWS/RDS"
          dimensions = { DBInstanceIdentifier = identifier }
          period     = 300
          missing    = local.heartbeat
        }
        "database-${key}-storage" = {
          says       = "Database ${key}: less than ${database.free_storage_percent} % of the storage is free"
          runbook    = "database-storage-full"
          severity   = "critical"
          basic      = true
          metric     = "FreeStorageSpace"
          stat       = "Minimum"
          operator   = "<"
          threshold  = floor(database.allocated_storage_gib * local.gib * database.free_storage_percent / 100)
          namespace  = "AWS/RDS"
          dimensions = { DBInstanceIdentifier = identifier }
          period     = 300
          missing    = local.heartbeat
        }
        "database-${key}-connections" = {
          says       = "Database ${key}: more than ${database.connections_percent} % of its connections are taken"
          runbook    = "connections-exhausted"
          severity   = "critical"
          basic      = true
          metric     = "DatabaseConnections"
          stat       = "Maximum"
          threshold  = floor(local.max_connections * database.connections_percent / 100)
          namespace  = "AWS/RDS"
          dimensions = { DBInstanceIdentifier = identifier }
        }
        "database-${key}-memory" = {
          says       = "Database ${key}: less than ${database.free_memory_percent} % of the memory is free"
          runbook    = "connections-exhausted"
          metric     = "FreeableMemory"
          stat       = "Average"
          operator   = "<"
          threshold  = floor(database.memory_gib * local.gib * database.free_memory_percent / 100)
          namespace  = "AWS/RDS"
          dimensions = { DBInstanceIdentifier = identifier }
          period     = 300
          missing    = local.heartbeat
        }
        "database-${key}-read-latency" = {
          says       = "Database ${key}: reads from disk take ${database.latency_ms} ms or more"
          runbook    = "api-5xx-or-latency"
          metric     = "ReadLatency"
          stat       = "Average"
          threshold  = database.latency_ms / 1000
          namespace  = "AWS/RDS"
          dimensions = { DBInstanceIdentifier = identifier }
        }
        "database-${key}-write-latency" = {
          says       = "Database ${key}: writes to disk take ${database.latency_ms} ms or more"
          runbook    = "api-5xx-or-latency"
          metric     = "WriteLatency"
          stat       = "Average"
          threshold  = database.latency_ms / 1000
          namespace  = "AWS/RDS"
          dimensions = { DBInstanceIdentifier = identifier }
        }
      }
    ]...)],
    [for database in var.database[*] : {
      for key, identifier in database.instances : "database-${key}-lag" => {
        says       = "Database ${key}: ${database.replica_lag_seconds} s or more behind the primary"
        runbook    = "database-failover"
        metric     = "ReplicaLag"
        stat       = "Average"
        threshold  = database.replica_lag_seconds
        namespace  = "AWS/RDS"
        dimensions = { DBInstanceIdentifier = identifier }
        missing    = local.heartbeat
      } if key != "primary"
    }],
    [for database in var.database[*] : {
      "database-silent" = {
        says       = "The primary database sends no metrics: it is down, failing over or unreachable"
        runbook    = "database-failover"
        severity   = "critical"
        basic      = true
        platform   = true
        metric     = "DatabaseConnections"
        stat       = "SampleCount"
        operator   = "<"
        namespace  = "AWS/RDS"
        dimensions = { DBInstanceIdentifier = database.instances["primary"] }
        missing    = local.heartbeat
      }
      "database-transactions" = {
        says       = "The primary database is half way to running out of transaction ids: vacuum does not keep up"
        runbook    = "quota-reached"
        severity   = "critical"
        metric     = "MaximumUsedTransactionIDs"
        stat       = "Maximum"
        period     = 300
        threshold  = 1000000000
        namespace  = "AWS/RDS"
        dimensions = { DBInstanceIdentifier = database.instances["primary"] }
      }
      "database-deadlocks" = {
        says       = "${database.deadlocks_per_interval} or more deadlocks in the primary database in five minutes"
        runbook    = "bad-release"
        period     = 300
        periods    = 2
        datapoints = 2
        threshold  = database.deadlocks_per_interval
        namespace  = local.namespace
        metric     = "database-deadlocks"
      }
    }],
  )

  # A failover makes another node the primary, so an alarm looks at all nodes at once.
  redis_nodes = merge([for redis in var.redis[*] : { for node in range(redis.nodes) : format("n%03d", node + 1) => format("%s-%03d", redis.replication_group_id, node + 1) }]...)
  redis_metrics = {
    cpu         = { metric = "EngineCPUUtilization", stat = "Average" }
    memory      = { metric = "DatabaseMemoryUsagePercentage", stat = "Maximum" }
    evictions   = { metric = "Evictions", stat = "Sum" }
    connections = { metric = "CurrConnections", stat = "Maximum" }
    lag         = { metric = "ReplicationLag", stat = "Maximum" }
    refused     = { metric = "AuthenticationFailures", stat = "Sum" }
    samples     = { metric = "CurrConnections", stat = "SampleCount" }
  }
  redis_queries = {
    for kind, source in local.redis_metrics : kind => [
      for id, cluster in local.redis_nodes : merge(source, { id = id, namespace = "AWS/ElastiCache", dimensions = { CacheClusterId = cluster } })
    ]
  }
  redis_terms = join(",", [for id in keys(local.redis_nodes) : "FILL(${id},0)"])

  redis_alarms = concat(
    [for redis in var.redis[*] : {
      "redis-cpu" = {
        says      = "Redis: the engine of a node is above ${redis.cpu_percent} % of its processor"
        runbook   = "redis-failover-or-memory"
        threshold = redis.cpu_percent
        queries   = concat([{ id = "result", expression = "MAX([${local.redis_terms}])", label = "CPU of the busiest node, %" }], local.redis_queries.cpu)
      }
      "redis-memory" = {
        says      = "Redis: more than ${redis.memory_percent} % of the memory of a node is taken"
        runbook   = "redis-failover-or-memory"
        severity  = "critical"
        basic     = true
        threshold = redis.memory_percent
        queries   = concat([{ id = "result", expression = "MAX([${local.redis_terms}])", label = "Memory of the fullest node, %" }], local.redis_queries.memory)
      }
      "redis-evictions" = {
        says      = "Redis throws keys away for want of memory"
        runbook   = "redis-failover-or-memory"
        threshold = 100
        queries   = concat([{ id = "result", expression = "SUM([${local.redis_terms}])", label = "Evicted keys" }], local.redis_queries.evictions)
      }
      "redis-connections" = {
        says      = "Redis: ${redis.connections} or more connections to one node"
        runbook   = "connections-exhausted"
        threshold = redis.connections
        queries   = concat([{ id = "result", expression = "MAX([${local.redis_terms}])", label = "Connections of the busiest node" }], local.redis_queries.connections)
      }
      "redis-refused" = {
        says      = "Redis refuses logins: a user or its token is wrong, or somebody tries"
        runbook   = "secret-leaked"
        threshold = 10
        queries   = concat([{ id = "result", expression = "SUM([${local.redis_terms}])", label = "Refused logins" }], local.redis_queries.refused)
      }
      "redis-silent" = {
        says     = "Redis sends no metrics: no node is up"
        runbook  = "redis-failover-or-memory"
        severity = "critical"
        basic    = true
        platform = true
        operator = "<"
        missing  = local.heartbeat
        queries  = concat([{ id = "result", expression = "SUM([${local.redis_terms}])", label = "Samples of all nodes" }], local.redis_queries.samples)
      }
    }],
    [for redis in var.redis[*] : {
      "redis-lag" = {
        says      = "Redis: a replica is ${redis.replication_lag} s or more behind"
        runbook   = "redis-failover-or-memory"
        threshold = redis.replication_lag
        missing   = local.unknown
        queries   = concat([{ id = "result", expression = "MAX([${local.redis_terms}])", label = "Lag of the last replica, s" }], local.redis_queries.lag)
      }
    } if redis.nodes > 1],
  )

  # Thresholds after AWS's "recommended CloudWatch alarms for OpenSearch Service".
  opensearch_alarms = [
    for domain in var.opensearch[*] : {
      for key, alarm in merge(
        {
          "red" = {
            says    = "a primary shard and its data are missing (status red)", metric = "ClusterStatus.red"
            periods = 1, datapoints = 1, severity = "critical", basic = true, platform = true
          }
          "yellow" = {
            says    = "replica shards are missing (status yellow)", metric = "ClusterStatus.yellow"
            periods = 15, datapoints = 15
          }
          "storage" = {
            says     = "less than 25 % of a node's storage is free", metric = "FreeStorageSpace", stat = "Minimum"
            operator = "<", threshold = floor(domain.storage_gib * 1024 / 4), severity = "critical", basic = true, missing = local.heartbeat
          }
          "writes-blocked" = {
            says   = "writes are blocked, for want of storage or memory", metric = "ClusterIndexWritesBlocked"
            period = 300, periods = 1, datapoints = 1, severity = "critical", basic = true
          }
          "jvm" = {
            says      = "the heap of a node is 95 % full", metric = "JVMMemoryPressure"
            threshold = 95, datapoints = 3, periods = 3, missing = local.heartbeat
          }
          "old-generation" = {
            says      = "the old generation of a node's heap is 80 % full", metric = "OldGenJVMMemoryPressure"
            threshold = 80, datapoints = 3, periods = 3
          }
          "cpu" = {
            says      = "processors are above 80 %", metric = "CPUUtilization"
            threshold = 80, period = 900, periods = 3, datapoints = 3, missing = local.heartbeat
          }
          "nodes" = {
            says     = "a node has left the cluster", metric = "Nodes", stat = "Minimum"
            operator = "<", threshold = domain.nodes, period = 900, periods = 2, datapoints = 2, missing = local.heartbeat
          }
          "snapshot" = {
            says    = "the automatic snapshot failed", metric = "AutomatedSnapshotFailure"
            periods = 1, datapoints = 1, runbook = "backup-restore"
          }
          "key" = {
            says    = "its KMS key does not work: without it the domain is lost", metric = "KMSKeyError"
            periods = 1, datapoints = 1, severity = "critical"
          }
          "key-access" = {
            says    = "its KMS key is disabled or no longer granted: without it the domain is lost", metric = "KMSKeyInaccessible"
            periods = 1, datapoints = 1, severity = "critical"
          }
        },
        domain.dedicated_masters ? {
          "master-cpu" = {
            says      = "processors of the masters are above 50 %", metric = "MasterCPUUtilization"
            threshold = 50, period = 900, periods = 3, datapoints = 3
          }
          "master-jvm" = {
            says      = "the heap of a master is 95 % full", metric = "MasterJVMMemoryPressure"
            threshold = 95, periods = 3, datapoints = 3
          }
          "master-unreachable" = {
            says     = "the master does not answer the other nodes", metric = "MasterReachableFromNode"
            operator = "<", periods = 5, datapoints = 5, severity = "critical"
          }
        } : {},
        ) : "opensearch-${key}" => merge({ runbook = "opensearch-health", stat = "Maximum" }, alarm, {
          says                                     = "OpenSearch: ${alarm.says}"
          namespace                                = "AWS/ES"
          dimensions                               = { DomainName = domain.domain_name, ClientId = domain.account_id }
      })
    }
  ]

  # DynamoDB publishes its own failures by operation only.
  table_operations = ["BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "TransactWriteItems", "UpdateItem"]

  table_alarms = concat(
    [for key, table in var.tables : {
      "table-${key}-throttled" = {
        says       = "Table ${key} throttles: a partition is hot, or traffic grew too fast"
        runbook    = "throttling"
        basic      = true
        period     = 300
        periods    = 2
        datapoints = 2
        threshold  = 10
        queries = [
          { id = "result", expression = "SUM([FILL(reads,0),FILL(writes,0)])", label = "Throttled requests" },
          { id = "reads", namespace = "AWS/DynamoDB", metric = "ReadThrottleEvents", stat = "Sum", dimensions = { TableName = table.name } },
          { id = "writes", namespace = "AWS/DynamoDB", metric = "WriteThrottleEvents", stat = "Sum", dimensions = { TableName = table.name } },
        ]
      }
      "table-${key}-system-errors" = {
        says      = "DynamoDB fails to serve table ${key}"
        runbook   = "region-lost"
        period    = 300
        threshold = 5
        queries = concat(
          [{ id = "result", expression = "SUM([${join(",", [for operation in local.table_operations : "FILL(${lower(operation)},0)"])}])", label = "Failures of DynamoDB" }],
          [for operation in local.table_operations : { id = lower(operation), namespace = "AWS/DynamoDB", metric = "SystemErrors", stat = "Sum", dimensions = { TableName = table.name, Operation = operation } }],
        )
      }
    }],
    [for key, table in var.tables : {
      "table-${key}-replication" = {
        says       = "Table ${key}: the replica in ${table.replica_region} is a minute or more behind"
        runbook    = "region-lost"
        namespace  = "AWS/DynamoDB"
        metric     = "ReplicationLatency"
        dimensions = { TableName = table.name, ReceivingRegion = table.replica_region }
        stat       = "Average"
        threshold  = 60000
      }
    } if table.replica_region != null],
  )

  backup_alarms = [
    for backup in var.backup[*] : {
      "backup-failed" = {
        says       = "A backup failed"
        runbook    = "backup-restore"
        severity   = "critical"
        basic      = true
        period     = 3600
        periods    = 1
        datapoints = 1
        queries = concat(
          [{ id = "result", expression = "SUM([FILL(failed,0),FILL(expired,0),FILL(copies,0)])", label = "Failed, expired and uncopied backups" }],
          [for id, metric in { failed = "NumberOfBackupJobsFailed", expired = "NumberOfBackupJobsExpired", copies = "NumberOfCopyJobsFailed" } : { id = id, namespace = "AWS/Backup", metric = metric, stat = "Sum", dimensions = { BackupVaultName = backup.vault_name } }],
        )
      }
      "backup-missing" = {
        says       = "No backup was completed in a day"
        runbook    = "backup-restore"
        severity   = "critical"
        namespace  = "AWS/Backup"
        metric     = "NumberOfBackupJobsCompleted"
        dimensions = { BackupVaultName = backup.vault_name }
        period     = 86400
        periods    = 1
        datapoints = 1
        operator   = "<"
        missing    = local.heartbeat
      }
    }
  ]

  ## Events

  queue_alarms = concat(
    [for key, queue in var.queues : {
      "queue-${key}-age" = {
        says       = "Queue ${key}: a message has waited ${queue.max_age_seconds} s or more"
        runbook    = "scale-service"
        namespace  = "AWS/SQS"
        metric     = "ApproximateAgeOfOldestMessage"
        dimensions = { QueueName = queue.name }
        stat       = "Maximum"
        threshold  = queue.max_age_seconds
      }
    }],
    [for key, name in var.dead_letter_queues : {
      "queue-${key}-dead-letters" = {
        says       = "Dead-letter queue ${key} holds messages that nothing could process"
        runbook    = "dead-letter-queue"
        basic      = true
        namespace  = "AWS/SQS"
        metric     = "ApproximateNumberOfMessagesVisible"
        dimensions = { QueueName = name }
        stat       = "Maximum"
        periods    = 1
        datapoints = 1
      }
    }],
  )

  function_alarms = concat(
    [for key, function in var.functions : {
      for suffix, alarm in {
        "errors"       = { says = "fails", metric = "Errors", runbook = "bad-release", basic = true, period = 300, periods = 3, datapoints = 2 }
        "throttled"    = { says = "is throttled", metric = "Throttles", runbook = "throttling", period = 300, periods = 3, datapoints = 2 }
        "dead-letters" = { says = "cannot even send its failures to the dead-letter queue", metric = "DeadLetterErrors", runbook = "dead-letter-queue", severity = "critical", periods = 1, datapoints = 1 }
        "duration"     = { says = "comes near its time limit of ${function.timeout_seconds} s", metric = "Duration", runbook = "api-5xx-or-latency", stat = "Maximum", threshold = 800 * function.timeout_seconds }
        } : "function-${key}-${suffix}" => merge(alarm, {
          says       = "Function ${key} ${alarm.says}"
          namespace  = "AWS/Lambda"
          dimensions = { FunctionName = function.name }
      })
    }],
    [for key, function in var.functions : {
      "function-${key}-iterator-age" = {
        says       = "Function ${key} is a minute or more behind its stream"
        runbook    = "event-bus-failures"
        namespace  = "AWS/Lambda"
        metric     = "IteratorAge"
        dimensions = { FunctionName = function.name }
        stat       = "Maximum"
        threshold  = 60000
      }
    } if function.stream],
  )

  bus_alarms = flatten([
    for bus in var.bus[*] : [
      for key, rule in bus.rule_names : {
        "rule-${key}-failed" = {
          says       = "Event rule ${key} cannot deliver to its target"
          runbook    = "event-bus-failures"
          basic      = true
          namespace  = "AWS/Events"
          metric     = "FailedInvocations"
          dimensions = { EventBusName = bus.name, RuleName = rule }
          period     = 300
          periods    = 3
          datapoints = 2
        }
        "rule-${key}-lost" = {
          says       = "Event rule ${key} loses events: they cannot be put into the dead-letter queue either"
          runbook    = "event-bus-failures"
          severity   = "critical"
          namespace  = "AWS/Events"
          metric     = "InvocationsFailedToBeSentToDlq"
          dimensions = { EventBusName = bus.name, RuleName = rule }
          period     = 300
          periods    = 1
          datapoints = 1
        }
      }
    ]
  ])

  topic_alarms = [
    for key, topic in var.sns_topics : {
      "topic-${key}-failed" = {
        says       = "Topic ${key} cannot deliver its messages"
        runbook    = "event-bus-failures"
        namespace  = "AWS/SNS"
        metric     = "NumberOfNotificationsFailed"
        dimensions = { TopicName = topic }
        period     = 300
        periods    = 3
        datapoints = 2
      }
    }
  ]

  ## The account

  quota_alarms = [
    for watched in [var.quotas] : {
      for key, usage in {
        fargate-vcpu = { says = "Fargate's vCPUs", service = "Fargate", resource = "vCPU", class = "Standard/OnDemand" }
        fargate-spot = { says = "Fargate Spot's vCPUs", service = "Fargate", resource = "vCPU", class = "Standard/Spot" }
        lambda       = { says = "concurrent Lambda executions", service = "Lambda", resource = "ConcurrentExecutions", class = "None" }
        } : "quota-${key}" => {
        says      = "80 % or more of the account's quota of ${usage.says} is used"
        runbook   = "quota-reached"
        period    = 300
        threshold = 80
        queries = [
          { id = "result", expression = "100 * used / SERVICE_QUOTA(used)", label = "Share of the quota, %" },
          { id = "used", namespace = "AWS/Usage", metric = "ResourceCount", stat = "Maximum", dimensions = { Service = usage.service, Resource = usage.resource, Type = "Resource", Class = usage.class } },
        ]
      }
    } if watched
  ]

  ## All alarms

  all_alarms = {
    for key, alarm in merge(concat(
      local.task_alarms, local.steady_alarms, local.request_alarms,
      local.load_balancer_alarms, local.api_alarms, local.waf_alarms, local.network_alarms, local.certificate_alarms,
      local.database_alarms, local.redis_alarms, local.opensearch_alarms, local.table_alarms, local.backup_alarms,
      local.queue_alarms, local.function_alarms, local.bus_alarms, local.topic_alarms, local.quota_alarms,
    )...) : key => merge(local.alarm_defaults, alarm)
  }
  alarms = { for key, alarm in local.all_alarms : key => alarm if local.full || alarm.basic }

  release_alarms  = { for service in keys(var.services) : service => [for key, alarm in local.alarms : key if alarm.service == service && alarm.release] }
  platform_alarms = [for key, alarm in local.alarms : key if alarm.platform]
}

# Services log one JSON object a line, with level and, for each request or message, duration_ms.
locals {
  log_filters = merge(
    merge([
      for key, service in var.services : merge(
        {
          "${key}-errors" = { log_group_name = service.log_group_name, pattern = "{ ($.level = \"ERROR\") || ($.level = \"CRITICAL\") || ($.level = \"FATAL\") }", value = "1", unit = "Count", default = "0" }
        },
        local.full ? {
          "${key}-warnings" = { log_group_name = service.log_group_name, pattern = "{ $.level = \"WARN*\" }", value = "1", unit = "Count", default = "0" }
          # No default: a line without a duration is not a duration of 0.
          "${key}-duration" = { log_group_name = service.log_group_name, pattern = "{ $.duration_ms >= 0 }", value = "$.duration_ms", unit = "Milliseconds", default = null }
        } : {},
      )
    ]...),
    { for database in var.database[*] : "database-deadlocks" => { log_group_name = database.log_group_name, pattern = "\"deadlock detected\"", value = "1", unit = "Count", default = "0" } if local.full },
    { for api in var.api[*] : "api-throttled" => { log_group_name = api.access_log_group_name, pattern = "{ ($.status = 429) || ($.status = \"429\") }", value = "1", unit = "Count", default = "0" } if local.full },
  )
}

resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each = local.log_filters

  name           = "${var.name}-${each.key}"
  log_group_name = each.value.log_group_name
  pattern        = each.value.pattern

  metric_transformation {
    namespace     = local.namespace
    name          = each.key
    value         = each.value.value
    unit          = each.value.unit
    default_value = each.value.default
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name        = "${var.name}-${each.key}"
  alarm_description = "${each.value.says} (${var.environment}). Runbook: ${each.value.runbook}"
  actions_enabled   = var.actions_enabled
  alarm_actions     = [var.topics[each.value.severity]]
  ok_actions        = [var.topics[each.value.severity]]

  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = length(each.value.queries) > 0 ? null : each.value.dimensions
  statistic           = length(each.value.queries) > 0 || startswith(each.value.stat, "p") ? null : each.value.stat
  extended_statistic  = length(each.value.queries) == 0 && startswith(each.value.stat, "p") ? each.value.stat : null
  period              = length(each.value.queries) > 0 ? null : each.value.period
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = min(each.value.datapoints, each.value.periods)
  comparison_operator = local.operators[each.value.operator]
  threshold           = each.value.threshold
  threshold_metric_id = each.value.threshold == null ? "band" : null
  treat_missing_data  = each.value.missing
  # A percentile of a few requests is the fate of one of them.
  evaluate_low_sample_count_percentiles = length(each.value.queries) == 0 && startswith(each.value.stat, "p") ? "ignore" : null

  dynamic "metric_query" {
    for_each = { for query in each.value.queries : query.id => query }

    content {
      id          = metric_query.key
      expression  = try(metric_query.value.expression, null)
      label       = try(metric_query.value.label, null)
      return_data = contains(["result", "band"], metric_query.key) || try(metric_query.value.shown, false)

      dynamic "metric" {
        for_each = can(metric_query.value.metric) ? [metric_query.value] : []

        content {
          namespace   = metric.value.namespace
          metric_name = metric.value.metric
          dimensions  = metric.value.dimensions
          stat        = metric.value.stat
          period      = each.value.period
        }
      }
    }
  }

  tags = merge(var.tags, each.value.service == null ? {} : { Service = each.value.service })

  lifecycle {
    precondition {
      condition     = each.value.service == null || var.load_balancer != null || !try(var.services[each.value.service].public, false)
      error_message = "A public service is measured at the load balancer: write load_balancer, with the ARN suffixes of the ALB and the NLB."
    }
  }
}

# How fast the error budget burns, after "Alerting on SLOs" of the Site Reliability Workbook: a rate
# of 1 spends it in exactly the period it is for (30 days). A long window says that it matters, a
# short one that it still goes on.
locals {
  burn_windows = {
    "1h"  = { period = 3600, periods = 1, rate = 14.4, says = "an hour" }
    "5m"  = { period = 300, periods = 1, rate = 14.4, says = "five minutes" }
    "6h"  = { period = 21600, periods = 1, rate = 6, says = "six hours" }
    "30m" = { period = 1800, periods = 1, rate = 6, says = "half an hour" }
    # A day is the longest period of an alarm: three in a row stand for three days.
    "3d"      = { period = 86400, periods = 3, rate = 1, says = "three days" }
    "6h-slow" = { period = 21600, periods = 1, rate = 1, says = "six hours" }
  }
  burn_alarms = merge([
    for key, service in var.services : {
      for window, burn in local.burn_windows : "${key}-burn-${window}" => merge(burn, {
        service = key
        queries = concat(
          [{ id = "result", expression = "IF(requests > 0, failed / requests / ${format("%.5f", 1 - service.slo_availability / 100)}, 0)", label = "Burn rate over ${burn.says}" }],
          local.failures[key].queries,
        )
      })
    } if service.public && local.full
  ]...)
}

resource "aws_cloudwatch_metric_alarm" "burn" {
  for_each = local.burn_alarms

  alarm_name        = "${var.name}-${each.key}"
  alarm_description = "${each.value.service}: over ${each.value.says} the error budget burns ${each.value.rate} times as fast as it may (${var.environment}). Runbook: api-5xx-or-latency"
  actions_enabled   = var.actions_enabled
  # One window alone is no alarm: it is noted, and the composites below tell people.
  alarm_actions = [coalesce(var.topics.info, var.topics.warning)]
  ok_actions    = [coalesce(var.topics.info, var.topics.warning)]

  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.periods
  comparison_operator = local.operators[">="]
  threshold           = each.value.rate
  treat_missing_data  = local.quiet

  dynamic "metric_query" {
    for_each = { for query in each.value.queries : query.id => query }

    content {
      id          = metric_query.key
      expression  = try(metric_query.value.expression, null)
      label       = try(metric_query.value.label, null)
      return_data = metric_query.key == "result"

      dynamic "metric" {
        for_each = can(metric_query.value.metric) ? [metric_query.value] : []

        content {
          namespace   = metric.value.namespace
          metric_name = metric.value.metric
          dimensions  = metric.value.dimensions
          stat        = metric.value.stat
          period      = each.value.period
        }
      }
    }
  }

  tags = merge(var.tags, { Service = each.value.service })
}

locals {
  quoted = { for key, alarm in merge(aws_cloudwatch_metric_alarm.this, aws_cloudwatch_metric_alarm.burn) : key => "ALARM(\"${alarm.alarm_name}\")" }

  # What a service is down with, and what it is only degraded with.
  down_signs = {
    for key, service in var.services : key => (
      service.public || (service.always_on && service.min_tasks > 0)
      ? [for sign in ["no-task", "no-target"] : "${key}-${sign}" if contains(keys(local.alarms), "${key}-${sign}")]
      : ["${key}-tasks"]
    )
  }
  degraded_signs = {
    for key, service in var.services : key => [
      for sign in ["5xx", "latency", "errors", "unhealthy", "tasks", "minimum", "cpu", "memory"] : "${key}-${sign}"
      if contains(keys(local.alarms), "${key}-${sign}") && !contains(local.down_signs[key], "${key}-${sign}")
    ]
  }

  budget_alarms = merge([
    for key, service in var.services : {
      "${key}-budget-page" = {
        says     = "${key}: the error budget of a month is gone within days if this goes on"
        severity = "critical"
        rule     = "(${local.quoted["${key}-burn-1h"]} AND ${local.quoted["${key}-burn-5m"]}) OR (${local.quoted["${key}-burn-6h"]} AND ${local.quoted["${key}-burn-30m"]})"
      }
      "${key}-budget-ticket" = {
        says     = "${key}: the error budget will not last for the month"
        severity = "warning"
        rule     = "${local.quoted["${key}-burn-3d"]} AND ${local.quoted["${key}-burn-6h-slow"]}"
      }
    } if service.public && local.full
  ]...)
}

resource "aws_cloudwatch_composite_alarm" "down" {
  for_each = var.services

  alarm_name        = "${var.name}-${each.key}-down"
  alarm_description = "${each.key} is down (${var.environment}). Runbook: service-unhealthy"
  alarm_rule        = join(" OR ", [for sign in local.down_signs[each.key] : local.quoted[sign]])
  actions_enabled   = var.actions_enabled
  alarm_actions     = [var.topics.critical]
  ok_actions        = [var.topics.critical]

  tags = merge(var.tags, { Service = each.key })
}

resource "aws_cloudwatch_composite_alarm" "degraded" {
  for_each = var.services

  alarm_name        = "${var.name}-${each.key}-degraded"
  alarm_description = "${each.key} works, but not as it should (${var.environment}). Runbook: service-unhealthy"
  alarm_rule        = join(" OR ", [for sign in local.degraded_signs[each.key] : local.quoted[sign]])
  actions_enabled   = var.actions_enabled
  alarm_actions     = [var.topics.warning]
  ok_actions        = [var.topics.warning]

  # Of a service that is down nobody needs to hear that it is also slow.
  actions_suppressor {
    alarm            = aws_cloudwatch_composite_alarm.down[each.key].alarm_name
    wait_period      = 60
    extension_period = 120
  }

  tags = merge(var.tags, { Service = each.key })
}

resource "aws_cloudwatch_composite_alarm" "budget" {
  for_each = local.budget_alarms

  alarm_name        = "${var.name}-${each.key}"
  alarm_description = "${each.value.says} (${var.environment}). Runbook: api-5xx-or-latency"
  alarm_rule        = each.value.rule
  actions_enabled   = var.actions_enabled
  alarm_actions     = [var.topics[each.value.severity]]
  ok_actions        = [var.topics[each.value.severity]]

  tags = var.tags
}

resource "aws_cloudwatch_composite_alarm" "platform" {
  count = length(local.platform_alarms) + length([for service in var.services : service if service.public]) > 0 ? 1 : 0

  alarm_name        = "${var.name}-platform"
  alarm_description = "The bookstore is down, or part of it that customers see (${var.environment}). Runbook: service-unhealthy"
  alarm_rule = join(" OR ", concat(
    [for key in local.platform_alarms : local.quoted[key]],
    [for key, service in var.services : "ALARM(\"${aws_cloudwatch_composite_alarm.down[key].alarm_name}\")" if service.public],
  ))
  actions_enabled = var.actions_enabled
  alarm_actions   = [var.topics.critical]
  ok_actions      = [var.topics.critical]

  tags = var.tags
}

# Events that nobody should see without having asked for them, out of the trail's log.
locals {
  cis_filters = merge([for trail in var.trail[*] : { for key, filter in yamldecode(file("${path.module}/cis/filters.yaml")) : key => merge({ threshold = 1 }, filter) }]...)
}

resource "aws_cloudwatch_log_metric_filter" "cis" {
  for_each = local.cis_filters

  name           = "${var.name}-cis-${each.key}"
  log_group_name = var.trail.log_group_name
  pattern        = each.value.pattern

  metric_transformation {
    namespace     = "${var.name}/cis"
    name          = each.key
    value         = "1"
    unit          = "Count"
    default_value = "0"
  }
}

resource "aws_cloudwatch_metric_alarm" "cis" {
  for_each = local.cis_filters

  alarm_name        = "${var.name}-cis-${each.key}"
  alarm_description = "${each.value.says} (${var.environment}, CIS ${each.value.control}). Runbook: ${each.value.runbook}"
  actions_enabled   = var.actions_enabled
  alarm_actions     = [var.topics[each.value.severity]]
  ok_actions        = [var.topics[each.value.severity]]

  namespace           = aws_cloudwatch_log_metric_filter.cis[each.key].metric_transformation[0].namespace
  metric_name         = aws_cloudwatch_log_metric_filter.cis[each.key].metric_transformation[0].name
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  datapoints_to_alarm = 1
  comparison_operator = local.operators[">="]
  threshold           = each.value.threshold
  treat_missing_data  = local.quiet

  tags = var.tags
}

# Dashboards: rows of charts, three beside each other, 8 of the 24 columns each. A chart's lines are
# CloudWatch's metric arrays; marks are its thresholds and objectives.
locals {
  tint = { blue = "#1f77b4", green = "#2ca02c" }

  # Each query of the services as the line of a chart.
  lines = {
    for key, kinds in local.queries : key => {
      for kind, queries in kinds : kind => [
        for query in queries : concat([query.namespace, query.metric], flatten([for dimension, value in query.dimensions : [dimension, value]]), [
          merge({ label = "${split("_", query.id)[1]}${kind == "desired" ? " wanted" : ""}", stat = query.stat }, { for color, tint in local.tint : "color" => tint if endswith(query.id, "_${color}") && kind != "desired" }),
        ])
      ]
    }
  }
  public = [for key, service in var.services : key if service.public]

  # The same with ids of their own for each service, for charts that hold all of them.
  objective_lines = {
    for index, key in local.public : key => {
      hidden = [
        for query in concat(local.queries[key].requests, local.queries[key].errors, local.queries[key].refused) :
        concat([query.namespace, query.metric], flatten([for dimension, value in query.dimensions : [dimension, value]]), [{ id = "s${index}_${query.id}", stat = "Sum", visible = false }])
      ]
      share = "SUM([${join(",", [for query in concat(local.queries[key].errors, local.queries[key].refused) : "FILL(s${index}_${query.id},0)"])}]) / SUM([${join(",", [for query in local.queries[key].requests : "FILL(s${index}_${query.id},0)"])}])"
    }
  }

  request_charts = {
    for key, service in var.services : key => [
      { title = "Requests", unit = "per minute", stacked = true, marks = [], lines = local.lines[key].requests },
      {
        title = "Failed requests", unit = "%", stacked = false, marks = [{ label = "alarm", value = service.error_rate_percent }]
        lines = concat([[{ expression = "100 * ${local.objective_lines[key].share}", label = "failed", id = "failed" }]], local.objective_lines[key].hidden)
      },
      {
        title = "Availability", unit = "%", stacked = false, marks = [{ label = "objective", value = service.slo_availability }]
        # A hundred per cent would hide what is lost: the chart shows ten times what may be.
        least = 100 - 10 * (100 - service.slo_availability)
        lines = concat([[{ expression = "100 * (1 - ${local.objective_lines[key].share})", label = "succeeded", id = "succeeded", period = 3600 }]], local.objective_lines[key].hidden)
      },
      { title = "Response time, p95", unit = "s", stacked = false, marks = [{ label = "alarm", value = service.latency_p95_seconds }], lines = local.lines[key].latency },
      { title = "Healthy tasks at the load balancer", unit = "tasks", stacked = true, marks = [], lines = local.lines[key].healthy },

    ] if service.public
  }

  service_rows = [
    for key, service in var.services : {
      title = key
      charts = concat(
        try(local.request_charts[key], [{
          title = "Time for a message, from the log", unit = "ms", stacked = false, marks = []
          lines = [for stat in ["p50", "p95", "p99"] : [local.namespace, "${key}-duration", { label = stat, stat = stat }]]
        }]),
        [
          { title = "Tasks", unit = "tasks", stacked = false, marks = [{ label = "least", value = service.min_tasks }], lines = concat(local.lines[key].running, local.lines[key].desired) },
          { title = "Processors", unit = "%", stacked = false, marks = [{ label = "alarm", value = service.cpu_percent }], lines = local.lines[key].cpu },
          { title = "Memory", unit = "%", stacked = false, marks = [{ label = "alarm", value = service.memory_percent }], lines = local.lines[key].memory },
          {
            title = "Log lines by level", unit = "per minute", stacked = false, marks = [{ label = "alarm", value = service.errors_per_minute }]
            lines = [
              [local.namespace, "${key}-errors", { label = "errors", stat = "Sum", color = "#d62728" }],
              [local.namespace, "${key}-warnings", { label = "warnings", stat = "Sum", color = "#ff7f0e" }],
            ]
          },
        ],
      )
    }
  ]

  api_rows = [
    for api in var.api[*] : {
      title = "API"
      charts = [
        { title = "Requests", unit = "per minute", stacked = false, marks = [], lines = [["AWS/ApiGateway", "Count", "ApiName", api.name, "Stage", api.stage, { label = "requests", stat = "Sum" }]] },
        {
          title = "Failed requests", unit = "%", stacked = false, marks = [{ label = "alarm (5xx)", value = api.error_rate_percent }]
          lines = [
            [{ expression = "100 * server", label = "5xx", id = "servershare", color = "#d62728" }],
            [{ expression = "100 * client", label = "4xx", id = "clientshare", color = "#ff7f0e" }],
            ["AWS/ApiGateway", "5XXError", "ApiName", api.name, "Stage", api.stage, { id = "server", stat = "Average", visible = false }],
            ["AWS/ApiGateway", "4XXError", "ApiName", api.name, "Stage", api.stage, { id = "client", stat = "Average", visible = false }],
          ]
        },
        {
          title = "Response time", unit = "ms", stacked = false, marks = [{ label = "alarm (p95)", value = api.latency_p95_ms }]
          lines = concat(
            [for stat in ["p50", "p95", "p99"] : ["AWS/ApiGateway", "Latency", "ApiName", api.name, "Stage", api.stage, { label = stat, stat = stat }]],
            [["AWS/ApiGateway", "IntegrationLatency", "ApiName", api.name, "Stage", api.stage, { label = "behind the API, p95", stat = "p95" }]],
          )
        },
      ]
    }
  ]

  services_in_one_row = [
    for keys in [local.public] : {
      title = "Services"
      charts = [
        { title = "Failed requests", unit = "per minute", stacked = true, marks = [], lines = concat([for key in keys : [for line in concat(local.lines[key].errors, local.lines[key].refused) : concat(slice(line, 0, length(line) - 1), [{ label = "${key} ${line[length(line) - 1].label}", stat = "Sum" }])]]...) },
        { title = "Response time, p95", unit = "s", stacked = false, marks = [{ label = "strictest alarm", value = min([for key in keys : var.services[key].latency_p95_seconds]...) }], lines = concat([for key in keys : [for line in local.lines[key].latency : concat(slice(line, 0, length(line) - 1), [{ label = "${key} ${line[length(line) - 1].label}", stat = "p95" }])]]...) },
        {
          title = "Error budget: burn rate over an hour", unit = "times the rate it may burn at", stacked = false
          marks = [{ label = "page, 1 h", value = 14.4 }, { label = "page, 6 h", value = 6 }, { label = "ticket", value = 1 }]
          lines = concat([for key in keys : concat(
            [[{ expression = "${local.objective_lines[key].share} / ${format("%.5f", 1 - var.services[key].slo_availability / 100)}", label = key, id = "burn${index(keys, key)}", period = 3600 }]],
            [for line in local.objective_lines[key].hidden : concat(slice(line, 0, length(line) - 1), [merge(line[length(line) - 1], { period = 3600 })])],
          )]...)
        },
      ]
    } if length(keys) > 0
  ]

  tasks_in_one_row = [
    for services in [var.services] : {
      title = "Tasks"
      charts = [
        for kind, chart in { running = { title = "Running tasks", unit = "tasks" }, cpu = { title = "Processors", unit = "%" }, memory = { title = "Memory", unit = "%" } } : {
          title                      = chart.title, unit = chart.unit, stacked = false, marks = []
          lines                      = concat([for key in keys(services) : [for line in local.lines[key][kind] : concat(slice(line, 0, length(line) - 1), [{ label = "${key} ${line[length(line) - 1].label}", stat = "Average" }])]]...)
        }
      ]
    } if length(services) > 0
  ]

  database_rows = [
    for database in var.database[*] : {
      title = "PostgreSQL"
      charts = [
        for chart in [
          { title = "Processors", unit = "%", marks = [{ label = "alarm", value = database.cpu_percent }], metrics = { "" = "CPUUtilization" }, stat = "Average" },
          { title = "Connections", unit = "connections", marks = [{ label = "limit", value = local.max_connections }, { label = "alarm", value = floor(local.max_connections * database.connections_percent / 100) }], metrics = { "" = "DatabaseConnections" }, stat = "Maximum" },
          { title = "Free storage", unit = "bytes", marks = [{ label = "alarm", value = floor(database.allocated_storage_gib * local.gib * database.free_storage_percent / 100) }], metrics = { "" = "FreeStorageSpace" }, stat = "Minimum" },
          { title = "Free memory", unit = "bytes", marks = [{ label = "alarm", value = floor(database.memory_gib * local.gib * database.free_memory_percent / 100) }], metrics = { "" = "FreeableMemory" }, stat = "Average" },
          { title = "Disk latency", unit = "s", marks = [{ label = "alarm", value = database.latency_ms / 1000 }], metrics = { " read" = "ReadLatency", " write" = "WriteLatency" }, stat = "Average" },
          { title = "Replica lag", unit = "s", marks = [{ label = "alarm", value = database.replica_lag_seconds }], metrics = { "" = "ReplicaLag" }, stat = "Average" },
          ] : {
          title = chart.title, unit = chart.unit, stacked = false, marks = chart.marks
          lines = flatten([for suffix, metric in chart.metrics : [for key, identifier in database.instances : { line = ["AWS/RDS", metric, "DBInstanceIdentifier", identifier, { label = "${key}${suffix}", stat = chart.stat }] }]])[*].line
        }
      ]
    }
  ]

  redis_rows = [
    for redis in var.redis[*] : {
      title = "Redis"
      charts = [
        for chart in [
          { title = "Engine's processor", unit = "%", marks = [{ label = "alarm", value = redis.cpu_percent }], kind = "cpu" },
          { title = "Memory", unit = "%", marks = [{ label = "alarm", value = redis.memory_percent }], kind = "memory" },
          { title = "Evicted keys", unit = "per minute", marks = [{ label = "alarm", value = 100 }], kind = "evictions" },
          { title = "Connections", unit = "connections", marks = [{ label = "alarm", value = redis.connections }], kind = "connections" },
          { title = "Replication lag", unit = "s", marks = [{ label = "alarm", value = redis.replication_lag }], kind = "lag" },
          { title = "Refused logins", unit = "per minute", marks = [{ label = "alarm", value = 10 }], kind = "refused" },
          ] : {
          title = chart.title, unit = chart.unit, stacked = false, marks = chart.marks
          lines = [for query in local.redis_queries[chart.kind] : [query.namespace, query.metric, "CacheClusterId", query.dimensions.CacheClusterId, { label = "node ${trimprefix(query.id, "n")}", stat = query.stat }]]
        }
      ]
    }
  ]

  opensearch_rows = [
    for domain in var.opensearch[*] : {
      title = "OpenSearch"
      charts = [
        for chart in [
          { title = "Status", unit = "1 = so", marks = [], metrics = { red = "ClusterStatus.red", yellow = "ClusterStatus.yellow", "writes blocked" = "ClusterIndexWritesBlocked" }, stat = "Maximum" },
          { title = "Free storage of the fullest node", unit = "MiB", marks = [{ label = "alarm", value = floor(domain.storage_gib * 1024 / 4) }], metrics = { free = "FreeStorageSpace" }, stat = "Minimum" },
          { title = "Heap", unit = "%", marks = [{ label = "alarm", value = 95 }], metrics = { data = "JVMMemoryPressure", masters = "MasterJVMMemoryPressure" }, stat = "Maximum" },
          { title = "Processors", unit = "%", marks = [{ label = "alarm", value = 80 }], metrics = { data = "CPUUtilization", masters = "MasterCPUUtilization" }, stat = "Maximum" },
          { title = "Search and index", unit = "ms", marks = [], metrics = { search = "SearchLatency", index = "IndexingLatency" }, stat = "Average" },
          { title = "Nodes", unit = "nodes", marks = [{ label = "all", value = domain.nodes }], metrics = { nodes = "Nodes" }, stat = "Minimum" },
          ] : {
          title = chart.title, unit = chart.unit, stacked = false, marks = chart.marks
          lines = [for label, metric in chart.metrics : ["AWS/ES", metric, "DomainName", domain.domain_name, "ClientId", domain.account_id, { label = label, stat = chart.stat }]]
        }
      ]
    }
  ]

  table_rows = [
    for tables in [var.tables] : {
      title = "DynamoDB"
      charts = [
        for chart in [
          { title = "Read", unit = "units", metrics = { "" = "ConsumedReadCapacityUnits" }, marks = [] },
          { title = "Written", unit = "units", metrics = { "" = "ConsumedWriteCapacityUnits" }, marks = [] },
          { title = "Throttled", unit = "per 5 minutes", metrics = { " reads" = "ReadThrottleEvents", " writes" = "WriteThrottleEvents" }, marks = [{ label = "alarm", value = 10 }] },
          ] : {
          title = chart.title, unit = chart.unit, stacked = false, marks = chart.marks
          lines = flatten([for suffix, metric in chart.metrics : [for key, table in tables : { line = ["AWS/DynamoDB", metric, "TableName", table.name, { label = "${key}${suffix}", stat = "Sum", period = 300 }] }]])[*].line
        }
      ]
    } if length(tables) > 0
  ]

  queue_rows = [
    for row in [{ title = "Queues and functions" }] : {
      title = row.title
      charts = [for chart in [
        { title = "Age of the oldest message", unit = "s", lines = [for key, queue in var.queues : ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", queue.name, { label = key, stat = "Maximum" }]], marks = [for age in slice(sort([for queue in values(var.queues) : format("%010.0f", queue.max_age_seconds)]), 0, min(1, length(var.queues))) : { label = "strictest alarm", value = tonumber(age) }] },
        { title = "Messages in dead-letter queues", unit = "messages", lines = [for key, name in var.dead_letter_queues : ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", name, { label = key, stat = "Maximum" }]], marks = [{ label = "alarm", value = 1 }] },
        { title = "Failed runs of functions", unit = "per minute", lines = [for key, function in var.functions : ["AWS/Lambda", "Errors", "FunctionName", function.name, { label = key, stat = "Sum" }]], marks = [{ label = "alarm", value = 1 }] },
        { title = "Time of functions, p95", unit = "ms", lines = [for key, function in var.functions : ["AWS/Lambda", "Duration", "FunctionName", function.name, { label = key, stat = "p95" }]], marks = [] },
        { title = "Events that found no target", unit = "per minute", lines = flatten([for bus in var.bus[*] : [for key, rule in bus.rule_names : { line = ["AWS/Events", "FailedInvocations", "EventBusName", bus.name, "RuleName", rule, { label = key, stat = "Sum" }] }]])[*].line, marks = [{ label = "alarm", value = 1 }] },
        { title = "Notifications not delivered", unit = "per minute", lines = [for key, topic in var.sns_topics : ["AWS/SNS", "NumberOfNotificationsFailed", "TopicName", topic, { label = key, stat = "Sum" }]], marks = [{ label = "alarm", value = 1 }] },
      ] : merge(chart, { stacked = false }) if length(chart.lines) > 0]
    } if length(var.queues) + length(var.dead_letter_queues) + length(var.functions) + length(var.sns_topics) > 0
  ]

  load_balancer_rows = [
    for balancer in var.load_balancer[*] : {
      title = "Load balancers"
      charts = [
        { title = "Answers of the ALB's targets", unit = "per minute", stacked = true, marks = [], lines = [for class in ["2XX", "3XX", "4XX", "5XX"] : ["AWS/ApplicationELB", "HTTPCode_Target_${class}_Count", "LoadBalancer", balancer.alb_arn_suffix, { label = lower(class), stat = "Sum" }]] },
        { title = "5xx of the ALB itself", unit = "per minute", stacked = false, marks = [{ label = "alarm", value = 10 }], lines = [["AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", "LoadBalancer", balancer.alb_arn_suffix, { label = "5xx", stat = "Sum", color = "#d62728" }]] },
        {
          title = "Connections", unit = "per minute", stacked = false, marks = []
          lines = concat(
            [for metric in ["NewConnectionCount", "RejectedConnectionCount", "ClientTLSNegotiationErrorCount"] : ["AWS/ApplicationELB", metric, "LoadBalancer", balancer.alb_arn_suffix, { label = "ALB ${metric}", stat = "Sum" }]],
            [["AWS/NetworkELB", "NewFlowCount", "LoadBalancer", balancer.nlb_arn_suffix, { label = "NLB NewFlowCount", stat = "Sum" }]],
          )
        },
      ]
    }
  ]

  guard_rows = [
    for row in [{ title = "Firewall, network, certificates" }] : {
      title = row.title
      charts = [for chart in [
        { title = "Firewall", unit = "per 5 minutes", marks = [for waf in var.waf[*] : { label = "alarm", value = waf.blocked_per_interval }], lines = flatten([for waf in var.waf[*] : [for metric in ["BlockedRequests", "AllowedRequests"] : { line = ["AWS/WAFV2", metric, "WebACL", waf.web_acl_name, "Region", local.region, "Rule", "ALL", { label = lower(trimsuffix(metric, "Requests")), stat = "Sum", period = 300 }] }]])[*].line },
        { title = "NAT: bytes sent out", unit = "bytes", marks = [], lines = [for key, id in var.nat_gateways : ["AWS/NATGateway", "BytesOutToDestination", "NatGatewayId", id, { label = key, stat = "Sum" }]] },
        { title = "NAT: ports refused, packets dropped", unit = "per minute", marks = [{ label = "alarm (ports)", value = 1 }], lines = flatten([for metric in ["ErrorPortAllocation", "PacketsDropCount"] : [for key, id in var.nat_gateways : { line = ["AWS/NATGateway", metric, "NatGatewayId", id, { label = "${key} ${metric}", stat = "Sum" }] }]])[*].line },
        { title = "Days until certificates expire", unit = "days", marks = [{ label = "warning", value = 30 }, { label = "alarm", value = 7 }], lines = [for key, arn in var.certificates : ["AWS/CertificateManager", "DaysToExpiry", "CertificateArn", arn, { label = key, stat = "Minimum", period = 86400 }]] },
      ] : merge(chart, { stacked = false }) if length(chart.lines) > 0]
    } if length(var.waf[*]) + length(var.nat_gateways) + length(var.certificates) > 0
  ]

  dashboards = {
    for purpose, rows in {
      overview = concat(local.api_rows, local.services_in_one_row, local.tasks_in_one_row, [for row in concat(local.database_rows, local.redis_rows, local.opensearch_rows) : merge(row, { charts = slice(row.charts, 0, 3) })], local.queue_rows)
      services = local.service_rows
      data     = concat(local.database_rows, local.redis_rows, local.opensearch_rows, local.table_rows)
      edge     = concat(local.api_rows, local.load_balancer_rows, local.guard_rows, local.queue_rows)
    } : purpose => rows if length(rows) > 0 && (local.full || purpose == "overview")
  }

  # The overview begins with what is wrong now.
  watched = concat(
    [for alarm in concat(aws_cloudwatch_composite_alarm.platform, values(aws_cloudwatch_composite_alarm.down), values(aws_cloudwatch_composite_alarm.budget)) : alarm.arn],
    [for key, alarm in local.alarms : aws_cloudwatch_metric_alarm.this[key].arn if alarm.severity == "critical"],
  )
  header_height = 6
  # A row is its title, one high, and its charts, six high.
  heights = { for purpose, rows in local.dashboards : purpose => [for row in rows : 1 + 6 * ceil(length(row.charts) / 3)] }
  tops    = { for purpose, heights in local.heights : purpose => [for index in range(length(heights)) : (purpose == "overview" ? local.header_height : 0) + sum(concat([0], slice(heights, 0, index)))] }

  widgets = {
    for purpose, rows in local.dashboards : purpose => concat(
      [for overview in [purpose == "overview"] : {
        type       = "alarm", x = 0, y = 0, width = 12, height = local.header_height
        properties = { title = "What is wrong now", alarms = slice(local.watched, 0, min(100, length(local.watched))), sortBy = "stateUpdatedTimestamp" }
      } if overview],
      [for overview in [purpose == "overview"] : {
        type = "log", x = 12, y = 0, width = 12, height = local.header_height
        properties = {
          title = "Newest errors", region = local.region, view = "table"
          query = "${join(" | ", [for key in keys(var.services) : "SOURCE '${var.services[key].log_group_name}'"])} | fields @timestamp, @log, message | filter level in ['ERROR', 'CRITICAL', 'FATAL'] | sort @timestamp desc | limit 20"
        }
      } if overview && length(var.services) > 0],
      [for index, row in rows : {
        type       = "text", x = 0, y = local.tops[purpose][index], width = 24, height = 1
        properties = { markdown = "## ${row.title}", background = "transparent" }
      }],
      flatten([for index, row in rows : [for place, chart in row.charts : {
        type = "metric", x = 8 * (place % 3), y = local.tops[purpose][index] + 1 + 6 * floor(place / 3), width = 8, height = 6
        properties = merge(
          {
            title   = chart.title
            region  = local.region
            view    = "timeSeries"
            stacked = chart.stacked
            period  = 60
            metrics = chart.lines
            yAxis   = { left = { label = chart.unit, showUnits = false, min = try(chart.least, 0) } }
          },
          length(chart.marks) == 0 ? {} : { annotations = { horizontal = [for mark in chart.marks : merge(mark, { color = "#d62728" })] } },
        )
      }]]),
    )
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  for_each = local.dashboards

  dashboard_name = "${var.name}-${each.key}"
  dashboard_body = jsonencode({ start = "-PT3H", periodOverride = "inherit", widgets = local.widgets[each.key] })
}

# Questions asked on every bad day, ready in Logs Insights.
locals {
  log_group_names = [for service in var.services : service.log_group_name]
  saved_queries = { for name, query in {
    "services/newest-errors"       = { groups = local.log_group_names, query = "fields @timestamp, @log, level, message, trace_id\n| filter level in ['ERROR', 'CRITICAL', 'FATAL']\n| sort @timestamp desc\n| limit 100" }
    "services/errors-by-message"   = { groups = local.log_group_names, query = "filter level in ['ERROR', 'CRITICAL', 'FATAL']\n| stats count(*) as errors, min(@timestamp) as first, max(@timestamp) as last by @log, message\n| sort errors desc\n| limit 50" }
    "services/one-trace"           = { groups = local.log_group_names, query = "fields @timestamp, @log, level, message\n| filter trace_id = 'PASTE-THE-TRACE-ID'\n| sort @timestamp asc\n| limit 1000" }
    "services/slowest-requests"    = { groups = local.log_group_names, query = "fields @timestamp, @log, method, path, duration_ms, trace_id\n| filter ispresent(duration_ms)\n| sort duration_ms desc\n| limit 50" }
    "services/duration-by-path"    = { groups = local.log_group_names, query = "filter ispresent(duration_ms)\n| stats count(*) as requests, pct(duration_ms, 50) as p50, pct(duration_ms, 95) as p95, pct(duration_ms, 99) as p99 by @log, path\n| sort p95 desc" }
    "services/errors-over-time"    = { groups = local.log_group_names, query = "filter level in ['ERROR', 'CRITICAL', 'FATAL']\n| stats count(*) as errors by bin(5m), @log" }
    "api/failed-requests"          = { groups = var.api[*].access_log_group_name, query = "fields @timestamp, status, method, resource, sourceIp, requestId, traceId, integrationError\n| filter status >= 500\n| sort @timestamp desc\n| limit 100" }
    "api/refused-by-caller"        = { groups = var.api[*].access_log_group_name, query = "filter status >= 400 and status < 500\n| stats count(*) as refused by sourceIp, user, status\n| sort refused desc\n| limit 50" }
    "database/slow-statements"     = { groups = var.database[*].log_group_name, query = "fields @timestamp, @message\n| filter @message like /duration: [0-9.]+ ms/\n| parse @message /duration: (?<duration_ms>[0-9.]+) ms/\n| sort duration_ms desc\n| limit 50" }
    "database/locks-and-deadlocks" = { groups = var.database[*].log_group_name, query = "fields @timestamp, @message\n| filter @message like /deadlock detected|still waiting for/\n| sort @timestamp desc\n| limit 100" }
    "trail/refused-calls"          = { groups = var.trail[*].log_group_name, query = "filter errorCode like /AccessDenied|UnauthorizedOperation/\n| stats count(*) as refused by userIdentity.arn, eventSource, eventName\n| sort refused desc\n| limit 50" }
    "trail/one-principal"          = { groups = var.trail[*].log_group_name, query = "fields @timestamp, eventSource, eventName, sourceIPAddress, errorCode\n| filter userIdentity.arn like 'PASTE-PART-OF-THE-ARN'\n| sort @timestamp desc\n| limit 500" }
  } : name => query if local.full && length(query.groups) > 0 }
}

resource "aws_cloudwatch_query_definition" "this" {
  for_each = local.saved_queries

  name            = "${var.name}/${each.key}"
  log_group_names = each.value.groups
  query_string    = each.value.query
}

locals {
  trace_groups = {
    faults = "fault = true"
    errors = "error = true OR throttle = true"
    slow   = "responsetime > ${var.tracing.slow_seconds}"
  }

  # The lower the number, the earlier a rule is asked; the first that fits decides.
  sampling_rules = merge(
    { for index, key in keys(var.tracing.health_paths) : key => { priority = 100 + index, path = var.tracing.health_paths[key], rate = 0, reservoir = 0 } },
    {
      payments = { priority = 200, path = var.tracing.payments_path, rate = var.tracing.payments_rate, reservoir = var.tracing.payments_reservoir }
      rest     = { priority = 9000, path = "*", rate = var.tracing.default_rate, reservoir = var.tracing.default_reservoir }
    },
  )
}

resource "aws_xray_group" "this" {
  for_each = local.trace_groups

  group_name        = "${var.name}-${each.key}"
  filter_expression = each.value

  insights_configuration {
    insights_enabled      = local.full
    notifications_enabled = local.full
  }

  tags = var.tags
}

resource "aws_xray_sampling_rule" "this" {
  for_each = local.sampling_rules

  rule_name      = "${var.name}-${each.key}"
  priority       = each.value.priority
  version        = 1
  reservoir_size = each.value.reservoir
  fixed_rate     = each.value.rate
  url_path       = each.value.path
  host           = "*"
  http_method    = "*"
  service_type   = "*"
  service_name   = "*"
  resource_arn   = "*"

  tags = var.tags
}
