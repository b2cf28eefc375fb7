mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-west-1:111111111111:some", url = "https://sqs.eu-west-1.amazonaws.com/111111111111/some" }
  }
}

variables {
  name    = "bookstore-test"
  queues  = { orders = {}, undelivered = { dead_letter_queue = false, retention_days = 14 } }
  key_arn = "arn:aws:kms:eu-west-1:111111111111:key/messages"
}

run "safe_by_default" {
  assert {
    condition     = { for key, queue in aws_sqs_queue.this : key => queue.name } == { orders = "bookstore-test-orders", undelivered = "bookstore-test-undelivered" } && { for key, queue in aws_sqs_queue.dead_letter : key => queue.name } == { orders = "bookstore-test-orders-dead-letter" }
    error_message = "A queue has a dead-letter queue unless it is one."
  }
  assert {
    condition     = alltrue([for queue in concat(values(aws_sqs_queue.this), values(aws_sqs_queue.dead_letter)) : queue.kms_master_key_id == var.key_arn && queue.receive_wait_time_seconds == 20])
    error_message = "Every queue is under the given key and polled long."
  }
  assert {
    condition     = aws_sqs_queue.this["orders"].visibility_timeout_seconds == 180 && aws_sqs_queue.this["orders"].message_retention_seconds == 345600 && aws_sqs_queue.dead_letter["orders"].message_retention_seconds == 1209600
    error_message = "A consumer's tries end before a message is seen again; dead letters outlive their queue's messages."
  }
  assert {
    condition     = jsondecode(aws_sqs_queue.this["orders"].redrive_policy) == { deadLetterTargetArn = aws_sqs_queue.dead_letter["orders"].arn, maxReceiveCount = 5 } && !can(jsondecode(aws_sqs_queue.this["undelivered"].redrive_policy))
    error_message = "After five tries a message is set aside; a last resort sets nothing aside."
  }
  assert {
    condition     = jsondecode(aws_sqs_queue.dead_letter["orders"].redrive_allow_policy) == { redrivePermission = "byQueue", sourceQueueArns = ["arn:aws:sqs:eu-west-1:111111111111:bookstore-test-orders"] }
    error_message = "A dead-letter queue takes its own queue's messages only."
  }
  assert {
    condition     = !aws_sqs_queue.this["orders"].fifo_queue
    error_message = "Standard queues unless asked: EventBridge takes no FIFO queue for dead letters."
  }
  # Only over TLS and only this account.
  assert {
    condition = alltrue([
      for policy in concat(values(aws_sqs_queue_policy.this), values(aws_sqs_queue_policy.dead_letter)) : alltrue([
        for statement in jsondecode(policy.policy).Statement : statement.Effect == "Deny"
      ])
    ])
    error_message = "Without senders nobody is let in by the queue itself."
  }
  assert {
    condition     = [for statement in jsondecode(aws_sqs_queue_policy.this["orders"].policy).Statement : statement.Condition if statement.Sid == "OnlyTls"] == [{ Bool = { "aws:SecureTransport" = "false" } }]
    error_message = "Plain HTTP is denied."
  }
  assert {
    condition     = one([for statement in jsondecode(aws_sqs_queue_policy.dead_letter["orders"].policy).Statement : statement.Condition.StringNotEquals if statement.Sid == "OnlyThisAccount"]) == { "aws:PrincipalAccount" = "111111111111" }
    error_message = "Other accounts are denied, at the dead letters too."
  }
  # Outputs.
  assert {
    condition     = output.names == { orders = "bookstore-test-orders", undelivered = "bookstore-test-undelivered" } && output.dead_letter_names == { orders = "bookstore-test-orders-dead-letter", undelivered = "bookstore-test-undelivered" }
    error_message = "Alarms on dead letters cover the last resorts too."
  }
  assert {
    condition     = keys(output.arns) == ["orders", "undelivered"] && keys(output.urls) == ["orders", "undelivered"] && keys(output.dead_letter_arns) == ["orders"] && keys(output.dead_letter_urls) == ["orders"]
    error_message = "Queues are found by suffix."
  }
}

run "senders" {
  command = plan

  variables {
    senders = { orders = { source_arns = ["arn:aws:events:eu-west-1:111111111111:rule/bookstore-test/bookstore-test-orders"] } }
  }

  assert {
    condition = alltrue([
      for policy, arn in { (aws_sqs_queue_policy.this["orders"].policy) = "bookstore-test-orders", (aws_sqs_queue_policy.dead_letter["orders"].policy) = "bookstore-test-orders-dead-letter" } :
      [for statement in jsondecode(policy).Statement : statement if statement.Effect == "Allow"] == [{
        Sid       = "Senders"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = "arn:aws:sqs:eu-west-1:111111111111:${arn}"
        Condition = {
          ArnLike      = { "aws:SourceArn" = ["arn:aws:events:eu-west-1:111111111111:rule/bookstore-test/bookstore-test-orders"] }
          StringEquals = { "aws:SourceAccount" = "111111111111" }
        }
      }]
    ])
    error_message = "A rule may send to its queue, and what fails to the dead letters; for this account only."
  }
  assert {
    condition     = length([for statement in jsondecode(aws_sqs_queue_policy.this["undelivered"].policy).Statement : statement if statement.Effect == "Allow"]) == 0
    error_message = "A sender reaches its own queue only."
  }
}

run "fifo" {
  command = plan

  variables {
    queues = { ledger = { fifo = true } }
  }

  assert {
    condition     = aws_sqs_queue.this["ledger"].name == "bookstore-test-ledger.fifo" && aws_sqs_queue.dead_letter["ledger"].name == "bookstore-test-ledger-dead-letter.fifo" && aws_sqs_queue.this["ledger"].fifo_throughput_limit == "perMessageGroupId" && aws_sqs_queue.dead_letter["ledger"].fifo_queue
    error_message = "A FIFO queue and its dead letters are named as SQS wants, and as fast as it can."
  }
}

run "timeouts_are_data" {
  command = plan

  variables {
    timeouts = { create = "9m" }
  }

  assert {
    condition     = aws_sqs_queue.this["orders"].timeouts.create == "9m" && aws_sqs_queue.this["orders"].timeouts.delete == "5m"
    error_message = "Given timeouts are used, the others keep their defaults."
  }
}

run "refuses_values_out_of_range" {
  command = plan

  variables {
    name     = "Bookstore"
    queues   = { orders = { visibility_timeout_seconds = 60 } }
    senders  = { orders = { source_arns = [] } }
    timeouts = { create = "30s" }
  }

  expect_failures = [var.name, var.queues, var.senders, var.timeouts]
}

run "refuses_other_wrong_values" {
  command = plan

  variables {
    # A name that would be too long.
    queues = { "a-queue-whose-name-is-quite-a-bit-too-long" = {} }
    # A sender that is no service.
    senders = { orders = { service = "*", source_arns = ["arn:aws:events:eu-west-1:111111111111:rule/a/b"] } }
  }

  expect_failures = [var.queues, var.senders]
}

run "refuses_more_wrong_values" {
  command = plan

  variables {
    # A retention below a day.
    queues = { orders = { retention_days = 0 } }
    # A source of any account.
    senders = { orders = { source_arns = ["arn:aws:events:eu-west-1:*:rule/a/b"] } }
  }

  expect_failures = [var.queues, var.senders]
}

run "refuses_dead_letters_that_die_first" {
  command = plan

  variables {
    queues = { orders = { retention_days = 7, dead_letter_retention_days = 4 } }
  }

  expect_failures = [var.queues]
}

run "refuses_a_single_try" {
  command = plan

  variables {
    queues = { orders = { max_receive_count = 1 } }
  }

  expect_failures = [var.queues]
}

run "refuses_a_delay_beyond_a_quarter_of_an_hour" {
  command = plan

  variables {
    queues = { orders = { delay_seconds = 1000 } }
  }

  expect_failures = [var.queues]
}

run "refuses_a_consumer_that_takes_no_time" {
  command = plan

  variables {
    queues = { orders = { consumer_timeout_seconds = 0 } }
  }

  expect_failures = [var.queues]
}

run "refuses_senders_of_an_unknown_queue" {
  command = plan

  variables {
    senders = { odrers = { source_arns = ["arn:aws:events:eu-west-1:111111111111:rule/a/b"] } }
  }

  expect_failures = [aws_sqs_queue_policy.this]
}
