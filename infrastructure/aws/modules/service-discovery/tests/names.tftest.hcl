mock_provider "aws" {}

variables {
  name      = "bookstore-test"
  vpc_id    = "vpc-0123456789abcdef0"
  namespace = "bookstore-test.internal"
}

run "private_names" {
  assert {
    condition     = aws_service_discovery_private_dns_namespace.this.vpc == var.vpc_id && output.namespace == "bookstore-test.internal"
    error_message = "Names resolve in the given VPC only."
  }
  assert {
    condition     = output.namespace_id == aws_service_discovery_private_dns_namespace.this.id && output.namespace_arn == aws_service_discovery_private_dns_namespace.this.arn && output.hosted_zone_id == aws_service_discovery_private_dns_namespace.this.hosted_zone
    error_message = "The namespace and its zone can be found."
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    namespace = "internal"
    name      = "Bookstore"
  }

  expect_failures = [var.namespace, var.name]
}

run "namespace_with_final_dot" {
  command = plan

  variables {
    namespace = "bookstore-test.internal."
  }

  expect_failures = [var.namespace]
}

run "namespace_of_multicast" {
  command = plan

  variables {
    namespace = "bookstore-test.local"
  }

  expect_failures = [var.namespace]
}
