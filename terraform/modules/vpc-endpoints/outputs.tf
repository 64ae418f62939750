output "gateway_endpoint_ids" {
  description = "The ids of the gateway endpoints, by service."
  value       = { for service, endpoint in aws_vpc_endpoint.gateway : service => endpoint.id }
}

output "interface_endpoint_ids" {
  description = "The ids of the interface endpoints, by service."
  value       = { for service, endpoint in aws_vpc_endpoint.interface : service => endpoint.id }
}

output "security_group_id" {
  description = "The security group of the interface endpoints; null if there are none."
  value       = one(aws_security_group.endpoints[*].id)
}
