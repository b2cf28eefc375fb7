locals {
  projects = toset(["plan", "apply"])
}
