# Durations as lamex.yaml writes them: hours, minutes and seconds, in this order, at least one of them, in whole numbers.

locals {
  timeout_text  = try(tostring(local.scalars.timeout), "15m")
  timeout_parts = try(regex("^(?:([0-9]{1,5})h)?(?:([0-9]{1,5})m)?(?:([0-9]{1,5})s)?$", local.timeout_text), [])

  timeout_seconds = local.timeout_text == "" ? null : try(sum([
    for place, factor in [3600, 60, 1] : tonumber(coalesce(local.timeout_parts[place], "0")) * factor
  ]), null)
}
