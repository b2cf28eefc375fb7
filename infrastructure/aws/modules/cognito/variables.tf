variable "name" {
  description = "Name of the user pool and prefix of every other name, such as bookstore-dev."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name)) && !strcontains(var.name, "--")
    error_message = "name must be 3 to 30 lower-case letters, digits and single hyphens, such as \"bookstore-dev\"."
  }
}

variable "mfa" {
  description = "Second factor, always a one-time code of an authenticator application: OPTIONAL or ON for everybody."
  type        = string
  default     = "ON"
  nullable    = false

  validation {
    condition     = contains(["OPTIONAL", "ON"], var.mfa)
    error_message = "mfa must be \"OPTIONAL\" or \"ON\"; it cannot be switched off, since threat protection answers a suspicious sign-in by asking for the second factor."
  }
}

variable "password" {
  description = "Passwords: shortest length, how many earlier ones are refused, days that a temporary one is good for. All four classes of characters are always required."
  type = object({
    minimum_length          = optional(number, 14)
    history                 = optional(number, 5)
    temporary_validity_days = optional(number, 3)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.password.minimum_length >= 14 && var.password.minimum_length <= 99 && floor(var.password.minimum_length) == var.password.minimum_length
    error_message = "password.minimum_length must be a whole number from 14 to 99."
  }
  validation {
    condition     = var.password.history >= 1 && var.password.history <= 24 && floor(var.password.history) == var.password.history
    error_message = "password.history must be a whole number from 1 to 24."
  }
  validation {
    condition     = var.password.temporary_validity_days >= 1 && var.password.temporary_validity_days <= 7 && floor(var.password.temporary_validity_days) == var.password.temporary_validity_days
    error_message = "password.temporary_validity_days must be a whole number from 1 to 7."
  }
}

variable "threat_protection" {
  description = "Risk scoring of sign-ins and refusal of leaked passwords: ENFORCED acts, AUDIT only records. Both need the plus tier, which is paid per active user."
  type        = string
  default     = "ENFORCED"
  nullable    = false

  validation {
    condition     = contains(["ENFORCED", "AUDIT"], var.threat_protection)
    error_message = "threat_protection must be \"ENFORCED\" or, to look before acting, \"AUDIT\" (Cognito.1)."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete the user pool."
  type        = bool
  default     = true
  nullable    = false
}

variable "self_sign_up" {
  description = "Let customers make their own accounts. Without it, administrators invite everybody."
  type        = bool
  default     = true
  nullable    = false
}

variable "domain_prefix" {
  description = "First part of the host name of the sign-in pages, which all AWS accounts of the region share."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.domain_prefix)) && !can(regex("aws|amazon|cognito", var.domain_prefix))
    error_message = "domain_prefix must be up to 63 lower-case letters, digits and hyphens without \"aws\", \"amazon\" or \"cognito\", such as \"bookstore-dev-signin\"."
  }
}

variable "managed_login_version" {
  description = "Sign-in pages: 1 is the classic hosted UI; 2 is managed login, which shows an error until a branding style exists."
  type        = number
  default     = 1
  nullable    = false

  validation {
    condition     = contains([1, 2], var.managed_login_version)
    error_message = "managed_login_version must be 1 or 2."
  }
}

variable "groups" {
  description = "Groups of users. Where somebody is in several, the lowest precedence decides."
  type = map(object({
    description = string
    precedence  = number
  }))
  default = {
    administrators = { description = "Run the bookstore: everything staff may, and users", precedence = 1 }
    staff          = { description = "Keep the catalogue, orders and reviews", precedence = 10 }
    customers      = { description = "Buy and review books", precedence = 100 }
  }
  nullable = false

  validation {
    condition     = alltrue([for group in keys(var.groups) : can(regex("^[a-z][a-z0-9_-]{0,63}$", group))])
    error_message = "groups must be named with up to 64 lower-case letters, digits, hyphens and underscores, such as { staff = { ... } }."
  }
  validation {
    condition     = alltrue([for group in values(var.groups) : group.precedence >= 0 && floor(group.precedence) == group.precedence]) && length(distinct([for group in values(var.groups) : group.precedence])) == length(var.groups)
    error_message = "precedence of each of groups must be a whole number of its own, 0 or above."
  }
}

variable "resource_server" {
  description = "Identifier of the API as a resource server: the part of a scope before the slash."
  type        = string
  default     = "bookstore"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,62}$", var.resource_server))
    error_message = "resource_server must be lower-case letters, digits and hyphens, such as \"bookstore\"."
  }
}

variable "scopes" {
  description = "Scopes of the API with what each lets a client do, without the resource server, such as { \"books.read\" = \"Look at the catalogue\" }."
  type        = map(string)
  nullable    = false

  validation {
    condition     = length(var.scopes) >= 1 && length(var.scopes) <= 100
    error_message = "scopes must be 1 to 100, the limits of a resource server."
  }
  validation {
    condition     = alltrue([for scope, description in var.scopes : can(regex("^[a-z]+(\\.[a-z]+)*$", scope)) && length(trimspace(description)) >= 1 && length(description) <= 256])
    error_message = "scopes must be lower-case words joined by dots, such as \"orders.write\" (no resource server and no slash before them), each with a description of up to 256 characters."
  }
}

variable "clients" {
  description = "Applications by name. flow is code (people sign in; PKCE, no secret) or client_credentials (a machine with a secret). Scopes are those of the API, such as books.read."
  type = map(object({
    flow                 = optional(string, "code")
    scopes               = set(string)
    callback_urls        = optional(set(string), [])
    logout_urls          = optional(set(string), [])
    access_token_minutes = optional(number, 15)
    refresh_token_hours  = optional(number, 24)
  }))
  nullable = false

  validation {
    condition     = alltrue([for client in keys(var.clients) : can(regex("^[a-z][a-z0-9-]{0,31}$", client))])
    error_message = "clients must be named with up to 32 lower-case letters, digits and hyphens, such as { web = { ... } }."
  }
  validation {
    condition     = alltrue([for client in values(var.clients) : contains(["code", "client_credentials"], client.flow)])
    error_message = "flow of each of clients must be \"code\" or \"client_credentials\"; the implicit flow leaves tokens in addresses and is refused."
  }
  validation {
    condition     = alltrue([for client in values(var.clients) : client.flow != "code" || length(client.callback_urls) > 0])
    error_message = "each of clients with the code flow needs callback_urls, such as [\"https://www.bookstore.example.com/signed-in\"]."
  }
  validation {
    condition     = alltrue([for client in values(var.clients) : client.flow != "client_credentials" || (length(client.callback_urls) == 0 && length(client.logout_urls) == 0)])
    error_message = "clients with the client_credentials flow take no callback_urls and logout_urls: nobody signs in. Remove them."
  }
  validation {
    condition     = alltrue(flatten([for client in values(var.clients) : [for url in setunion(client.callback_urls, client.logout_urls) : can(regex("^https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]+)?(/[^#\\s*]*)?$", url))]]))
    error_message = "callback_urls and logout_urls of clients must be https addresses without fragment or wildcard, such as \"https://www.bookstore.example.com/signed-in\"; a mobile application uses its universal link."
  }
  validation {
    condition     = alltrue([for client in values(var.clients) : client.access_token_minutes >= 5 && client.access_token_minutes <= 60 && floor(client.access_token_minutes) == client.access_token_minutes])
    error_message = "access_token_minutes of each of clients must be a whole number from 5 to 60: an access token cannot be called back from the API."
  }
  validation {
    condition     = alltrue([for client in values(var.clients) : client.refresh_token_hours >= 1 && client.refresh_token_hours <= 2160 && floor(client.refresh_token_hours) == client.refresh_token_hours])
    error_message = "refresh_token_hours of each of clients must be a whole number from 1 to 2160 (90 days)."
  }
  validation {
    condition     = alltrue([for client in values(var.clients) : length(client.scopes) > 0])
    error_message = "each of clients needs scopes, such as [\"books.read\"]: without one it could call nothing."
  }
}

variable "email" {
  description = "SES identity that sends the pool's messages. Null sends with Cognito's own address, a few dozen messages a day, which is for trying out only."
  type = object({
    from              = string
    source_arn        = string
    reply_to          = optional(string)
    configuration_set = optional(string)
  })
  default = null

  validation {
    condition     = var.email == null || can(regex("^([^<>]+ <)?[^@\\s<>]+@[^@\\s<>]+\\.[^@\\s<>]+>?$", var.email.from))
    error_message = "email.from must be an address, such as \"Bookstore <no-reply@bookstore.example.com>\"."
  }
  validation {
    condition     = var.email == null || can(regex("^arn:aws[a-z-]*:ses:[a-z0-9-]+:[0-9]{12}:identity/.+$", var.email.source_arn))
    error_message = "email.source_arn must be the ARN of an SES identity, such as \"arn:aws:ses:eu-west-1:111111111111:identity/bookstore.example.com\"."
  }
  validation {
    condition     = try(var.email.reply_to, null) == null || can(regex("^[^@\\s<>]+@[^@\\s<>]+\\.[^@\\s<>]+$", var.email.reply_to))
    error_message = "email.reply_to must be an address, such as \"help@bookstore.example.com\"."
  }
}

variable "tags" {
  description = "Tags of every resource, beside those of the provider."
  type        = map(string)
  default     = {}
  nullable    = false
}
