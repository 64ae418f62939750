"""Makes one Terraform configuration of all snippets that `lamex-ctl doctor` prints: each where its reader puts it.

Reads snippets.json from stdin, and writes the configuration to stdout, for `terraform validate`. With `--without PREFIX`
the resources of these types are left out.
"""

import json
import re
import sys

HEAD = """terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
"""


def placed(snippet, number):
    """The snippet in its place: a resource stands for itself, an attribute is the VPC's, and all else is a setting
    of the kit."""
    if snippet.startswith("resource "):
        return re.sub(r'^(resource "\w+") "(\w+)"', rf'\1 "\2_{number}"', snippet)
    if "# aws_vpc" in snippet:
        return f'resource "aws_vpc" "vpc_{number}" {{\n  cidr_block = "10.0.0.0/16"\n  {snippet}\n}}'
    return f'module "settings_{number}" {{\n  source = "../"\n  {snippet}\n}}'


left_out = tuple(f'resource "{prefix}' for prefix in sys.argv[2:])
snippets = [text for text in json.load(sys.stdin)["terraform"] if not (left_out and text.startswith(left_out))]
print("\n".join([HEAD, *(placed(snippet, number) for number, snippet in enumerate(snippets))]))
