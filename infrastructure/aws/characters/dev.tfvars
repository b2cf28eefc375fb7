# dev: single-zone workloads, smallest sizes, everything can be destroyed.
# Encryption, TLS, isolation and least privilege are those of prod.

account_id  = "111111111111"
region      = "eu-west-1"
owner       = "platform"
cost_center = "bookstore-dev"

network = {
  cidr                = "10.10.0.0/16"
  peer_cidrs          = ["10.20.0.0/16", "10.30.0.0/16"]
  workload_zone_count = 1
  single_nat_gateway  = true
  # Each endpoint is paid by the hour: only what every task start needs; the rest goes through NAT.
  interface_endpoints = ["ecr.api", "ecr.dkr", "logs", "secretsmanager"]
}

database = {
  instance_class              = "db.t4g.micro"
  allocated_storage_gib       = 20
  max_allocated_storage_gib   = 50
  multi_az                    = false
  backup_retention_days       = 7
  deletion_protection         = false
  skip_final_snapshot         = true
  apply_immediately           = true
  monitoring_interval_seconds = 60
}

cache = {
  node_type               = "cache.t4g.micro"
  replicas                = 0
  snapshot_retention_days = 1
  skip_final_snapshot     = true
  apply_immediately       = true
}

search = {
  instance_type = "t3.small.search"
  zone_count    = 1
  data_nodes    = 1
  storage_gib   = 10
}

services = {
  spot               = true
  container_insights = "enabled"
  execute_command    = true
  keep_revisions     = false
  cpu                = 256
  memory_mib         = 512
  min_tasks          = 1
  max_tasks          = 2
  # Nobody works at night: tasks sleep.
  off_hours = { down = "cron(0 19 ? * MON-FRI *)", up = "cron(0 6 ? * MON-FRI *)", time_zone = "Europe/Dublin" }
}

api = {
  domain              = "dev.bookstore.example.com"
  deletion_protection = false
  throttle            = { rate = 50, burst = 100 }
}

identity = {
  mfa                 = "OPTIONAL"
  deletion_protection = false
}

events = {
  archive_days = 7
}

secrets = {
  recovery_window_days = 0
}

images = {
  keep         = 10
  force_delete = true
}

monitoring = {
  level = "basic"
}

audit = {
  retention_days   = 400
  object_lock_days = 1
  object_lock_mode = "GOVERNANCE"
  force_destroy    = true
}

backups = {
  daily_retention_days   = 7
  weekly_retention_days  = 14
  monthly_retention_days = 31
  force_destroy          = true
}

cost = {
  monthly_limit_usd = 600
}

tables = {
  point_in_time_recovery_days = 7
  deletion_protection         = false
}

encryption = {
  deletion_window_days = 7
}

logs = {
  retention_days = 30
  force_destroy  = true
}
