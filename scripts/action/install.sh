# Step of action.yml: installs lamex-ctl where no other job of this machine looks, and puts it on PATH.
set -euo pipefail

folder=$RUNNER_TEMP/lamex/bin
arguments=(--release "$RELEASE" --keep "$ARCHIVES" --to "$folder")
[ -z "$INPUT_SHA256" ] || arguments+=(--sha256 "$INPUT_SHA256")
sh "$ACTION_PATH/scripts/install.sh" "${arguments[@]}"
echo "$folder" >>"$GITHUB_PATH"
echo "lamex-ctl=$folder/lamex-ctl" >>"$GITHUB_OUTPUT"
