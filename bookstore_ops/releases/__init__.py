"""Releases: the image a service runs, and which of its two colours gets the traffic.

Terraform makes both colours, their target groups and the weighted rule, and then looks away from
what a release owns: the task definition and the tasks of a colour, its floor and whether its
scaling sleeps (modules/ecs-service), and the rule's weights (modules/alb). So nothing here needs
Terraform, and a plan after any release is empty. A limit that Terraform does own, the most tasks,
is written back as the state has it.
"""
