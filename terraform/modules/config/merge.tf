# `defaults:` under the environment: mappings by key, lists and everything else replaced, and a key without a value is a
# key that is not given. crates/config/src/merge.rs does the same, and crates/config/tests/cases.yaml holds both to it.

locals {
  file  = try(yamldecode(var.lamex_yaml), null)
  named = try({ for name, own in local.file.environments : name => own }, {})
  names = sort(distinct(concat(["local"], keys(local.named))))

  is_local = var.environment == "local"

  # What `local` can have, also of the defaults: it runs on the caller's machine.
  local_keys = ["env", "memory_mb", "timeout", "allow_destructive"]

  # A `for` over nothing is an error, which `try` makes an empty mapping.
  defaults = try({ for key, value in local.file.defaults : key => value if value != null && (!local.is_local || contains(local.local_keys, key)) }, {})
  own      = try({ for key, value in local.named[var.environment] : key => value if value != null }, {})

  mappings = { for key in ["env", "vpc", "role", "artifacts", "tags"] : key => merge(
    try({ for name, value in local.defaults[key] : name => value if value != null }, {}),
    try({ for name, value in local.own[key] : name => value if value != null }, {}),
  ) }
  scalars = merge(local.defaults, local.own)
}
