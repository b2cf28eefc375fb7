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

disaster_recovery = {
  enabled               = true
  backup_retention_days = 14
}
