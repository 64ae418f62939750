# Step of action.yml: a table of the commands in the job's summary. What passed is the exit code's to say: the table only
# shows the counts of the JUnit report.
set -euo pipefail

case $OUTCOME in
  success) verdict="passed" ;;
  *) verdict="did not pass" ;;
esac
# The name of an environment has no character that Markdown reads, or it was no environment.
echo "### lamex: the system tests ${verdict} in \`${INPUT_ENVIRONMENT//[^A-Za-z0-9_-]/?}\`" >>"$GITHUB_STEP_SUMMARY"
if [ ! -f "$JUNIT" ]; then
  printf '\nThere is no JUnit report: the run did not begin. The log of the step says why.\n' >>"$GITHUB_STEP_SUMMARY"
  exit
fi
# Each element begins a line, and text in the report has no `<`.
awk '
  function attribute(name,    found) {
    if (!match($0, " " name "=\"[^\"]*\"")) return "0"
    found = substr($0, RSTART, RLENGTH)
    sub("^ " name "=\"", "", found)
    sub("\"$", "", found)
    # What XML has escaped stays so; the rest is what Markdown and its tables would read.
    gsub(/[|]/, "\\&#124;", found)
    gsub(/`/, "\\&#96;", found)
    gsub(/\[/, "\\&#91;", found)
    return found
  }
  BEGIN { print "\n| Command | Tests | Failed | Errors | Skipped | Seconds |\n| --- | --: | --: | --: | --: | --: |" }
  /^ *<testsuite / {
    printf "| %s | %s | %s | %s | %s | %s |\n", attribute("name"), attribute("tests"), attribute("failures"),
      attribute("errors"), attribute("skipped"), attribute("time")
  }
' "$JUNIT" >>"$GITHUB_STEP_SUMMARY"
