# EC2 takes one rule for a target, a port and a protocol. Entries that differ in their host alone (two services in one range) share
# a rule, which has the names of all. Named after its target, a rule outlives a new name of its entry.

locals {
  entries_by_rule = { for entry in local.environment.reach :
    join(" ", [entry.protocol, entry.port, local.targets[entry.name]]) => entry...
  }

  # None or two of them are for the runner to refuse.
  targets = { for entry in local.environment.reach : entry.name =>
    join(" and ", [for key in ["security_group_id", "cidr", "ipv6_cidr", "prefix_list_id"] : entry[key] if can(entry[key])])
  }

  reach = [for name, entries in local.entries_by_rule : merge(entries[0], {
    name        = name
    description = join(", ", entries[*].name)
  })]
}
