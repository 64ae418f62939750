# The table that lamex-ctl and CDK are held to as well, every case through this module.

locals {
  table = yamldecode(file("${path.module}/../../../../../crates/config/tests/cases.yaml"))

  durations = { for case in local.table.durations : case.text => case }
  schedules = { for case in local.table.schedules : case.text => case }
  resolved  = { for case in local.table.resolved : case.name => case }
  values = merge(flatten([for case in local.table.values : [
    for is_accepted, given in { true = case.accepted, false = case.refused } : { for value in given : replace(case.settings, "VALUE", value) => is_accepted == "true" }
  ]])...)
}

module "duration" {
  source   = "../.."
  for_each = local.durations

  lamex_yaml  = "environments: { local: { timeout: ${jsonencode(each.key)} } }"
  environment = "local"
}

module "schedule" {
  source   = "../.."
  for_each = local.schedules

  lamex_yaml  = "environments: { staging: { account: '123456789012', region: us-east-2, function: f, schedule: ${jsonencode(each.key)} } }"
  environment = "staging"
}

module "resolved" {
  source   = "../.."
  for_each = local.resolved

  lamex_yaml  = each.value.lamex_yaml
  environment = each.value.environment
}

module "value" {
  source   = "../.."
  for_each = local.values

  lamex_yaml  = "{ defaults: { account: '123456789012', region: us-east-2, function: f }, environments: { staging: { ${each.key} } } }"
  environment = "staging"
}

output "values" {
  description = "Per value, whether the table accepts it, and what the module has against it."
  value       = { for settings, is_accepted in local.values : settings => { is_accepted = is_accepted, problems = module.value[settings].problems } }
}

output "durations" {
  description = "Per case, what the table wants and what the module found; null if it is refused."
  value = { for text, case in local.durations : text => {
    wanted = try(case.seconds, null)
    found  = length(module.duration[text].problems) == 0 ? module.duration[text].environment.timeout_s : null
  } }
}

output "schedules" {
  description = "Per case, whether the table wants it to be a schedule, and whether the module took it."
  value = { for text, case in local.schedules : text => {
    wanted = !can(case.refused)
    found  = length(module.schedule[text].problems) == 0 && module.schedule[text].environment.schedule == text
  } }
}

output "resolved" {
  description = "Per case and key, what the table wants and what the module found, both as JSON."
  value = merge([for name, case in local.resolved : { for key, wanted in case.resolved : "${name}: ${key}" => {
    wanted = jsonencode(wanted)
    found  = jsonencode(module.resolved[name].environment[key])
  } }]...)
}

output "problems" {
  description = "Per case that must be read, what the module has against it."
  value       = { for name, case in module.resolved : name => case.problems if length(case.problems) > 0 }
}
