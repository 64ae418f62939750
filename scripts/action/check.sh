# Step of action.yml: refuses inputs that mean nothing, and works out what the other steps share.
set -euo pipefail

fail() {
  echo "::error title=lamex::$*"
  exit 1
}

# A newline in a value would be another output.
for name in INPUT_VERSION INPUT_SHA256 INPUT_RELEASES INPUT_COMMAND INPUT_ENVIRONMENT INPUT_WORKING_DIRECTORY INPUT_JUNIT; do
  case ${!name} in
    *$'\n'* | *$'\r'*) fail "the input of $name has more than one line" ;;
  esac
done

case $INPUT_COMMAND in
  test | invoke) [ -n "$INPUT_ENVIRONMENT" ] || fail "the input \`environment\` names the environment of lamex.yaml to run in" ;;
  none) ;;
  *) fail "the input \`command\` is \`test\`, \`invoke\` or \`none\`" ;;
esac
case $INPUT_SUMMARY in
  true | false) ;;
  *) fail "the input \`summary\` is \`true\` or \`false\`" ;;
esac

version=${INPUT_VERSION:-${ACTION_REF-}}
[[ $version =~ ^v[0-9]+\.[0-9]+\.[0-9]+([-+.][0-9A-Za-z.+-]+)?$ ]] ||
  fail "name a release in the input \`version\`, as in v0.1.0: this action is not used at the tag of one"
[ -z "$INPUT_SHA256" ] || [[ $INPUT_SHA256 =~ ^[0-9a-f]{64}$ ]] || fail "the input \`sha256\` has 64 digits 0-9a-f"
if [ -z "$INPUT_RELEASES" ] && [ -z "${ACTION_REPOSITORY-}" ]; then
  fail "name where the releases are in the input \`releases\`: this action is not from a repository"
fi

releases=${INPUT_RELEASES:-$GITHUB_SERVER_URL/${ACTION_REPOSITORY-}/releases}

case $INPUT_JUNIT in
  "") fail "the input \`junit\` is the path of a file" ;;
  /*) junit=$INPUT_JUNIT ;;
  *) junit=${INPUT_WORKING_DIRECTORY%/}/$INPUT_JUNIT ;;
esac
{
  echo "version=$version"
  echo "release=$releases/download/$version"
  echo "archives=$RUNNER_TEMP/lamex-archives"
  echo "junit=$junit"
} >>"$GITHUB_OUTPUT"
