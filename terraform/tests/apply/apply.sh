#!/usr/bin/env bash
# A real apply of the root module: with an old provider that is at hand offline, on an emulator. Between the second plan,
# which must be empty, and destroy, the function is deployed to, rolled back and reconfigured; see deploy_between_plans.py.
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
cat >"$work/terraform" <<LAUNCHER
#!/bin/sh
exec "$python" "$here/deploy_between_plans.py" "\$@"
LAUNCHER
chmod +x "$work/terraform"

# 3.39.0 refuses provided.al2023, which it does not know. The emulator forgets the groups of interface endpoints.
TERRAFORM=$work/terraform "$apply_legacy" "$repository/terraform" --no-vpc \
  -var runtime=provided.al2 \
  -var environment=staging -var state_per_environment=true \
  -var "config=$here/lamex.yaml" \
  -var "placeholder_package=$repository/provision/placeholder/placeholder.zip" \
  -var 'vpc_endpoints={gateway_services=["s3"],route_table_ids=["rtb-00000001"]}' \
  -var 'ci_access={subjects=["repo:example-org/orders:environment:staging"],oidc_provider_arn="arn:aws:iam::000000000000:oidc-provider/token.actions.githubusercontent.com"}' \
  --invoke system-tests-staging '{}' | tee "$work/log"

# The exit code does not tell whether the second plan was empty.
grep -q 'second plan empty, 1 invoked, destroyed' "$work/log"
