# One repository, and one branch or one environment of it. `$` is out because IAM fills in ${…} in what it compares with.

locals {
  github_subject = "^repo:[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+|@[0-9]+/[A-Za-z0-9_.-]+@[0-9]+):(ref:refs/heads/|environment:)[^$*?[:cntrl:]]+$"
  gitlab_subject = "^project_path:[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+:(ref_type:branch:ref:|environment:)[^$*?[:cntrl:]]+$"
}
