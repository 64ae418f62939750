# When the function runs all tests by itself, as EventBridge Scheduler reads it. crates/config/src/schedule.rs has the same
# grammar, and crates/config/tests/cases.yaml holds both to it.

locals {
  schedule          = try(local.scalars.schedule, null)
  schedule_timezone = try(local.scalars.schedule_timezone, "UTC")

  # What a field of cron takes beside `*`: a value, and what it has beyond lists, ranges and steps.
  cron_values = {
    minute  = ["[0-5]?[0-9]", ""]
    hour    = ["(?:[01]?[0-9]|2[0-3])", ""]
    day     = ["(?:0?[1-9]|[12][0-9]|3[01])", "|LW?|(?:0?[1-9]|[12][0-9]|3[01])W"]
    month   = ["(?:0?[1-9]|1[0-2]|JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)", ""]
    weekday = ["(?:[1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)", "|[1-7]?L|[1-7]#[1-5]"]
    year    = ["(?:19[7-9][0-9]|20[0-9]{2}|21[0-9]{2})", ""]
  }
  cron_items = { for field, value in local.cron_values :
    field => "(?:(?:\\*|${value[0]}(?:-${value[0]})?)(?:/[0-9]{1,4})?${value[1]})"
  }
  cron_fields = { for field, item in local.cron_items : field => "${item}(?:,${item})*" }

  # A day is one of the month or one of the week, and the other is a question mark.
  cron_days = "(?:${local.cron_fields.day} +${local.cron_fields.month} +\\?|\\? +${local.cron_fields.month} +${local.cron_fields.weekday})"

  schedule_patterns = [
    "^cron\\(${local.cron_fields.minute} +${local.cron_fields.hour} +${local.cron_days} +${local.cron_fields.year}\\)$",
    "^rate\\([1-9][0-9]{0,4} (?:minutes?|hours?|days?)\\)$",
    "^at\\([0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\\)$",
  ]

  schedule_problems = concat(
    local.schedule == null || anytrue([for pattern in local.schedule_patterns : can(regex(pattern, local.schedule))]) ? [] : [
      "schedule: `${try(tostring(local.schedule), "…")}` is no schedule such as `cron(0 3 * * ? *)`: cron has six fields, exactly one of the two days is `?`; or `rate(12 hours)`, `at(2030-01-31T03:00:00)`"
    ],
    can(regex("^[A-Za-z][A-Za-z0-9_+-]{0,24}(/[A-Za-z0-9_+-]{1,24}){0,2}$", local.schedule_timezone)) ? [] : [
      "schedule_timezone: `${try(tostring(local.schedule_timezone), "…")}` is not the name of a time zone such as `Europe/Berlin`"
    ],
  )
}
