# staging: prod in kind, smaller in size; no second region and no reader.

account_id  = "222222222222"
region      = "eu-west-1"
owner       = "platform"
cost_center = "bookstore-staging"

network = {
  cidr       = "10.20.0.0/16"
  peer_cidrs = ["10.10.0.0/16", "10.30.0.0/16"]
}

database = {
  instance_class            = "db.t4g.medium"
  allocated_storage_gib     = 50
  max_allocated_storage_gib = 200
  backup_retention_days     = 14
}

cache = {
  node_type = "cache.t4g.small"
}

search = {
  instance_type     = "m7g.medium.search"
  data_nodes        = 3
  dedicated_masters = { instance_type = "m7g.medium.search" }
  storage_gib       = 50
}

services = {
  cpu        = 512
  memory_mib = 1024
  min_tasks  = 2
  max_tasks  = 4
}

api = {
  domain   = "staging.bookstore.example.com"
  throttle = { rate = 100, burst = 200 }
}

monitoring = {
  warning_emails = ["platform@example.com"]
}

backups = {
  daily_retention_days   = 14
  weekly_retention_days  = 35
  monthly_retention_days = 90
}

cost = {
  monthly_limit_usd = 2500
  emails            = ["platform@example.com"]
}
