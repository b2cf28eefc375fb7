# prod: every zone, a standby and a reader, copies in a second region, nothing deletable by accident.

account_id     = "333333333333"
region         = "eu-west-1"
replica_region = "eu-central-1"
owner          = "platform"
cost_center    = "bookstore-prod"

network = {
  cidr       = "10.30.0.0/16"
  peer_cidrs = ["10.10.0.0/16", "10.20.0.0/16"]
}

database = {
  instance_class                      = "db.r7g.large"
  allocated_storage_gib               = 200
  max_allocated_storage_gib           = 2000
  read_replicas                       = { reader = {} }
  backup_retention_days               = 35
  monitoring_interval_seconds         = 15
  performance_insights_retention_days = 465
}

cache = {
  node_type               = "cache.r7g.large"
  replicas                = 2
  snapshot_retention_days = 30
}

search = {
  instance_type     = "r7g.large.search"
  dedicated_masters = { instance_type = "m7g.large.search" }
  storage_gib       = 200
}

services = {
  cpu        = 1024
  memory_mib = 2048
  min_tasks  = 3
  max_tasks  = 30
  # Not behind the load balancer: queues wait, customers do not.
  overrides = {
    inventory     = { cpu = 512, memory_mib = 1024, min_tasks = 2, max_tasks = 10 }
    notifications = { cpu = 512, memory_mib = 1024, min_tasks = 2, max_tasks = 10 }
  }
}

api = {
  domain   = "bookstore.example.com"
  throttle = { rate = 1000, burst = 2000, operations = { payOrder = { rate = 100, burst = 200 } } }
}

events = {
  archive_days = 365
}

audit = {
  data_events = true
  insights    = true
}

# Addresses confirm their subscription by a link in the first e-mail.
monitoring = {
  critical_emails = ["on-call@example.com"]
  warning_emails  = ["platform@example.com"]
}

backups = {
  weekly_retention_days  = 120
  monthly_retention_days = 730
  lock_days              = 7
  restore_testing        = true
  state_bucket           = "bookstore-prod-tfstate-333333333333"
}

cost = {
  monthly_limit_usd     = 12000
  emails                = ["platform@example.com"]
  anomaly_threshold_usd = 200
}

disaster_recovery = {
  enabled               = true
  backup_retention_days = 14
}
