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

tables = {
  point_in_time_recovery_days = 7
  deletion_protection         = false
}

encryption = {
  deletion_window_days = 7
}

logs = {
  retention_days = 30
}
