#!/usr/bin/env bash
# A real apply of what an account has once and of the root module: with an old provider that is at hand offline, on an
# emulator. Between the second plan, which must be empty, and destroy, the function is deployed to, rolled back,
# reconfigured and moved, and a state of an earlier release is upgraded; see between_plans.py.
# Says so and succeeds where the stand-in for the Terraform registry is not there. LAMEX_TEST_PYTHON: a Python with boto3.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../../.." && pwd)
apply_legacy=$repository/../shared/terraform/apply_legacy.sh
python=${LAMEX_TEST_PYTHON:-python3}

if ! [ -x "$apply_legacy" ]; then
  echo "no ../shared/terraform/apply_legacy.sh: the real apply is left out"
  exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

LAMEX_TERRAFORM=$("$repository/scripts/find-terraform")
export LAMEX_TERRAFORM
launcher() {
  cat >"$work/$1" <<LAUNCHER
#!/bin/sh
exec "$python" "$here/$1.py" "\$@"
LAUNCHER
  chmod +x "$work/$1"
}
launcher terraform
launcher between_plans

# 3.39.0 cannot do without thumbprints, and has a bucket's settings in the bucket itself: of those that the module makes
# it knows the ownership, the access and the policy.
TERRAFORM=$work/terraform "$apply_legacy" "$repository/terraform/account" --no-vpc \
  -var environment=staging -var state_per_environment=true \
  -var "config=$here/lamex.yaml" \
  -var 'oidc_provider={thumbprints=["ffffffffffffffffffffffffffffffffffffffff"]}' \
  -var 'artifact_bucket={}' | tee "$work/log"
grep -q 'second plan empty, 0 invoked, destroyed' "$work/log"

# 3.39.0 refuses provided.al2023, which it does not know, and has no schedules: their role alone is made. The emulator
# forgets the groups of interface endpoints, and, as 3.39.0 asks it, what alarms do.
TERRAFORM=$work/between_plans "$apply_legacy" "$repository/terraform" --no-vpc \
  -var runtime=provided.al2 \
  -var environment=staging -var state_per_environment=true \
  -var "config=$here/lamex.yaml" \
  -var "placeholder_package=$repository/provision/placeholder/placeholder.zip" \
  -var 'vpc_endpoints={gateway_services=["s3"],route_table_ids=["rtb-00000001"]}' \
  -var 'ci_access={subjects=["repo:example-org/orders:environment:staging"],oidc_provider_arn="arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com"}' \
  --invoke system-tests-staging '{}' | tee "$work/log"

# The exit code does not tell whether the second plan was empty.
grep -q 'second plan empty, 1 invoked, destroyed' "$work/log"
