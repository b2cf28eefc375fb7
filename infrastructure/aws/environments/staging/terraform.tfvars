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
