# What interface services are called. In China and in partitions of their own, the names of some begin otherwise: those are
# in a table, which is CDK's.

locals {
  region             = data.aws_region.current.region
  other_names        = jsondecode(file("${path.module}/service_names.json"))
  interface_services = { for service in var.interface_services : service => try(local.other_names[local.region][service], "com.amazonaws.${local.region}.${service}") }
}
