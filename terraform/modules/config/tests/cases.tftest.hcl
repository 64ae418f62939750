run "the_table_of_lamex_ctl" {
  command = plan

  module {
    source = "./tests/cases"
  }

  assert {
    condition     = length(output.durations) > 30 && length(output.schedules) > 30 && length(output.resolved) > 60
    error_message = "The table is not what it was: ${length(output.durations)} durations, ${length(output.schedules)} schedules, ${length(output.resolved)} values."
  }
  assert {
    condition     = alltrue([for case in output.durations : case.wanted == case.found])
    error_message = "Durations: ${jsonencode({ for text, case in output.durations : text => case if case.wanted != case.found })}"
  }
  assert {
    condition     = alltrue([for case in output.schedules : case.wanted == case.found])
    error_message = "Schedules: ${jsonencode({ for text, case in output.schedules : text => case if case.wanted != case.found })}"
  }
  assert {
    condition     = alltrue([for case in output.resolved : case.wanted == case.found])
    error_message = "Values: ${jsonencode({ for name, case in output.resolved : name => case if case.wanted != case.found })}"
  }
  assert {
    condition     = length(output.values) > 200 && alltrue([for case in output.values : case.is_accepted == (length(case.problems) == 0)])
    error_message = "${length(output.values)} values: ${jsonencode({ for settings, case in output.values : settings => case if case.is_accepted != (length(case.problems) == 0) })}"
  }
  assert {
    condition     = length(output.problems) == 0
    error_message = "Refused: ${jsonencode(output.problems)}"
  }
}
