locals {
  full = var.level == "full"
}
