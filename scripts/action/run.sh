# Step of action.yml: becomes lamex-ctl, whose exit code is the step's.
set -euo pipefail

# An option and its value are one argument: a value that begins with a dash stays a value.
arguments=("$INPUT_COMMAND" "--env=$INPUT_ENVIRONMENT" "--config=$INPUT_CONFIG" "--junit=$INPUT_JUNIT")
add_lines() {
  local line
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line%$'\r'}
    [ -z "$line" ] || arguments+=("$1$line")
  done <<<"$2"
}
add_lines --only= "$INPUT_ONLY"
add_lines --tag= "$INPUT_TAGS"
add_lines "" "$INPUT_ARGUMENTS"

exec "$LAMEX_CTL" "${arguments[@]}"
