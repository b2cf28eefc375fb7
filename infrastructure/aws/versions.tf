terraform {
  # The oldest version this tree is proven on. The specification says 1.0.0 or
  # later; object types with optional() defaults and preconditions need 1.3.
  required_version = ">= 1.6.6"

  required_providers {
    aws = {
      source                = "hashicorp/aws"
      version               = ">= 5.100"
      configuration_aliases = [aws.replica]
    }
  }
}
